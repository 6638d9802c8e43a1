/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end of a process by a signal, and the core dump before it.
 *
 * For a dump all other LWPs are brought to the user boundary and held there,
 * SUSPENDED, so that their contexts are saved and stay.  PS_WCORE says so; it
 * is a claim on the end of the process like PS_WEXIT (kern_exit.c), and turns
 * into PS_WEXIT when the dump is written, in one hold: the dumper goes on as
 * exit coordinator.
 *
 *	(D1) from the first hold on every other LWP carries L_WCORE and L_WEXIT,
 *	     and is SUSPENDED, on its way there, or on its way out already
 *	(D2) while PS_WCORE is set nothing resumes such an LWP: no continue, no
 *	     signal, not SIGKILL, which stays pending (S6)
 *	(D3) the dump begins when p_nrlwps is 1, the dumper itself; from then
 *	     on p_lwps does not change, since nobody else of the process runs,
 *	     so the dumper walks it without a lock
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

#define CORE_TICKS 1 /* how long the file takes */

/*
 * core_mark:
 *
 *	Have all others held.  Those that are marked already are marked again:
 *	it costs nothing, and who was born or resumed meanwhile is caught.  One
 *	that is suspended with a reference on somebody goes to the boundary once
 *	more, where it gives that up (userret_core): its target may be exiting,
 *	and the dump would wait for both.
 */
static void
core_mark(struct proc *p, struct lwp *l)
{
	struct lwp *t;

	LIST_FOREACH(t, &p->p_lwps, l_sibling)
	{
		if (t == l)
			continue;
		lwp_lock(t);
		lwp_setflags(t, L_WCORE | L_WEXIT);
		if (t->l_stat == LSSUSPENDED && t->l_held != NULL) {
			PROBE(CORE_RESUMES_HOLDER);
			setrunnable(t);
		} else
			(void)lwp_suspend(l, t); /* unlocks it */
	}
	lwp_lock(l);
	lwp_clearflags(l, L_WSUSPEND);
	lwp_unlock(l);
}

/*
 * core_gather:
 *
 *	Wait until nobody else of the process runs.  p_smutex held.
 */
static void
core_gather(struct proc *p, struct lwp *l)
{
	for (;;) {
		core_mark(p, l);
		if (p->p_nrlwps == 1)
			return;
		PROBE(CORE_GATHERS);
		p->p_nlwpwait++;
		EVENT(COREWAIT, l, 1, 0);
		proc_broadcast(p);
		cv_wait(&p->p_lwpcv, &p->p_smutex);
		EVENT(COREWAIT, l, 0, 0);
		p->p_nlwpwait--;
	}
}

/*
 * coredump:
 *
 *	Write what every LWP was doing.  It takes time, and no lock is held.
 */
static void
coredump(struct proc *p, struct lwp *l)
{
	struct lwp *t;

	EVENT(CORE, l, 1, 0);
	LIST_FOREACH(t, &p->p_lwps, l_sibling)
	{
		if (t == l || cell_load_relaxed(t, l_stat) == LSZOMB)
			continue;
		/* Acquire: pairs with the release in switch_release(). */
		if (cell_load_acquire(t, l_running) != 0 ||
		    cell_load_relaxed(t, l_stat) != LSSUSPENDED)
			panic("coredump: an LWP is not held");
		PROBE(CORE_OF_ANOTHER);
	}
	l->l_deadline = machine_ticks() + CORE_TICKS;
	(void)tsleep(p, PRIBIO, "coredump", CORE_TICKS);
	EVENT(CORE, l, 0, 0);
}

/*
 * sigexit:
 *
 *	Unlike 1.54 whose end it is is settled before anything is asked of the
 *	others (S2, U3, U11), and the lock is dropped only for a dump.
 */
void
sigexit(struct lwp *l, int sig)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(l == curlwp);
	if ((signal_prop(sig) & SA_CORE) == 0)
		exit1(l, W_EXITCODE(0, sig));

	exit_own(l, PS_WCORE, W_EXITCODE(0, sig | W_COREFLAG));
	p->p_siglwp = l->l_lid;
	core_gather(p, l);
	mutex_exit(&p->p_smutex);
	coredump(p, l);
	mutex_enter(&p->p_smutex);
	KASSERT(p->p_nrlwps == 1);
	p->p_sflag = (p->p_sflag & ~PS_WCORE) | PS_WEXIT;
	EVENT(PROCEXIT, l, PS_WEXIT, 0);
	exit_coordinate(l);
}
