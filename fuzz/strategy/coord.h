/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Local coordinates: the how-manyth time a context comes, in one operation of
 * its body, to a point with one label.
 *
 * A schedule that names its choices like this does not shift when something
 * else changes, as one that numbers all steps does.
 */

#ifndef COORD_H
#define COORD_H

#include "../../core/arch/sim/sim.h"
#include "../prog/prog.h"

/* Counts of one run.  A run that visits more labels than fit loses some: they
 * count as 0 and are never matched. */
#define COORD_SLOTS 16384

struct coord_count {
	uint64_t cc_key;
	uint32_t cc_run;
	uint32_t cc_count;
};

struct coord {
	uint32_t co_run;
	struct coord_count co_slot[COORD_SLOTS];
};

/* coord_begin: forget all counts; constant time. */
void coord_begin(struct coord *);

/* coord_count: this context is at this point once more: the n-th time. */
uint32_t coord_count(
    struct coord *, const struct sim_pending *, unsigned op, unsigned cell);

/* coord_is: is it the coordinate that a deviation names, at its n-th time? */
bool coord_is(const struct deviation *, const struct sim_pending *, unsigned op,
    unsigned cell, uint32_t nth);

#endif /* COORD_H */
