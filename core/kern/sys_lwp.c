/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The _lwp_* system calls.
 *
 * Each looks its target up by LID under p_smutex, so what it finds stays while
 * it acts.  An LWP is found until its references are drained; one with an exit
 * mark can be found, but nothing that is asked of it takes effect any more.
 *
 * A suspend of another LWP waits until it has happened (S3).  It watches the
 * target by LID and serial and holds no reference meanwhile, which the
 * target's exit would wait for.  Whatever ends the wait broadcasts p_lwpcv.
 *
 * A park tests its token, consumes it and goes to sleep in one hold of the
 * LWP lock, which is the park queue's mutex by then (E10).
 */

#include <machine/atomic.h>

#include <errno.h>

#include "kern_lwp_impl.h"
#include "sysent.h"

/*
 * do_lwp_create:
 *
 *	The LID is copied out before the new LWP can run, so that a failure
 *	leaves nothing behind (N5).
 */
int
do_lwp_create(struct lwp *l, struct sysargs *sa)
{
	const struct usercontext *uc = sa->sa_in;
	struct lwp *l2;
	int error;

	if (copyfail()) {
		PROBE(CREATE_COPYIN);
		return EFAULT;
	}
	if (uc->uc_entry == NULL) {
		PROBE(CREATE_EINVAL);
		return EINVAL;
	}
	error = newlwp(l, l->l_proc, true, sa->sa_number & LWP_DETACHED, uc,
	    lwp_user_entry, NULL, &l2);
	if (error != 0)
		return error;
	if (copyfail()) {
		PROBE(CREATE_COPYOUT);
		error = EFAULT;
	} else {
		*(lwpid_t *)sa->sa_out = l2->l_lid;
		error = lwp_activate(l2, sa->sa_number & LWP_SUSPENDED);
	}
	if (error != 0)
		lwp_exit(l2);
	return error;
}

int
do_lwp_exit(struct lwp *l, struct sysargs *sa)
{
	(void)sa;
	lwp_exit(l);
	panic("do_lwp_exit: came back");
}

int
do_lwp_self(struct lwp *l, struct sysargs *sa)
{
	*(lwpid_t *)sa->sa_out = l->l_lid;
	return 0;
}

int
do_lwp_wait(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	lwpid_t departed;
	int error;

	mutex_enter(&p->p_smutex);
	error = lwp_wait1(l, sa->sa_lid, &departed, 0);
	mutex_exit(&p->p_smutex);
	if (error == 0 && sa->sa_out != NULL) {
		if (copyfail()) {
			PROBE(WAIT_COPYOUT);
			return EFAULT;
		}
		*(lwpid_t *)sa->sa_out = departed;
	}
	return error;
}

/*
 * suspend_strands:
 *
 *	Would a suspension of t leave no live LWP that is neither suspended nor
 *	about to be?  Then nobody could continue any of them (S5).  p_smutex
 *	held.
 */
static bool
suspend_strands(struct proc *p, const struct lwp *t)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		enum lwp_state stat = cell_load_relaxed(l, l_stat);

		if (l != t && stat != LSIDL && stat != LSZOMB &&
		    stat != LSSUSPENDED && (l->l_prflag & LPR_EXITING) == 0 &&
		    (cell_peek(l, l_flag) & L_WSUSPEND) == 0)
			return false;
	}
	return true;
}

/*
 * suspend_wait:
 *
 *	Wait until the LWP with this LID and serial is suspended and off its
 *	CPU: SUSPENDED seen with its lock held says both.  Returns 0 also when
 *	somebody continued it; ESRCH: it is gone or going; EINTR, ERESTART: the
 *	wait was interrupted, the request stays made.  p_smutex held.
 */
static int
suspend_wait(struct proc *p, lwpid_t lid, uint64_t serial)
{
	struct lwp *t;
	unsigned flags;
	enum lwp_state stat;
	int error;

	for (;;) {
		t = lid_lookup(p, lid);
		if (t == NULL || t->l_serial != serial ||
		    (t->l_prflag & LPR_EXITING) != 0) {
			PROBE(SUSPEND_GONE);
			return ESRCH;
		}
		lwp_lock(t);
		stat = t->l_stat;
		flags = t->l_flag;
		lwp_unlock(t);
		if (stat == LSSUSPENDED)
			return 0;
		if ((flags & L_WSUSPEND) == 0) {
			PROBE(SUSPEND_UNDONE);
			return 0;
		}
		error = cv_wait_sig(&p->p_lwpcv, &p->p_smutex);
		if (error != 0) {
			PROBE(SUSPEND_INTERRUPTED);
			return error;
		}
	}
}

