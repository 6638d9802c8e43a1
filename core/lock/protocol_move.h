/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the protocols of the LWP lock share: release, and moving the pointer
 * where nobody needs to be told in another way.
 *
 * A protocol is written once for all algorithms: "sa" is a constant where it
 * is expanded, so that the calls are inlined, and so is "count".
 */

#ifndef PROTOCOL_MOVE_H
#define PROTOCOL_MOVE_H

#include "spin_node.h"

/* protocol_locked: what the pointer names, for the holder: nobody else stores
 * it. */
SPIN_INLINE union spin *
protocol_locked(const struct lwplock *ll)
{
	return cell_peek(ll, ll_lock);
}

/*
 * protocol_trylock:
 *
 *	One try, for protocols in which equal pointers are the proof.
 */
SPIN_INLINE bool
protocol_trylock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	union spin *sl = cell_load_acquire(ll, ll_lock);

	if (!sa->sa_tryacquire(sl, sp))
		return false;
	if (cell_load_acquire(ll, ll_lock) != sl) {
		SPIN_COUNTS(sp, failed);
		sa->sa_release(sl, sp);
		return false;
	}
	SPIN_COUNTS(sp, acquired);
	return true;
}

SPIN_INLINE void
protocol_unlock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	(void)count;
	sa->sa_release(protocol_locked(ll), sp);
}

SPIN_INLINE void
protocol_setlock(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	(void)sa;
	SPIN_COUNTS(sp, moves);
	/* Release: pairs with both looks of who wants it (L1, L2). */
	cell_store_release(ll, ll_lock, to);
}

SPIN_INLINE void
protocol_unlock_to(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	union spin *old = protocol_locked(ll);

	protocol_setlock(sa, ll, to, sp, count);
	sa->sa_release(old, sp);
}

SPIN_INLINE void
protocol_relock(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	union spin *old = protocol_locked(ll);

	if (old == to)
		return;
	sa->sa_acquire(to, sp);
	protocol_setlock(sa, ll, to, sp, count);
	sa->sa_release(old, sp);
}

#endif /* PROTOCOL_MOVE_H */
