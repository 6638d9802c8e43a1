/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Spin mutexes.
 *
 * The interrupt level belongs to the CPU, not to the mutex: the first mutex
 * that a CPU takes raises it and remembers the level before, and the release
 * of the last one goes back there.  So mutexes may be released in any order
 * (E9).  The word is taken at the old level and the level is up before anybody
 * else can see this CPU again: an interrupt comes either before the mutex is
 * held or after it is released.
 *
 * Where the level falls to nothing is also where the kernel may be preempted,
 * if it was booted like that.
 */

#define PLACE_OF_CALLER
#include <machine/atomic.h>

#include <lwp/kernel.h>

void
mutex_init(kmutex_t *mtx, enum cell lockclass, int ipl, unsigned ordinal)
{
	KASSERT(lockclass > CELL_none && lockclass <= CELL_LAST_LOCKCLASS);
	mtx->mtx_word = 0;
	mtx->mtx_class = (uint8_t)lockclass;
	mtx->mtx_ipl = (uint8_t)ipl;
	mtx->mtx_ordinal = (uint16_t)ordinal;
	mtx->mtx_owner = NULL;
	mtx->mtx_nextheld = NULL;
}

void
mutex_destroy(kmutex_t *mtx)
{
	KASSERT(mtx->mtx_owner == NULL);
	KASSERT(cell_peek(mtx, mtx_word) == 0);
	(void)mtx;
}

/*
 * mutex_raise:
 *
 *	The word was taken: raise the level and enter the books.
 */
static void
mutex_raise(kmutex_t *mtx, bool tried)
{
	struct cpu_info *ci = curcpu();
	int level;

	level = machine_spl(
	    mtx->mtx_ipl > ci->ci_ipl ? mtx->mtx_ipl : ci->ci_ipl);
	if (ci->ci_mtx_count++ == 0)
		ci->ci_mtx_oldipl = level;
	lockdebug_take(mtx, tried);
	EVENT(LOCK, NULL, mtx, tried);
}

void(mutex_enter)(kmutex_t *mtx)
{
	lockdebug_check(mtx);
	spin_acquire(mtx);
	mutex_raise(mtx, false);
}

bool(mutex_tryenter)(kmutex_t *mtx)
{
	if (!spin_tryacquire(mtx))
		return false;
	mutex_raise(mtx, true);
	return true;
}

void(mutex_exit)(kmutex_t *mtx)
{
	struct cpu_info *ci;
	int level;

	EVENT(UNLOCK, NULL, mtx, 0);
	lockdebug_drop(mtx);
	spin_release(mtx);
	ci = curcpu();
	KASSERT(ci->ci_mtx_count > 0);
	if (--ci->ci_mtx_count != 0)
		return;
	/* An interrupt that is taken here has mutexes of its own. */
	level = ci->ci_mtx_oldipl;
	(void)machine_spl(level);
	if (kernel.k_boot.bp_preempt_kernel && level == IPL_NONE)
		kpreempt();
}

bool
mutex_owned(const kmutex_t *mtx)
{
	return cell_peek(mtx, mtx_word) != 0 &&
	    cell_peek(mtx, mtx_owner) == curcpu();
}
