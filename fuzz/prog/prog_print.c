/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The text form, printed.  The grammar stands in fuzz/README.md and in the
 * parser, prog_text.c; what is printed here is what the parser takes, in the
 * one canonical way: one blank between words, items indented by two, nothing
 * said that the default says.
 */

#include <string.h>

#include "prog_words.h"

#define PRIOS_A_LINE 16

/* A buffer that counts on when it is full. */
struct out {
	char *ou_buf;
	size_t ou_max;
	size_t ou_len;
};

static void
out_char(struct out *o, char c)
{
	if (o->ou_len < o->ou_max)
		o->ou_buf[o->ou_len] = c;
	o->ou_len++;
}

static void
out_text(struct out *o, const char *s)
{
	while (*s != '\0')
		out_char(o, *s++);
}

static void
out_number(struct out *o, uint64_t v, unsigned base)
{
	char digits[24];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	while (n > 0)
		out_char(o, digits[--n]);
}

static void
out_pair(struct out *o, const char *word, uint64_t v)
{
	out_text(o, word);
	out_char(o, ' ');
	out_number(o, v, 10);
}

/*
 * out_span:
 *
 *	A number in named stretches: "cpu 1", "time".
 */
static void
out_span(struct out *o, const struct span *sp, unsigned n, unsigned v)
{
	for (; n > 0; n--, sp++) {
		if (v - sp->sp_base >= sp->sp_count)
			continue;
		if (sp->sp_count == 1)
			out_text(o, sp->sp_name);
		else
			out_pair(o, sp->sp_name, v - sp->sp_base);
		return;
	}
}

static void
print_comment(struct out *o, const char *s)
{
	if (*s == '\0')
		return;
	for (;;) {
		out_char(o, '#');
		if (*s != '\0' && *s != '\n')
			out_char(o, ' ');
		while (*s != '\0' && *s != '\n')
			out_char(o, *s++);
		out_char(o, '\n');
		if (*s++ == '\0')
			return;
	}
}

static void
print_machine(struct out *o, const struct prog *p)
{
	out_pair(o, "machine cpus", p->pr_ncpu);
	out_text(o, " runq ");
	out_text(o, words_runq.wd_name[p->pr_percpu]);
	if (p->pr_preempt)
		out_text(o, " preempt");
	if (p->pr_maxlwp != 0)
		out_pair(o, " maxlwp", p->pr_maxlwp);
	if (p->pr_perturb != 0)
		out_pair(o, " perturb", p->pr_perturb);
	out_char(o, '\n');
}

static void
print_flags(struct out *o, const struct words *wd, unsigned v)
{
	unsigned i;

	for (i = 0; i < wd->wd_count; i++) {
		if (v & 1u << i) {
			out_char(o, ' ');
			out_text(o, wd->wd_name[i]);
		}
	}
}

/*
 * print_arg:
 *
 *	An argument and the blank before it, as its row of arg_table says.
 */
static void
print_arg(struct out *o, enum arg_kind kind, unsigned v)
{
	const struct arg_row *ar = &arg_table[kind];

	if (kind == ARG_none || (ar->ar_prefix != NULL && v == 0))
		return;
	if (ar->ar_flags != NULL) {
		print_flags(o, ar->ar_flags, v);
		return;
	}
	out_char(o, ' ');
	if (ar->ar_prefix != NULL) {
		out_text(o, ar->ar_prefix);
		out_char(o, ' ');
	}
	if (ar->ar_choice != NULL)
		out_text(o, ar->ar_choice->wd_name[v]);
	else if (ar->ar_zero != NULL && v == 0)
		out_text(o, ar->ar_zero);
	else
		out_number(o, v, 10);
}

static void
print_ops(struct out *o, const struct prog *p)
{
	const struct op *op;
	unsigned i, k, body = 0;

	for (i = 0; i < p->pr_nops; i++) {
		op = &p->pr_ops[i];
		if (op->op_body != body) {
			body = op->op_body;
			out_pair(o, "lwp", body);
			out_text(o, ":\n");
		}
		out_text(o, "  ");
		out_text(o, op_table[op->op_code].or_name);
		for (k = 0; k < PROG_OPARGS; k++) {
			print_arg(
			    o, op_table[op->op_code].or_arg[k], op->op_arg[k]);
		}
		out_char(o, '\n');
	}
}

