/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * CNA, compact NUMA-aware: MCS whose holder hands the lock to a waiter of its
 * own NUMA node if there is one, and moves those in front of it to a second
 * queue (Dice and Kogan, EuroSys 2019).  One word more than nothing: the state
 * of the second queue travels in the holder's place.
 *
 *	(M1..M3) as MCS
 *	(N1) the main queue begins behind the holder, in sn_next; the second is
 *	     the holder's sn_second, whose sn_secondlast is its last and ends
 *	     with a NULL link.  Nobody is in both
 *	(N2) a holder with a second queue releases to somebody: to one of its
 *	     node, else to the head of the second queue with the main one
 *	     hung behind it.  The lock is free only if both are empty
 *	(N3) after cna_bound times in a row among CPUs of one node the second
 *	     queue has its turn: nobody waits for ever
 *
 * The paper draws lots for (N3); a count does the same, and alike in every run.
 */

#ifndef SPIN_CNA_H
#define SPIN_CNA_H

#include "spin_node.h"

#define SPIN_CNA_BOUND 256 /* times that the lock stays near, at most */

SPIN_INLINE void
spin_cna_init(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	sl->cna.cna_tail = sl->cna.cna_node = NULL;
	sl->cna.cna_near = 0;
	sl->cna.cna_bound = SPIN_CNA_BOUND;
}

SPIN_INLINE void
spin_cna_fini(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	(void)sl;
	KASSERT(cell_peek(&sl->cna, cna_tail) == NULL);
}

SPIN_INLINE bool
spin_cna_held(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	return cell_load_acquire(&sl->cna, cna_tail) != NULL;
}

/* spin_cna_await_at: until this lock or the pointer o->f may have changed. */
#define spin_cna_await_at(sl, sp, o, f)                                        \
	((void)(sp), cell_spinwait((o), f, &(sl)->cna, cna_tail))

SPIN_INLINE void
spin_cna_await(union spin *sl, struct lwplock *ll, struct spin_cpu *sp)
{
	spin_cna_await_at(sl, sp, ll, ll_lock);
}

SPIN_INLINE bool
spin_cna_tryacquire(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = spin_node_get(sp);

	cell_store_relaxed(sn, sn_next, NULL);
	sn->sn_second = NULL;
	sn->sn_numa = sp->sp_numa;
	if (!cell_cas(&sl->cna, cna_tail, NULL, sn)) {
		spin_node_put(sp, sn);
		return false;
	}
	sl->cna.cna_node = sn;
	return true;
}

SPIN_INLINE void
spin_cna_take(union spin *sl, struct spin_cpu *sp, const bool count)
{
	struct spin_node *sn = spin_node_get(sp), *prev;

	cell_store_relaxed(sn, sn_next, NULL);
	cell_store_relaxed(sn, sn_wait, 1);
	sn->sn_second = NULL;
	sn->sn_numa = sp->sp_numa;
	prev = cell_exchange(&sl->cna, cna_tail, sn);
	if (prev != NULL) {
		/* Release: whoever follows the link sees the rest. */
		cell_store_release(prev, sn_next, sn);
		spin_node_await(sn, sp, count);
	}
	sl->cna.cna_node = sn;
}
SPIN_ACQUIRES(cna)

/*
 * spin_cna_near:
 *
 *	The first waiter of the holder's NUMA node, of those whose links can be
 *	seen; those before it go to the second queue.  NULL: none.
 */
SPIN_INLINE struct spin_node *
spin_cna_near(struct spin_node *sn, struct spin_node *first)
{
	struct spin_node *cur = first, *last = NULL;

	while (cur != NULL && cur->sn_numa != sn->sn_numa) {
		last = cur;
		cur = cell_load_acquire(cur, sn_next);
	}
	if (cur == NULL || last == NULL)
		return cur;
	if (sn->sn_second == NULL)
		sn->sn_second = first;
	else
		cell_store_relaxed(
		    sn->sn_second->sn_secondlast, sn_next, first);
	cell_store_relaxed(last, sn_next, NULL);
	sn->sn_second->sn_secondlast = last;
	return cur;
}

/*
 * spin_cna_empty:
 *
 *	Nobody is linked behind the holder: if it is the tail, leave, or make
 *	the second queue the main one.  False: somebody comes.
 */
SPIN_INLINE bool
spin_cna_empty(union spin *sl, struct spin_node *sn)
{
	struct spin_node *second = sn->sn_second;

	if (second == NULL)
		return cell_cas(&sl->cna, cna_tail, sn, NULL);
	if (!cell_cas(&sl->cna, cna_tail, sn, second->sn_secondlast))
		return false;
	sl->cna.cna_near = 0;
	cell_store_release(second, sn_wait, 0);
	return true;
}

SPIN_INLINE void
spin_cna_release(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = sl->cna.cna_node, *second, *next, *near = NULL;

	next = cell_load_acquire(sn, sn_next);
	if (next == NULL) {
		if (spin_cna_empty(sl, sn)) {
			spin_node_put(sp, sn);
			return;
		}
		while ((next = cell_load_acquire(sn, sn_next)) == NULL)
			cell_spinwait(sn, sn_next, sn, sn_next);
	}
	if (sl->cna.cna_near < sl->cna.cna_bound)
		near = spin_cna_near(sn, next);
	second = sn->sn_second;
	if (near != NULL) {
		sl->cna.cna_near++;
		near->sn_second = second;
		next = near;
	} else {
		sl->cna.cna_near = 0;
		if (second != NULL) {
			cell_store_relaxed(
			    second->sn_secondlast, sn_next, next);
			next = second;
		}
	}
	/* Release: with the queues, and cna_near, as they are now. */
	cell_store_release(next, sn_wait, 0);
	spin_node_put(sp, sn);
}

#endif /* SPIN_CNA_H */
