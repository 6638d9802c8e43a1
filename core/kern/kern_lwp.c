/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The life of an LWP: creation, activation, exit, freeing.
 *
 * States
 *
 *	Four states say where an LWP is, and are exact:
 *
 *	ONPROC		on a CPU, in the kernel or in user mode
 *	RUN		on a run queue
 *	IDL		being made; its creator will move it soon
 *	SUSPENDED	held at the user boundary, off its CPU, by a suspend
 *			request, by the way it was created, or for a core dump
 *
 *	Three are statements of intent; the LWP may still be executing:
 *
 *	SLEEP		has put itself on a sleep queue
 *	STOP		stopped with its whole process
 *	ZOMB		has given up nearly everything and is about to switch
 *			away for good; others collect the rest
 *
 *	"lwpsim list transitions" draws the arrows, with who performs each,
 *	from transition.def; lwp_setstate() refuses all others.
 *
 * Life
 *
 *	newlwp		nothing -> IDL	memory, stack, LID, on p_lwps
 *	lwp_activate	IDL -> RUN, SUSPENDED or STOP, counted from here on
 *	lwp_undo	IDL -> nothing	a creation that did not work out
 *	lwp_startup	first code on its own stack
 *	lwp_exit	ONPROC -> ZOMB, in three steps:
 *
 *		(1) one hold of p_smutex decides that it dies: the exit mark.
 *		    From then on it cannot be suspended, its sleeps cannot be
 *		    interrupted, it counts in p_nzlwps.  Then references are
 *		    drained; the drained mark hides it from look-ups.
 *		(2) with no lock held: hooks, what hangs on it (specific data,
 *		    credentials), and off alllwp.
 *		(3) p_smutex again: a detached one parks itself in p_zomblwp
 *		    after emptying it, a joinable one joins p_zombq; ZOMB in
 *		    the hold in which detachment and slot were last looked at;
 *		    then the switch, with the LWP locked throughout.
 *
 *	lwp_exit2	the other side of that switch lets go of it
 *	lwp_free	ZOMB -> nothing	by a collector, or as the memory of the
 *			next newlwp
 *
 * Locks
 *
 *	The LWP lock covers state and scheduling, and moves: see
 *	kern_lwplock.c.  p_smutex covers the list, the counters, the marks in
 *	l_prflag, and is needed besides to enter or leave IDL, ZOMB, STOP and
 *	SUSPENDED.  Order: proclist_mutex, p_smutex, sleep queue, scheduler.
 *	A broadcast takes a sleep queue, so it comes before an LWP is locked.
 *
 * Invariants, with p_smutex held and nobody inside a hold of it
 *
 *	(C1) p_nlwps is the length of p_lwps
 *	(C2) p_nrlwps counts RUN, ONPROC and SLEEP; IDL is not counted
 *	(C3) p_nzlwps counts exit marks; one that is not yet ZOMB is in both
 *	(C4) p_ndlwps counts LPR_DETACHED on the list
 *	(C5) a detached ZOMB on the list is p_zomblwp, so there is at most one
 *	(C6) p_zombq holds the joinable ZOMBs on the list, longest dead first
 *	(R1) ZOMB implies drained, drained implies no reference and an exit
 *	     mark; none is given out afterwards
 *	(F1) an LWP is taken off p_lwps in the hold in which it was chosen, so
 *	     nobody else can choose it
 *	(F2) its memory is touched by its CPU until l_running is released to
 *	     0, and by nobody but its freer after that was acquired
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/biglock.h>
#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

/* The head of the structure survives recycling; see lwp.h. */
#define LWP_HEAD_SIZE offsetof(struct lwp, l_proc)
CTASSERT(LWP_HEAD_SIZE == 64);
CTASSERT(sizeof(struct lwp) % 64 == 0);

/*
 * lwpinit:
 *
 *	Set up what LWPs are made from.
 */