int
do_lwp_suspend(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;
	uint64_t serial;
	int error;

	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t == NULL || (t->l_prflag & LPR_EXITING) != 0) {
		PROBE(SUSPEND_ESRCH);
		error = ESRCH;
	} else if (suspend_strands(p, t)) {
		PROBE(SUSPEND_EDEADLK_ALL);
		error = EDEADLK;
	} else {
		serial = t->l_serial;
		lwp_lock(t);
		error = lwp_suspend(l, t);
		if (error == 0 && t != l)
			error = suspend_wait(p, sa->sa_lid, serial);
	}
	mutex_exit(&p->p_smutex);
	return error;
}

int
do_lwp_continue(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;

	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t != NULL) {
		lwp_lock(t);
		lwp_continue(t);
	} else
		PROBE(CONTINUE_ESRCH);
	mutex_exit(&p->p_smutex);
	return t != NULL ? 0 : ESRCH;
}

/*
 * do_lwp_wakeup:
 *
 *	Unlike 1.54 the mark that breaks the sleep is left only on an LWP whose
 *	sleep this call ends (E6).
 */
int
do_lwp_wakeup(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;
	int error = 0;

	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t == NULL) {
		PROBE(WAKEUP_ESRCH);
		mutex_exit(&p->p_smutex);
		return ESRCH;
	}
	lwp_lock(t);
	if (t->l_stat == LSSLEEP && (t->l_flag & L_SINTR) != 0) {
		lwp_setflags(t, L_CANCELLED);
		setrunnable(t);
	} else {
		if (t->l_stat == LSSLEEP) {
			PROBE(WAKEUP_EBUSY);
			error = EBUSY;
		} else {
			PROBE(WAKEUP_ENODEV);
			error = ENODEV;
		}
		lwp_unlock(t);
	}
	mutex_exit(&p->p_smutex);
	return error;
}

/*
 * do_lwp_detach:
 *
 *	Looks at the list itself: a zombie can be detached, which frees it, and
 *	an LWP on its way out too.  Waits for the LID end (E5, W7).
 */
int
do_lwp_detach(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;
	bool zombie;

	mutex_enter(&p->p_smutex);
	t = sa->sa_lid > 0 ? lid_lookup(p, sa->sa_lid) : NULL;
	if (t == NULL || cell_peek(t, l_stat) == LSIDL) {
		PROBE(DETACH_ESRCH);
		mutex_exit(&p->p_smutex);
		return ESRCH;
	}
	if ((t->l_prflag & LPR_DETACHED) != 0) {
		PROBE(DETACH_EINVAL);
		mutex_exit(&p->p_smutex);
		return EINVAL;
	}
	zombie = cell_peek(t, l_stat) == LSZOMB;
	if (zombie)
		TAILQ_REMOVE(&p->p_zombq, t, l_zombq);
	cell_poke(t, l_prflag, t->l_prflag | LPR_DETACHED);
	p->p_ndlwps++;
	if (zombie) {
		PROBE(DETACH_ZOMBIE);
		lwp_free(t, false, false);
	} else {
		proc_broadcast(p);
		mutex_exit(&p->p_smutex);
	}
	return 0;
}

/*
 * unpark_one:
 *
 *	End the park of an LWP, or leave it a token; at most one.  p_smutex
 *	held, which keeps the target.
 */
static void
unpark_one(struct lwp *t)
{
	KASSERT(mutex_owned(&t->l_proc->p_smutex));
	lwp_lock(t);
	/* It may be stopped in its park. */
	if (t->l_wchan != NULL && t->l_syncobj == &lwp_park_syncobj) {
		lwp_park_syncobj.sobj_unsleep(t, SLEEP_WOKEN);
		return;
	}
	PROBE(UNPARK_TOKEN);
	lwp_setflags(t, L_UNPARKED);
	lwp_unlock(t);
}

/*
 * unpark:
 *
 *	Returns 0 or ESRCH.  No lock held.
 */
static int
unpark(struct proc *p, lwpid_t lid)
{
	struct lwp *t;

	mutex_enter(&p->p_smutex);
	t = lwp_find(p, lid);
	if (t != NULL && (t->l_prflag & LPR_EXITING) == 0)
		unpark_one(t);
	mutex_exit(&p->p_smutex);
	return t != NULL ? 0 : ESRCH;
}

/*
 * park:
 *
 *	Sleep until unparked.  Returns as sleepq_block(), or EALREADY.
 */
static int
park(struct lwp *l, int timo)
{
	struct sleepq *sq;

	sq = sleepq_lookup(l);
	sleepq_enter(sq, l);
	sleepq_enqueue(sq, PPAUSE, l, "parked", &lwp_park_syncobj);
	if ((l->l_flag & L_UNPARKED) != 0) {
		lwp_clearflags(l, L_UNPARKED);
		sleepq_remove(sq, l, SLEEP_WOKEN);
		mutex_exit(sq->sq_mutex);
		return EALREADY;
	}
	return sleepq_block(timo, true);
}

