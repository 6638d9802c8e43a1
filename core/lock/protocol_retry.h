/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * retry: the loop of 1.54.
 *
 * Take the lock that the pointer names, look again, and if it has moved go
 * after it.  While it waits it learns nothing, so everybody who waits when an
 * LWP moves takes the old lock once for nothing: retries per acquisition are
 * waiters times moves per acquisition.
 */

#ifndef PROTOCOL_RETRY_H
#define PROTOCOL_RETRY_H

#include "protocol_move.h"

SPIN_INLINE void
protocol_retry_lock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	union spin *sl = cell_load_acquire(ll, ll_lock), *now;

	for (;;) {
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

#define protocol_retry_trylock	 protocol_trylock
#define protocol_retry_unlock	 protocol_unlock
#define protocol_retry_setlock	 protocol_setlock
#define protocol_retry_unlock_to protocol_unlock_to
#define protocol_retry_relock	 protocol_relock

#endif /* PROTOCOL_RETRY_H */
