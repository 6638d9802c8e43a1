/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the files of the host machine share.
 *
 * Letters:
 *	c:  the CPU's own thread only
 *	@:  atomic; order said where it is used
 *	s:  host.lock
 *	=:  constant while a machine runs
 */

#ifndef HOST_IMPL_H
#define HOST_IMPL_H

#include <pthread.h>

#include <lwp/host.h>

#include "fiber.h"

#define HOST_CPUS  1024
#define HOST_APART 128 /* bytes: lines are fetched in pairs */

/* Interrupts, by bit of hc_pending. */
#define INTR_CLOCK 1u
#define INTR_SOFT  2u
#define INTR_RCU   4u /* a grace period is over */
#define INTR_END   8u /* the machine ends: leave, at any level */

/* A stack; host_stack.c. */
struct host_stack {
	char *st_base;		    /* =: aligned to the size */
	struct host_stack *st_next; /* s: free list */
	bool st_guarded;	    /* =: a guard page below; else a canary */
};

/* What an LWP or an idle loop runs on. */
struct host_context {
	_Alignas(HOST_APART) struct fiber hx_fiber;
	struct host_stack *hx_stack;  /* bound at the first dispatch */
	struct lwp *hx_lwp;	      /* = */
	struct lwp *hx_prev;	      /* c: whom its CPU ran before */
	void (*hx_entry)(void *);     /* = */
	void *hx_arg;		      /* = */
	struct host_context *hx_next; /* s: free list; c: spare ones */
};

/* Callbacks of one CPU on their way through a grace period; host_rcu.c. */
enum batch_state { BATCH_IDLE, BATCH_WAITING, BATCH_OVER };
struct host_batch {
	struct rcu_head *hb_wait;  /* c: under way */
	struct rcu_head *hb_next;  /* c: for the next one */
	struct rcu_head **hb_tail; /* c: of hb_next */
	unsigned hb_state;	   /* @: enum batch_state */
	unsigned hb_count;	   /* @c: callbacks in both lists */
};

/* Statistics of one CPU: it alone writes. */
struct host_counts {
	uint64_t hn_event[EV_COUNT];
	uint64_t hn_probe[PROBE_COUNT];
	uint64_t hn_transition[LS_COUNT][LS_COUNT];
	uint64_t hn_clock, hn_soft, hn_sleeps, hn_yields, hn_grace;
};

struct hostcpu {
	_Alignas(HOST_APART) unsigned hc_pending; /* @: INTR_* */
	unsigned hc_sleeping;	  /* @: futex: in machine_idle() to sleep */
	unsigned hc_moves;	  /* @: odd while asleep */
	unsigned hc_index;	  /* = */
	unsigned hc_spins;	  /* c: looks without success */
	unsigned hc_rcunest;	  /* c: depth of its read section */
	struct cpu_info *hc_info; /* = */
	struct host_context *hc_context; /* c: what it runs */
	struct host_context *hc_spare;	 /* c: free, and with their stacks */
	unsigned hc_nspare;		 /* c: */
	struct fiber hc_fiber;		 /* c: the thread's own stack */
	uint64_t hc_random;		 /* c: */
	struct host_batch hc_batch;
	struct host_counts hc_counts;
};

struct host {
	struct host_params params; /* = */
	unsigned ncpu;		   /* = */
	unsigned polls;	       /* =: looks of an idle CPU before it sleeps */
	struct hostcpu *cpus;  /* = */
	void (*first)(void *); /* = */
	void *arg;	       /* = */

	/* What follows changes, and what is above is read at each switch. */
	_Alignas(HOST_APART) unsigned live; /* @: futex: the other CPUs begin */
	unsigned ending;		    /* @: somebody decided the end */
	/* By each CPU that falls asleep or wakes up. */
	_Alignas(HOST_APART) unsigned idlers; /* @: CPUs that sleep */
	unsigned clockword; /* @: futex: the clock thread is to look */
	_Alignas(HOST_APART) uint64_t ticks; /* @ */
	uint64_t timer;			     /* @ */
	struct host_result result;	     /* who set "ending" */

	_Alignas(HOST_APART) unsigned lock; /* @: contexts and stacks */
	struct host_context *contexts;
	unsigned ncontexts;		   /* = */
	unsigned usedcontexts;		   /* s: high-water mark */
	struct host_context *freecontexts; /* s: */
	unsigned stacks, stacksmax;	   /* s: bound now, at most */

	_Alignas(HOST_APART) char *arena; /* = */
	size_t arenasize, arenaused;
};

extern struct host host;

/* host_self: the CPU that the calling thread is; NULL for other threads.  Out
 * of line: it reads a thread-local. */
struct hostcpu *host_self(void);
/* host_this: the CPU that executes this LWP. */
static inline struct hostcpu *
host_this(const struct cpu_info *ci)
{
	return &host.cpus[ci->ci_index];
}

/* host_end: decide the end, once; tell all CPUs. */
bool host_end(enum host_end);
/* host_leave: the calling CPU leaves what it executes, for good. */
_Noreturn void host_leave(struct hostcpu *);
/* host_lock, host_unlock: contexts and stacks. */
void host_lock(void);
void host_unlock(void);

/* host_count: one more, by the CPU that owns the number. */
static inline void
host_count(uint64_t *n)
{
	__atomic_store_n(n, *n + 1, __ATOMIC_RELAXED);
}

/* host_intr.c */
void host_post(struct hostcpu *, unsigned intr);
void host_intr(struct hostcpu *);
void *host_clock_main(void *);
static inline bool
host_pending(const struct hostcpu *hc)
{
	return __atomic_load_n(&hc->hc_pending, __ATOMIC_RELAXED) != 0;
}

/* host_futex.c */
void host_futex_wait(unsigned *word, unsigned value);
void host_futex_timedwait(unsigned *word, unsigned value, uint64_t ns);
void host_futex_wake(unsigned *word, int n);
uint64_t host_now(void);

/* host_rcu.c */
void host_rcu_init(void);
void host_rcu_register(void);
void host_rcu_unregister(void);
void host_rcu_quiesce(struct hostcpu *);
void host_rcu_offline(struct hostcpu *);
void host_rcu_online(void);
void host_rcu_intr(struct hostcpu *);
void host_rcu_start(struct hostcpu *);
bool host_rcu_busy(const struct hostcpu *);
void host_rcu_wake(void);
void *host_rcu_main(void *);

/* host_stack.c */
int host_stack_init(size_t size);
int host_stack_bind(struct host_context *);
void host_stack_arm(struct host_context *);
void host_stack_unbind(struct host_context *);
void host_stack_check(const struct host_context *);
void host_stack_fini(void);

/* host_memory.c */
int host_memory_init(void);
void host_memory_fini(void);

/* host_pin.c */
void host_pin(unsigned cpu, unsigned ncpu);

#endif /* HOST_IMPL_H */
