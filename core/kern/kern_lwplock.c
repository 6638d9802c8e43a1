/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The LWP lock: whatever mutex l_mutex points to.
 *
 * An LWP is covered by the mutex of the queue that it is on: a scheduler's
 * while it can run, a sleep queue's while it sleeps.  Moving it moves the
 * pointer; only the holder of the current mutex may do so.
 *
 *	(L1) the pointer is stored with release order, after everything that
 *	     was done to the LWP under the old mutex
 *	(L2) who wants the lock loads the pointer, takes the mutex, and looks at
 *	     the pointer again with the mutex held: equal means that nobody
 *	     can move it any more
 *	(L3) a mutex that was ever lent to an LWP stays valid for ever: whoever
 *	     loaded the pointer before the move still takes it
 *	(L4) in a uniprocessor build the pointer never changes: all the mutexes
 *	     concerned are one
 */

#define PLACE_OF_CALLER
#include <machine/atomic.h>

#include <lwp/kernel.h>

#include "spin_mutex.h"

/* What this library is; see config.h. */
extern const char LWP_CONFIG(MACHINE_NAME);
const char LWP_CONFIG(MACHINE_NAME) = 0;

bool
lwp_locked(const struct lwp *l, const kmutex_t *mtx)
{
	const kmutex_t *cur = cell_peek(l, l_mutex);

#ifdef UNIPROCESSOR
	mtx = NULL;
#endif
	return mutex_owned(cur) && (mtx == NULL || mtx == cur);
}

/*
 * lwp_lock_follow:
 *
 *	Take the mutex that the pointer leads to.  Who waits for one that is
 *	held looks whether the pointer still does, and else goes after it: so
 *	a mutex that is taken here was, nearly always, the one until now.
 */
static kmutex_t *
lwp_lock_follow(struct lwp *l)
{
	kmutex_t *mtx;

	for (;;) {
		mtx = cell_load_acquire(l, l_mutex);
		lockdebug_check(mtx);
		if (SPIN_LEVEL_FIRST)
			mutex_prepare(mtx);
		if (spin_acquire_while(mtx, l, l_mutex))
			break;
		if (SPIN_LEVEL_FIRST)
			mutex_giveup();
	}
	if (MACHINE_LEVELS)
		mutex_raise(mtx, false);
	return mtx;
}

/*
 * lwp_lock_retry:
 *
 *	Follow the pointer until it is the one that is held.
 */
void
lwp_lock_retry(struct lwp *l, kmutex_t *old)
{
	while (cell_load_acquire(l, l_mutex) != old) {
		PROBE(LOCK_RETRY);
		(mutex_exit)(old);
		old = lwp_lock_follow(l);
	}
}

void(lwp_lock)(struct lwp *l)
{
#ifdef UNIPROCESSOR
	(void)lwp_lock_follow(l);
#else
	lwp_lock_retry(l, lwp_lock_follow(l));
#endif
}

void(lwp_unlock)(struct lwp *l)
{
	kmutex_t *mtx = l->l_mutex;

	KASSERT(lwp_locked(l, NULL));
	EVENT(LWPUNLOCK, l, mtx, 0);
	(mutex_exit)(mtx);
}

bool(lwp_trylock)(struct lwp *l)
{
	kmutex_t *mtx;

	mtx = cell_load_acquire(l, l_mutex);
	if (!(mutex_tryenter)(mtx))
		return false;
#ifndef UNIPROCESSOR
	if (cell_load_acquire(l, l_mutex) != mtx) {
		PROBE(TRYLOCK_MOVED);
		(mutex_exit)(mtx);
		return false;
	}
#endif
	return true;
}

/*
 * lwp_movelock:
 *
 *	Store the pointer.  From here on whoever holds "new" owns the LWP.
 */
static void
lwp_movelock(struct lwp *l, kmutex_t *new)
{
#ifdef UNIPROCESSOR
	(void)l;
	(void)new;
#else
	/* Release: pairs with the acquire in lwp_lock() and its retry. */
	cell_store_release(l, l_mutex, new);
#endif
}

void(lwp_setlock)(struct lwp *l, kmutex_t *new)
{
	KASSERT(lwp_locked(l, NULL));
	KASSERT(mutex_owned(new) || l->l_stat == LSSTOP ||
	    l->l_stat == LSSUSPENDED);
	lwp_movelock(l, new);
}

void(lwp_unlock_to)(struct lwp *l, kmutex_t *new)
{
	kmutex_t *old = l->l_mutex;

	KASSERT(lwp_locked(l, NULL));
	lwp_movelock(l, new);
	(mutex_exit)(old);
}

void(lwp_relock)(struct lwp *l, kmutex_t *new)
{
	kmutex_t *old = l->l_mutex;

	KASSERT(lwp_locked(l, NULL));
	if (old == new)
		return;
	(mutex_enter)(new);
	lwp_movelock(l, new);
	(mutex_exit)(old);
}