int
do_lwp_park(struct lwp *l, struct sysargs *sa)
{
	int error, timo;

	if (sa->sa_number < 0) {
		PROBE(PARK_EINVAL);
		return EINVAL;
	}
	if (sa->sa_lid2 != 0 && !sa->sa_restarted &&
	    unpark(l->l_proc, sa->sa_lid2) != 0) {
		PROBE(PARK_ESRCH);
		return ESRCH;
	}
	timo = deadline_left(l, sa);
	if (timo < 0)
		return ETIMEDOUT;
	error = park(l, timo);
	if (error == EALREADY)
		PROBE(PARK_EALREADY);
	else if (error == EWOULDBLOCK) {
		PROBE(PARK_ETIMEDOUT);
		error = ETIMEDOUT;
	} else if (error == EINTR)
		PROBE(PARK_EINTR);
	return error;
}

int
do_lwp_unpark(struct lwp *l, struct sysargs *sa)
{
	int error;

	error = unpark(l->l_proc, sa->sa_lid);
	if (error != 0)
		PROBE(UNPARK_ESRCH);
	return error;
}

int
do_lwp_unpark_all(struct lwp *l, struct sysargs *sa)
{
	const lwpid_t *list = sa->sa_in;
	unsigned i, n = (unsigned)sa->sa_number, done = 0;

	if (list == NULL) {
		PROBE(UNPARK_ALL_MAX);
		*(unsigned *)sa->sa_out = LWP_UNPARK_MAX;
		return 0;
	}
	if (n == 0 || n > LWP_UNPARK_MAX) {
		PROBE(UNPARK_ALL_EINVAL);
		return EINVAL;
	}
	if (copyfail()) {
		PROBE(UNPARK_ALL_EFAULT);
		return EFAULT;
	}
	for (i = 0; i < n; i++) {
		if (unpark(l->l_proc, list[i]) == 0)
			done++;
	}
	*(unsigned *)sa->sa_out = done;
	return 0;
}

int
do_lwp_setprivate(struct lwp *l, struct sysargs *sa)
{
	l->l_private = sa->sa_out;
	return 0;
}

int
do_lwp_getprivate(struct lwp *l, struct sysargs *sa)
{
	*(void **)sa->sa_out = l->l_private;
	return 0;
}

/*
 * User side.
 */

int
sys_lwp_create(const struct usercontext *uc, int flags, lwpid_t *lid)
{
	return sys_enter(SYS_lwp_create,
	    &(struct sysargs) {
		.sa_in = uc, .sa_number = flags, .sa_out = lid });
}

void
sys_lwp_exit(void)
{
	(void)sys_enter(SYS_lwp_exit, &(struct sysargs) { .sa_lid = 0 });
	panic("sys_lwp_exit: came back");
}

lwpid_t
sys_lwp_self(void)
{
	lwpid_t lid = 0;

	(void)sys_enter(SYS_lwp_self, &(struct sysargs) { .sa_out = &lid });
	return lid;
}

int
sys_lwp_wait(lwpid_t lid, lwpid_t *departed)
{
	return sys_enter(SYS_lwp_wait,
	    &(struct sysargs) { .sa_lid = lid, .sa_out = departed });
}

int
sys_lwp_suspend(lwpid_t lid)
{
	return sys_enter(SYS_lwp_suspend, &(struct sysargs) { .sa_lid = lid });
}

int
sys_lwp_continue(lwpid_t lid)
{
	return sys_enter(SYS_lwp_continue, &(struct sysargs) { .sa_lid = lid });
}

int
sys_lwp_wakeup(lwpid_t lid)
{
	return sys_enter(SYS_lwp_wakeup, &(struct sysargs) { .sa_lid = lid });
}

int
sys_lwp_detach(lwpid_t lid)
{
	return sys_enter(SYS_lwp_detach, &(struct sysargs) { .sa_lid = lid });
}

int
sys_lwp_park(int timo, lwpid_t lid)
{
	return sys_enter(SYS_lwp_park,
	    &(struct sysargs) { .sa_number = timo, .sa_lid2 = lid });
}

int
sys_lwp_unpark(lwpid_t lid)
{
	return sys_enter(SYS_lwp_unpark, &(struct sysargs) { .sa_lid = lid });
}

int
sys_lwp_unpark_all(const lwpid_t *list, unsigned n, unsigned *count)
{
	return sys_enter(SYS_lwp_unpark_all,
	    &(struct sysargs) {
		.sa_in = list, .sa_number = (int)n, .sa_out = count });
}

void
sys_lwp_setprivate(void *value)
{
	(void)sys_enter(
	    SYS_lwp_setprivate, &(struct sysargs) { .sa_out = value });
}

void *
sys_lwp_getprivate(void)
{
	void *value = NULL;

	(void)sys_enter(
	    SYS_lwp_getprivate, &(struct sysargs) { .sa_out = &value });
	return value;
}
