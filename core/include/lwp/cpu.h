/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A CPU, its run queue and its idle context.
 *
 * Letters of the locks that cover a field:
 *	s:  the scheduler mutex of this CPU (spc_mutex)
 *	c:  this CPU only, any level
 *	@:  a cell; accessed with cell_*(), order said there
 *	=:  constant after boot
 */

#ifndef LWP_CPU_H
#define LWP_CPU_H

#include <bsd/sys/queue.h>

#include <lwp/mutex.h>

struct lwp;

TAILQ_HEAD(lwp_queue, lwp);

/* A set of run queues: one for the machine, or one for each CPU. */
struct runqueue {
	kmutex_t *rq_mutex; /* =: the scheduler mutex that covers it */
	unsigned rq_count;  /* @s: LWPs queued; idle CPUs peek */
	uint32_t rq_bitmap; /* s: bit n: rq_queue[n] is not empty */
	struct lwp_queue rq_queue[RUNQUEUE_COUNT]; /* s: */
};

/* Lines: what nobody writes; what others look at; the CPU's own. */
struct cpu_info {
	_Alignas(64) unsigned ci_index; /* =: 0 is the boot CPU */
	struct lwp *ci_idlelwp;		/* =: its idle context */
	struct runqueue *ci_runqueue;	/* =: its own, or the global one */
	kmutex_t *ci_schedmutex;	/* =: ci_runqueue->rq_mutex */

	_Alignas(64) unsigned ci_idle; /* @: CPU_BUSY, CPU_IDLE */
	struct lwp *ci_curlwp; /* s: what runs here; its own CPU may read it */
	unsigned ci_want_resched; /* @: switch at the next chance */
	unsigned ci_rrticks;	  /* c: ticks since the last resched */

	_Alignas(64) int ci_ipl; /* c: level now; the machine's */
	int ci_mtx_count;	 /* c: spin mutexes held, or waited for */
	int ci_mtx_oldipl;	 /* c: level to go back to at zero */
	kmutex_t *ci_held;	 /* c: those mutexes, last taken first */
#ifdef LWP_SPIN_LOCK
	struct spin_cpu ci_spin; /* c: its places in queues */
#endif

	/* Where the run queue is this CPU's own. */
	_Alignas(64) kmutex_t ci_schedmutex_store;
	struct runqueue ci_runqueue_store; /* s: */
};

#define CPU_BUSY 0
#define CPU_IDLE 1

/* curcpu(), curlwp: <machine/atomic.h>. */

/*
 * Run queues (kern_runq.c).  The queue's mutex is held; the LWP is RUN,
 * L_INMEM and covered by that mutex.
 */
void runq_init(struct runqueue *, kmutex_t *);
void setrunqueue(struct lwp *);
/* runq_requeue: the same for an LWP that leaves its own CPU to the best of that
 * queue: idle CPUs are not to be told. */
void runq_requeue(struct lwp *);
void remrunqueue(struct lwp *);
/* runq_best: the LWP to run next, still queued; NULL if none. */
struct lwp *runq_best(struct runqueue *);

/*
 * sched_wakecpu:
 *
 *	An LWP was put on a run queue: wake an idle CPU that can take it, or
 *	ask for a resched where it is better than what runs.  The scheduler
 *	mutex is held.
 */
void sched_wakecpu(struct lwp *);

/*
 * sched_pickcpu:
 *
 *	The CPU that an LWP which becomes runnable goes to; the LWP is locked.
 *	With the global run queue, its last one.
 */
struct cpu_info *sched_pickcpu(struct lwp *);

/*
 * sched_steal:
 *
 *	With run queues per CPU: move an LWP from the fullest other queue to
 *	this idle CPU's own.  No lock held.  True if one came.
 */
bool sched_steal(struct cpu_info *);

/* idle_loop: the body of an idle context; never returns. */
_Noreturn void idle_loop(void *);

#endif /* LWP_CPU_H */
