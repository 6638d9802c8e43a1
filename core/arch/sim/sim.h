/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The simulator, as its users see it: one host thread, up to SIM_CPUS virtual
 * CPUs, every synchronisation step a choice.
 *
 * What can be chosen is a *source*: a CPU, which goes on with the step that
 * it announced, or an agent, which is an interrupt source of a CPU, virtual
 * time, or the end of RCU grace periods.  A CPU executes on behalf of a
 * *context*: an LWP, its idle context, or an interrupt handler.
 *
 * A point stands before the operation: the CPU announces what it is about to
 * do, somebody is chosen, and when the CPU is chosen again it does just that.
 * Taking a spin word is one operation, enabled while the word is free.  A CPU
 * that polls is parked until a cell it watches changes.
 *
 * That is the grain of synchronisation.  In a build of memory grain a CPU can
 * also be stopped before a plain access of the core, between two points; see
 * memory/sim_plain.c.
 */

#ifndef SIM_H
#define SIM_H

#include <lwp/cell.h>
#include <lwp/event.h>
#include <lwp/machine.h>

#include "sim_name.h"

/* The announced step of a CPU. */
struct sim_pending {
	const void *sp_object; /* cell or spin word; compare, never print */
	const struct place *sp_place;
	uint16_t sp_cell;    /* enum cell */
	uint16_t sp_ordinal; /* which one of its class; locks */
	uint8_t sp_op;	     /* enum sim_op */
	uint8_t sp_role;     /* enum sim_role */
	uint16_t sp_who;     /* see enum sim_role */
	uint16_t sp_userop;  /* index of the operation in its body */
};

struct sim_choice {
	uint32_t sc_enabled;		      /* mask of sources; never 0 */
	unsigned sc_arrived;		      /* the CPU that announced last */
	unsigned sc_default;		      /* fair, non-preemptive choice */
	uint64_t sc_step;		      /* steps so far */
	const struct sim_pending *sc_pending; /* by CPU number */
};

/* A plain access that a CPU is about to do, at memory grain. */
struct sim_plain {
	uint32_t sa_enabled; /* CPUs, itself among them, and interrupts */
	unsigned sa_cpu;     /* who goes on unless somebody else is chosen */
	uint16_t sa_field;   /* enum sim_field */
	bool sa_write;
};
#define SIM_PLAIN_NEVER UINT64_MAX

/* Why a run ended. */
enum sim_end {
	SIM_END_quiet,	  /* all CPUs idle, nothing armed or deferred */
	SIM_END_deadlock, /* no source enabled, and a CPU is not idle */
	SIM_END_steps,	  /* the bound on steps */
	SIM_END_halted,	  /* sim_halt() */
	SIM_END_panic,	  /* machine_panic(); text in sim_panic_text() */
	SIM_END_race	  /* ThreadSanitizer's report: sim_race_signature() */
};

struct sim_config {
	unsigned cf_ncpu;
	uint64_t cf_maxsteps;  /* bound on steps */
	unsigned cf_maxagents; /* bound on chosen TIME steps */
	/* Steps after which the run goes on by sc_default alone, without
	 * perturbations: the fair phase.  UINT64_MAX: when "choose" says so
	 * by sim_fair(). */
	uint64_t cf_fairstep;

	void *cf_arg; /* first argument of all hooks */
	/* Who goes on; only called if there is more than one.  Must return an
	 * enabled source. */
	unsigned (*cf_choose)(void *, const struct sim_choice *);
	/* The same before a plain access; NULL: none is a choice.  It is called
	 * for the first one, and then for that which *next says: 1 for the one
	 * that follows. */
	unsigned (*cf_plain)(void *, const struct sim_plain *, uint64_t *next);
	/* Does the perturbation happen? */
	bool (*cf_perturb)(
	    void *, enum perturbation, const struct sim_pending *);
	/* Each step as it is done, or NULL: the slow, telling way to run. */
	void (*cf_step)(void *, unsigned source, const struct sim_pending *,
	    uint32_t enabled);
	/* Events whose bit is set in cf_events. */
	uint64_t cf_events;
	void (*cf_event)(
	    void *, enum event, struct lwp *, uintptr_t, uintptr_t);
	uint8_t *cf_counters; /* feedback map of SIM_COUNTERS bytes or NULL */
};

#define SIM_COUNTERS 8192

/*
 * sim_init: once a process: arena and stacks.  Exits with 2 if there is no
 *	memory.
 * sim_run: reset the arena, run main(arg) as lwp0 on CPU 0 and all that comes
 *	of it, until the end.  Allocates nothing after warm-up.  Afterwards the
 *	arena holds what the run left, for oracles to look at.
 */
void sim_init(void);
enum sim_end sim_run(
    const struct sim_config *, void (*main)(void *), void *arg);

/* sim_halt: stop the run at once, from any context; does not return there.
 * From outside a run: no effect. */
void sim_halt(void);
/* sim_live: the machine is booted; from here on points are choices.  Called
 * by main(). */
void sim_live(void);
/* sim_fair: from now on the fair phase. */
void sim_fair(void);
bool sim_in_fair_phase(void);

/* After (or during) a run. */
uint64_t sim_steps(void);	  /* steps done, that is choice points */
uint64_t sim_switches(void);	  /* choices of another CPU */
uint64_t sim_trace_hash(void);	  /* of all steps, address-free */
const char *sim_panic_text(void); /* the message, or "" */
const struct place *sim_panic_place(void); /* last place before it; or NULL */
/* sim_race_signature, sim_race_detail: the functions of both sides, in order,
 * and a text with both stacks.  There are races only where ThreadSanitizer
 * judges the core (preset simtsan). */
void sim_race_signature(char *, size_t);
void sim_race_detail(char *, size_t);
const uint8_t *sim_probes(void); /* PROBE_COUNT counts, saturating */
const struct sim_pending *sim_pending(unsigned cpu);
unsigned sim_current_cpu(void);
struct cpu_info *sim_cpu_info(unsigned cpu);
uint64_t sim_allocations(void); /* host allocations since sim_init */

/* sim_user_op: the executor of programs tells the index of the operation that
 * the current LWP begins. */
void sim_user_op(unsigned index);

/*
 * sim_offset: an arena address as a number that is the same in every run and
 *	build; 0 for what is not in the arena.
 * sim_poisoned: does the shadow map call this address freed?
 */
uint32_t sim_offset(const void *);
bool sim_poisoned(const void *);

/*
 * sim_memory_grain: is this a build of memory grain?
 * sim_plains: plain accesses of the last run; 0 in another build.
 * sim_field: what an address is.
 */
bool sim_memory_grain(void);
uint64_t sim_plains(void);
enum sim_field sim_field(const void *);
const char *sim_field_name(enum sim_field);

const char *sim_op_name(enum sim_op);
bool sim_op_writes(enum sim_op);
/* sim_source_name: "cpu 1", "clock 0", "soft 0", "time", "rcu". */
const char *sim_source_name(unsigned source, char *, size_t);

#endif /* SIM_H */
