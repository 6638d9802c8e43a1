/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The smallest program that still does it.
 *
 * All that is known of "it" is a predicate.  A candidate is the best program
 * so far with something taken away or made simpler; if the predicate keeps
 * it, it becomes the best.  The predicate may give the candidate another
 * schedule, for taking an operation away can change when things happen, so
 * what comes back is measured again: only what is simpler than the best is
 * taken, in the order of struct measure.  That order has no infinite descent,
 * so this ends also without a budget.
 *
 * Operations go first, for they are what people read: whole bodies with all
 * that names them, then halves, quarters ... of the list, then one by one.
 * Then their arguments, the set-up, the schedule; and again until nothing
 * more can go.
 */

#include <string.h>

#include "prog_edit.h"

/* The candidates that failed, by hash: later rounds offer them again. */
#define SEEN_COUNT 1024

struct minimise {
	struct prog *mi_best;
	bool (*mi_keep)(struct prog *, void *);
	void *mi_arg;
	unsigned mi_budget;
	unsigned mi_tried;
	uint64_t mi_seen[SEEN_COUNT];
	struct prog mi_try; /* the candidate */
};

/* How simple a program is; earlier ones matter more. */
enum {
	MEASURE_ops,
	MEASURE_args,
	MEASURE_machine,
	MEASURE_deviations,
	MEASURE_prios,
	MEASURE_seed,
	MEASURE_COUNT
};

static void
measure(const struct prog *p, unsigned m[MEASURE_COUNT])
{
	const struct op *o;
	unsigned i, k;

	memset(m, 0, MEASURE_COUNT * sizeof(m[0]));
	m[MEASURE_ops] = p->pr_nops;
	for (i = 0; i < p->pr_nops; i++) {
		o = &p->pr_ops[i];
		m[MEASURE_args] += o->op_body;
		for (k = 0; k < PROG_OPARGS; k++)
			m[MEASURE_args] += o->op_arg[k];
	}
	m[MEASURE_machine] = p->pr_ncpu + p->pr_percpu + p->pr_preempt +
	    (p->pr_maxlwp != 0) + (p->pr_perturb != 0) + p->pr_memory;
	m[MEASURE_deviations] = p->pr_ndeviation;
	m[MEASURE_prios] = p->pr_nprio;
	m[MEASURE_seed] = p->pr_seed != 0;
}

static bool
is_simpler(const struct prog *p, const struct prog *than)
{
	unsigned a[MEASURE_COUNT], b[MEASURE_COUNT], i;

	measure(p, a);
	measure(than, b);
	for (i = 0; i < MEASURE_COUNT; i++) {
		if (a[i] != b[i])
			return a[i] < b[i];
	}
	return false;
}

/*
 * hash:
 *
 *	Of the byte form; never 0.
 */
static uint64_t
hash(const struct prog *p)
{
	uint8_t bytes[PROG_BYTES_MAX];
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i, n;

	n = prog_encode(p, bytes, sizeof(bytes));
	for (i = 0; i < n; i++)
		h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
	return h | 1;
}

/*
 * begin:
 *
 *	A new candidate, so far the same as the best.
 */
static struct prog *
begin(struct minimise *m)
{
	m->mi_try = *m->mi_best;
	return &m->mi_try;
}

/*
 * offer:
 *
 *	Is the candidate kept, and therefore the best?
 */
static bool
offer(struct minimise *m)
{
	uint64_t h, *seen;

	if (m->mi_tried >= m->mi_budget || !is_simpler(&m->mi_try, m->mi_best))
		return false;
	h = hash(&m->mi_try);
	seen = &m->mi_seen[(h >> 32) % SEEN_COUNT];
	if (*seen == h)
		return false;
	m->mi_tried++;
	if (!m->mi_keep(&m->mi_try, m->mi_arg)) {
		*seen = h;
		return false;
	}
	prog_canon(&m->mi_try);
	if (!is_simpler(&m->mi_try, m->mi_best)) {
		*seen = h;
		return false;
	}
	*m->mi_best = m->mi_try;
	return true;
}

/*
 * shrink_list:
 *
 *	Take away all, halves, quarters ... and single ones, from the end: what
 *	is last depends on what was before it and seldom the other way round.
 */
static bool
shrink_list(struct minimise *m, const struct edit_list *li)
{
	unsigned size, end, n;
	bool any = false;

	for (size = li->el_count(m->mi_best); size > 0; size /= 2) {
		end = li->el_count(m->mi_best);
		while (end > 0) {
			n = size < end ? size : end;
			li->el_remove(begin(m), end - n, n);
			any |= offer(m);
			end -= n;
			/* The predicate may have replaced the list. */
			if (end > li->el_count(m->mi_best))
				end = li->el_count(m->mi_best);
		}
	}
	return any;
}

/*
 * Operations.
 */