void
lwpinit(void)
{
	mutex_init(&kernel.k_pool_lock, CELL_pool_lock, IPL_SCHED, 0);
	lid_init();
	cred_init();
	lwp_specific_init();
}

/*
 * lwp_poison:
 *
 *	Tell the memory oracle about everything but the stable head.
 */
static void
lwp_poison(struct lwp *l, bool usable)
{
	machine_object(
	    (char *)l + LWP_HEAD_SIZE, sizeof(*l) - LWP_HEAD_SIZE, usable);
}

/*
 * lwp_pool_get:
 *
 *	An LWP from the pool, its body usable but with any content but for a
 *	turnstile; NULL, which is noted, if there is none.
 */
static struct lwp *
lwp_pool_get(void)
{
	struct lwp *l;

	mutex_enter(&kernel.k_pool_lock);
	l = kernel.k_lwpfree;
	if (l != NULL) {
		kernel.k_lwpfree = l->l_poolnext;
		lwp_poison(l, true);
	} else if (kernel.k_lwpused < kernel.k_boot.bp_maxlwp) {
		l = &kernel.k_lwppool[kernel.k_lwpused];
		l->l_slot = kernel.k_lwpused++;
		l->l_mutex = kernel.k_cpu[0].ci_schedmutex;
	}
	if (l != NULL)
		l->l_ts = turnstile_alloc();
	else
		kernel.k_lwpwanted = true;
	mutex_exit(&kernel.k_pool_lock);
	return l;
}

/*
 * lwp_pool_ready:
 *
 *	RCU callback: nobody can still be looking at the LWP through the table
 *	of LIDs, so its memory may come back as another one.
 */
static void
lwp_pool_ready(struct rcu_head *head)
{
	struct lwp *l;
	bool wanted;

	l = (struct lwp *)(void *)((char *)head - offsetof(struct lwp, l_rcu));
	mutex_enter(&kernel.k_pool_lock);
	l->l_poolnext = kernel.k_lwpfree;
	kernel.k_lwpfree = l;
	wanted = kernel.k_lwpwanted;
	kernel.k_lwpwanted = false;
	mutex_exit(&kernel.k_pool_lock);
	if (wanted)
		wakeup(&kernel.k_lwpfree);
}

/*
 * lwp_pool_put:
 *
 *	Give the memory of an LWP back, after lwp_dead().  It reaches the free
 *	list only after a grace period; the stable head stays readable.
 */
static void
lwp_pool_put(struct lwp *l)
{
	lwp_poison(l, false);
	machine_rcu_defer(&l->l_rcu, lwp_pool_ready);
}

/*
 * lwp_count:
 *
 *	Count an LWP among all of the machine.  EAGAIN: the limit.
 */
static int
lwp_count(uint64_t *serialp)
{
	int error = 0;

	mutex_enter(&kernel.k_pool_lock);
	if (kernel.k_nlwp >= kernel.k_boot.bp_maxlwp)
		error = EAGAIN;
	else
		kernel.k_nlwp++;
	*serialp = ++kernel.k_serial;
	mutex_exit(&kernel.k_pool_lock);
	return error;
}

/*
 * lwp_dead:
 *
 *	The end of this life of the memory: its timeout, its stack, its place
 *	in the count, and its turnstile unless the memory is kept.  Nobody else
 *	knows the LWP any more.  No lock held.
 */
static void
lwp_dead(struct lwp *l, bool keep)
{
	KASSERT(LIST_EMPTY(&l->l_pi_lenders));
	KASSERT(l->l_biglocks == 0);
	callout_destroy(&l->l_timeout);
	cv_destroy(&l->l_sigcv);
	KASSERT(l->l_sigpend.sp_set == 0);
	machine_context_free(l);
	EVENT(FREE, l, 0, 0);
	l->l_generation++;
	mutex_enter(&kernel.k_pool_lock);
	KASSERT(kernel.k_nlwp > 0);
	kernel.k_nlwp--;
	if (!keep)
		turnstile_free(l->l_ts);
	mutex_exit(&kernel.k_pool_lock);
}

