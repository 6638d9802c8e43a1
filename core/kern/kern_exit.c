/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end of a process.
 *
 * One LWP owns the end: the first that finds neither PS_WEXIT nor PS_WCORE
 * set, in the hold in which it sets one.  It becomes the exit coordinator: it
 * tells all others to exit, brings them to the user boundary, collects them,
 * and then goes the way of lwp_exit() itself.  Everybody else who wants to
 * end the process simply exits as an LWP; who comes while core is dumped is
 * held at the boundary, and the dumper goes on as coordinator.
 *
 *	(E1) PS_WEXIT implies exactly one coordinator, until the process is a
 *	     zombie
 *	(E2) every other LWP on p_lwps has L_WEXIT or an exit mark whenever the
 *	     coordinator sleeps: newcomers are refused under PS_WEXIT, and each
 *	     wake-up that collected nothing marks and kicks again
 *	(E3) the process is a zombie for its parent only after its last LWP is
 *	     one
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

/*
 * exit_kick:
 *
 *	Tell one LWP to exit and bring it to the boundary.  Unlike 1.54 those
 *	that run get an AST (U8).  One that is IDL is marked only: its
 *	activation will be refused.  p_smutex held.
 */
static void
exit_kick(struct lwp *l)
{
	lwp_lock(l);
	lwp_setflags(l, L_WEXIT);
	switch (l->l_stat) {
	case LSSUSPENDED:
	case LSSTOP:
		PROBE(EXIT_KICK_HELD);
		setrunnable(l);
		return;
	case LSSLEEP:
		if ((l->l_flag & L_SINTR) != 0) {
			PROBE(EXIT_KICK_SLEEPER);
			setrunnable(l);
			return;
		}
		break;
	case LSRUN:
	case LSONPROC:
		lwp_need_userret(l);
		break;
	case LSIDL:
		PROBE(EXIT_KICK_IDL);
		break;
	case LSZOMB:
		break;
	default:
		panic("exit_kick: unknown state %d", (int)l->l_stat);
	}
	lwp_unlock(l);
}

/*
 * exit_mark:
 *
 *	Tell all LWPs but curlwp.  Resumed ones count as a change for those who
 *	wait for a suspension.  p_smutex held.
 */
static void
exit_mark(struct proc *p, struct lwp *l)
{
	struct lwp *l2;

	LIST_FOREACH(l2, &p->p_lwps, l_sibling)
	{
		if (l2 != l)
			exit_kick(l2);
	}
	proc_broadcast(p);
}

/*
 * exit_lwps:
 *
 *	Unlike 1.54 any wake-up that finds nothing to collect starts over
 *	(W10): it may mean that somebody was held behind our back.
 */
void
exit_lwps(struct lwp *l)
{
	struct proc *p = l->l_proc;
	int error;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT((p->p_sflag & PS_WEXIT) != 0);

	while (p->p_nlwps > 1) {
		exit_mark(p, l);
		do {
			error = lwp_wait1(l, 0, NULL, LWPWAIT_EXITCONTROL);
		} while (error == 0 && p->p_nlwps > 1);
		if (error == EAGAIN)
			PROBE(EXIT_AGAIN);
		else if (error != 0 && p->p_nlwps > 1)
			panic("exit_lwps: wait failed with %d", error);
	}
}

/*
 * exit_own:
 *
 *	Become the owner of the end, or do not come back: who finds it owned
 *	exits as an LWP, or is held for the core dump of the owner.  Both flags
 *	are looked at in one hold (U3, U11).  p_smutex held.
 */
static void
exit_own(struct lwp *l, int status)
{
	struct proc *p = l->l_proc;

	if ((p->p_sflag & PS_WEXIT) != 0) {
		PROBE(EXIT_SECOND);
		mutex_exit(&p->p_smutex);
		lwp_exit(l);
		panic("exit1: an LWP came back from its exit");
	}
	if ((p->p_sflag & PS_WCORE) != 0) {
		lwp_lock(l);
		lwp_setflags(l, L_WCORE | L_WEXIT | L_WSUSPEND);
		lwp_unlock(l);
		mutex_exit(&p->p_smutex);
		lwp_userret(l);
		panic("exit1: an LWP came back from a core dump");
	}
	p->p_sflag |= PS_WEXIT;
	p->p_xstat = status;
	EVENT(PROCEXIT, l, PS_WEXIT, 0);
	proc_broadcast(p);
}

/*
 * exit_zombie:
 *
 *	The last LWP and its process become zombies in one hold of
 *	proclist_mutex, so that a parent that sees SZOMB can collect both.
 */
static _Noreturn void
exit_zombie(struct lwp *l)
{
	struct proc *p = l->l_proc;

	mutex_enter(&kernel.k_proclist_mutex);
	mutex_enter(&p->p_smutex);
	KASSERT(p->p_nlwps == 1);
	KASSERT(p->p_nrlwps == 1);
	KASSERT(p->p_nzlwps == 1);
	KASSERT(p->p_zomblwp == NULL);
	/* Nobody parks the last LWP: the parent collects it. */
	cell_poke(l, l_prflag, l->l_prflag & ~LPR_DETACHED);
	p->p_ndlwps = 0;
	TAILQ_INSERT_TAIL(&p->p_zombq, l, l_zombq);
	cell_poke(p, p_stat, SZOMB);
	EVENT(PROCZOMB, l, p->p_pid, p->p_xstat);
	cv_broadcast(&p->p_pptr->p_waitcv);
	lwp_zombie(l, &kernel.k_proclist_mutex);
}

/*
 * exit1:
 *
 *	Unlike 1.54 it may be entered by several LWPs (E8): one owns the end.
 */
void
exit1(struct lwp *l, int status)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(l == curlwp);

	exit_own(l, status);
	if (l->l_held != NULL) {
		mutex_exit(&p->p_smutex);
		lwp_dropheld(l);
		mutex_enter(&p->p_smutex);
	}
	exit_lwps(l);

	cell_poke(p, p_stat, SDYING);
	lwp_exitmark(l);
	lwp_drainrefs(l);
	mutex_exit(&p->p_smutex);

	lwp_release(l);

	mutex_enter(&p->p_smutex);
	cell_poke(p, p_stat, SDEAD);
	mutex_exit(&p->p_smutex);
	exit_zombie(l);
}
