/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Suspension, and the user boundary where it takes effect.
 *
 * A suspend is a request, L_WSUSPEND, that the target acts on itself at its
 * next user boundary, where it holds nothing.  The requester brings it there:
 * an AST for one that runs, the end of an interruptible sleep.  A continue
 * takes the request back, or resumes the target; requests do not nest.
 *
 *	(B1) a request is stored before the AST that announces it, and the
 *	     boundary clears the AST before it looks at requests: whichever
 *	     way the two meet, one of them sees the other
 *	(B2) the boundary acts on the requests as they are under p_smutex, not
 *	     on what the unlocked test before it saw: a continue that came in
 *	     between is not lost
 *	(B3) L_WSUSPEND, L_WEXIT, L_WCORE and L_WREBOOT are written with both
 *	     p_smutex and the LWP lock held, so either is enough to read them
 *	(B4) who is to exit does not suspend any more, unless it is held for a
 *	     core dump
 *	(B5) the state becomes SUSPENDED with the LWP locked until it is off
 *	     its CPU: whoever sees SUSPENDED under the lock sees a saved context
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

/* Letters lp: at the flag: both locks to write. */
#define L_BOTHLOCKS (L_WSUSPEND | L_WEXIT | L_WCORE | L_WREBOOT)

/*
 * lwp_setflags, lwp_clearflags:
 *
 *	The LWP lock excludes other writers; readers at the boundary have none.
 */
void
lwp_setflags(struct lwp *l, unsigned flags)
{
	KASSERT(lwp_locked(l, NULL));
	KASSERT(
	    (flags & L_BOTHLOCKS) == 0 || mutex_owned(&l->l_proc->p_smutex));
	cell_store_relaxed(l, l_flag, l->l_flag | flags);
}

void
lwp_clearflags(struct lwp *l, unsigned flags)
{
	KASSERT(lwp_locked(l, NULL));
	KASSERT(
	    (flags & L_BOTHLOCKS) == 0 || mutex_owned(&l->l_proc->p_smutex));
	if ((l->l_flag & flags) != 0)
		cell_store_relaxed(l, l_flag, l->l_flag & ~flags);
}

/*
 * lwp_held_for_core:
 *
 *	Held while its process dumps core: nothing but the dumper resumes it.
 */
static bool
lwp_held_for_core(const struct lwp *l)
{
	return (cell_peek(l, l_flag) & L_WCORE) != 0 &&
	    (l->l_proc->p_sflag & PS_WCORE) != 0;
}

/*
 * lwp_unresumable:
 *
 *	Neither a continue nor a signal resumes it.
 */
bool
lwp_unresumable(const struct lwp *l)
{
	return (l->l_flag & L_WREBOOT) != 0 || lwp_held_for_core(l);
}

/*
 * lwp_suspend:
 *
 *	Unlike 1.54 the caller's own requests are looked for in its flags, not
 *	in its state (S1), an exiting target is refused (S10), and an unknown
 *	state panics instead of leaking the lock (S9).
 */
int
lwp_suspend(struct lwp *curl, struct lwp *l)
{
	int error = 0;

	KASSERT(mutex_owned(&l->l_proc->p_smutex));
	KASSERT(lwp_locked(l, NULL));
	KASSERT(curl != l || l->l_stat == LSONPROC);

	if ((cell_peek(curl, l_flag) & (L_WEXIT | L_WCORE)) != 0) {
		PROBE(SUSPEND_EDEADLK_DYING);
		lwp_unlock(l);
		return EDEADLK;
	}
	if ((l->l_prflag & LPR_EXITING) != 0) {
		lwp_unlock(l);
		return EINTR;
	}
	switch (l->l_stat) {
	case LSRUN:
	case LSONPROC:
		lwp_setflags(l, L_WSUSPEND);
		lwp_need_userret(l);
		break;
	case LSSLEEP:
		lwp_setflags(l, L_WSUSPEND);
		if ((l->l_flag & L_SINTR) != 0) {
			PROBE(SUSPEND_SLEEPER);
			setrunnable(l);
			return 0;
		}
		break;
	case LSSTOP:
		lwp_setflags(l, L_WSUSPEND);
		setrunnable(l);
		return 0;
	case LSSUSPENDED:
		PROBE(SUSPEND_AGAIN);
		break;
	case LSIDL:
	case LSZOMB:
		error = EINTR;
		break;
	default:
		panic("lwp_suspend: unknown state %d", (int)l->l_stat);
	}
	lwp_unlock(l);
	return error;
}

