/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Places in queues, for the algorithms that have some.
 *
 * A CPU has SPIN_NODES of them at all times, in queues or on its free list: an
 * algorithm that leaves one behind takes another with it.  An interrupt uses
 * the list like a call would.  It may come at cells only, never inside of
 * spin_node_get() or spin_node_put(): it would find the list half changed, and
 * with CLH leave another place on it.  So memory grain is for LWP_SPIN=fas.
 */

#ifndef SPIN_NODE_H
#define SPIN_NODE_H

#include <machine/atomic.h>

#include <lwp/kassert.h>
#include <lwp/lwplock.h>

/* Where an algorithm is compared with another neither is to pay for a call. */
#define SPIN_INLINE static inline __attribute__((always_inline))

/* One more of a number that only this CPU writes, if "count", a constant. */
#define SPIN_COUNTS(sp, what)                                                  \
	do {                                                                   \
		if (count)                                                     \
			(sp)->sp_counts.sk_##what++;                           \
	} while (0)

/*
 * SPIN_ACQUIRES:
 *
 *	What takes a lock is written once, as spin_NAME_take() with "count", and
 *	is there twice: spin_NAME_acquire(), and the same without counts.
 */
#define SPIN_ACQUIRES(name)                                                    \
	SPIN_INLINE void spin_##name##_acquire(                                \
	    union spin *sl, struct spin_cpu *sp)                               \
	{                                                                      \
		spin_##name##_take(sl, sp, true);                              \
	}                                                                      \
	SPIN_INLINE void spin_##name##_acquire_uncounted(                      \
	    union spin *sl, struct spin_cpu *sp)                               \
	{                                                                      \
		spin_##name##_take(sl, sp, false);                             \
	}

SPIN_INLINE struct spin_node *
spin_node_get(struct spin_cpu *sp)
{
	struct spin_node *sn = sp->sp_free;

	if (__builtin_expect(sn == NULL, 0))
		machine_panic("more than %d spin locks held", SPIN_NODES);
	sp->sp_free = sn->sn_free;
	return sn;
}

SPIN_INLINE void
spin_node_put(struct spin_cpu *sp, struct spin_node *sn)
{
	sn->sn_free = sp->sp_free;
	sp->sp_free = sn;
}

/*
 * spin_node_await:
 *
 *	Wait until the node's sn_wait is 0.  Acquire: pairs with the release
 *	that stores it, by the one who has had the lock.
 */
SPIN_INLINE void
spin_node_await(struct spin_node *sn, struct spin_cpu *sp, const bool count)
{
	while (cell_load_acquire(sn, sn_wait) != 0) {
		SPIN_COUNTS(sp, polls);
		cell_spinwait(sn, sn_wait, sn, sn_wait);
	}
}

#endif /* SPIN_NODE_H */
