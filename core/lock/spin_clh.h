/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * CLH: a queue of nodes, each CPU waits on the one before (Craig 1993;
 * Magnusson, Landin and Hagersten, IPPS 1994).
 *
 *	(C1) the tail is never nobody: a free lock has the node of whoever had
 *	     it last, with sn_wait 0, at first one from the pool
 *	(C2) who has waited for a node owns it: nobody else can look at it any
 *	     more.  It takes that one with it and leaves its own behind, so a
 *	     CPU always has as many nodes as before
 *
 * A release is one store, without a look at who is next.
 *
 * The tail names a node by its index in the low 16 bits and the number of times
 * that the node was queued above.  The latter is for tryacquire: a node seen
 * free may be taken, released, recycled and be the tail once more, held, and
 * with the index alone a try would find itself behind it, waiting.
 */

#ifndef SPIN_CLH_H
#define SPIN_CLH_H

#include "spin_node.h"

/* The node becomes a tail: its name this time. */
SPIN_INLINE uint64_t
spin_clh_name(const struct spin_pool *pl, struct spin_node *sn)
{
	return ++sn->sn_uses << 16 | (uint64_t)(sn - pl->pl_base);
}

SPIN_INLINE struct spin_node *
spin_clh_node(const struct spin_pool *pl, uint64_t name)
{
	return &pl->pl_base[name & SPIN_POOL_MAX];
}

void spin_clh_init(union spin *, struct spin_pool *);
void spin_clh_fini(union spin *, struct spin_pool *);

SPIN_INLINE bool
spin_clh_held(union spin *sl, struct spin_cpu *sp)
{
	uint64_t tail = cell_load_acquire(&sl->clh, clh_tail);

	return cell_load_acquire(spin_clh_node(sp->sp_pool, tail), sn_wait) !=
	    0;
}

/*
 * spin_clh_await:
 *
 *	Free is a matter of two cells, so the pointer is not watched: who moves
 *	it releases the lock soon.
 */
SPIN_INLINE void
spin_clh_await(union spin *sl, struct lwplock *ll, struct spin_cpu *sp)
{
	uint64_t tail = cell_load_acquire(&sl->clh, clh_tail);
	struct spin_node *sn = spin_clh_node(sp->sp_pool, tail);

	(void)ll;
	if (cell_load_relaxed(sn, sn_wait) != 0)
		cell_spinwait(&sl->clh, clh_tail, sn, sn_wait);
}
#define spin_clh_await_at(sl, sp, o, f) spin_clh_await((sl), NULL, (sp))

SPIN_INLINE bool
spin_clh_tryacquire(union spin *sl, struct spin_cpu *sp)
{
	uint64_t tail = cell_load_acquire(&sl->clh, clh_tail);
	struct spin_node *prev = spin_clh_node(sp->sp_pool, tail), *sn;

	if (cell_load_acquire(prev, sn_wait) != 0)
		return false;
	sn = spin_node_get(sp);
	cell_store_relaxed(sn, sn_wait, 1);
	if (!cell_cas(
		&sl->clh, clh_tail, tail, spin_clh_name(sp->sp_pool, sn))) {
		spin_node_put(sp, sn);
		return false;
	}
	sl->clh.clh_node = sn;
	sl->clh.clh_prev = prev;
	return true;
}

SPIN_INLINE void
spin_clh_take(union spin *sl, struct spin_cpu *sp, const bool count)
{
	struct spin_node *sn = spin_node_get(sp), *prev;

	cell_store_relaxed(sn, sn_wait, 1);
	prev = spin_clh_node(sp->sp_pool,
	    cell_exchange(&sl->clh, clh_tail, spin_clh_name(sp->sp_pool, sn)));
	spin_node_await(prev, sp, count);
	sl->clh.clh_node = sn;
	sl->clh.clh_prev = prev;
}
SPIN_ACQUIRES(clh)

SPIN_INLINE void
spin_clh_release(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = sl->clh.clh_node, *prev = sl->clh.clh_prev;

	/* From here on the lock's fields and sn are somebody else's. */
	cell_store_release(sn, sn_wait, 0);
	spin_node_put(sp, prev);
}

#endif /* SPIN_CLH_H */