/*
 * lwp_recycle:
 *
 *	The parked detached zombie of a process, freed but for its memory, or
 *	NULL.  The peek without the lock may miss one that is being parked;
 *	it is looked at again under p_smutex (N11).
 */
static struct lwp *
lwp_recycle(struct proc *p)
{
	struct lwp *l;

	if (cell_load_relaxed(p, p_zomblwp) == NULL)
		return NULL;
	mutex_enter(&p->p_smutex);
	l = p->p_zomblwp;
	if (l == NULL) {
		PROBE(NEWLWP_ZOMB_GONE);
		mutex_exit(&p->p_smutex);
		return NULL;
	}
	cell_store_relaxed(p, p_zomblwp, NULL);
	lwp_free(l, true, false);
	PROBE(NEWLWP_RECYCLED);
	return l;
}

/*
 * lwp_pool_wait:
 *
 *	As lwp_pool_get(), for an LWP that is counted already: within the limit
 *	there is memory for it, but all that is left may still have readers
 *	(lwp_pool_put).  As in 1.54 the pool is waited for then.  A wake-up that
 *	comes before the sleep costs a tick.
 */
static struct lwp *
lwp_pool_wait(void)
{
	struct lwp *l;

	while ((l = lwp_pool_get()) == NULL)
		(void)tsleep(&kernel.k_lwpfree, PWAIT, "newlwp", 1);
	return l;
}

/*
 * lwp_alloc:
 *
 *	Memory for an LWP of p, counted, with a serial number.  The parked
 *	zombie goes first: freeing it may be what keeps within the limit.
 *	Returns 0, EAGAIN or ENOMEM.  No lock held; may sleep.
 */
static int
lwp_alloc(struct proc *p, struct lwp **lp, uint64_t *serialp)
{
	struct lwp *l;
	int error;

	l = lwp_recycle(p);
	error = lwp_count(serialp);
	if (error != 0) {
		if (l != NULL) {
			mutex_enter(&kernel.k_pool_lock);
			turnstile_free(l->l_ts);
			mutex_exit(&kernel.k_pool_lock);
			lwp_pool_put(l);
		}
		return error;
	}
	if (l == NULL)
		l = machine_perturb(PERTURB_nomem) ? NULL : lwp_pool_wait();
	if (l == NULL) {
		PROBE(NEWLWP_ENOMEM);
		mutex_enter(&kernel.k_pool_lock);
		kernel.k_nlwp--;
		mutex_exit(&kernel.k_pool_lock);
		return ENOMEM;
	}
	*lp = l;
	return 0;
}

/*
 * lwp_init:
 *
 *	Bring up the fields of a new LWP from its template.  Only the turnstile
 *	survives.
 */
void
lwp_init(struct lwp *l, struct lwp *l1, struct proc *p, uint64_t serial)
{
	struct turnstile *ts = l->l_ts;

	__builtin_memset(
	    (char *)l + LWP_HEAD_SIZE, 0, sizeof(*l) - LWP_HEAD_SIZE);
	/* lwp0 is curlwp already, and curcpu() is read from it. */
	l->l_cpu = l1 != NULL ? cell_load_relaxed(l1, l_cpu) : kernel.k_cpu;
	EVENT(RECYCLE, l, 0, 0);
	cell_poke(l, l_serial, serial);
	cell_store_relaxed(l, l_running, LWP_OFFCPU);
	l->l_ts = ts;
	LIST_INIT(&l->l_pi_lenders);
	l->l_inheritedprio = PRI_NONE;
	l->l_proc = p;
	l->l_stat = LSIDL;
	l->l_refcnt = 1;
	l->l_waitfor = WAITFOR_NOBODY;
	l->l_usrpri = l1 != NULL ? cell_peek(l1, l_usrpri) : PUSER;
	l->l_priority = l->l_usrpri;
	l->l_syncobj = &sched_syncobj;
	if ((p->p_flag & P_SYSTEM) != 0)
		l->l_flag |= L_SYSTEM;
	callout_init(&l->l_timeout);
	sigpend_init(&l->l_sigpend);
	cv_init(&l->l_sigcv, "sigwait");
	l->l_sigmask = l1 != NULL ? l1->l_sigmask : 0;
	lwp_initspecific(l);
	/* Whoever still spins for its last life's mutex finds this one. */
	cell_store_release(l, l_mutex, l->l_cpu->ci_schedmutex);
}

