/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the files of the simulator share.  One structure holds all its state;
 * sim_run() resets the part of it that belongs to a run.
 */

#ifndef SIM_IMPL_H
#define SIM_IMPL_H

#include <lwp/kernel.h>

#include "fiber.h"
#include "sim.h"

#define SIM_CONTEXTS   (96 + SIM_CPUS) /* LWPs of a program, kernel's, idle */
#define SIM_STACK_SIZE ((size_t)64 * 1024)
#define SIM_ARENA_SIZE ((size_t)512 * 1024)
#define SIM_GRANULE    64   /* of the shadow map */
#define SIM_STREAK     2000 /* steps of one CPU until the default moves on */

/* A context: a stack that an LWP or an idle loop is bound to. */
struct sim_context {
	struct fiber cx_fiber;
	struct sim_context *cx_next; /* free list */
	uint16_t cx_who;	     /* the embedder's number */
	uint16_t cx_userop;	     /* sim_user_op() */
	struct lwp *cx_prev;	     /* whom its CPU ran before */
};

/* The last two loads of a CPU. */
struct sim_loads {
	const void *sl_cell[2];
	uint32_t sl_value[2];
	uint8_t sl_next;
};

/* What a CPU that polls waits for. */
struct sim_watch {
	const void *sw_cell[2];
	uint32_t sw_seen[2]; /* what they held when looked at */
};

struct simcpu {
	struct sim_context *sc_context; /* what it executes */
	struct cpu_info *sc_info;
	uint16_t sc_index;
	uint8_t sc_role;	   /* of what it executes */
	bool sc_deliver;	   /* was chosen to take an interrupt */
	uint8_t sc_rcunest;	   /* depth of its RCU read section */
	struct sim_watch sc_watch; /* poll */
	struct sim_loads sc_loads; /* what it saw last */
	unsigned sc_expected;	   /* idle */
	unsigned sc_source;	   /* which interrupt it was chosen to take */
};

#define SIM_RCU_MAX 320 /* LWPs that a program can make and free */

struct sim {
	/* Of the process. */
	struct sim_context contexts[SIM_CONTEXTS];
	struct fiber host;
	uint64_t allocations;
	char *arena;
	uint8_t *shadow; /* a byte a granule: 1 = poisoned */

	/* Of a run. */
	struct sim_config cf;
	struct simcpu cpus[SIM_CPUS];
	struct sim_pending pending[SIM_CPUS];
	struct simcpu *cpu; /* the one that executes */
	struct sim_context *freecontexts;
	unsigned usedcontexts;
	uint32_t started;      /* CPUs that exist */
	uint32_t blocked;      /* CPUs whose announced step must be tested */
	uint32_t clockpending; /* by CPU */
	uint32_t softpending;
	unsigned agents; /* TIME steps chosen */
	unsigned streak; /* steps of one CPU in a row */
	bool live, fair;
	uint64_t steps, switches, hash;
	uint64_t ticks, timer;
	size_t used, usedmax; /* arena: this run, and since last zeroed */
	struct {
		struct rcu_head *head;
		uint32_t readers; /* CPUs that may still be looking */
	} rcu[SIM_RCU_MAX];
	unsigned nrcu;
	enum sim_end end;
	char panic[256];
	const struct place *panicplace;
	uint8_t probes[PROBE_COUNT];
};

extern struct sim sim;

/* sim_leave: end the run, from any context. */
_Noreturn void sim_leave(enum sim_end);

/* sim_sched.c */
void sim_wait(unsigned op, const void *object, unsigned cell, unsigned ordinal);

/* sim_intr.c */
uint32_t sim_intr_enabled(void);
void sim_intr_deliver(struct simcpu *, unsigned source);
void sim_tick(uint64_t now);

/* sim_rcu.c */
bool sim_rcu_ready(void);
void sim_rcu_run(void);
int sim_rcu_cpu(void);

/* sim_memory.c */
void sim_memory_init(void);
void sim_memory_reset(void);
static inline bool
sim_memory_poisoned(const void *p)
{
	size_t off = (size_t)((const char *)p - sim.arena);

	return off < SIM_ARENA_SIZE && sim.shadow[off / SIM_GRANULE] != 0;
}

/* sim_feedback.c */
void sim_feedback_reset(void);
void sim_feedback_step(const struct sim_pending *, unsigned cpu);

#endif /* SIM_IMPL_H */
