/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test-and-set: the oldest one.
 *
 * One word, exchanged until it was 0.  The least work when nobody else is
 * there; under contention every waiter takes the line away from all others
 * with each look, also from the holder, and who is near the line wins again
 * and again.
 *
 *	(T1) the word is 1 exactly while somebody has the lock: only an
 *	     exchange that returned 0 takes it
 */

#ifndef SPIN_TAS_H
#define SPIN_TAS_H

#include "spin_node.h"

SPIN_INLINE void
spin_tas_init(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	sl->tas.tas_word = 0;
}

SPIN_INLINE void
spin_tas_fini(union spin *sl, struct spin_pool *pl)
{
	(void)pl;
	(void)sl;
	KASSERT(cell_peek(&sl->tas, tas_word) == 0);
}

SPIN_INLINE bool
spin_tas_held(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	return cell_load_acquire(&sl->tas, tas_word) != 0;
}

/* spin_tas_await_at: until this lock or the pointer o->f may have changed. */
#define spin_tas_await_at(sl, sp, o, f)                                        \
	((void)(sp), cell_spinwait((o), f, &(sl)->tas, tas_word))

SPIN_INLINE void
spin_tas_await(union spin *sl, struct lwplock *ll, struct spin_cpu *sp)
{
	spin_tas_await_at(sl, sp, ll, ll_lock);
}

SPIN_INLINE bool
spin_tas_tryacquire(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	return cell_exchange(&sl->tas, tas_word, 1) == 0;
}

SPIN_INLINE void
spin_tas_take(union spin *sl, struct spin_cpu *sp, const bool count)
{
	while (cell_exchange(&sl->tas, tas_word, 1) != 0) {
		SPIN_COUNTS(sp, polls);
		/* Looked at so that the machine knows what to wait for. */
		if (spin_tas_held(sl, sp))
			cell_spinwait(&sl->tas, tas_word, &sl->tas, tas_word);
	}
}
SPIN_ACQUIRES(tas)

SPIN_INLINE void
spin_tas_release(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	cell_store_release(&sl->tas, tas_word, 0);
}

#endif /* SPIN_TAS_H */
