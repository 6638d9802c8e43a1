/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Small changes of a program.
 *
 * A deviation names the index of an operation in its body.  So that it goes
 * on to mean the same operation, each insertion and removal renumbers the
 * deviations of that body: a schedule survives a change next to it, which is
 * what lets the minimiser take operations away.
 */

#include <string.h>

#include "prog_edit.h"

/*
 * edit_body:
 *
 *	Where the operations of a body stand, or would.
 */
unsigned
edit_body(const struct prog *p, unsigned body, unsigned *count)
{
	unsigned first = 0, i;

	while (first < p->pr_nops && p->pr_ops[first].op_body < body)
		first++;
	for (i = first; i < p->pr_nops && p->pr_ops[i].op_body == body;)
		i++;
	*count = i - first;
	return first;
}

static bool
is_of_body(const struct deviation *d, unsigned body)
{
	return d->dv_role == SIM_ROLE_lwp && d->dv_who == body;
}

/*
 * edit_op_insert:
 *
 *	Put an operation at an index where its body may stand.  False: full.
 */
bool
edit_op_insert(struct prog *p, unsigned at, const struct op *o)
{
	struct op op = *o;
	struct deviation *d;
	unsigned first, count, i;

	if (p->pr_nops == PROG_OPS)
		return false;
	first = edit_body(p, op.op_body, &count);
	for (i = 0; i < p->pr_ndeviation; i++) {
		d = &p->pr_deviation[i];
		if (is_of_body(d, op.op_body) && d->dv_userop > at - first &&
		    d->dv_userop < UINT16_MAX)
			d->dv_userop++;
	}
	memmove(
	    &p->pr_ops[at + 1], &p->pr_ops[at], (p->pr_nops - at) * sizeof(op));
	p->pr_ops[at] = op;
	p->pr_nops++;
	return true;
}

void
edit_op_remove(struct prog *p, unsigned at)
{
	unsigned first, count, i, left = 0;
	unsigned body = p->pr_ops[at].op_body;
	struct deviation d;

	first = edit_body(p, body, &count);
	for (i = 0; i < p->pr_ndeviation; i++) {
		d = p->pr_deviation[i];
		if (is_of_body(&d, body)) {
			if (d.dv_userop == at - first + 1)
				continue;
			if (d.dv_userop > at - first + 1)
				d.dv_userop--;
		}
		p->pr_deviation[left++] = d;
	}
	p->pr_ndeviation = (uint16_t)left;
	p->pr_nops--;
	memmove(&p->pr_ops[at], &p->pr_ops[at + 1],
	    (p->pr_nops - at) * sizeof(p->pr_ops[0]));
}

uint64_t
edit_bodies(const struct prog *p)
{
	uint64_t set = 1;
	unsigned i;

	for (i = 0; i < p->pr_nops; i++) {
		set |= UINT64_C(1) << (p->pr_ops[i].op_body - 1);
		if (p->pr_ops[i].op_code == OP_create)
			set |= UINT64_C(1) << (p->pr_ops[i].op_arg[0] - 1);
	}
	return set;
}

static bool
names_body(enum arg_kind kind)
{
	return kind == ARG_lwp || kind == ARG_lwpany || kind == ARG_unpark;
}

static void
rename_rows(struct prog *p, const uint8_t to[PROG_BODIES + 1])
{
	uint8_t prio[PROG_PRIOS];
	uint16_t len[PROG_BODIES + 1];
	unsigned b, from, start;

	start = p->pr_rowlen[ROW_LWP];
	from = start;
	memcpy(len, p->pr_rowlen + ROW_LWP, sizeof(len));
	for (b = 1; b <= PROG_BODIES; b++)
		p->pr_rowlen[ROW_LWP + to[b]] = len[b];
	for (b = 1; b <= PROG_BODIES; b++) {
		memcpy(prio + edit_row(p, ROW_LWP + to[b]), p->pr_prio + from,
		    len[b]);
		from += len[b];
	}
	memcpy(p->pr_prio + start, prio + start, from - start);
}

