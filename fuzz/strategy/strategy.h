/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A schedule strategy: a few calls.  One file each, a row in strategy.def
 * each.  A strategy decides from the program, the seed and what the sources
 * announce, and from nothing else.
 */

#ifndef STRATEGY_H
#define STRATEGY_H

#include "../../core/arch/sim/sim.h"
#include "../prog/prog.h"

/* State of all strategies for one run; no allocation. */
struct schedule {
	const struct prog *sd_prog;
	uint64_t sd_random;		   /* generator state */
	uint32_t sd_step[PROG_ROWS];	   /* steps of each context so far */
	uint16_t sd_rowstart[PROG_ROWS];   /* into pr_prio */
	uint16_t sd_priority[SIM_SOURCES]; /* of the announced steps */
	uint32_t sd_perturbs;		   /* perturbations offered so far */
	uint32_t sd_matched[(PROG_DEVIATIONS + 31) / 32];
	uint32_t sd_drift; /* replay: sources that were not enabled */
	/* Memory grain, see plain.h. */
	uint64_t sd_plain;    /* generator state */
	uint32_t sd_gap;      /* mean number of accesses between two stops */
	uint32_t sd_held;     /* mask of CPUs that are stopped */
	uint32_t sd_holdleft; /* choices for which they stay so */
};

struct strategy {
	const char *st_name;
	bool st_draws; /* schedules depend on the seed */
	void (*st_begin)(struct schedule *);
	/* Must return an enabled source. */
	unsigned (*st_choose)(struct schedule *, const struct sim_choice *);
	/* At memory grain, before a plain access: an enabled source; *next as
	 * for cf_plain. */
	unsigned (*st_plain)(
	    struct schedule *, const struct sim_plain *, uint64_t *next);
	bool (*st_perturb)(
	    struct schedule *, enum perturbation, const struct sim_pending *);
	/* Each step, chosen or forced, as it is about to be done; or NULL. */
	void (*st_step)(
	    struct schedule *, unsigned source, const struct sim_pending *);
	/* Was the run broken off, without a verdict?  Or NULL: never. */
	bool (*st_pruned)(void);
	/* At the end: how many deviations found no match (replay); or NULL. */
	unsigned (*st_drift)(struct schedule *);
};

/* By enum strategy_id. */
extern const struct strategy *const strategy_table[STRATEGY_COUNT];

#endif /* STRATEGY_H */
