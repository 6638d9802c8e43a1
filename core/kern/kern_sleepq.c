/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sleep queues.
 *
 * A wait channel is an address; it hashes to one of a fixed number of queues,
 * which many channels share.  To sleep, an LWP takes the mutex of the queue,
 * moves its own lock to it, and goes on the queue; from then on the queue's
 * mutex covers it, and is held through the switch.  To wake it is to take it
 * off the queue and give its lock back to a scheduler mutex.
 *
 * Who ends a sleep
 *
 *	A waker, a timeout and a request (suspend, exit, cancel) compete.  Each
 *	takes the LWP off its queue under the queue's mutex, so one of them
 *	does, and stores why: the first reason decides what the sleep returns.
 *	An LWP that was woken returns 0 whatever else happened meanwhile (E3).
 *
 *	woken		0
 *	timed out	EWOULDBLOCK
 *	broken		EINTR for exit, core dump or cancellation (which is
 *			consumed); for a signal as its action says, after a stop
 *			if there was one; else ERESTART, for a suspension or for
 *			what is over: the call is made again after the boundary
 *
 *	A request that is there before the sleep begins breaks it as well; it
 *	is looked for under the queue's mutex, with the LWP on the queue, so a
 *	request comes either before that look or finds a sleeper.
 *
 * Timeouts
 *
 *	Each sleep has a number.  The handler compares it under the LWP lock,
 *	and the sleeper halts the callout before it goes on, so a timeout ends
 *	no other sleep and touches no LWP that is gone (E2, X4).
 *
 * Invariants
 *
 *	(S1) l_wchan is not NULL exactly while the LWP is on a queue
 *	(S2) an LWP on a queue is covered by the queue's mutex
 *	(S3) it is SLEEP, or STOP if its process was stopped meanwhile
 *	(S4) an LWP with an exit mark does not sleep interruptibly
 *	(S5) the mutexes of queues live for ever, never inside an object that
 *	     is freed
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

const struct syncobj sleep_syncobj = {
	.sobj_name = "sleepq",
	.sobj_sorted = true,
	.sobj_unsleep = sleepq_unsleep,
	.sobj_changepri = sleepq_changepri,
	.sobj_lendpri = sleepq_lendpri,
};

const struct syncobj lwp_park_syncobj = {
	.sobj_name = "park",
	.sobj_sorted = false,
	.sobj_unsleep = sleepq_unsleep,
	.sobj_changepri = sleepq_changepri,
	.sobj_lendpri = sleepq_lendpri,
};

void
sleepq_init(void)
{
	unsigned n;

	kernel.k_sleepq = machine_alloc(
	    kernel.k_sleepqs * sizeof(*kernel.k_sleepq));
	if (kernel.k_sleepq == NULL)
		panic("sleepq_init: no memory");
	for (n = 0; n < kernel.k_sleepqs; n++) {
		struct sleepq_row *sr = &kernel.k_sleepq[n];

		TAILQ_INIT(&sr->sr_queue.sq_queue);
#ifdef UNIPROCESSOR
		sr->sr_queue.sq_mutex = &kernel.k_sched_mutex;
#else
		sr->sr_queue.sq_mutex = &sr->sr_mutex;
		mutex_init(&sr->sr_mutex, CELL_sq_mutex, IPL_SCHED, n);
#endif
	}
}

struct sleepq *
sleepq_lookup(const void *wchan)
{
	uint32_t h = machine_object_id(wchan) * 0x9e3779b1u;
	struct sleepq *sq;

	sq = &kernel.k_sleepq[h >> 16 & (kernel.k_sleepqs - 1)].sr_queue;
	mutex_enter(sq->sq_mutex);
	return sq;
}

/*
 * sleepq_enter:
 *
 *	Queue mutex before scheduler mutex, as always.  On UP the two are one
 *	and it is held.
 */
void
sleepq_enter(struct sleepq *sq, struct lwp *l)
{
	KASSERT(mutex_owned(sq->sq_mutex));
	KASSERT(l == curlwp);
#ifdef UNIPROCESSOR
	(void)l;
#else
	lwp_lock(l);
	lwp_unlock_to(l, sq->sq_mutex);
#endif
}

/*
 * sleepq_insert:
 *
 *	By priority, FIFO among equals; or FIFO altogether.
 */
static void
sleepq_insert(struct sleepq *sq, struct lwp *l, const struct syncobj *so)
{
	struct lwp *l2;

	if (so->sobj_sorted) {
		TAILQ_FOREACH(l2, &sq->sq_queue, l_sleepchain)
		{
			if (lwp_eprio(l2) > lwp_eprio(l)) {
				TAILQ_INSERT_BEFORE(l2, l, l_sleepchain);
				return;
			}
		}
	}
	TAILQ_INSERT_TAIL(&sq->sq_queue, l, l_sleepchain);
}

