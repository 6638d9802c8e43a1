/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * backoff: poll, ever less often, within a bound; from the beginning when it
 * moved.  Polling each time floods the lines of the pointer and of the lock,
 * which the mover and the holder want.
 */

#ifndef PROTOCOL_BACKOFF_H
#define PROTOCOL_BACKOFF_H

#include "protocol_poll.h"

#define PROTOCOL_BACKOFF_BOUND 16 /* pauses between two looks, at most */

SPIN_INLINE void
protocol_backoff_lock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	protocol_poll_within(sa, ll, sp, count, PROTOCOL_BACKOFF_BOUND);
}

#define protocol_backoff_trylock   protocol_trylock
#define protocol_backoff_unlock	   protocol_unlock
#define protocol_backoff_setlock   protocol_setlock
#define protocol_backoff_unlock_to protocol_unlock_to
#define protocol_backoff_relock	   protocol_relock

#endif /* PROTOCOL_BACKOFF_H */