static void
print_rows(struct out *o, const struct prog *p)
{
	const uint8_t *prio = p->pr_prio;
	unsigned r, i;

	for (r = 0; r < ROW_COUNT; r++) {
		for (i = 0; i < p->pr_rowlen[r]; i++) {
			if (i % PRIOS_A_LINE == 0) {
				out_text(o, i == 0 ? "  prio " : "\n  prio ");
				out_span(o, spans_context.ss_span,
				    spans_context.ss_count, r);
				out_char(o, ':');
			}
			out_char(o, ' ');
			out_number(o, *prio++, 10);
		}
		if (i > 0)
			out_char(o, '\n');
	}
}

static void
print_deviation(struct out *o, const struct deviation *d)
{
	out_text(o, "  at ");
	out_span(o, &span_role[d->dv_role], 1, d->dv_who);
	if (d->dv_role == SIM_ROLE_lwp || d->dv_userop != 0)
		out_pair(o, " op", d->dv_userop);
	out_char(o, ' ');
	if (d->dv_op == PROG_DEVIATION_PERTURB) {
		out_text(o, "perturb ");
		out_text(o, words_perturbation.wd_name[d->dv_cell]);
	} else {
		out_text(o, words_simop.wd_name[d->dv_op]);
		if (d->dv_cell != CELL_none) {
			out_char(o, ' ');
			out_text(o, words_cell.wd_name[d->dv_cell]);
		}
	}
	out_text(o, " #");
	out_number(o, d->dv_nth, 10);
	if (d->dv_access != ACCESS_none) {
		out_text(
		    o, d->dv_access == ACCESS_write ? " write " : " read ");
		out_text(o, words_field.wd_name[d->dv_field]);
		out_text(o, " #");
		out_number(o, d->dv_count, 10);
	}
	if (d->dv_op != PROG_DEVIATION_PERTURB) {
		out_text(o, " -> ");
		out_span(
		    o, spans_source.ss_span, spans_source.ss_count, d->dv_to);
	}
	out_char(o, '\n');
}

static void
print_end(struct out *o, const struct prog *p)
{
	if (strcmp(p->pr_expect, "pass") == 0)
		out_text(o, "expect pass\n");
	else if (p->pr_expect[0] != '\0') {
		out_text(o, "expect \"");
		out_text(o, p->pr_expect);
		out_text(o, "\"\n");
	}
	if (p->pr_expect[0] != '\0' || p->pr_drift != 0) {
		out_pair(o, "drift", p->pr_drift);
		out_char(o, '\n');
	}
	if (p->pr_defect[0] != '\0') {
		out_text(o, "defect ");
		out_text(o, p->pr_defect);
		out_char(o, '\n');
	}
}

/*
 * prog_print:
 *
 *	A canonical program as canonical text, ended by NUL where there is
 *	room.  Returns the length of all of it, as snprintf() does.
 */
size_t
prog_print(const struct prog *p, char *buf, size_t max)
{
	struct out out = { buf, max, 0 };
	struct out *o = &out;
	unsigned i;

	print_comment(o, p->pr_comment);
	out_text(o, "lwp-program 1\n");
	print_machine(o, p);
	if (p->pr_memory)
		out_text(o, "grain memory\n");
	print_ops(o, p);
	out_text(o, "schedule ");
	out_text(o, words_strategy.wd_name[p->pr_strategy]);
	out_text(o, " seed 0x");
	out_number(o, p->pr_seed, 16);
	out_char(o, '\n');
	print_rows(o, p);
	for (i = 0; i < p->pr_ndeviation; i++)
		print_deviation(o, &p->pr_deviation[i]);
	print_end(o, p);
	if (max > 0)
		buf[o->ou_len < max ? o->ou_len : max - 1] = '\0';
	return o->ou_len;
}