void
sleepq_enqueue(struct sleepq *sq, pri_t pri, const void *wchan,
    const char *wmesg, const struct syncobj *so)
{
	struct lwp *l = curlwp;

	KASSERT(lwp_locked(l, sq->sq_mutex));
	KASSERT(l->l_stat == LSONPROC);
	KASSERT(l->l_wchan == NULL);

	l->l_syncobj = so;
	l->l_wchan = wchan;
	l->l_wmesg = wmesg;
	l->l_sleepq = sq;
	l->l_sleepend = SLEEP_ASLEEP;
	l->l_sleepno++;
	/* What it gets when it wakes, until it is back in user mode. */
	if (pri < l->l_priority)
		cell_store_relaxed(l, l_priority, pri);
	sleepq_insert(sq, l, so);
	lwp_setstate(l, LSSLEEP);
	EVENT(SLEEP, l, wchan, 0);
}

/*
 * sleepq_remove:
 *
 *	An LWP that has not left its CPU yet just goes on there: it is ONPROC
 *	again, and its own CPU's scheduler mutex covers it.  That is the caller,
 *	or one that let go of its lock to lend its priority; with the lock held
 *	l_running tells, since it falls before the lock is released.
 */
void
sleepq_remove(struct sleepq *sq, struct lwp *l, enum sleep_end end)
{
	const bool oncpu = cell_peek(l, l_running) != LWP_OFFCPU;
	struct cpu_info *ci;
	kmutex_t *sched;

	KASSERT(lwp_locked(l, sq->sq_mutex));
	KASSERT(l->l_sleepq == sq);
	KASSERT(l->l_sleepend == SLEEP_ASLEEP);

	TAILQ_REMOVE(&sq->sq_queue, l, l_sleepchain);
	l->l_syncobj = &sched_syncobj;
	l->l_wchan = NULL;
	l->l_sleepq = NULL;
	l->l_sleepend = end;
	EVENT(WAKE, l, end, 0);
	lwp_clearflags(l, L_SINTR);

	if (l->l_stat != LSSLEEP) {
		KASSERT(l->l_stat == LSSTOP || l->l_stat == LSSUSPENDED);
		lwp_setlock(l, l->l_cpu->ci_schedmutex);
		return;
	}
	if (oncpu) {
		ci = l->l_cpu;
		PROBE(SLEEPQ_ONPROC);
	} else {
		ci = sched_pickcpu(l);
		cell_store_relaxed(l, l_cpu, ci);
	}
	sched = ci->ci_schedmutex;
	if (sched != sq->sq_mutex)
		mutex_enter(sched);
	lwp_setlock(l, sched);
	if (oncpu)
		lwp_setstate(l, LSONPROC);
	else {
		lwp_setstate(l, LSRUN);
		sched_addrunnable(l);
	}
	if (sched != sq->sq_mutex)
		mutex_exit(sched);
}

unsigned
sleepq_wake(struct sleepq *sq, const void *wchan, unsigned n)
{
	struct lwp *l, *next;
	unsigned woken = 0;

	KASSERT(mutex_owned(sq->sq_mutex));
	for (l = TAILQ_FIRST(&sq->sq_queue); l != NULL && woken < n; l = next) {
		/* Once woken it may be anywhere. */
		next = TAILQ_NEXT(l, l_sleepchain);
		if (l->l_wchan != wchan)
			continue;
		sleepq_remove(sq, l, SLEEP_WOKEN);
		woken++;
	}
	mutex_exit(sq->sq_mutex);
	return woken;
}

void
sleepq_unsleep(struct lwp *l, enum sleep_end end)
{
	struct sleepq *sq = l->l_sleepq;
	kmutex_t *mtx = sq->sq_mutex;

	KASSERT(lwp_locked(l, mtx));
	sleepq_remove(sq, l, end);
	mutex_exit(mtx);
}

/*
 * sleepq_resort:
 *
 *	To its place, after its effective priority changed.
 */
static void
sleepq_resort(struct lwp *l)
{
	struct sleepq *sq = l->l_sleepq;

	KASSERT(lwp_locked(l, sq->sq_mutex));
	if (!l->l_syncobj->sobj_sorted)
		return;
	TAILQ_REMOVE(&sq->sq_queue, l, l_sleepchain);
	sleepq_insert(sq, l, l->l_syncobj);
}

/*
 * sleepq_changepri:
 *
 *	A sleeper is never made worse than what it sleeps at: that is what it
 *	wakes with.  A better one moves up.
 */