/*
 * lwp_continue:
 *
 *	Who waits for the suspension hears of its end, also where it had not
 *	taken effect yet (S11c); after the LWP is unlocked, since that takes a
 *	sleep queue.
 */
void
lwp_continue(struct lwp *l)
{
	struct proc *p = l->l_proc;
	bool changed;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(lwp_locked(l, NULL));

	if (lwp_unresumable(l)) {
		lwp_unlock(l);
		return;
	}
	changed = (l->l_flag & L_WSUSPEND) != 0;
	lwp_clearflags(l, L_WSUSPEND);
	if (l->l_stat == LSSUSPENDED) {
		changed = true;
		setrunnable(l);
	} else {
		if (changed)
			PROBE(CONTINUE_CANCELS);
		lwp_unlock(l);
	}
	if (changed)
		proc_broadcast(p);
}

/*
 * lwp_need_userret:
 *
 *	Have l come to the boundary.  Unlike 1.54 the boost does not touch
 *	l_usrpri (U7).
 */
void
lwp_need_userret(struct lwp *l)
{
	KASSERT(lwp_locked(l, NULL));

	if (l->l_priority > PUSER)
		l->l_syncobj->sobj_changepri(l, PUSER);
	/* Release: the request is there before the AST (B1); pairs with the
	 * exchange in userret(). */
	cell_store_release(l, l_astpending, 1);
	if (l->l_cpu != curcpu())
		machine_kick(l->l_cpu);
}

/*
 * userret_suspend:
 *
 *	Become SUSPENDED, until somebody makes curlwp runnable again.  p_smutex
 *	held; released under the LWP lock, which is possible because it is a
 *	spin mutex and the interrupt level is counted per CPU (U6).
 */
static void
userret_suspend(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	p->p_nrlwps--;
	proc_stop_check(p);
	proc_broadcast(p);
	lwp_lock(l);
	lwp_setstate(l, LSSUSPENDED);
	mutex_exit(&p->p_smutex);
	mi_switch(l);
}

/*
 * userret_hook:
 *
 *	Run the one-shot hook of the process.  Hook and flag are taken in one
 *	hold, so of two flagged LWPs one finds the hook and the other nothing
 *	(U4).  p_smutex held; released.
 */
static void
userret_hook(struct lwp *l)
{
	struct proc *p = l->l_proc;
	void (*hook)(void);

	KASSERT(mutex_owned(&p->p_smutex));
	hook = p->p_userret;
	p->p_userret = NULL;
	lwp_lock(l);
	lwp_clearflags(l, L_WUSERRET);
	lwp_unlock(l);
	mutex_exit(&p->p_smutex);
	if (hook != NULL)
		hook();
	else
		PROBE(USERRET_NOHOOK);
}

/*
 * userret_uncore:
 *
 *	The core dump that L_WCORE was for is over.  p_smutex held; released.
 */
static void
userret_uncore(struct lwp *l)
{
	lwp_lock(l);
	lwp_clearflags(l, L_WCORE);
	lwp_unlock(l);
	mutex_exit(&l->l_proc->p_smutex);
}

/*
 * userret_core:
 *
 *	Be held for a core dump, after which there is nothing but exit: a
 *	reference that is held on another LWP goes first, for its exit may wait
 *	for it and the dumper for that exit.  p_smutex held; released.
 */
static void
userret_core(struct lwp *l)
{
	if (l->l_held != NULL) {
		PROBE(USERRET_CORE_HELD);
		mutex_exit(&l->l_proc->p_smutex);
		lwp_dropheld(l);
	} else {
		PROBE(USERRET_CORE);
		userret_suspend(l);
	}
}

/*
 * userret_signals:
 *
 *	Take what signals there are.  p_smutex held; released.
 */
static void
userret_signals(struct lwp *l)
{
	int sig;

	while ((sig = issignal(l)) != 0)
		postsig(l, sig);
	mutex_exit(&l->l_proc->p_smutex);
}

/*
 * lwp_userret:
 *
 *	Act on requests until none is left.  Each pass looks at them under
 *	p_smutex (B2) and does the first that applies; exit comes before
 *	suspension (B4, U2).
 */
