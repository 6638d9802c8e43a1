/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * poll: as retry, but who waits looks at the pointer as well, and goes away
 * when it moves, without having taken anything.
 *
 * It waits beside the lock and only tries it when it looks free, since a place
 * in a queue could not be given up: over a fair algorithm this is not fair.
 */

#ifndef PROTOCOL_POLL_H
#define PROTOCOL_POLL_H

#include "protocol_move.h"

/*
 * protocol_poll_within:
 *
 *	With at most so many pauses between two looks.  0: no pause but the
 *	machine's.  The pointer is looked at after the lock, which is an acquire
 *	where it looks free: a mover stores it before it releases, so a lock
 *	that looks free and is the LWP's no more is seldom taken for nothing.
 */
SPIN_INLINE void
protocol_poll_within(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count, const unsigned bound)
{
	union spin *sl = cell_load_acquire(ll, ll_lock), *now;
	unsigned pauses = 1;
	bool held;

	for (;;) {
		if (sa->sa_tryacquire(sl, sp)) {
			now = cell_load_acquire(ll, ll_lock);
			if (now == sl)
				break;
			SPIN_COUNTS(sp, failed);
			sa->sa_release(sl, sp);
			sl = now;
			pauses = 1;
			continue;
		}
		for (;;) {
			held = sa->sa_held(sl, sp);
			now = cell_load_acquire(ll, ll_lock);
			if (now != sl) {
				SPIN_COUNTS(sp, exits);
				sl = now;
				pauses = 1;
				break;
			}
			if (!held)
				break;
			SPIN_COUNTS(sp, polls);
			if (bound != 0) {
				cell_backoff(pauses);
				if (pauses < bound)
					pauses *= 2;
			}
			sa->sa_await(sl, ll, sp);
		}
	}
	SPIN_COUNTS(sp, acquired);
}

SPIN_INLINE void
protocol_poll_lock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	protocol_poll_within(sa, ll, sp, count, 0);
}

#define protocol_poll_trylock	protocol_trylock
#define protocol_poll_unlock	protocol_unlock
#define protocol_poll_setlock	protocol_setlock
#define protocol_poll_unlock_to protocol_unlock_to
#define protocol_poll_relock	protocol_relock

#endif /* PROTOCOL_POLL_H */
