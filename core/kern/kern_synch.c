/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The switch, and the ways in which an LWP becomes runnable.
 *
 * An LWP leaves its CPU through mi_switch() with its own lock held, whatever
 * mutex that is.  The lock stays held across the switch and is released by
 * whoever runs next on that CPU, after l_running was released to 0:
 *
 *	(M1) nobody can run, free or inspect an LWP while a CPU is on its stack:
 *	     the first two need its lock or look at l_running with acquire
 *	(M2) at a switch the LWP lock is the only spin mutex held, but for the
 *	     scheduler's, which the switch takes inside it and lets go of before
 *	     the stacks change
 *	(M3) an ONPROC LWP is covered by the scheduler mutex of its CPU
 *	(M4) kernel_lock is given up at every switch and taken back after it,
 *	     with no spin mutex held
 *
 * l_stat is stored in one place, which knows the legal pairs.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/biglock.h>
#include <lwp/kernel.h>

static void sched_unsleep(struct lwp *, enum sleep_end);
static void sched_changepri(struct lwp *, pri_t);
static void sched_lendpri(struct lwp *, pri_t);

const struct syncobj sched_syncobj = {
	.sobj_name = "sched",
	.sobj_unsleep = sched_unsleep,
	.sobj_changepri = sched_changepri,
	.sobj_lendpri = sched_lendpri,
};

/* The legal pairs, and whether they need p_smutex. */
enum transition { TRANSITION_ILLEGAL, TRANSITION_LWP, TRANSITION_BOTH };

static const uint8_t transitions[LS_COUNT][LS_COUNT] = {
#define TRANSITION(from, to, by, psmutex)                                      \
	[from][to] = (psmutex) ? TRANSITION_BOTH : TRANSITION_LWP,
#include <lwp/transition.def>
#undef TRANSITION
};

struct lwp *
lwp_current(void)
{
	return curlwp;
}

/*
 * lwp_setstate:
 *
 *	Refuse what transition.def does not list.
 */
void
lwp_setstate(struct lwp *l, enum lwp_state to)
{
	const enum lwp_state from = l->l_stat;
	const enum transition how = transitions[from][to];

	KASSERT(lwp_locked(l, NULL));
	if (how == TRANSITION_ILLEGAL)
		panic("lwp_setstate: state %d to %d", (int)from, (int)to);
	KASSERT(how != TRANSITION_BOTH || mutex_owned(&l->l_proc->p_smutex));
	EVENT(STATE, l, from, to);
	cell_store_relaxed(l, l_stat, to);
}

/*
 * switch_release:
 *
 *	Incoming side: let go of the LWP that ran before.  Its mutex is read
 *	before l_running falls, since it may be gone right after.
 */
static void
switch_release(struct lwp *prev)
{
	kmutex_t *mtx = prev->l_mutex;

	if (prev->l_stat == LSZOMB) {
		lwp_exit2(prev);
		return;
	}
	EVENT(OFFCPU, prev, 0, 0);
	/* Release: pairs with the acquire of whoever looks at an LWP that is
	 * off its CPU. */
	cell_store_release(prev, l_running, LWP_OFFCPU);
	mutex_exit(mtx);
}

/*
 * mi_switch_entry:
 *
 *	First entry of a context.  Releasing the lock that came along lowers
 *	the level to nothing, since whoever left was a thread at that level.
 *	The idle context of a CPU that just started has nobody to release.
 */
void
mi_switch_entry(void)
{
	struct lwp *prev = machine_switched_from();

	if (prev != NULL)
		switch_release(prev);
}

/*
 * switch_next:
 *
 *	Take the best LWP off the run queue of this CPU, or its idle context.
 *	The scheduler mutex is held.
 */
static struct lwp *
switch_next(struct cpu_info *ci)
{
	struct lwp *l;

	l = runq_best(ci->ci_runqueue);
	if (l == NULL) {
		ci->ci_idlelwp->l_stat = LSONPROC;
		return ci->ci_idlelwp;
	}
	remrunqueue(l);
	KASSERT(cell_peek(l, l_running) == 0 || l == curlwp);
	cell_store_relaxed(l, l_cpu, ci);
	lwp_setstate(l, LSONPROC);
	return l;
}

/*
 * switch_requeue:
 *
 *	An LWP that gives its CPU up but could go on.
 */
