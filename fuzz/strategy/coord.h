/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Local coordinates.  A point is named by its context, the operation of the
 * body, its label (what is announced, and the cell), and a count: how often
 * this context has come to this label in this operation.
 *
 * A schedule that names its choices like this stays valid when the number of
 * steps elsewhere changes; one that numbers all steps would not.
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

/*
 * Plain accesses are counted anew from each point on: of a CPU, those to one
 * field, since the point that it came to last.
 */
struct coord_point {
	struct sim_pending cp_point; /* where this CPU came last ... */
	uint32_t cp_nth;	     /* ... for the n-th time */
	uint32_t cp_epoch;
	struct {
		uint32_t epoch;
		uint16_t count;
	} cp_access[2 * SIM_FIELD_COUNT];
};

struct coord {
	uint32_t co_run;
	struct coord_count co_slot[COORD_SLOTS];
	struct coord_point co_cpu[SIM_CPUS];
};

/* coord_begin: forget all counts; constant time. */
void coord_begin(struct coord *);

/* coord_count: this context is at this point once more: the n-th time. */
uint32_t coord_count(
    struct coord *, const struct sim_pending *, unsigned op, unsigned cell);

/*
 * coord_arrive: coord_count for the point that a CPU came to, which it
 *	remembers.
 * coord_access: this CPU is before a plain access: the n-th one to that field
 *	since it came to its last point, which is co_cpu[cpu].
 */
uint32_t coord_arrive(struct coord *, unsigned cpu, const struct sim_pending *);
uint32_t coord_access(struct coord *, const struct sim_plain *);

/* coord_is: is it the coordinate that a deviation names, at its n-th time? */
bool coord_is(const struct deviation *, const struct sim_pending *, unsigned op,
    unsigned cell, uint32_t nth);
/* coord_is_access: the same before a plain access, the n-th. */
bool coord_is_access(const struct coord *, const struct deviation *,
    const struct sim_plain *, uint32_t nth);

#endif /* COORD_H */
