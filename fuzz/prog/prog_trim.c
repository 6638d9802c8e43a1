/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The minimiser turned inside out: there the predicate is called, here the
 * engine asks for a candidate, runs it and comes back with an answer.
 *
 * Most of a mutated program is never executed: what follows an exit, bodies
 * that nobody creates, priorities of steps that are never taken.  So whole
 * lists are tried first, then halves, quarters ... from the end, and the
 * budget is small.
 */

#include "prog_trim.h"

static const struct {
	const struct edit_list *list;
	unsigned least; /* no smaller pieces than this */
} trim_lists[] = {
	{ &edit_ops, 1 },
	{ &edit_deviations, 1 },
	{ &edit_prios, 8 },
};

#define NLISTS (sizeof(trim_lists) / sizeof(trim_lists[0]))

/*
 * trim_prepare:
 *
 *	Make the next candidate of the best so far.  False: there is none.
 */
static bool
trim_prepare(struct trim *tr)
{
	const struct edit_list *el;
	unsigned count, n;

	while (tr->tr_list < NLISTS) {
		el = trim_lists[tr->tr_list].list;
		count = el->el_count(&tr->tr_best);
		if (tr->tr_size == 0)
			tr->tr_size = tr->tr_end = count;
		if (tr->tr_end > count)
			tr->tr_end = count;
		if (tr->tr_end == 0) {
			tr->tr_end = count;
			tr->tr_size /= 2;
		}
		if (count == 0 || tr->tr_size < trim_lists[tr->tr_list].least) {
			tr->tr_list++;
			tr->tr_size = 0;
			continue;
		}
		n = tr->tr_size < tr->tr_end ? tr->tr_size : tr->tr_end;
		tr->tr_end -= n;
		tr->tr_try = tr->tr_best;
		el->el_remove(&tr->tr_try, tr->tr_end, n);
		prog_canon(&tr->tr_try);
		return true;
	}
	return false;
}

/*
 * trim_begin:
 *
 *	An input that is shorter than its program's own form is left alone:
 *	engines do not take a longer one for a trimmed one.
 */
unsigned
trim_begin(struct trim *tr, const uint8_t *data, size_t size)
{
	static uint8_t bytes[PROG_BYTES_MAX];

	prog_decode(&tr->tr_best, data, size);
	tr->tr_list = 0;
	tr->tr_size = 0;
	tr->tr_end = 0;
	tr->tr_step = 0;
	if (prog_encode(&tr->tr_best, bytes, sizeof(bytes)) > size)
		return 0;
	return trim_prepare(tr) ? TRIM_STEPS : 0;
}

size_t
trim_next(struct trim *tr, uint8_t *out, size_t max)
{
	return prog_encode(&tr->tr_try, out, max);
}

unsigned
trim_result(struct trim *tr, bool same)
{
	if (same)
		tr->tr_best = tr->tr_try;
	if (++tr->tr_step < TRIM_STEPS && trim_prepare(tr))
		return tr->tr_step;
	return TRIM_STEPS;
}
