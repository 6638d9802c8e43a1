/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sequence: what is looked at again is not the pointer but the number of
 * moves, as a reader of a sequence lock does (Lameter, 2005; Boehm, MSPC 2012,
 * for the orders).
 *
 * An LWP that went away and came back is noticed, which equal pointers hide:
 * who takes the lock knows that nothing at all happened to the LWP's place
 * since it looked first.  The price is two stores more for each move.
 *
 *	(S1) ll_seq is odd while the pointer moves, even otherwise; only the
 *	     holder of the lock that covers the LWP stores it
 *	(S2) who has the lock that the pointer named when ll_seq was s, and
 *	     still finds s, has the LWP
 */

#ifndef PROTOCOL_SEQUENCE_H
#define PROTOCOL_SEQUENCE_H

#include "protocol_move.h"

/*
 * protocol_sequence_look:
 *
 *	Number and pointer that belong together, if the number is even.
 */
SPIN_INLINE union spin *
protocol_sequence_look(struct lwplock *ll, unsigned *seq)
{
	*seq = cell_load_acquire(ll, ll_seq);
	/* Acquire: if this sees a later move, the next look at ll_seq does. */
	return cell_load_acquire(ll, ll_lock);
}

SPIN_INLINE bool
protocol_sequence_valid(struct lwplock *ll, unsigned seq)
{
	return (seq & 1) == 0 && cell_load_acquire(ll, ll_seq) == seq;
}

SPIN_INLINE void
protocol_sequence_lock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	union spin *sl;
	unsigned seq;

	for (;;) {
		sl = protocol_sequence_look(ll, &seq);
		if ((seq & 1) != 0) {
			SPIN_COUNTS(sp, polls);
			cell_spinwait(ll, ll_seq, ll, ll_seq);
			continue;
		}
		sa->sa_acquire(sl, sp);
		if (protocol_sequence_valid(ll, seq))
			break;
		SPIN_COUNTS(sp, failed);
		sa->sa_release(sl, sp);
	}
	SPIN_COUNTS(sp, acquired);
}

SPIN_INLINE bool
protocol_sequence_trylock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	unsigned seq;
	union spin *sl = protocol_sequence_look(ll, &seq);

	if ((seq & 1) != 0 || !sa->sa_tryacquire(sl, sp))
		return false;
	if (!protocol_sequence_valid(ll, seq)) {
		SPIN_COUNTS(sp, failed);
		sa->sa_release(sl, sp);
		return false;
	}
	SPIN_COUNTS(sp, acquired);
	return true;
}

SPIN_INLINE void
protocol_sequence_setlock(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	const unsigned seq = cell_peek(ll, ll_seq);

	cell_store_relaxed(ll, ll_seq, seq + 1);
	/* Release: whoever sees the pointer sees that it moves. */
	protocol_setlock(sa, ll, to, sp, count);
	/* Release: whoever sees the number sees the pointer. */
	cell_store_release(ll, ll_seq, seq + 2);
}

SPIN_INLINE void
protocol_sequence_unlock_to(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	union spin *old = protocol_locked(ll);

	protocol_sequence_setlock(sa, ll, to, sp, count);
	sa->sa_release(old, sp);
}

SPIN_INLINE void
protocol_sequence_relock(const struct spin_algorithm *sa, struct lwplock *ll,
    union spin *to, struct spin_cpu *sp, const bool count)
{
	union spin *old = protocol_locked(ll);

	if (old == to)
		return;
	sa->sa_acquire(to, sp);
	protocol_sequence_setlock(sa, ll, to, sp, count);
	sa->sa_release(old, sp);
}

#define protocol_sequence_unlock protocol_unlock

#endif /* PROTOCOL_SEQUENCE_H */