/*
 * lwp_link:
 *
 *	Put a new LWP on the list of its process, if that still takes any.
 *	Returns 0, EINVAL or EAGAIN.  p_smutex held.
 */
int
lwp_link(struct proc *p, struct lwp *l, int flags)
{
	KASSERT(mutex_owned(&p->p_smutex));
	if ((p->p_sflag & (PS_WEXIT | PS_WCORE)) != 0) {
		PROBE(NEWLWP_EXITING);
		return EINVAL;
	}
	if ((unsigned)p->p_nlwps >= kernel.k_boot.bp_maxlwp_proc) {
		PROBE(NEWLWP_EAGAIN_PROC);
		return EAGAIN;
	}
	if ((flags & LWP_DETACHED) != 0) {
		cell_poke(l, l_prflag, l->l_prflag | LPR_DETACHED);
		p->p_ndlwps++;
	}
	/* A reboot holds every user LWP, also who comes after it (N2). */
	if ((l->l_flag & L_SYSTEM) == 0 &&
	    cell_load_relaxed(&kernel, k_rebooting) != 0) {
		PROBE(NEWLWP_REBOOT);
		l->l_flag |= L_WREBOOT;
	}
	l->l_lid = lid_alloc(p, l);
	LIST_INSERT_HEAD(&p->p_lwps, l, l_sibling);
	p->p_nlwps++;
	EVENT(LINK, l, 0, 0);
	return 0;
}

/*
 * lwp_unlink:
 *
 *	Take an LWP off the list of its process and out of the counters.  What
 *	others wait for may have changed.  p_smutex held.
 */
void
lwp_unlink(struct proc *p, struct lwp *l)
{
	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(l->l_proc == p);
	KASSERT(p->p_zomblwp != l);

	EVENT(UNLINK, l, 0, 0);
	LIST_REMOVE(l, l_sibling);
	p->p_nlwps--;
	if ((l->l_prflag & LPR_EXITING) != 0)
		p->p_nzlwps--;
	if ((l->l_prflag & LPR_DETACHED) != 0)
		p->p_ndlwps--;
	else if (l->l_stat == LSZOMB)
		TAILQ_REMOVE(&p->p_zombq, l, l_zombq);
	lid_free(p, l);
	/* Who claims it by serial does so no more. */
	cell_poke(l, l_serial, 0);
	if (l->l_sigpend.sp_set != 0)
		EVENT(SIGDROP, l, l->l_sigpend.sp_set, p);
	sigclear(&l->l_sigpend, ~(ksigset_t)0);
	proc_broadcast(p);
}

/*
 * newlwp:
 *
 *	Make an LWP in LSIDL.  Unlike 1.54 the result is stored only on
 *	success (N6), limits and a process that is ending are looked at (N1,
 *	N7), and every failure leaves nothing behind (N5).
 */
int
newlwp(struct lwp *l1, struct proc *p2, bool inmem, int flags,
    const struct usercontext *uc, void (*func)(void *), void *arg,
    struct lwp **rnewlwpp)
{
	struct lwp *l;
	uint64_t serial;
	int error;