void
lwp_userret(struct lwp *l)
{
	struct proc *p = l->l_proc;
	unsigned flags;

	lockdebug_barrier(NULL, "lwp_userret");
	KASSERT(l == curlwp);

	for (;;) {
		mutex_enter(&p->p_smutex);
		flags = cell_load_relaxed(l, l_flag);
		if (lwp_held_for_core(l)) {
			userret_core(l);
		} else if ((flags & L_WEXIT) != 0) {
			PROBE(USERRET_EXIT);
			mutex_exit(&p->p_smutex);
			lwp_exit(l);
		} else if ((flags & L_PENDSIG) != 0) {
			userret_signals(l);
		} else if ((flags & (L_WSUSPEND | L_WREBOOT)) != 0) {
			userret_suspend(l);
		} else if ((flags & L_WCORE) != 0) {
			userret_uncore(l);
		} else if ((flags & L_WUSERRET) != 0) {
			userret_hook(l);
		} else {
			mutex_exit(&p->p_smutex);
			return;
		}
	}
}

/*
 * userret_priority:
 *
 *	Back to the user priority after a boost or a sleep.
 */
static void
userret_priority(struct lwp *l)
{
	if (cell_load_relaxed(l, l_priority) == cell_peek(l, l_usrpri))
		return;
	lwp_lock(l);
	if (l->l_priority != l->l_usrpri)
		l->l_syncobj->sobj_changepri(l, l->l_usrpri);
	lwp_unlock(l);
}

/*
 * userret:
 *
 *	The user boundary of curlwp.  A request stored after the look at the
 *	flags is announced by an AST after the exchange, and noticed at the
 *	next step of user code.
 */
void
userret(struct lwp *l)
{
	struct cpu_info *ci;

	KASSERT(l == curlwp);
	cell_clear(l, l_astpending);
	if ((cell_load_acquire(l, l_flag) & L_USERRET) != 0)
		lwp_userret(l);
	userret_priority(l);
	ci = l->l_cpu;
	if (cell_load_relaxed(ci, ci_want_resched) != 0 ||
	    machine_perturb(PERTURB_preempt))
		preempt();
	lockdebug_barrier(NULL, "userret");
	lockdebug_nosleeplock("userret");
	EVENT(USERRET, l, 0, 0);
}

/*
 * reboot_process:
 *
 *	Ask every LWP of a process but curlwp to suspend.  The process itself
 *	becomes SSTOP unless it is the caller's, which has the reboot to make,
 *	or ends.
 *	proclist_mutex held.
 */
static void
reboot_process(struct proc *p)
{
	struct lwp *l;

	mutex_enter(&p->p_smutex);
	if (p != curlwp->l_proc && p->p_stat == SACTIVE &&
	    (p->p_sflag & (PS_WEXIT | PS_WCORE)) == 0 && !proc_killed(p)) {
		p->p_sflag &= ~PS_STOPPING;
		cell_poke(p, p_stat, SSTOP);
		p->p_waited = true; /* nobody waits for this one */
	}
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l == curlwp || cell_peek(l, l_stat) == LSZOMB ||
		    (l->l_prflag & LPR_EXITING) != 0)
			continue;
		lwp_lock(l);
		lwp_setflags(l, L_WREBOOT | L_WSUSPEND);
		if (l->l_stat == LSSLEEP && (l->l_flag & L_SINTR) != 0) {
			PROBE(REBOOT_SLEEPER);
			setrunnable(l);
			continue;
		}
		if (l->l_stat == LSRUN || l->l_stat == LSONPROC)
			lwp_need_userret(l);
		lwp_unlock(l);
	}
	mutex_exit(&p->p_smutex);
}

/*
 * suspendsched:
 *
 *	LWPs that are made afterwards get the mark when they are linked (N2);
 *	the first of a process that is being made may be linked already.
 */
void
suspendsched(void)
{
	struct proc *p;

	lockdebug_barrier(NULL, "suspendsched");
	mutex_enter(&kernel.k_proclist_mutex);
	cell_store_relaxed(&kernel, k_rebooting, 1);
	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if ((p->p_flag & P_SYSTEM) == 0 && p != kernel.k_initproc &&
		    cell_peek(p, p_stat) != SZOMB)
			reboot_process(p);
	}
	mutex_exit(&kernel.k_proclist_mutex);
}
