/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * queue: for many CPUs.  Who wants the LWP queues on the LWP, each on a line
 * of its own, and the head alone goes after the pointer; with the lock in hand
 * it lets the next one be the head.
 *
 * So a move makes one CPU start over, not all that wait, and the pointer has
 * one reader; its line is written by movers only, for the tail of the queue,
 * which everybody writes who comes, is on another.  Where the algorithm is fair
 * the head stands in its queue like everybody and may take a lock for nothing
 * once a move; else it polls.
 *
 *	(Q1) the queue is MCS; its lock is never held with another one wanted
 *	     but a spin lock that its LWP's pointer named, whose holder never
 *	     waits for it: a rule for callers.  The head may stand in the queue
 *	     of a lock that the LWP has left since; who holds that one and now
 *	     wanted the LWP would come behind the head, and both wait for ever
 */

#ifndef PROTOCOL_QUEUE_H
#define PROTOCOL_QUEUE_H

#include "protocol_poll.h"
#include "protocol_retry.h"
#include "spin_mcs.h"

SPIN_INLINE void
protocol_queue_lock(const struct spin_algorithm *sa, struct lwplock *ll,
    struct spin_cpu *sp, const bool count)
{
	spin_mcs_take(&ll->ll_queue, sp, count);
	if (sa->sa_fair)
		protocol_retry_lock(sa, ll, sp, count);
	else
		protocol_poll_lock(sa, ll, sp, count);
	spin_mcs_release(&ll->ll_queue, sp);
}

#define protocol_queue_trylock	 protocol_trylock
#define protocol_queue_unlock	 protocol_unlock
#define protocol_queue_setlock	 protocol_setlock
#define protocol_queue_unlock_to protocol_unlock_to
#define protocol_queue_relock	 protocol_relock

#endif /* PROTOCOL_QUEUE_H */
