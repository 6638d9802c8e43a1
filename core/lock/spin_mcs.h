/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * MCS: a queue of nodes, each CPU waits on its own (Mellor-Crummey and Scott,
 * ACM TOCS 1991).
 *
 *	(M1) the lock is free exactly while mcs_tail is NULL
 *	(M2) a node is in the queue from the exchange that makes it the tail
 *	     until its CPU has handed the lock on, and is not used again before
 *	(M3) who exchanged a tail that was not NULL links itself to it: a
 *	     holder that is not the tail will have a successor, and waits for
 *	     the link
 *
 * A release writes one line, which one CPU waits for, however many there are.
 */

#ifndef SPIN_MCS_H
#define SPIN_MCS_H

#include "spin_node.h"

SPIN_INLINE void
spin_mcs_init(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	sl->mcs.mcs_tail = sl->mcs.mcs_node = NULL;
}

SPIN_INLINE void
spin_mcs_fini(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	(void)sl;
	KASSERT(cell_peek(&sl->mcs, mcs_tail) == NULL);
}

SPIN_INLINE bool
spin_mcs_held(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	return cell_load_acquire(&sl->mcs, mcs_tail) != NULL;
}

/* spin_mcs_await_at: until this lock or the pointer o->f may have changed. */
#define spin_mcs_await_at(sl, sp, o, f)                                        \
	((void)(sp), cell_spinwait((o), f, &(sl)->mcs, mcs_tail))

SPIN_INLINE void
spin_mcs_await(union spin *sl, struct lwplock *ll, struct spin_cpu *sp)
{
	spin_mcs_await_at(sl, sp, ll, ll_lock);
}

SPIN_INLINE bool
spin_mcs_tryacquire(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = spin_node_get(sp);

	cell_store_relaxed(sn, sn_next, NULL);
	if (!cell_cas(&sl->mcs, mcs_tail, NULL, sn)) {
		spin_node_put(sp, sn);
		return false;
	}
	sl->mcs.mcs_node = sn;
	return true;
}

SPIN_INLINE void
spin_mcs_take(union spin *sl, struct spin_cpu *sp, const bool count)
{
	struct spin_node *sn = spin_node_get(sp), *prev;

	cell_store_relaxed(sn, sn_next, NULL);
	cell_store_relaxed(sn, sn_wait, 1);
	prev = cell_exchange(&sl->mcs, mcs_tail, sn);
	if (prev != NULL) {
		/* Release: the holder is to see sn_wait as 1 before it. */
		cell_store_release(prev, sn_next, sn);
		spin_node_await(sn, sp, count);
	}
	sl->mcs.mcs_node = sn;
}
SPIN_ACQUIRES(mcs)

SPIN_INLINE void
spin_mcs_release(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = sl->mcs.mcs_node, *next;

	next = cell_load_acquire(sn, sn_next);
	if (next == NULL) {
		if (cell_cas(&sl->mcs, mcs_tail, sn, NULL)) {
			spin_node_put(sp, sn);
			return;
		}
		/* Somebody is between its exchange and its link. */
		while ((next = cell_load_acquire(sn, sn_next)) == NULL)
			cell_spinwait(sn, sn_next, sn, sn_next);
	}
	cell_store_release(next, sn_wait, 0);
	spin_node_put(sp, sn);
}

#endif /* SPIN_MCS_H */
