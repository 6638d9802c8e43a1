/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Run queues: 32 queues of four priorities each, FIFO in a queue, with a bit
 * for each that is not empty.
 *
 * There is one set for the machine, under the global sched_mutex, or one for
 * each CPU under its own; boot decides.  With one for each, an LWP is queued
 * where its l_cpu is, and idle CPUs steal.  Two scheduler mutexes are held
 * together in ascending CPU number only.
 *
 *	(Q1) an LWP on a run queue is RUN, L_INMEM, off its CPU, and covered by
 *	     the mutex of that queue
 *	(Q2) rq_count is what idle CPUs look at without the lock: it is stored
 *	     before the announcement of an idle CPU is looked at (kern_idle.c).
 *	     Who does not look at any announcement, runq_requeue(), leaves the
 *	     count no higher than it found it once it has let go of the lock
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

void
runq_init(struct runqueue *rq, kmutex_t *mtx)
{
	unsigned n;

	rq->rq_mutex = mtx;
	rq->rq_count = 0;
	rq->rq_bitmap = 0;
	for (n = 0; n < RUNQUEUE_COUNT; n++)
		TAILQ_INIT(&rq->rq_queue[n]);
}

static unsigned
runq_index(const struct lwp *l)
{
	return (unsigned)lwp_eprio(l) / RUNQUEUE_PRIORITIES;
}

/*
 * runq_insert:
 *
 *	All but the count.
 */
static struct runqueue *
runq_insert(struct lwp *l)
{
	struct runqueue *rq = l->l_cpu->ci_runqueue;
	unsigned n = runq_index(l);

	KASSERT(mutex_owned(rq->rq_mutex));
	KASSERT(lwp_locked(l, rq->rq_mutex));
	KASSERT(l->l_stat == LSRUN);
	KASSERT(l->l_wchan == NULL);
	KASSERT((l->l_flag & L_INMEM) != 0);

	TAILQ_INSERT_TAIL(&rq->rq_queue[n], l, l_runq);
	rq->rq_bitmap |= 1u << n;
	return rq;
}

void
setrunqueue(struct lwp *l)
{
	struct runqueue *rq = runq_insert(l);

	/* Sequentially consistent: against the announcement of an idle CPU,
	 * see idle_loop(). */
	cell_store_seq(rq, rq_count, rq->rq_count + 1);
}

/*
 * runq_requeue:
 *
 *	For who gives its own CPU up and wakes no other: it takes the best one
 *	off that queue next, so no idle CPU need see the count go up.
 */
void
runq_requeue(struct lwp *l)
{
	struct runqueue *rq = runq_insert(l);

	cell_store_relaxed(rq, rq_count, rq->rq_count + 1);
}

void
remrunqueue(struct lwp *l)
{
	struct runqueue *rq = l->l_cpu->ci_runqueue;
	unsigned n = runq_index(l);

	KASSERT(mutex_owned(rq->rq_mutex));
	KASSERT(rq->rq_count > 0);
	KASSERT((rq->rq_bitmap & 1u << n) != 0);

	TAILQ_REMOVE(&rq->rq_queue[n], l, l_runq);
	if (TAILQ_EMPTY(&rq->rq_queue[n]))
		rq->rq_bitmap &= ~(1u << n);
	cell_store_relaxed(rq, rq_count, rq->rq_count - 1);
}

struct lwp *
runq_best(struct runqueue *rq)
{
	KASSERT(mutex_owned(rq->rq_mutex));
	if (rq->rq_bitmap == 0)
		return NULL;
	return TAILQ_FIRST(
	    &rq->rq_queue[(unsigned)__builtin_ctz(rq->rq_bitmap)]);
}

/*
 * sched_wakeidle:
 *
 *	Take back the announcement of an idle CPU and wake it; false if there
 *	was none.
 */
static bool
sched_wakeidle(struct cpu_info *ci)
{
	if (cell_load_seq(ci, ci_idle) != CPU_IDLE)
		return false;
	cell_store_release(ci, ci_idle, CPU_BUSY);
	machine_kick(ci);
	return true;
}

