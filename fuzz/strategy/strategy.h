/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A schedule strategy: three calls.  One file each, a row in strategy.def
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
	uint32_t sd_drift; /* replay: impossible ones */
};

struct strategy {
	const char *st_name;
	bool st_draws; /* its schedules are a matter of the seed */
	void (*st_begin)(struct schedule *);
	/* Must return an enabled source. */
	unsigned (*st_choose)(struct schedule *, const struct sim_choice *);
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
