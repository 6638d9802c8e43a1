/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kernel_lock.
 *
 * The word is that of a spin mutex, the depth stands in the LWP.  Who holds it
 * may sleep, since a switch gives it up, and may spin for an adaptive mutex.
 * The owner of that mutex may want kernel_lock in turn: so who waits for
 * kernel_lock says so in l_running, and nobody spins for such an owner (E16).
 *
 *	(K1) the word is held exactly while the LWP on the CPU of mtx_owner has
 *	     l_biglocks > 0
 *	(K2) an LWP that is off its CPU, in user mode or dead holds nothing
 *	(K3) after a switch the depth is what it was before
 */

#define PLACE_OF_CALLER
#include <machine/atomic.h>

#include <lwp/biglock.h>
#include <lwp/kernel.h>

#include "spin_mutex.h"

#ifndef UNIPROCESSOR
/*
 * biglock_acquire:
 *
 *	Take the word.  Waiting is announced first: pairs with the look at
 *	l_running of who spins for a mutex of ours.
 */
static void
biglock_acquire(struct lwp *l)
{
	kmutex_t *big = &kernel.k_kernel_lock;

	if (!spin_tryacquire(big)) {
		PROBE(BIGLOCK_WAITS);
		cell_store_release(l, l_running, LWP_WANTSBIG);
		spin_acquire(big);
		cell_store_release(l, l_running, LWP_ONCPU);
	}
	KASSERT(big->mtx_owner == NULL);
	big->mtx_owner = curcpu();
}

static void
biglock_release(void)
{
	kmutex_t *big = &kernel.k_kernel_lock;

	KASSERT(big->mtx_owner == curcpu());
	big->mtx_owner = NULL;
	spin_release(big);
}

static __attribute__((noinline)) void
biglock_change(struct lwp *l, unsigned depth, enum event_biglock how)
{
	if (l->l_biglocks == 0) {
		lockdebug_cansleep("kernel_lock");
		biglock_acquire(l);
	}
	EVENT(BIGLOCK, l, depth, how);
	l->l_biglocks = depth;
	if (depth == 0)
		biglock_release();
}
#endif

/*
 * biglock_set:
 *
 *	From one depth to another; "how" is told to oracles.  Every call and
 *	every switch comes by here, and nearly always nobody holds it.
 */
static inline void
biglock_set(unsigned depth, enum event_biglock how)
{
#ifdef UNIPROCESSOR
	(void)depth;
	(void)how;
#else
	if (depth != curlwp->l_biglocks)
		biglock_change(curlwp, depth, how);
#endif
}

void
kernel_lock(unsigned n)
{
	biglock_set(curlwp->l_biglocks + n, BIGLOCK_EXPLICIT);
}

void
kernel_unlock(unsigned n)
{
#ifndef UNIPROCESSOR
	KASSERT(curlwp->l_biglocks >= n);
	biglock_set(curlwp->l_biglocks - n, BIGLOCK_EXPLICIT);
#else
	(void)n;
#endif
}

unsigned
kernel_unlock_all(void)
{
	unsigned n = curlwp->l_biglocks;

	biglock_set(0, BIGLOCK_EXPLICIT);
	return n;
}

bool
kernel_locked(void)
{
	return curlwp->l_biglocks != 0;
}

unsigned
biglock_giveup(void)
{
	unsigned n = curlwp->l_biglocks;

	biglock_set(0, BIGLOCK_SWITCH);
	return n;
}

void
biglock_takeback(unsigned n)
{
	KASSERT(curlwp->l_biglocks == 0);
	biglock_set(n, BIGLOCK_SWITCH);
}
