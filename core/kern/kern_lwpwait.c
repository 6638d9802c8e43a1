/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Waiting for LWPs: lwp_wait1().
 *
 * A wait is for one LID (specific) or for any.  Its result is decided by
 * looking at the process in one hold of p_smutex, in this order:
 *
 *	(W1) a joinable zombie that the caller may collect: collect it
 *	(W2) no LWP with that LID, or no joinable LWP at all: ESRCH; the LID
 *	     belongs to a detached LWP: EINVAL
 *	(W3) the process is exiting, or waiting could never end: EDEADLK
 *	(W4) else sleep on p_lwpcv and look again
 *
 * Who collects.  A specific wait *claims* its target: no any-wait takes a
 * claimed zombie.  Among several specific waits the first that looks gets it
 * and the others find nobody.  An any-wait takes the zombie that has been
 * dead longest.  The LWP that ends the process (LWPWAIT_EXITCONTROL) ignores
 * claims, since the claimants are to die as well.
 *
 * Deadlock.  A *waiter* is an LWP in lwp_wait1() that sleeps, or that was
 * woken and has not looked again yet.  An LWP is *able* if it could still do
 * something even if this wait never ended: all LWPs are, except zombies,
 * SUSPENDED ones, and waiters whose own wait would continue.  EDEADLK if
 *
 *	(D1) no other LWP of the process is able, or
 *	(D2) the wait is specific, and following the targets of specific waits
 *	     over LWPs that are not able leads back to the caller.
 *
 * p_nlwpwait is kept for those who read it, and decides nothing.  Whoever
 * changes an input of these rules broadcasts p_lwpcv: a state of ZOMB, an exit
 * mark, a suspension and its end, a detachment, each LWP that leaves p_lwps,
 * and each waiter that leaves without having collected.  When a suspension
 * closes a deadlock, all waiters wake.  The first to look returns EDEADLK and
 * so is able again, and the others go back to sleep.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

#define WAIT_MUST_SLEEP EWOULDBLOCK /* never leaves this file */

/*
 * wait_claim, wait_unclaim:
 *
 *	Tie a specific wait to the LWP that has the LID when the wait begins,
 *	before p_smutex is dropped for anything.  Later the target may be freed,
 *	or its memory be another LWP: the serial tells.
 *	p_smutex held.
 */
static void
wait_unclaim(struct lwp *l)
{
	struct lwp *t = l->l_claim;

	/* It may be another one by now, also of another process. */
	if (t != NULL && cell_peek(t, l_serial) == l->l_claimserial) {
		KASSERT(t->l_nclaims > 0);
		t->l_nclaims--;
	}
	l->l_claim = NULL;
}

static void
wait_claim(struct proc *p, struct lwp *l)
{
	struct lwp *t = NULL;

	if (l->l_waitfor > 0)
		t = lid_lookup(p, l->l_waitfor);
	l->l_claim = t;
	l->l_claimserial = t != NULL ? t->l_serial : 0;
	if (t != NULL)
		t->l_nclaims++;
}

/*
 * wait_target:
 *
 *	The LWP that a specific wait is for, NULL if there is none any more.
 *	Another one that got its LID since is a stranger: the wait does not
 *	pass over to it.  p_smutex held.
 */
static struct lwp *
wait_target(struct proc *p, const struct lwp *l)
{
	struct lwp *t;

	if (l->l_waitfor <= 0)
		return NULL;
	t = lid_lookup(p, l->l_waitfor);
	return t != NULL && t->l_serial == l->l_claimserial ? t : NULL;
}

/*
 * wait_specific:
 *
 *	Outcome of a wait of l for one LID: 0 with the zombie, ESRCH, EINVAL,
 *	or WAIT_MUST_SLEEP.  p_smutex held.
 */
static int
wait_specific(struct proc *p, const struct lwp *l, struct lwp **tp)
{
	struct lwp *t;

	*tp = t = wait_target(p, l);
	if (t == NULL)
		return ESRCH;
	if ((t->l_prflag & LPR_DETACHED) != 0)
		return EINVAL;
	return cell_peek(t, l_stat) == LSZOMB ? 0 : WAIT_MUST_SLEEP;
}