	lockdebug_barrier(NULL, "newlwp");
	*rnewlwpp = NULL;
	error = lwp_alloc(p2, &l, &serial);
	if (error != 0)
		return error;
	lwp_init(l, l1, p2, serial);
	lwp_update_creds(l);
	if (inmem)
		l->l_flag |= L_INMEM;
	if (uc != NULL) {
		l->l_ucontext = *uc;
		l->l_private = uc->uc_private;
		l->l_cookie = uc->uc_cookie;
	}
	l->l_func = func;
	l->l_arg = arg != NULL ? arg : l;
	error = machine_perturb(PERTURB_nomem) ?
	    ENOMEM :
	    machine_context_init(l, lwp_startup, l);
	if (error == 0) {
		mutex_enter(&p2->p_smutex);
		error = lwp_link(p2, l, flags);
		mutex_exit(&p2->p_smutex);
	} else
		PROBE(NEWLWP_NOSTACK);
	if (error != 0) {
		l->l_refcnt = 0; /* its own: nobody has seen it */
		lwp_drop_creds(l);
		lwp_dead(l, false);
		lwp_pool_put(l);
		return error;
	}

	mutex_enter(&kernel.k_proclist_mutex);
	LIST_INSERT_HEAD(&kernel.k_alllwp, l, l_list);
	mutex_exit(&kernel.k_proclist_mutex);
	if (p2->p_lwp_fork_hook != NULL)
		p2->p_lwp_fork_hook(l1, l);
	*rnewlwpp = l;
	return 0;
}

/*
 * lwp_activate:
 *
 *	Let a new LWP go.  The one place that counts it in p_nrlwps (N8).  A
 *	suspend that is pending for the creator is the creator's (N10).
 */
int
lwp_activate(struct lwp *l, int flags)
{
	struct proc *p = l->l_proc;

	lockdebug_barrier(NULL, "lwp_activate");
	mutex_enter(&p->p_smutex);
	if ((p->p_sflag & (PS_WEXIT | PS_WCORE)) != 0) {
		PROBE(ACTIVATE_EXITING);
		mutex_exit(&p->p_smutex);
		return EINVAL;
	}
	lwp_lock(l);
	KASSERT(l->l_stat == LSIDL);
	/* What nobody could take so far, it may. */
	if (sigispending(p, l)) {
		PROBE(ACTIVATE_SIGNAL);
		lwp_setflags(l, L_PENDSIG);
	}
	if ((flags & LWP_SUSPENDED) != 0 || (l->l_flag & L_WREBOOT) != 0) {
		PROBE(ACTIVATE_SUSPENDED);
		cell_poke(l, l_prflag, l->l_prflag | LPR_CRSUSPEND);
		lwp_setstate(l, LSSUSPENDED);
	} else if (proc_stopping(p)) {
		PROBE(ACTIVATE_STOPPED);
		lwp_setstate(l, LSSTOP);
	} else {
		p->p_nrlwps++;
		lwp_setstate(l, LSRUN);
		sched_addrunnable(l);
	}
	lwp_unlock(l);
	mutex_exit(&p->p_smutex);
	return 0;
}

/*
 * lwp_leave_alllwp:
 *
 *	Off the list of all LWPs.  No lock held.
 */
static void
lwp_leave_alllwp(struct lwp *l)
{
	mutex_enter(&kernel.k_proclist_mutex);
	LIST_REMOVE(l, l_list);
	mutex_exit(&kernel.k_proclist_mutex);
}

/*
 * lwp_giveup:
 *
 *	What an LWP has, once it is drained: its data, its credentials, its
 *	place among all LWPs.  Destructors may sleep.  No lock held.
 */
static void
lwp_giveup(struct lwp *l)
{
	lwp_finispecific(l);
	lwp_drop_creds(l);
	lwp_leave_alllwp(l);
}

/*
 * lwp_undo:
 *
 *	Unmake an LWP that never ran.  Somebody may have found it by its LID
 *	while it was being made, but nobody can have a reference: look-ups do
 *	not see IDL.
 */
