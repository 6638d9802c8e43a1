/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * References to LWPs.
 *
 * Somebody outside an LWP who wants it to stay, a debugger or a reader of
 * statistics, takes a reference; until it is dropped the LWP does not become
 * a zombie and keeps all that it owns.  An LWP has one reference to itself
 * from birth, which it gives up when it drains the others on its way out.
 *
 *	(R1) l_refcnt counts the references, its own included until it drains
 *	(R2) references are taken under p_smutex only, never after the drained
 *	     mark
 *	(R3) p_refcv has p_smutex as its only interlock
 *
 * Whoever holds a reference must not wait for what its target does on the way
 * out: the target waits for the reference, uninterruptibly.
 */

#include <machine/atomic.h>

#include <lwp/proc.h>

/*
 * lwp_addref:
 *
 *	Legal also while the LWP drains and the count has fallen to 0: the
 *	drainer looks again before it goes on.  p_smutex held.
 */
void
lwp_addref(struct lwp *l)
{
	KASSERT(mutex_owned(&l->l_proc->p_smutex));
	if (cell_peek(l, l_stat) == LSZOMB || (l->l_prflag & LPR_DRAINED) != 0)
		panic("lwp_addref: reference to the dead");
	if (l->l_refcnt == 0)
		PROBE(ADDREF_AT_ZERO);
	l->l_refcnt++;
	EVENT(REF, l, l->l_refcnt, 0);
}

/*
 * lwp_delref:
 *
 *	Drop a reference.  Dropping one that nobody has panics.  p_smutex is
 *	taken.
 */
void
lwp_delref(struct lwp *l)
{
	struct proc *p = l->l_proc;
	unsigned own;

	mutex_enter(&p->p_smutex);
	own = (l->l_prflag & LPR_DRAINING) != 0 ? 0 : 1;
	if (l->l_refcnt <= own)
		panic("lwp_delref: no reference to drop");
	l->l_refcnt--;
	EVENT(REF, l, l->l_refcnt, 0);
	if (l->l_refcnt == 0)
		cv_broadcast(&p->p_refcv);
	mutex_exit(&p->p_smutex);
}

/*
 * lwp_drainrefs:
 *
 *	Give the own reference up, once however often this is called, and wait
 *	for the others.  The mark is set in the hold that finds none left.
 *	p_smutex held, dropped while asleep.
 */
void
lwp_drainrefs(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_smutex));
	if ((l->l_prflag & LPR_DRAINING) == 0) {
		cell_poke(l, l_prflag, l->l_prflag | LPR_DRAINING);
		KASSERT(l->l_refcnt > 0);
		l->l_refcnt--;
		EVENT(REF, l, l->l_refcnt, 0);
	}
	while (l->l_refcnt != 0) {
		PROBE(DRAINREFS_WAIT);
		cv_wait(&p->p_refcv, &p->p_smutex);
	}
	cell_poke(l, l_prflag, l->l_prflag | LPR_DRAINED);
	EVENT(DRAINED, l, 0, 0);
}

/*
 * lwp_dropheld:
 *
 *	An LWP that dies, or ends its process, lets go of what it holds: the
 *	target may be waiting for it, and it for the target.
 */
void
lwp_dropheld(struct lwp *l)
{
	struct lwp *held = l->l_held;

	KASSERT(l == curlwp);
	if (held == NULL)
		return;
	l->l_held = NULL;
	lwp_delref(held);
}