/*
 * wait_any:
 *
 *	The same for a wait for any LWP.  Claims do not bind the LWP that ends
 *	the process, and for it detached LWPs count.
 */
static int
wait_any(struct proc *p, const struct lwp *l, bool exiting, struct lwp **tp)
{
	struct lwp *t;
	int others;

	TAILQ_FOREACH(t, &p->p_zombq, l_zombq)
	{
		if (exiting || t->l_nclaims == 0) {
			*tp = t;
			return 0;
		}
		PROBE(WAIT_CLAIMED);
	}
	*tp = NULL;
	others = p->p_nlwps - 1;
	if (!exiting) {
		others -= p->p_ndlwps;
		if ((l->l_prflag & LPR_DETACHED) != 0)
			others++;
	}
	return others > 0 ? WAIT_MUST_SLEEP : ESRCH;
}

/*
 * wait_outcome:
 *
 *	What the wait that l is in would come to now, deadlock apart.
 */
static int
wait_outcome(struct proc *p, const struct lwp *l, bool exiting, struct lwp **tp)
{
	if (l->l_waitfor != WAITFOR_ANY)
		return wait_specific(p, l, tp);
	return wait_any(p, l, exiting, tp);
}

/*
 * wait_is_waiter:
 *
 *	Inside lwp_wait1 and not busy freeing somebody.  p_smutex held.
 */
static bool
wait_is_waiter(const struct lwp *l)
{
	return l->l_waitfor != WAITFOR_NOBODY &&
	    (l->l_prflag & LPR_WAITBUSY) == 0;
}

/*
 * wait_gone:
 *
 *	Does nothing until somebody else acts.  p_smutex held, which is needed
 *	to enter or leave these two states, if not others.
 */
static bool
wait_gone(const struct lwp *l)
{
	enum lwp_state stat = cell_peek(l, l_stat);

	return stat == LSZOMB || stat == LSSUSPENDED;
}

/*
 * wait_broken:
 *
 *	A waiter whose sleep ended, or will end, without its being woken: it
 *	is on its way out of here.  The LWP lock makes the flag that says so
 *	and the reason that is left when the flag is consumed one view.  A
 *	deliverable signal breaks it, L_PENDSIG alone may be stale (W16).
 */
static bool
wait_broken(struct lwp *l)
{
	bool broken;

	lwp_lock(l);
	broken = (l->l_flag & L_BREAKSLEEP) != 0 ||
	    l->l_sleepend == SLEEP_BROKEN;
	lwp_unlock(l);
	return broken || sigispending(l->l_proc, l);
}

/*
 * wait_able:
 *
 *	See the top of the file.  p_smutex held.
 */
static bool
wait_able(struct proc *p, struct lwp *l)
{
	struct lwp *t;

	if (wait_gone(l))
		return false;
	if (!wait_is_waiter(l))
		return true;
	if (wait_outcome(p, l, false, &t) != WAIT_MUST_SLEEP)
		return true;
	return wait_broken(l);
}

/*
 * wait_deadlock:
 *
 *	Would the wait of l (for t, or for any if NULL) never end?  p_smutex
 *	held.
 */
static bool
wait_deadlock(struct proc *p, struct lwp *l, struct lwp *t)
{
	struct lwp *l2;
	int hops;

	LIST_FOREACH(l2, &p->p_lwps, l_sibling)
	{
		if (l2 != l && wait_able(p, l2))
			break;
	}
	if (l2 == NULL) {
		PROBE(WAIT_EDEADLK_NOBODY);
		return true;
	}
	for (hops = p->p_nlwps; t != NULL && hops > 0; hops--) {
		if (t == l) {
			PROBE(WAIT_EDEADLK_CYCLE);
			return true;
		}
		if (wait_gone(t) || !wait_is_waiter(t) ||
		    t->l_waitfor == WAITFOR_ANY || wait_able(p, t))
			return false;
		t = wait_target(p, t);
	}
	return false;
}

/*
 * wait_look:
 *
 *	One look: 0 with the zombie to collect, an error, or WAIT_MUST_SLEEP.
 *	p_smutex held.
 */