void
lwp_undo(struct lwp *l)
{
	struct proc *p = l->l_proc;

	lockdebug_barrier(NULL, "lwp_undo");
	KASSERT(l->l_stat == LSIDL);
	PROBE(LWP_UNDO);

	mutex_enter(&p->p_smutex);
	lwp_drainrefs(l);
	mutex_exit(&p->p_smutex);
	if (p->p_lwp_fork_hook != NULL && p->p_lwp_exit_hook != NULL)
		p->p_lwp_exit_hook(l);
	lwp_giveup(l);
	mutex_enter(&p->p_smutex);
	lwp_unlink(p, l);
	mutex_exit(&p->p_smutex);
	lwp_dead(l, false);
	lwp_pool_put(l);
}

/*
 * lwp_startup:
 *
 *	The first code of an LWP on its own stack.
 */
void
lwp_startup(void *arg)
{
	struct lwp *l = arg;

	mi_switch_entry();
	KASSERT(l == curlwp);
	l->l_func(l->l_arg);
	panic("lwp_startup: first function returned");
}

/*
 * lwp_user_entry:
 *
 *	Kernel side of a user LWP's first entry: through the user boundary,
 *	then user code; coming back from there is _lwp_exit.
 */
void
lwp_user_entry(void *arg)
{
	struct lwp *l = arg;

	userret(l);
	sig_user(l);
	l->l_ucontext.uc_entry(l->l_ucontext.uc_arg);
	lwp_exit(l);
}

/*
 * lwp_exitmark:
 *
 *	From here on the LWP is dying: it counts in p_nzlwps, nobody can
 *	suspend it, and who waits for such a suspension must know.  p_smutex
 *	held; curlwp.
 */
void
lwp_exitmark(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	if ((l->l_prflag & LPR_EXITING) != 0)
		panic("lwp_exit: entered twice");
	cell_poke(l, l_prflag, l->l_prflag | LPR_EXITING);
	p->p_nzlwps++;
	lwp_lock(l);
	lwp_clearflags(l, L_WSUSPEND);
	lwp_unlock(l);
	EVENT(EXITMARK, l, 0, 0);
	sig_handoff(p, l, ~l->l_sigmask);
	proc_broadcast(p);
}

/*
 * lwp_release:
 *
 *	Step (2) of an exit: what may sleep and needs no lock.  Unlike 1.54
 *	references are drained by now, so nobody reads what goes here (D4).
 */
void
lwp_release(struct lwp *l)
{
	struct proc *p = l->l_proc;

	lockdebug_barrier(NULL, "lwp_release");
	if (p->p_lwp_exit_hook != NULL)
		p->p_lwp_exit_hook(l);
	lwp_giveup(l);
}

/*
 * lwp_zombie:
 *
 *	The store of ZOMB and the switch away for good.  p_smutex held, and
 *	released here under the LWP lock, which stays held until the incoming
 *	side lets go of it: nobody preempts it between the two (X5).  "outer"
 *	is a further mutex to release, or NULL.
 */
_Noreturn void
lwp_zombie(struct lwp *l, kmutex_t *outer)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT((l->l_prflag & LPR_DRAINED) != 0);
	KASSERT(l->l_refcnt == 0);

	p->p_nrlwps--;
	proc_stop_check(p);
	/* Takes a sleep queue, so before the LWP is locked; who wakes must
	 * wait for p_smutex anyway. */
	proc_broadcast(p);
	/* The dead lend nothing, are lent nothing, and hold nothing (F1). */
	KASSERT(LIST_EMPTY(&l->l_pi_lenders));
	KASSERT(l->l_ts->ts_obj == NULL);
	(void)kernel_unlock_all();
	lwp_lock(l);
	lwp_setstate(l, LSZOMB);
	mutex_exit(&p->p_smutex);
	if (outer != NULL)
		mutex_exit(outer);
	mi_switch(l);
	panic("lwp_zombie: a zombie came back");
}

/*
 * lwp_exit:
 *
 *	See the top of the file.  Unlike 1.54 references are drained before
 *	anything they protect is given up (X2), the drained mark keeps new ones
 *	out (X1), and detachment is looked at in the hold that makes ZOMB.
 */