static void
switch_requeue(struct lwp *l)
{
	lwp_setstate(l, LSRUN);
	setrunqueue(l);
}

/*
 * mi_switch:
 *
 *	See the top of the file.  An LWP that is chosen again has not left.
 *	One reading of the clock ends a slice and begins the next, so no tick
 *	is lost between the two.
 */
void
mi_switch(struct lwp *l)
{
	struct cpu_info *ci = curcpu();
	kmutex_t *mtx = l->l_mutex, *sched = ci->ci_schedmutex;
	struct lwp *next;
	uint64_t now;
	unsigned big;

	KASSERT(l == curlwp);
	KASSERT(lwp_locked(l, NULL));
	KASSERT(ci->ci_mtx_oldipl == IPL_NONE);
	lockdebug_barrier(mtx, "mi_switch");

	big = biglock_giveup();
	if (mtx != sched)
		mutex_enter(sched);
	cell_store_relaxed(ci, ci_want_resched, 0);
	if (l == ci->ci_idlelwp)
		l->l_stat = LSIDL; /* no LWP for accounting: no transition */
	else if (l->l_stat == LSONPROC)
		switch_requeue(l);
	next = switch_next(ci);
	if (next == l) {
		PROBE(SWITCH_SELF);
		KASSERT(mtx == sched); /* it is RUN again */
		mutex_exit(mtx);
		biglock_takeback(big);
		return;
	}
	cell_store_relaxed(next, l_running, LWP_ONCPU);
	/* Others look at ci_curlwp with the scheduler mutex held. */
	ci->ci_curlwp = next;
	if (mtx != sched)
		mutex_exit(sched);
	now = machine_ticks();
	l->l_rtime += now - l->l_onproctick;
	next->l_onproctick = now;
	EVENT(SWITCH, l, next, 0);
	switch_release(machine_switch(l, next));
	biglock_takeback(big);
}

/*
 * sched_addrunnable:
 *
 *	Queue an LWP that became RUN, where it is.
 */
void
sched_addrunnable(struct lwp *l)
{
	KASSERT(l->l_stat == LSRUN);
	KASSERT(lwp_locked(l, l->l_cpu->ci_schedmutex));

	l->l_syncobj = &sched_syncobj;
	if ((l->l_flag & L_INMEM) == 0) {
		swap_kick();
		return;
	}
	setrunqueue(l);
	sched_wakecpu(l);
}

/*
 * setrunnable_stopping:
 *
 *	Whoever is woken inside a process that is stopped, or being stopped,
 *	stops again before it reaches user mode (S7).
 */
static void
setrunnable_stopping(const struct proc *p, struct lwp *l)
{
	if (proc_stopping(p)) {
		PROBE(WOKEN_IN_A_STOP);
		lwp_setflags(l, L_PENDSIG);
	}
}

/*
 * setrunnable:
 *
 *	Unlike 1.54 an LWP that is STOP or SUSPENDED is never still on its CPU:
 *	its lock is held from the store of the state to the end of the switch.
 */
void
setrunnable(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(lwp_locked(l, NULL));

	switch (l->l_stat) {
	case LSSTOP:
		p->p_nrlwps++;
		setrunnable_stopping(p, l);
		break;
	case LSSUSPENDED:
		p->p_nrlwps++;
		setrunnable_stopping(p, l);
		cell_poke(l, l_prflag, l->l_prflag & ~LPR_CRSUSPEND);
		lwp_clearflags(l, L_WSUSPEND);
		break;
	case LSSLEEP:
		KASSERT(l->l_wchan != NULL);
		break;
	default:
		panic("setrunnable: state %d", (int)l->l_stat);
	}
	if (l->l_wchan != NULL) {
		if (l->l_stat != LSSLEEP)
			lwp_setstate(l, LSSLEEP);
		l->l_syncobj->sobj_unsleep(l, SLEEP_BROKEN);
		return;
	}
	KASSERT(cell_peek(l, l_running) == 0);
	lwp_setstate(l, LSRUN);
	sched_addrunnable(l);
	lwp_unlock(l);
}

/*
 * sched_unsleep:
 *
 *	An LWP that can run is on no sleep queue.
 */
static void
sched_unsleep(struct lwp *l, enum sleep_end end)
{
	panic("sched_unsleep: state %d, reason %d", (int)l->l_stat, (int)end);
}