static int
wait_look(struct proc *p, struct lwp *l, bool exiting, struct lwp **tp)
{
	int error;

	error = wait_outcome(p, l, exiting, tp);
	if (error != WAIT_MUST_SLEEP || exiting)
		return error;
	if ((p->p_sflag & PS_WEXIT) != 0) {
		PROBE(WAIT_EDEADLK_EXITING);
		return EDEADLK;
	}
	return wait_deadlock(p, l, *tp) ? EDEADLK : WAIT_MUST_SLEEP;
}

/*
 * wait_drain:
 *
 *	Free the parked detached zombie, whatever this wait is for.  p_smutex
 *	held; dropped and retaken for each.
 */
static void
wait_drain(struct proc *p, struct lwp *l)
{
	struct lwp *l2;

	while ((l2 = p->p_zomblwp) != NULL) {
		PROBE(WAIT_DRAINED);
		cell_store_relaxed(p, p_zomblwp, NULL);
		cell_poke(l, l_prflag, l->l_prflag | LPR_WAITBUSY);
		EVENT(WAITBUSY, l, 0, 0);
		lwp_free(l2, false, false);
		mutex_enter(&p->p_smutex);
		cell_poke(l, l_prflag, l->l_prflag & ~LPR_WAITBUSY);
		EVENT(WAITLOOK, l, 0, 0);
	}
}

/*
 * wait_sleep:
 *
 *	Sleep until something changed.  p_smutex held.
 */
static int
wait_sleep(struct proc *p, struct lwp *l, bool exiting)
{
	int error = 0;

	EVENT(WAITSLEEP, l, 0, 0);
	if (exiting)
		cv_wait(&p->p_lwpcv, &p->p_smutex);
	else
		error = cv_wait_sig(&p->p_lwpcv, &p->p_smutex);
	EVENT(WAITLOOK, l, error, 0);
	return error;
}

/*
 * wait_loop:
 *
 *	Look and sleep until there is a result.  p_smutex held.
 */
static int
wait_loop(struct proc *p, struct lwp *l, bool exiting, struct lwp **tp)
{
	bool slept = false;
	int error;

	for (;;) {
		wait_drain(p, l);
		/* After every point where p_smutex was dropped (W8, W9). */
		if ((p->p_sflag & PS_WCORE) != 0 && !exiting)
			return EINTR;
		error = wait_look(p, l, exiting, tp);
		if (error != WAIT_MUST_SLEEP)
			return error;
		if (exiting && slept)
			return EAGAIN;
		error = wait_sleep(p, l, exiting);
		if (error != 0) {
			PROBE(WAIT_INTERRUPTED);
			return error;
		}
		slept = true;
	}
}

/*
 * lwp_wait1:
 *
 *	Unlike 1.54 the count is undone before anything is freed (W1), claims
 *	are honoured (W6), EDEADLK is decided by who is able (W2 to W5), and
 *	the exit coordinator gets EAGAIN to mark and kick again (W10).
 */
int
lwp_wait1(struct lwp *l, lwpid_t lid, lwpid_t *departed, int flags)
{
	struct proc *p = l->l_proc;
	const bool exiting = (flags & LWPWAIT_EXITCONTROL) != 0;
	struct lwp *t = NULL;
	int error;

	KASSERT(l == curlwp);
	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(l->l_waitfor == WAITFOR_NOBODY);

	if (lid == l->l_lid) {
		PROBE(WAIT_EDEADLK_SELF);
		return EDEADLK;
	}
	p->p_nlwpwait++;
	l->l_waitfor = lid >= 0 ? lid : INT32_MIN;
	wait_claim(p, l);
	EVENT(WAITENTER, l, lid, flags);

	error = wait_loop(p, l, exiting, &t);

	EVENT(WAITDONE, l, error, error == 0 ? t->l_lid : 0);
	wait_unclaim(l);
	p->p_nlwpwait--;
	l->l_waitfor = WAITFOR_NOBODY;
	if (error != 0) {
		proc_broadcast(p);
		return error;
	}
	if (departed != NULL)
		*departed = t->l_lid;
	lwp_free(t, false, false);
	mutex_enter(&p->p_smutex);
	return 0;
}