void
sleepq_changepri(struct lwp *l, pri_t pri)
{
	if (pri >= l->l_priority)
		return;
	cell_store_relaxed(l, l_priority, pri);
	sleepq_resort(l);
}

void
sleepq_lendpri(struct lwp *l, pri_t pri)
{
	cell_store_relaxed(l, l_inheritedprio, pri);
	sleepq_resort(l);
}

void
sleepq_timeout(void *arg, uint64_t sleepno)
{
	struct lwp *l = arg;
	bool mine;

	lwp_lock(l);
	mine = l->l_wchan != NULL && l->l_sleepno == sleepno;
	EVENT(TIMEOUT, l, mine, 0);
	if (mine) {
		l->l_syncobj->sobj_unsleep(l, SLEEP_TIMEDOUT);
		return;
	}
	PROBE(TIMEOUT_LATE);
	lwp_unlock(l);
}

/*
 * sleepq_breaks:
 *
 *	Must an interruptible sleep not begin?  The LWP is locked and on its
 *	queue.  Beside L_PENDSIG none does, though there may be nothing to take
 *	any more: it looks first, under p_smutex (G3 in kern_sig.c).
 */
static bool
sleepq_breaks(const struct lwp *l)
{
	return (l->l_flag & (L_BREAKSLEEP | L_PENDSIG)) != 0;
}

/*
 * sleepq_signal:
 *
 *	The sleep of curlwp was broken to look at signals.  One that has a
 *	handler says how the call goes on; one that ends the process is taken at
 *	the boundary.  With none left, taken by another or after a stop, the
 *	call is made again.
 */
static int
sleepq_signal(struct lwp *l)
{
	struct proc *p = l->l_proc;
	int error = ERESTART, sig;

	mutex_enter(&p->p_smutex);
	sig = issignal(l);
	if (sig == 0)
		PROBE(SLEEP_NOSIGNAL);
	else if (p->p_sigact[sig].ksa_act == SIGACT_RESTART)
		PROBE(SLEEP_SIGRESTART);
	else {
		PROBE(SLEEP_SIGINTR);
		error = EINTR;
	}
	mutex_exit(&p->p_smutex);
	return error;
}

/*
 * sleepq_reason:
 *
 *	What a broken sleep returns; see the top of the file.
 */
static int
sleepq_reason(struct lwp *l)
{
	unsigned flags;

	lwp_lock(l);
	flags = l->l_flag;
	lwp_clearflags(l, L_CANCELLED);
	lwp_unlock(l);
	if ((flags & (L_WEXIT | L_WCORE | L_CANCELLED)) != 0) {
		PROBE(SLEEP_EINTR);
		return EINTR;
	}
	if ((flags & L_PENDSIG) != 0)
		return sleepq_signal(l);
	/* Suspended; or a continue has taken that back since. */
	PROBE(SLEEP_ERESTART);
	return ERESTART;
}

/*
 * sleepq_leave:
 *
 *	Come off the queue without having slept.  The queue's mutex is held,
 *	and released.
 */
static void
sleepq_leave(struct sleepq *sq, struct lwp *l)
{
	sleepq_remove(sq, l, SLEEP_BROKEN);
	mutex_exit(sq->sq_mutex);
}

int
sleepq_block(int timo, bool catch)
{
	struct lwp *l = curlwp;
	struct sleepq *sq = l->l_sleepq;

	KASSERT(lwp_locked(l, sq->sq_mutex));
	KASSERT(l->l_stat == LSSLEEP);

	/* Its own mark; others set others beside it, under p_smutex. */
	if ((cell_peek(l, l_prflag) & LPR_EXITING) != 0)
		catch = false;
	/* It may be stopped in there. */
	KASSERT(!catch || l->l_locks == NULL);
	if (catch && sleepq_breaks(l)) {
		PROBE(SLEEP_NOT_BEGUN);
		sleepq_leave(sq, l);
		return sleepq_reason(l);
	}
	if (catch)
		lwp_setflags(l, L_SINTR);
	if (timo != 0)
		callout_schedule(
		    &l->l_timeout, timo, sleepq_timeout, l, l->l_sleepno);
	mi_switch(l);

	/* The reason was stored by whoever made us runnable, under the mutex
	 * that we were switched out with. */
	KASSERT(l->l_sleepend != SLEEP_ASLEEP);
	if (timo != 0)
		(void)callout_halt(&l->l_timeout);
	switch (l->l_sleepend) {
	case SLEEP_WOKEN:
		return 0;
	case SLEEP_TIMEDOUT:
		return EWOULDBLOCK;
	case SLEEP_BROKEN:
		return sleepq_reason(l);
	default:
		panic("sleepq_block: reason %d", (int)l->l_sleepend);
	}
}