/*
 * sched_changepri:
 *
 *	Effective priority of one that runs or can run; a queued one moves.
 */
static void
sched_changepri(struct lwp *l, pri_t pri)
{
	bool queued = l->l_stat == LSRUN && (l->l_flag & L_INMEM) != 0;

	KASSERT(lwp_locked(l, NULL));
	if (queued)
		remrunqueue(l);
	cell_store_relaxed(l, l_priority, pri);
	if (queued)
		setrunqueue(l);
}

/*
 * sched_lendpri:
 *
 *	One that runs or can run is lent a priority: a queued one moves, and
 *	may now be better than what its CPU runs.
 */
static void
sched_lendpri(struct lwp *l, pri_t pri)
{
	bool queued = l->l_stat == LSRUN && (l->l_flag & L_INMEM) != 0;

	KASSERT(lwp_locked(l, NULL));
	if (queued)
		remrunqueue(l);
	cell_store_relaxed(l, l_inheritedprio, pri);
	if (queued) {
		PROBE(LEND_QUEUED);
		setrunqueue(l);
		sched_wakecpu(l);
	}
}

void
lwp_lendpri(struct lwp *l, pri_t pri)
{
	KASSERT(lwp_locked(l, NULL));
	if (l->l_inheritedprio != pri)
		l->l_syncobj->sobj_lendpri(l, pri);
}

/*
 * lwp_changepri:
 *
 *	Unlike 1.54 the base priority is stored also when the effective one is
 *	that already (L6).
 */
void
lwp_changepri(struct lwp *l, pri_t pri)
{
	KASSERT(lwp_locked(l, NULL));
	cell_poke(l, l_usrpri, pri);
	if (l->l_priority == pri) {
		PROBE(CHANGEPRI_SAME);
		return;
	}
	l->l_syncobj->sobj_changepri(l, pri);
}

/*
 * yield:
 *
 *	To the end of its queue.  No lock held.
 */
void
yield(void)
{
	struct lwp *l = curlwp;

	lwp_lock(l);
	if (l->l_priority != l->l_usrpri)
		cell_store_relaxed(l, l_priority, l->l_usrpri);
	mi_switch(l);
}

/*
 * preempt:
 *
 *	As yield, asked for by somebody else.
 */
void
preempt(void)
{
	struct lwp *l = curlwp;

	PROBE(PREEMPT);
	lwp_lock(l);
	mi_switch(l);
}

/*
 * kpreempt:
 *
 *	Preemption in the kernel: no spin mutex is held and the level is down.
 *	Idle contexts look by themselves.
 */
void
kpreempt(void)
{
	struct cpu_info *ci = curcpu();
	struct lwp *l = ci->ci_curlwp;

	/* One that is about to sleep may be woken by somebody else. */
	if (l == ci->ci_idlelwp || cell_load_relaxed(l, l_stat) != LSONPROC ||
	    cell_load_relaxed(ci, ci_want_resched) == 0)
		return;
	PROBE(PREEMPT_KERNEL);
	lwp_lock(l);
	mi_switch(l);
}

/*
 * mtsleep:
 *
 *	The interlock is released once the LWP is on the queue, so a waker that
 *	holds it finds the sleeper.
 */
int
mtsleep(const void *wchan, pri_t pri, const char *wmesg, int timo,
    kmutex_t *interlock)
{
	struct lwp *l = curlwp;
	struct sleepq *sq;
	int error;

	sq = sleepq_lookup(wchan);
	sleepq_enter(sq, l);
	sleepq_enqueue(sq, pri & PRIMASK, wchan, wmesg, &sleep_syncobj);
	if (interlock != NULL)
		mutex_exit(interlock);
	error = sleepq_block(timo, (pri & PCATCH) != 0);
	if (interlock != NULL)
		mutex_enter(interlock);
	return error;
}

int
tsleep(const void *wchan, pri_t pri, const char *wmesg, int timo)
{
	return mtsleep(wchan, pri, wmesg, timo, NULL);
}

void
wakeup(const void *wchan)
{
	(void)sleepq_wake(sleepq_lookup(wchan), wchan, UINT32_MAX);
}

void
wakeup_one(const void *wchan)
{
	(void)sleepq_wake(sleepq_lookup(wchan), wchan, 1);
}