void
edit_rename(struct prog *p, const uint8_t to[PROG_BODIES + 1])
{
	const enum arg_kind *kind;
	struct op *o;
	unsigned i, k;

	for (i = 0; i < p->pr_nops; i++) {
		o = &p->pr_ops[i];
		o->op_body = to[o->op_body];
		kind = op_table[o->op_code].or_arg;
		for (k = 0; k < PROG_OPARGS; k++) {
			if (names_body(kind[k]) && o->op_arg[k] != 0)
				o->op_arg[k] = to[o->op_arg[k]];
		}
	}
	for (i = 0; i < p->pr_ndeviation; i++) {
		if (p->pr_deviation[i].dv_role == SIM_ROLE_lwp &&
		    p->pr_deviation[i].dv_who != 0)
			p->pr_deviation[i]
			    .dv_who = to[p->pr_deviation[i].dv_who];
	}
	rename_rows(p, to);
	canon_ops_order(p);
}

/*
 * edit_row:
 *
 *	Where a row begins in pr_prio.
 */
unsigned
edit_row(const struct prog *p, unsigned row)
{
	unsigned r, start = 0;

	for (r = 0; r < row; r++)
		start += p->pr_rowlen[r];
	return start;
}

bool
edit_row_insert(
    struct prog *p, unsigned row, unsigned at, const uint8_t *prio, unsigned n)
{
	uint8_t *to;

	if (n > PROG_PRIOS - (unsigned)p->pr_nprio)
		return false;
	at += edit_row(p, row);
	to = p->pr_prio + at;
	memmove(to + n, to, p->pr_nprio - at);
	memcpy(to, prio, n);
	p->pr_rowlen[row] = (uint16_t)(p->pr_rowlen[row] + n);
	p->pr_nprio = (uint16_t)(p->pr_nprio + n);
	return true;
}

void
edit_row_remove(struct prog *p, unsigned row, unsigned at, unsigned n)
{
	uint8_t *from;

	at += edit_row(p, row);
	from = p->pr_prio + at;
	memmove(from, from + n, p->pr_nprio - at - n);
	p->pr_rowlen[row] = (uint16_t)(p->pr_rowlen[row] - n);
	p->pr_nprio = (uint16_t)(p->pr_nprio - n);
}

bool
edit_deviation_insert(struct prog *p, unsigned at, const struct deviation *d)
{
	if (p->pr_ndeviation == PROG_DEVIATIONS)
		return false;
	memmove(&p->pr_deviation[at + 1], &p->pr_deviation[at],
	    (p->pr_ndeviation - at) * sizeof(*d));
	p->pr_deviation[at] = *d;
	p->pr_ndeviation++;
	return true;
}

void
edit_deviation_remove(struct prog *p, unsigned at, unsigned n)
{
	p->pr_ndeviation = (uint16_t)(p->pr_ndeviation - n);
	memmove(&p->pr_deviation[at], &p->pr_deviation[at + n],
	    (p->pr_ndeviation - at) * sizeof(p->pr_deviation[0]));
}

/*
 * Lists: anything of which stretches can be taken away.
 */

static void
ops_remove(struct prog *p, unsigned at, unsigned n)
{
	while (n-- > 0)
		edit_op_remove(p, at);
}

static unsigned
ops_count(const struct prog *p)
{
	return p->pr_nops;
}

static unsigned
deviations_count(const struct prog *p)
{
	return p->pr_ndeviation;
}

static unsigned
prios_count(const struct prog *p)
{
	return p->pr_nprio;
}

/*
 * prios_remove:
 *
 *	A stretch of all priorities, through several rows.
 */
static void
prios_remove(struct prog *p, unsigned at, unsigned n)
{
	unsigned r, some;

	for (r = 0; n > 0; r++) {
		if (at >= p->pr_rowlen[r]) {
			at -= p->pr_rowlen[r];
			continue;
		}
		some = p->pr_rowlen[r] - at;
		if (some > n)
			some = n;
		edit_row_remove(p, r, at, some);
		n -= some;
		/* The next row begins after what is left of this one. */
		at = 0;
	}
}

const struct edit_list edit_ops = { ops_count, ops_remove };
const struct edit_list edit_prios = { prios_count, prios_remove };
const struct edit_list edit_deviations = { deviations_count,
	edit_deviation_remove };
