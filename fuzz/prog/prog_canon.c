/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The canonical form of a program.
 *
 *	(1) Every number is in its range; arguments that the operation does
 *	    not have are 0.
 *	(2) Operations are sorted by body and otherwise in their order.
 *	(3) Rows of priorities that name no context are empty, and the rows
 *	    cover just pr_nprio bytes.
 *	(4) A program with a deviation at a plain access is of memory grain.
 *	    Deviations keep their order: it is the one in which they happened,
 *	    which is how people want to read them.
 *	(5) Words of a file can be printed and parsed again.
 *
 * Equal programs have equal bytes and equal text for that reason.  What is
 * not used (operations past pr_nops and so on) is never read or compared, and
 * therefore never cleared: the structure is large and a run is short.
 */

#include <string.h>

#include "prog_words.h"

/*
 * prog_init:
 *
 *	The empty program.
 */
void
prog_init(struct prog *p)
{
	p->pr_ncpu = 1;
	p->pr_percpu = false;
	p->pr_preempt = false;
	p->pr_maxlwp = 0;
	p->pr_perturb = 0;
	p->pr_memory = false;
	p->pr_nops = 0;
	p->pr_strategy = STRATEGY_random;
	p->pr_seed = 0;
	memset(p->pr_rowlen, 0, sizeof(p->pr_rowlen));
	p->pr_nprio = 0;
	p->pr_ndeviation = 0;
	p->pr_drift = 0;
	p->pr_expect[0] = '\0';
	p->pr_defect[0] = '\0';
	p->pr_comment[0] = '\0';
}

/*
 * canon_op:
 *
 *	(1) for an operation.
 */
void
canon_op(struct op *o)
{
	const struct arg_row *ar;
	const enum arg_kind *kind;
	unsigned i;

	o->op_body = (uint8_t)canon_value(o->op_body, 1, PROG_BODIES);
	if (o->op_code >= OP_COUNT)
		o->op_code %= OP_COUNT;
	kind = op_table[o->op_code].or_arg;
	for (i = 0; i < PROG_OPARGS; i++) {
		ar = &arg_table[kind[i]];
		o->op_arg[i] = (uint8_t)canon_value(
		    o->op_arg[i], ar->ar_lo, ar->ar_hi);
	}
}

/*
 * canon_deviation:
 *
 *	(1) for a deviation.
 */
void
canon_deviation(struct deviation *d)
{
	if (d->dv_role >= SIM_ROLE_COUNT)
		d->dv_role %= SIM_ROLE_COUNT;
	if (d->dv_who >= span_role[d->dv_role].sp_count)
		d->dv_who %= span_role[d->dv_role].sp_count;
	if (d->dv_nth == 0)
		d->dv_nth = 1;
	if (d->dv_access >= ACCESS_COUNT)
		d->dv_access %= ACCESS_COUNT;
	if (d->dv_op == PROG_DEVIATION_PERTURB) {
		d->dv_cell %= PERTURB_COUNT;
		d->dv_to = 0;
		d->dv_access = ACCESS_none;
	}
	if (d->dv_access == ACCESS_none) {
		d->dv_field = 0;
		d->dv_count = 0;
	} else if (d->dv_count == 0)
		d->dv_count = 1;
	if (d->dv_field >= SIM_FIELD_COUNT)
		d->dv_field %= SIM_FIELD_COUNT;
	if (d->dv_op == PROG_DEVIATION_PERTURB)
		return;
	if (d->dv_op >= SIM_OP_COUNT)
		d->dv_op %= SIM_OP_COUNT;
	if (d->dv_cell >= CELL_COUNT)
		d->dv_cell %= CELL_COUNT;
	if (d->dv_to >= SIM_SOURCES)
		d->dv_to %= SIM_SOURCES;
}

/*
 * canon_ops_order:
 *
 *	(2), for operations with bodies in range: a counting sort, which is
 *	stable.
 */
void
canon_ops_order(struct prog *p)
{
	struct op sorted[PROG_OPS];
	uint16_t at[PROG_BODIES + 2];
	unsigned i;

	for (i = 1; i < p->pr_nops; i++) {
		if (p->pr_ops[i].op_body < p->pr_ops[i - 1].op_body)
			break;
	}
	if (i >= p->pr_nops)
		return;
	memset(at, 0, sizeof(at));
	for (i = 0; i < p->pr_nops; i++)
		at[p->pr_ops[i].op_body + 1]++;
	for (i = 1; i < PROG_BODIES + 2; i++)
		at[i] = (uint16_t)(at[i] + at[i - 1]);
	for (i = 0; i < p->pr_nops; i++)
		sorted[at[p->pr_ops[i].op_body]++] = p->pr_ops[i];
	memcpy(p->pr_ops, sorted, p->pr_nops * sizeof(sorted[0]));
}

/*
 * canon_rows:
 *
 *	(3).
 */
