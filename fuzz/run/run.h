/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * run(program, oracles, limits) -> verdict.
 */

#ifndef RUN_H
#define RUN_H

#include "../oracle/oracle.h"
#include "../prog/prog.h"
#include "../strategy/strategy.h"

struct run_options {
	uint32_t ro_oracles; /* mask; RUN_ALL_ORACLES */
	/* Bound; reaching it is a verdict (livelock).  0: by the program. */
	uint64_t ro_maxsteps;
	uint8_t *ro_counters; /* feedback map of SIM_COUNTERS, or NULL */
	/* Called for each step, or NULL. */
	void (*ro_step)(void *, unsigned source, const struct sim_pending *,
	    uint32_t enabled);
	void (*ro_event)(
	    void *, enum event, struct lwp *, uintptr_t, uintptr_t);
	/* Called once the machine is booted, before any choice; or NULL. */
	void (*ro_live)(void);
	void *ro_arg;
	/* Minimising: set by a signal, it ends with what it has; or NULL. */
	const volatile int *ro_stop;
	struct prog *ro_record; /* if not NULL: gets the run's deviations */
};
#define RUN_ALL_ORACLES 0xffffffffu
/* The bound grows with the program.  The costliest program known to end, many
 * waiters that wake each other, takes a quarter of it. */
#define RUN_MAXSTEPS 100000
#define RUN_OPSTEPS  20000 /* more for each operation */

enum verdict_code {
	VERDICT_pass,
	VERDICT_finding,
	VERDICT_drift,
	VERDICT_pruned /* no verdict: broken off by the strategy */
};

struct verdict {
	enum verdict_code vd_code;
	/* "pass", or oracle and phrase: "progress: lost continue"; stable and
	 * address-free: file names, deduplication and minimising use it. */
	char vd_signature[128];
	char vd_detail[1024]; /* for people: who, what, the cycle */
	uint64_t vd_steps;
	uint64_t vd_hash;  /* of the trace */
	unsigned vd_drift; /* deviations that found no match */
};

/* run_init: once a process. */
void run_init(void);
void run_options_init(struct run_options *);
void run(const struct prog *, const struct run_options *, struct verdict *);

/* run_record: run, and turn what was chosen into deviations: *out is the same
 * program with strategy replay and these deviations, and runs the same.  False
 * if there were more than a program can hold: then *out is of no use, and the
 * program itself is what to keep. */
bool run_record(const struct prog *, const struct run_options *,
    struct prog *out, struct verdict *);

/* run_minimise: smallest program and schedule with the same signature. */
unsigned run_minimise(struct prog *, const struct run_options *,
    const char *signature, unsigned budget);

/* run_hash_random: one hash over the traces of n random programs from this
 * seed on; the same in every build.  Stops early if *stop is set. */
uint64_t run_hash_random(uint64_t seed, unsigned n, const volatile int *stop);

/* run_report: the run as columns, a line for each step, the verdict, and the
 * command that replays it, if given. */
void run_report(const struct prog *, const struct run_options *,
    const char *replay_path, FILE *);

/* Totals over runs, for summaries. */
struct run_totals {
	uint64_t rt_runs, rt_steps, rt_plains, rt_ops;
	uint64_t rt_probe[PROBE_COUNT];
	uint64_t rt_transition[LS_COUNT][LS_COUNT];
	uint64_t rt_op[OP_COUNT];
};
extern struct run_totals run_totals;

#endif /* RUN_H */
