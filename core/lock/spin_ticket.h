/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Ticket: who comes draws a number and waits until it is served (Reed and
 * Kanodia, CACM 1979; with backoff by distance, Mellor-Crummey and Scott, ACM
 * TOCS 1991).
 *
 *	(K1) tk_next - tk_serving is how many have the lock or wait for it
 *	(K2) only the holder stores tk_serving, and adds 1: numbers are served
 *	     in the order in which they were drawn
 *
 * All waiters read one word, so each release costs them a miss each; fair, and
 * as quick as test-and-set when nobody else is there.
 */

#ifndef SPIN_TICKET_H
#define SPIN_TICKET_H

#include "spin_node.h"

#define SPIN_TICKET_BACKOFF 16 /* pauses for each who is in front */

SPIN_INLINE void
spin_ticket_init(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	sl->ticket.tk_next = sl->ticket.tk_serving = 0;
}

SPIN_INLINE void
spin_ticket_fini(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	(void)sl;
	KASSERT(cell_peek(&sl->ticket, tk_next) ==
	    cell_peek(&sl->ticket, tk_serving));
}

/*
 * spin_ticket_held:
 *
 *	The word that is behind is looked at last: if it has passed what was
 *	seen of the other, others came and went in between, and the lock may be
 *	free.
 */
SPIN_INLINE bool
spin_ticket_held(union spin *sl, struct spin_cpu *sp)
{
	unsigned next = cell_load_acquire(&sl->ticket, tk_next);

	(void)sp;
	return (int)(next - cell_load_acquire(&sl->ticket, tk_serving)) > 0;
}

/* spin_ticket_await_at: until this lock or the pointer o->f may have changed.
 */
#define spin_ticket_await_at(sl, sp, o, f)                                     \
	((void)(sp), cell_spinwait((o), f, &(sl)->ticket, tk_serving))

SPIN_INLINE void
spin_ticket_await(union spin *sl, struct lwplock *ll, struct spin_cpu *sp)
{
	spin_ticket_await_at(sl, sp, ll, ll_lock);
}

/*
 * spin_ticket_tryacquire:
 *
 *	tk_next still being what was served means that in between nobody drew,
 *	so nobody can have been served either.
 */
SPIN_INLINE bool
spin_ticket_tryacquire(union spin *sl, struct spin_cpu *sp)
{
	/* Acquire: it is this word that the last holder stored. */
	unsigned serving = cell_load_acquire(&sl->ticket, tk_serving);

	(void)sp;
	return cell_cas(&sl->ticket, tk_next, serving, serving + 1);
}

SPIN_INLINE void
spin_ticket_take(union spin *sl, struct spin_cpu *sp, const bool count)
{
	unsigned mine = cell_add(&sl->ticket, tk_next, 1), serving;

	/* Acquire: pairs with the release of who was served before. */
	while ((serving = cell_load_acquire(&sl->ticket, tk_serving)) != mine) {
		SPIN_COUNTS(sp, polls);
		/* Nearly there: look as often as possible. */
		cell_backoff((mine - serving - 1) * SPIN_TICKET_BACKOFF);
		cell_spinwait(&sl->ticket, tk_serving, &sl->ticket, tk_serving);
	}
}
SPIN_ACQUIRES(ticket)

SPIN_INLINE void
spin_ticket_release(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	/* The holder's own store is the last one (K2). */
	cell_store_release(
	    &sl->ticket, tk_serving, cell_peek(&sl->ticket, tk_serving) + 1);
}

#endif /* SPIN_TICKET_H */
