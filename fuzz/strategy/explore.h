/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Exploring all schedules of one program: what drives strategy "exhaustive"
 * (strategy_exhaustive.c says how it works).
 *
 *	explore_begin(&eo);
 *	do {
 *		run it, if need be more than once: the same schedule each time
 *	} while (explore_next());
 *	explore_end();
 *
 * Without explore_begin() the strategy runs the default schedule.
 */

#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdbool.h>
#include <stdint.h>

#define EXPLORE_NOBOUND UINT32_MAX

struct explore_options {
	/* Schedules with at most so many preemptions; or EXPLORE_NOBOUND. */
	uint32_t eo_bound;
	/* Run one schedule of those that differ only in the order of steps
	 * that do not conflict.  Not with a bound: the one that is run may
	 * need more preemptions than one that is left out. */
	bool eo_reduce;
};

struct explore_state {
	uint64_t es_runs;    /* to their end */
	uint64_t es_pruned;  /* broken off: the rest was seen before */
	uint64_t es_classes; /* different ones among the runs */
	unsigned es_depth;   /* choices in the deepest run */
	double es_part;	     /* explored, 0 to 1, if the tree were even */
	/* Not all of it: a schedule was deeper than EXPLORE_DEPTH choices, or
	 * than the fair phase allows; or there were more classes than can be
	 * counted. */
	bool es_cut, es_uncounted;
	/* The program did not do the same again: nothing else is valid. */
	bool es_drift;
};

/* explore_begin: false if there is no memory. */
bool explore_begin(const struct explore_options *);
/* explore_next: after a run: is there another schedule? */
bool explore_next(void);
/* explore_pruned: the last run was broken off, and has no verdict. */
bool explore_pruned(void);
const struct explore_state *explore_state(void);
void explore_end(void);

#endif /* EXPLORE_H */