static bool
op_names(const struct op *o, unsigned body)
{
	const enum arg_kind *kind = op_table[o->op_code].or_arg;
	unsigned i;

	for (i = 0; i < PROG_OPARGS; i++) {
		if ((kind[i] == ARG_lwp || kind[i] == ARG_lwpany ||
			kind[i] == ARG_unpark) &&
		    o->op_arg[i] == body)
			return true;
	}
	return false;
}

/*
 * shrink_bodies:
 *
 *	Take a whole body away, with the operations of others that name it; or
 *	without, so that it exits at once.
 */
static bool
shrink_bodies(struct minimise *m)
{
	unsigned body, with, i;
	bool any = false, gone;
	struct prog *p;

	for (body = PROG_BODIES; body > 0; body--) {
		if (!(edit_bodies(m->mi_best) >> (body - 1) & 1))
			continue;
		gone = false;
		for (with = 2; with > 0 && !gone; with--) {
			p = begin(m);
			for (i = p->pr_nops; i-- > 0;) {
				if (p->pr_ops[i].op_body == body ||
				    (with == 2 &&
					op_names(&p->pr_ops[i], body)))
					edit_op_remove(p, i);
			}
			gone = offer(m);
		}
		any |= gone;
	}
	return any;
}

/*
 * shrink_arg:
 *
 *	An argument towards its lowest value: at once, by halves, by one.
 */
static bool
shrink_arg(struct minimise *m, unsigned i, unsigned k, unsigned lo)
{
	bool any = false, done;
	unsigned v, step;

	do {
		done = true;
		v = m->mi_best->pr_ops[i].op_arg[k];
		for (step = v - lo; step > 0 && done; step /= 2) {
			begin(m)->pr_ops[i].op_arg[k] = (uint8_t)(v - step);
			done = !offer(m);
		}
		any |= !done;
	} while (!done);
	return any;
}

static bool
shrink_args(struct minimise *m)
{
	const enum arg_kind *kind;
	bool any = false;
	unsigned i, k;

	for (i = 0; i < m->mi_best->pr_nops; i++) {
		for (k = 0; k < PROG_OPARGS; k++) {
			kind = op_table[m->mi_best->pr_ops[i].op_code].or_arg;
			/* A body has no simpler one; see shrink_names(). */
			if (kind[k] != ARG_lwp)
				any |= shrink_arg(
				    m, i, k, arg_table[kind[k]].ar_lo);
		}
	}
	return any;
}

/*
 * shrink_names:
 *
 *	Number the bodies without gaps.
 */
static bool
shrink_names(struct minimise *m)
{
	uint8_t to[PROG_BODIES + 1];
	uint64_t named = edit_bodies(m->mi_best);
	unsigned i, body, n = 0;

	for (i = 0; i < m->mi_best->pr_nops; i++) {
		for (body = 1; body <= PROG_BODIES; body++) {
			if (op_names(&m->mi_best->pr_ops[i], body))
				named |= UINT64_C(1) << (body - 1);
		}
	}
	to[0] = 0;
	for (body = 1; body <= PROG_BODIES; body++) {
		if (named >> (body - 1) & 1)
			to[body] = (uint8_t)++n;
	}
	for (body = 1; body <= PROG_BODIES; body++) {
		if (!(named >> (body - 1) & 1))
			to[body] = (uint8_t)++n;
	}
	edit_rename(begin(m), to);
	return offer(m);
}

/*
 * Set-up.
 */

static bool
shrink_machine(struct minimise *m)
{
	unsigned ncpu;
	bool any = false;

	for (ncpu = 1; ncpu < m->mi_best->pr_ncpu; ncpu++) {
		begin(m)->pr_ncpu = (uint8_t)ncpu;
		any |= offer(m);
	}
	begin(m)->pr_percpu = false;
	any |= offer(m);
	begin(m)->pr_preempt = false;
	any |= offer(m);
	begin(m)->pr_maxlwp = 0;
	any |= offer(m);
	begin(m)->pr_perturb = 0;
	any |= offer(m);
	begin(m)->pr_seed = 0;
	any |= offer(m);
	return any;
}

/*
 * prog_minimise:
 *
 *	See prog.h.  The program itself is not tried: it is known to do it.
 */
unsigned
prog_minimise(struct prog *p, bool (*keep)(struct prog *, void *), void *arg,
    unsigned budget)
{
	struct minimise m;
	bool any;

	m.mi_best = p;
	m.mi_keep = keep;
	m.mi_arg = arg;
	m.mi_budget = budget;
	m.mi_tried = 0;
	memset(m.mi_seen, 0, sizeof(m.mi_seen));
	do {
		any = shrink_bodies(&m);
		any |= shrink_list(&m, &edit_ops);
		any |= shrink_args(&m);
		any |= shrink_names(&m);
		any |= shrink_machine(&m);
		any |= shrink_list(&m, &edit_prios);
		any |= shrink_list(&m, &edit_deviations);
	} while (any && m.mi_tried < budget);
	return m.mi_tried;
}