/*
 * sched_resched:
 *
 *	Ask a CPU to switch at its next chance.
 */
static void
sched_resched(struct cpu_info *ci)
{
	struct lwp *cur = ci->ci_curlwp;

	cell_store_relaxed(ci, ci_want_resched, 1);
	cell_store_release(cur, l_astpending, 1);
	if (ci != curcpu())
		machine_kick(ci);
}

/*
 * sched_better:
 *
 *	Is an LWP better than what a CPU runs?  That one's priorities are
 *	looked at without its lock: a hint.
 */
static bool
sched_better(const struct lwp *l, struct cpu_info *ci)
{
	struct lwp *cur = ci->ci_curlwp;

	return cur != ci->ci_idlelwp &&
	    lwp_eprio(l) < cell_load_relaxed(cur, l_priority) &&
	    lwp_eprio(l) < cell_load_relaxed(cur, l_inheritedprio);
}

/*
 * sched_wakecpu:
 *
 *	First the CPU where it ran last, then any idle one; with queues per
 *	CPU an idle one comes to steal.
 */
void
sched_wakecpu(struct lwp *l)
{
	struct cpu_info *ci = l->l_cpu;
	unsigned n;

	KASSERT(mutex_owned(ci->ci_schedmutex));
	if (sched_wakeidle(ci))
		return;
	for (n = 0; n < kernel.k_boot.bp_ncpu; n++) {
		if (sched_wakeidle(&kernel.k_cpu[n])) {
			PROBE(WAKE_OTHER_CPU);
			return;
		}
	}
	if (sched_better(l, ci)) {
		PROBE(RESCHED_BETTER);
		sched_resched(ci);
	}
}

/*
 * sched_pickcpu:
 *
 *	The CPU of an LWP that becomes runnable.  With one queue it does not
 *	matter; with queues per CPU it stays, unless the input wants it
 *	elsewhere.
 */
struct cpu_info *
sched_pickcpu(struct lwp *l)
{
	struct cpu_info *ci = cell_load_relaxed(l, l_cpu);

	if (kernel.k_boot.bp_percpu_runq && kernel.k_boot.bp_ncpu > 1 &&
	    machine_perturb(PERTURB_migrate)) {
		PROBE(MIGRATE);
		ci = &kernel.k_cpu[(ci->ci_index + 1) % kernel.k_boot.bp_ncpu];
	}
	return ci;
}

/*
 * sched_move:
 *
 *	Bring a RUN LWP from one queue to another.  Both mutexes held.
 */
static void
sched_move(struct lwp *l, struct cpu_info *to)
{
	kmutex_t *old = l->l_mutex;

	remrunqueue(l);
	cell_store_relaxed(l, l_cpu, to);
	KASSERT(mutex_owned(old));
	lwp_setlock(l, to->ci_schedmutex);
	setrunqueue(l);
	(void)old;
}

bool
sched_steal(struct cpu_info *ci)
{
	struct cpu_info *victim = NULL, *low, *high;
	unsigned n, count, most = 0;
	struct lwp *l;

	if (!kernel.k_boot.bp_percpu_runq)
		return false;
	for (n = 0; n < kernel.k_boot.bp_ncpu; n++) {
		if (&kernel.k_cpu[n] == ci)
			continue;
		count = cell_load_seq(kernel.k_cpu[n].ci_runqueue, rq_count);
		if (count > most) {
			most = count;
			victim = &kernel.k_cpu[n];
		}
	}
	if (victim == NULL)
		return false;
	low = victim->ci_index < ci->ci_index ? victim : ci;
	high = low == ci ? victim : ci;
	mutex_enter(low->ci_schedmutex);
	mutex_enter(high->ci_schedmutex);
	l = runq_best(victim->ci_runqueue);
	if (l != NULL) {
		PROBE(STEAL);
		sched_move(l, ci);
	} else
		PROBE(STEAL_LATE);
	mutex_exit(high->ci_schedmutex);
	mutex_exit(low->ci_schedmutex);
	return l != NULL;
}
