/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Job control: stopping and continuing a process.
 *
 * A stop is asked for, and complete when no LWP of the process runs any more:
 *
 *	proc_stop	PS_STOPPING.  Interruptible sleepers become STOP where
 *			they are, on their queue; all others are told to look
 *	proc_stop_self	STOP, at the user boundary or at the end of an
 *			interruptible sleep, so nothing is held
 *	proc_stop_check	p_nrlwps is 0: SSTOP, whoever lowered it: a stop, a
 *			suspension or an exit
 *	proc_unstop	CONT or KILL, also before the stop was complete
 *
 * The parent is told by a callout within a tick, since its locks come before
 * those that are held here; the callout looks again what there is to tell.
 *
 *	(J1) nobody of a process that is SSTOP or PS_STOPPING goes on to user
 *	     mode: every LWP that was not stopped at once has L_PENDSIG, and
 *	     setrunnable() gives it anew to who is woken inside such a process
 *	(J2) SSTOP implies p_nrlwps == 0 when it is stored
 *	(J3) a sleeper that is put back to sleep had no reason to wake: no
 *	     deliverable signal, no request (W16)
 *	(J4) under PS_WEXIT and PS_WCORE, and while SIGKILL is pending, nothing
 *	     stops: the end comes first
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

bool
proc_stopping(const struct proc *p)
{
	return p->p_stat == SSTOP || (p->p_sflag & PS_STOPPING) != 0;
}

/*
 * proc_tell_parent:
 *
 *	Callout: what the parent has to know.  CHLD, and a look for those of
 *	its LWPs that wait for children.
 */
static void
proc_tell_parent(void *arg, uint64_t unused)
{
	struct proc *p = arg, *parent;
	struct ksiginfo si = { .ksi_signo = KSIG_CHLD };
	bool tell;

	(void)unused;
	mutex_enter(&kernel.k_proclist_mutex);
	parent = p->p_pptr;
	mutex_enter(&p->p_smutex);
	p->p_sflag &= ~PS_TELL;
	tell = p->p_stat == SSTOP || (p->p_sflag & PS_CONTINUED) != 0;
	p->p_sflag &= ~PS_CONTINUED;
	si.ksi_pid = p->p_pid;
	mutex_exit(&p->p_smutex);
	if (tell) {
		PROBE(STOP_TOLD);
		cv_broadcast(&parent->p_waitcv);
		mutex_enter(&parent->p_smutex);
		kpsignal(parent, NULL, &si);
		mutex_exit(&parent->p_smutex);
	} else
		PROBE(STOP_TELL_LATE);
	mutex_exit(&kernel.k_proclist_mutex);
}

/*
 * proc_tell:
 *
 *	Have the parent told; once for all that happens within the tick.
 */
static void
proc_tell(struct proc *p)
{
	if ((p->p_sflag & PS_TELL) != 0)
		return;
	p->p_sflag |= PS_TELL;
	callout_schedule(&p->p_tell, 1, proc_tell_parent, p, 0);
}

/*
 * proc_stopped:
 *
 *	The process is stopped, as a whole.  p_smutex held.
 */
void
proc_stopped(struct proc *p)
{
	KASSERT(mutex_owned(&p->p_smutex));
	p->p_sflag &= ~(PS_STOPPING | PS_CONTINUED);
	cell_poke(p, p_stat, SSTOP);
	p->p_waited = false;
	EVENT(PROCSTOP, NULL, p, 1);
	proc_tell(p);
}

void
proc_stop_check(struct proc *p)
{
	KASSERT(mutex_owned(&p->p_smutex));
	if ((p->p_sflag & PS_STOPPING) != 0 && p->p_nrlwps == 0)
		proc_stopped(p);
}

/*
 * stop_one:
 *
 *	Stop an interruptible sleeper where it is; tell all others to look.
 *	One that is being made will be activated into STOP.
 */
static void
stop_one(struct proc *p, struct lwp *l)
{
	enum lwp_state stat = cell_peek(l, l_stat);

	if (stat == LSIDL || stat == LSZOMB || (l->l_prflag & LPR_EXITING) != 0)
		return;
	lwp_lock(l);
	if (l->l_stat == LSSLEEP && (l->l_flag & L_SINTR) != 0) {
		PROBE(STOP_SLEEPER);
		p->p_nrlwps--;
		lwp_setstate(l, LSSTOP);
	} else {
		lwp_setflags(l, L_PENDSIG);
		if (l->l_stat == LSRUN || l->l_stat == LSONPROC)
			lwp_need_userret(l);
	}
	lwp_unlock(l);
}

bool
proc_killed(const struct proc *p)
{
	const struct lwp *l;
	ksigset_t set = p->p_sigpend.sp_set;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	set |= l->l_sigpend.sp_set;
	return (set & SIGBIT(KSIG_KILL)) != 0;
}

void
proc_stop(struct proc *p, int sig)
{
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_smutex));
	if ((p->p_sflag & (PS_WEXIT | PS_WCORE)) != 0 || proc_stopping(p) ||
	    proc_killed(p)) {
		PROBE(STOP_IGNORED);
		return;
	}
	p->p_sflag |= PS_STOPPING;
	p->p_xstat = W_STOPCODE(sig);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	stop_one(p, l);
	proc_stop_check(p);
}

/*
 * unstop_one:
 *
 *	Back to sleep, if there is nothing to wake for; else runnable, which
 *	breaks the sleep.
 */
static void
unstop_one(struct proc *p, struct lwp *l)
{
	lwp_lock(l);
	if (l->l_wchan != NULL && !sigispending(p, l) &&
	    (l->l_flag & (L_BREAKSLEEP | L_WREBOOT)) == 0) {
		PROBE(UNSTOP_SLEEPER);
		p->p_nrlwps++;
		lwp_setstate(l, LSSLEEP);
		lwp_unlock(l);
		return;
	}
	setrunnable(l);
}

void
proc_unstop(struct proc *p)
{
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_smutex));
	if (!proc_stopping(p))
		return;
	if (p->p_stat != SSTOP)
		PROBE(UNSTOP_STOPPING);
	else
		p->p_sflag |= PS_CONTINUED;
	p->p_sflag &= ~PS_STOPPING;
	cell_poke(p, p_stat, SACTIVE);
	EVENT(PROCSTOP, NULL, p, 0);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (cell_peek(l, l_stat) == LSSTOP)
			unstop_one(p, l);
	}
	if ((p->p_sflag & PS_CONTINUED) != 0)
		proc_tell(p);
}

void
proc_stop_self(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(l == curlwp);
	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(proc_stopping(p));
	p->p_nrlwps--;
	proc_stop_check(p);
	lwp_lock(l);
	lwp_setstate(l, LSSTOP);
	/* As in userret_suspend(): a spin mutex, in any order. */
	mutex_exit(&p->p_smutex);
	mi_switch(l);
	mutex_enter(&p->p_smutex);
}
