/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end of a process.
 *
 * One LWP owns the end: the first that finds neither PS_WEXIT nor PS_WCORE
 * set, in the hold in which it sets one (kern_core.c has the other claim).  It
 * becomes the exit coordinator: it tells all others to exit, brings them to
 * the user boundary, collects them, and then goes the way of lwp_exit()
 * itself.  Everybody else who wants to end the process simply exits as an LWP;
 * who comes while core is dumped is held at the boundary, and the dumper goes
 * on as coordinator.
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

#include <lwp/biglock.h>
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
 * exit_collect:
 *
 *	Unlike 1.54 any wake-up that finds nothing to collect starts over
 *	(W10): it may mean that somebody was held behind our back.  p_smutex
 *	held.
 */
static void
exit_collect(struct proc *p, struct lwp *l)
{
	int error;

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
 * exit_lwps:
 *
 *	Unlike 1.54 kernel_lock is not taken back under p_smutex (E1), and what
 *	may have changed while that was dropped is looked at again.
 */
void
exit_lwps(struct lwp *l)
{
	struct proc *p = l->l_proc;
	unsigned big;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT((p->p_sflag & PS_WEXIT) != 0);

	KERNEL_UNLOCK_ALL(&big);
	exit_collect(p, l);
	if (big != 0) {
		PROBE(EXIT_BIGLOCK);
		mutex_exit(&p->p_smutex);
		KERNEL_LOCK(big);
		mutex_enter(&p->p_smutex);
		exit_collect(p, l);
	}
}

/*
 * exit_own:
 *
 *	Become the owner of the end by a claim, PS_WEXIT or PS_WCORE, or do not
 *	come back: who finds it owned exits as an LWP, or is held for the core
 *	dump of the owner.  Both flags are looked at in one hold (U3, U11).  A
 *	stopped process becomes active first.  p_smutex held; dropped to let go
 *	of a reference, the claim being made.
 */
void
exit_own(struct lwp *l, unsigned claim, int status)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	if ((p->p_sflag & PS_WEXIT) != 0) {
		PROBE(EXIT_SECOND);
		mutex_exit(&p->p_smutex);
		lwp_exit(l);
		panic("exit_own: an LWP came back from its exit");
	}
	if ((p->p_sflag & PS_WCORE) != 0) {
		PROBE(EXIT_DURING_CORE);
		lwp_lock(l);
		lwp_setflags(l, L_WCORE | L_WEXIT | L_WSUSPEND);
		lwp_unlock(l);
		mutex_exit(&p->p_smutex);
		lwp_userret(l);
		panic("exit_own: an LWP came back from a core dump");
	}
	if (proc_stopping(p)) {
		PROBE(EXIT_STOPPED);
		cell_poke(p, p_stat, SACTIVE);
	}
	/* Nor is its parent to hear any more that it went on. */
	p->p_sflag &= ~(PS_STOPPING | PS_CONTINUED);
	p->p_sflag |= claim;
	p->p_xstat = status;
	EVENT(PROCEXIT, l, claim, status);
	proc_broadcast(p);
	/* Whoever it holds a reference on may have to exit first. */
	if (l->l_held != NULL) {
		mutex_exit(&p->p_smutex);
		lwp_dropheld(l);
		mutex_enter(&p->p_smutex);
	}
}

/*
 * exit_tell:
 *
 *	CHLD for the parent.  It cannot look before the process is a zombie:
 *	proclist_mutex is held from here until then.
 */
static void
exit_tell(struct proc *p)
{
	struct proc *parent = p->p_pptr;

	KASSERT(mutex_owned(&kernel.k_proclist_mutex));
	mutex_enter(&parent->p_smutex);
	kpsignal(parent, NULL,
	    &(struct ksiginfo) { .ksi_signo = KSIG_CHLD, .ksi_pid = p->p_pid });
	mutex_exit(&parent->p_smutex);
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
	exit_tell(p);
	mutex_enter(&p->p_smutex);
	KASSERT(p->p_nlwps == 1);
	KASSERT(p->p_nrlwps == 1);
	KASSERT(p->p_nzlwps == 1);
	KASSERT(p->p_zomblwp == NULL);
	KASSERT(LIST_EMPTY(&p->p_children));
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
 * exit_coordinate:
 *
 *	The owner of the end, under PS_WEXIT: collect all others, then go the
 *	way of lwp_exit().  p_smutex held.
 */
void
exit_coordinate(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT((p->p_sflag & (PS_WEXIT | PS_WCORE)) == PS_WEXIT);
	lockdebug_nosleeplock("exit1");
	exit_lwps(l);

	cell_poke(p, p_stat, SDYING);
	lwp_exitmark(l);
	lwp_drainrefs(l);
	mutex_exit(&p->p_smutex);

	lwp_release(l);
	proc_orphans(p);

	mutex_enter(&p->p_smutex);
	cell_poke(p, p_stat, SDEAD);
	mutex_exit(&p->p_smutex);
	exit_zombie(l);
}

/*
 * exit1:
 *
 *	Unlike 1.54 it may be entered by several LWPs (E8): one owns the end.
 */
void
exit1(struct lwp *l, int status)
{
	KASSERT(l == curlwp);
	exit_own(l, PS_WEXIT, status);
	exit_coordinate(l);
}
