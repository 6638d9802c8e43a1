/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The table of operations, and what follows from a row of it.
 */

#include <ctype.h>

#include "h_prog.h"

static struct prog p, q;
static uint8_t bytes[PROG_BYTES_MAX];
static char text[H_TEXT_MAX];

static void
round_trip(const struct op *o)
{
	struct prog_error pe;
	size_t n;

	prog_init(&p);
	p.pr_nops = 1;
	p.pr_ops[0] = *o;
	prog_canon(&p);
	n = prog_print(&p, text, sizeof(text));
	H_HOLDS(prog_parse(&q, text, n, &pe), "%s:%u:%u: %s", text, pe.pe_line,
	    pe.pe_column, pe.pe_text);
	H_HOLDS(prog_equal(&p, &q), "text: %s", text);
	prog_decode(&q, bytes, prog_encode(&p, bytes, sizeof(bytes)));
	H_HOLDS(prog_equal(&p, &q), "bytes: %s", text);
}

Test(prog_ops, every_operation_round_trips_with_every_argument)
{
	struct op o;
	unsigned code, k, v;

	for (code = 0; code < OP_COUNT; code++) {
		for (k = 0; k < PROG_OPARGS; k++) {
			for (v = 0; v < 256; v++) {
				o = (struct op) { 1, (uint8_t)code,
					{ 1, 1, 1 } };
				o.op_arg[k] = (uint8_t)v;
				round_trip(&o);
			}
		}
	}
}

Test(prog_ops, unused_arguments_are_0)
{
	unsigned code, k;

	for (code = 0; code < OP_COUNT; code++) {
		prog_init(&p);
		p.pr_nops = 1;
		p.pr_ops[0] = (struct op) { 9, (uint8_t)code, { 9, 9, 9 } };
		prog_canon(&p);
		for (k = 0; k < PROG_OPARGS; k++) {
			if (op_table[code].or_arg[k] == ARG_none)
				H_HOLDS(p.pr_ops[0].op_arg[k] == 0, "%s",
				    op_table[code].or_name);
		}
	}
}

/*
 * names_good:
 *
 *	Each name is one token, and no other one of the table.
 */
static void
names_good(const struct words *wd)
{
	unsigned i, k;
	const char *s;

	for (i = 0; i < wd->wd_count; i++) {
		for (s = wd->wd_name[i]; *s != '\0'; s++)
			H_HOLDS(isalnum((unsigned char)*s) || *s == '_',
			    "%s %s", wd->wd_what, wd->wd_name[i]);
		for (k = 0; k < i; k++)
			H_HOLDS(strcmp(wd->wd_name[i], wd->wd_name[k]) != 0,
			    "%s %s twice", wd->wd_what, wd->wd_name[i]);
	}
}

Test(prog_ops, names_are_words_and_differ)
{
	unsigned i;

	names_good(&words_op);
	names_good(&words_strategy);
	names_good(&words_simop);
	names_good(&words_cell);
	names_good(&words_perturbation);
	for (i = 0; i < words_simop.wd_count; i++)
		cr_assert_str_neq(words_simop.wd_name[i], "perturb");
}

Test(prog_ops, every_operation_has_a_weight_a_group_and_a_meaning)
{
	unsigned i;

	for (i = 0; i < OP_COUNT; i++) {
		cr_assert_gt(op_table[i].or_weight, 0);
		cr_assert_neq(op_table[i].or_group[0], '\0');
		cr_assert_neq(op_table[i].or_what[0], '\0');
	}
}

/*
 * drawn:
 *
 *	How many operations of a group, creations aside, generators draw.
 */
static unsigned
drawn(const char *group)
{
	unsigned i, k, n = 0;

	for (i = 0; i < 200; i++) {
		prog_random(&p, i, 30);
		for (k = 0; k < 5; k++)
			prog_mutate(&p, i * 5 + k);
		for (k = 0; k < p.pr_nops; k++) {
			if (p.pr_ops[k].op_code != OP_create)
				n += strcmp(group,
					 op_table[p.pr_ops[k].op_code]
					     .or_group) == 0;
		}
	}
	return n;
}

Test(prog_ops, generators_draw_from_the_groups_that_are_set)
{
	prog_set_groups("lock");
	cr_assert_eq(drawn("life"), 0);
	cr_assert_gt(drawn("lock"), 1000);
	prog_set_groups("life");
	cr_assert_eq(drawn("lock"), 0);
	prog_set_groups("life,lock");
	cr_assert_gt(drawn("lock"), 0);
	cr_assert_gt(drawn("life"), 0);
	prog_set_groups("no such group");
	cr_assert_gt(drawn("lock"), 0);
	prog_set_groups(NULL);
	cr_assert_gt(drawn("life"), 0);
}
