/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test, then test-and-set, with bounded exponential backoff (Anderson, IEEE
 * TPDS 1990).
 *
 * A waiter reads, which leaves the line with everybody, and exchanges only a
 * word that it saw free.  It reads ever less often, within a bound: else a
 * release makes all waiters exchange at once.  Short bounds are kept since
 * the holder is meant to be quick.
 *
 *	(T1) the word is 1 exactly while somebody has the lock
 */

#ifndef SPIN_TTAS_H
#define SPIN_TTAS_H

#include "spin_node.h"

#define SPIN_TTAS_BACKOFF 64 /* pauses between two looks, at most */

SPIN_INLINE void
spin_ttas_init(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	sl->ttas.ttas_word = 0;
}

SPIN_INLINE void
spin_ttas_fini(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	(void)sl;
	KASSERT(cell_peek(&sl->ttas, ttas_word) == 0);
}

SPIN_INLINE bool
spin_ttas_held(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	return cell_load_acquire(&sl->ttas, ttas_word) != 0;
}

/* spin_ttas_await_at: until this lock or the pointer o->f may have changed. */
#define spin_ttas_await_at(sl, sp, o, f)                                       \
	((void)(sp), cell_spinwait((o), f, &(sl)->ttas, ttas_word))

SPIN_INLINE void
spin_ttas_await(union spin *sl, struct lwplock *ll, struct spin_cpu *sp)
{
	spin_ttas_await_at(sl, sp, ll, ll_lock);
}

SPIN_INLINE bool
spin_ttas_tryacquire(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	return cell_exchange(&sl->ttas, ttas_word, 1) == 0;
}

SPIN_INLINE void
spin_ttas_take(union spin *sl, struct spin_cpu *sp, const bool count)
{
	unsigned pauses = 1;

	while (cell_exchange(&sl->ttas, ttas_word, 1) != 0) {
		while (spin_ttas_held(sl, sp)) {
			SPIN_COUNTS(sp, polls);
			cell_backoff(pauses);
			if (pauses < SPIN_TTAS_BACKOFF)
				pauses *= 2;
			cell_spinwait(
			    &sl->ttas, ttas_word, &sl->ttas, ttas_word);
		}
	}
}
SPIN_ACQUIRES(ttas)

SPIN_INLINE void
spin_ttas_release(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	cell_store_release(&sl->ttas, ttas_word, 0);
}

#endif /* SPIN_TTAS_H */