static void
canon_rows(struct prog *p)
{
	unsigned r, total = 0, max;

	max = p->pr_nprio < PROG_PRIOS ? p->pr_nprio : PROG_PRIOS;
	for (r = 0; r < PROG_ROWS; r++) {
		if (r >= ROW_COUNT)
			p->pr_rowlen[r] = 0;
		if (p->pr_rowlen[r] > max - total)
			p->pr_rowlen[r] = (uint16_t)(max - total);
		total += p->pr_rowlen[r];
	}
	p->pr_nprio = (uint16_t)total;
}

/*
 * canon_words:
 *
 *	(5) for the words that a file adds.
 */
static void
canon_words(struct prog *p)
{
	unsigned char c;
	char *s;

	p->pr_expect[sizeof(p->pr_expect) - 1] = '\0';
	for (s = p->pr_expect; *s != '\0'; s++) {
		c = (unsigned char)*s;
		if (c < ' ' || c > '~' || c == '"')
			*s = '?';
	}
	p->pr_defect[sizeof(p->pr_defect) - 1] = '\0';
	for (s = p->pr_defect; *s != '\0'; s++) {
		c = (unsigned char)*s;
		if (c <= ' ' || c > '~' || c == '"' || c == ':' || c == '#')
			*s = '_';
	}
}

/*
 * canon_comment:
 *
 *	(5) for the comment: no control characters, no blanks at the end of a
 *	line, no empty lines at the end, and room for one newline more, which
 *	the parser has before it comes here.
 */
static void
canon_comment(struct prog *p)
{
	char *from, *to, *text;
	unsigned char c;

	p->pr_comment[sizeof(p->pr_comment) - 2] = '\0';
	text = to = p->pr_comment;
	for (from = text; *from != '\0'; from++) {
		c = (unsigned char)*from;
		if (c == '\n') {
			while (to > text && (to[-1] == ' ' || to[-1] == '\t'))
				to--;
			*to++ = '\n';
		} else
			*to++ = (c < ' ' && c != '\t') || c == 0x7f ? '?' :
								      (char)c;
	}
	while (to > text && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\n'))
		to--;
	*to = '\0';
}

/*
 * prog_canon:
 *
 *	Bring any program into canonical form.
 */
void
prog_canon(struct prog *p)
{
	unsigned i;

	p->pr_ncpu = (uint8_t)canon_value(p->pr_ncpu, 1, SIM_CPUS);
	if (p->pr_strategy >= STRATEGY_COUNT)
		p->pr_strategy %= STRATEGY_COUNT;
	if (p->pr_nops > PROG_OPS)
		p->pr_nops = PROG_OPS;
	for (i = 0; i < p->pr_nops; i++)
		canon_op(&p->pr_ops[i]);
	canon_ops_order(p);
	canon_rows(p);
	if (p->pr_ndeviation > PROG_DEVIATIONS)
		p->pr_ndeviation = PROG_DEVIATIONS;
	for (i = 0; i < p->pr_ndeviation; i++) {
		canon_deviation(&p->pr_deviation[i]);
		p->pr_memory |= p->pr_deviation[i].dv_access != ACCESS_none;
	}
	canon_words(p);
	canon_comment(p);
}

/*
 * deviations_equal:
 *
 *	By field: the structure has padding.
 */
static bool
deviations_equal(const struct prog *p, const struct prog *q)
{
	const struct deviation *a, *b;
	unsigned i;

	if (p->pr_ndeviation != q->pr_ndeviation)
		return false;
	for (i = 0; i < p->pr_ndeviation; i++) {
		a = &p->pr_deviation[i];
		b = &q->pr_deviation[i];
		if (a->dv_role != b->dv_role || a->dv_who != b->dv_who ||
		    a->dv_userop != b->dv_userop || a->dv_op != b->dv_op ||
		    a->dv_cell != b->dv_cell || a->dv_nth != b->dv_nth ||
		    a->dv_to != b->dv_to || a->dv_access != b->dv_access ||
		    a->dv_field != b->dv_field || a->dv_count != b->dv_count)
			return false;
	}
	return true;
}

/*
 * prog_equal:
 *
 *	Are two canonical programs the same, but for what a file says besides?
 */
bool
prog_equal(const struct prog *p, const struct prog *q)
{
	return p->pr_ncpu == q->pr_ncpu && p->pr_percpu == q->pr_percpu &&
	    p->pr_preempt == q->pr_preempt && p->pr_memory == q->pr_memory &&
	    p->pr_maxlwp == q->pr_maxlwp && p->pr_perturb == q->pr_perturb &&
	    p->pr_nops == q->pr_nops &&
	    memcmp(p->pr_ops, q->pr_ops, p->pr_nops * sizeof(p->pr_ops[0])) ==
	    0 &&
	    p->pr_strategy == q->pr_strategy && p->pr_seed == q->pr_seed &&
	    p->pr_nprio == q->pr_nprio &&
	    memcmp(p->pr_rowlen, q->pr_rowlen, sizeof(p->pr_rowlen)) == 0 &&
	    memcmp(p->pr_prio, q->pr_prio, p->pr_nprio) == 0 &&
	    deviations_equal(p, q);
}
