/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * blocked: while the LWP moves the pointer names a lock that is always held
 * (FreeBSD's blocked_lock, in idea).
 *
 * The mover lets go of the old lock before it has the new one, so it never
 * holds both and no order between them matters.  Nobody can take the LWP
 * meanwhile: who follows the pointer to the blocked lock waits for the pointer.
 *
 *	(B1) only who stored the blocked lock replaces it: nobody can hold it
 */

#ifndef PROTOCOL_BLOCKED_H
#define PROTOCOL_BLOCKED_H

#include "protocol_move.h"

/* protocol_blocked: never taken or stored to, an address to compare with. */
extern const union spin protocol_blocked;
#define PROTOCOL_BLOCKED ((union spin *)(uintptr_t)&protocol_blocked)

SPIN_INLINE void
protocol_blocked_lock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	union spin *sl = cell_load_acquire(ll, ll_lock), *now;

	for (;;) {
		if (sl == PROTOCOL_BLOCKED) {
			SPIN_COUNTS(sp, polls);
			cell_spinwait(ll, ll_lock, ll, ll_lock);
			sl = cell_load_acquire(ll, ll_lock);
			continue;
		}
		sa->sa_acquire(sl, sp);
		now = cell_load_acquire(ll, ll_lock);
		if (now == sl)
			break;
		SPIN_COUNTS(sp, failed);
		sa->sa_release(sl, sp);
		sl = now;
	}
	SPIN_COUNTS(sp, acquired);
}

SPIN_INLINE bool
protocol_blocked_trylock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	union spin *sl = cell_load_acquire(ll, ll_lock);

	if (sl == PROTOCOL_BLOCKED || !sa->sa_tryacquire(sl, sp))
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
protocol_blocked_unlock_to(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	union spin *old = protocol_locked(ll);

	cell_store_release(ll, ll_lock, PROTOCOL_BLOCKED);
	sa->sa_release(old, sp);
	protocol_setlock(sa, ll, to, sp, count);
}

SPIN_INLINE void
protocol_blocked_relock(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	union spin *old = protocol_locked(ll);

	if (old == to)
		return;
	cell_store_release(ll, ll_lock, PROTOCOL_BLOCKED);
	sa->sa_release(old, sp);
	sa->sa_acquire(to, sp);
	protocol_setlock(sa, ll, to, sp, count);
}

#define protocol_blocked_unlock	 protocol_unlock
#define protocol_blocked_setlock protocol_setlock

#endif /* PROTOCOL_BLOCKED_H */
