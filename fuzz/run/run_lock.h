/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A lock by itself: some CPUs, without a kernel, take it a few times each, and
 * the run is judged.  For all algorithms and protocols of core/lock, of which
 * the core itself uses one.
 *
 * What is judged: never two CPUs hold it; no increment that they make under it
 * is lost; a fair lock serves in the order of arrival; nobody waits while the
 * lock is free, or for ever; a try never waits, and succeeds if no other CPU
 * wanted the lock; at the end no place in a queue is still in use; the counts
 * are exact.
 */

#ifndef RUN_LOCK_H
#define RUN_LOCK_H

#include <lwp/lwplock.h>

#include "run.h"

/* How CPU 0 moves the lock in each of its sections; others do not. */
enum lock_move { LOCK_UNLOCK_TO, LOCK_RELOCK, LOCK_SETLOCK, LOCK_MOVES };

struct lock_run {
	const struct spin_algorithm *lr_spin;
	const struct protocol *lr_protocol; /* of lr_spin; NULL: not an LWP's */
	bool lr_uncounted;		    /* it is of protocol_uncounted */
	unsigned lr_ncpu;		    /* 1 to SIM_CPUS */
	unsigned lr_sections;		    /* by each */
	enum lock_move lr_move;
	bool lr_try;	  /* the last CPU only tries */
	uint32_t lr_numa; /* bit n: of which of two NUMA nodes CPU n is */
	unsigned lr_near; /* CNA: stay near for so long; 0: its own */

	enum strategy_id lr_strategy;
	uint64_t lr_seed;
	/* Each step as it is done, or NULL. */
	void (*lr_step)(void *, unsigned source, const struct sim_pending *);
	void *lr_arg;
};

/* lock_move_name: as the option is called. */
const char *lock_move_name(enum lock_move);

/* run_lock: run_init() was called. */
void run_lock(const struct lock_run *, struct verdict *);

#endif /* RUN_LOCK_H */