void
lwp_exit(struct lwp *l)
{
	struct proc *p = l->l_proc;
	struct lwp *l2;

	if (l != curlwp) {
		lwp_undo(l);
		return;
	}
	lockdebug_barrier(NULL, "lwp_exit");
	lockdebug_nosleeplock("lwp_exit");
	KASSERT(l->l_stat == LSONPROC);
	lwp_dropheld(l);

	mutex_enter(&p->p_smutex);
	if (p->p_nlwps - p->p_nzlwps == 1 && (l->l_prflag & LPR_EXITING) == 0) {
		PROBE(LWP_EXIT_LAST);
		exit1(l, 0);
	}
	lwp_exitmark(l);
	lwp_drainrefs(l);
	mutex_exit(&p->p_smutex);

	lwp_release(l);

	mutex_enter(&p->p_smutex);
	/* Each free drops p_smutex: detachment and the slot may change. */
	while (
	    (l->l_prflag & LPR_DETACHED) != 0 && (l2 = p->p_zomblwp) != NULL) {
		PROBE(LWP_EXIT_PARKED);
		cell_store_relaxed(p, p_zomblwp, NULL);
		lwp_free(l2, false, false);
		mutex_enter(&p->p_smutex);
	}
	if ((l->l_prflag & LPR_DETACHED) != 0)
		cell_store_relaxed(p, p_zomblwp, l);
	else
		TAILQ_INSERT_TAIL(&p->p_zombq, l, l_zombq);
	lwp_zombie(l, NULL);
}

/*
 * lwp_exit2:
 *
 *	Incoming side of a zombie's last switch, on the CPU that it ran on.
 *	Once l_running is 0 its collector may free it: the mutex is read
 *	before, and outlives it.
 */
void
lwp_exit2(struct lwp *l)
{
	kmutex_t *mtx = l->l_mutex;

	KASSERT(l->l_stat == LSZOMB);
	KASSERT(mutex_owned(mtx));
	EVENT(OFFCPU, l, 0, 0);
	/* Release: pairs with the acquire in lwp_free(). */
	cell_store_release(l, l_running, LWP_OFFCPU);
	mutex_exit(mtx);
}

/*
 * lwp_wait_offcpu:
 *
 *	Wait until the CPU of a zombie has let go of it.  No lock held: an
 *	interrupt there may want one.  kernel_lock is given up meanwhile; a
 *	depth of 0 comes back as one (F6).
 */
static void
lwp_wait_offcpu(struct lwp *l)
{
	unsigned big;

	lockdebug_barrier(NULL, "lwp_free");
	KERNEL_UNLOCK_ALL(&big);
	/* Acquire: pairs with the release in lwp_exit2(). */
	while (cell_load_acquire(l, l_running) != LWP_OFFCPU) {
		PROBE(LWP_FREE_SPIN);
		cell_spinwait(l, l_running, l, l_running);
	}
	KERNEL_LOCK(big);
}

/*
 * lwp_free:
 *
 *	Unlike 1.54 the wait for the CPU comes in every build and for the last
 *	LWP of a process too (F4), and run time is collected after it (F3).
 */
void
lwp_free(struct lwp *l, bool recycle, bool last)
{
	struct proc *p = l->l_proc;

	KASSERT(l != curlwp);
	KASSERT(l->l_stat == LSZOMB);
	KASSERT(l->l_refcnt == 0);
	KASSERT((l->l_prflag & LPR_DRAINED) != 0);

	if (!last) {
		KASSERT(mutex_owned(&p->p_smutex));
		lwp_unlink(p, l);
		mutex_exit(&p->p_smutex);
	}
	lwp_wait_offcpu(l);
	mutex_enter(&p->p_smutex);
	p->p_rtime += l->l_rtime;
	mutex_exit(&p->p_smutex);

	KASSERT(l->l_wchan == NULL);
	KASSERT(l->l_sleepq == NULL);
	KASSERT(l->l_specdataref.sr_data == NULL);
	KASSERT(l->l_cred == NULL);
	lwp_dead(l, recycle);
	if (!recycle)
		lwp_pool_put(l);
}
