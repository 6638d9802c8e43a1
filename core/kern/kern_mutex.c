/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mutexes.
 *
 * Spin
 *
 *	The interrupt level belongs to the CPU, not to the mutex: the first
 *	mutex that a CPU takes raises it and remembers the level before, and
 *	the release of the last one goes back there.  So mutexes may be
 *	released in any order (E9).  The word is taken at the old level and
 *	the level is up before anybody else can see this CPU again: an
 *	interrupt comes either before the mutex is held or after it is
 *	released.
 *
 *	Where the level falls to nothing is also where the kernel may be
 *	preempted, if it was booted like that.
 *
 * Adaptive
 *
 *	One word, mtx_lwp: the owner, and MTX_WAITERS while LWPs sleep for it.
 *	Free is 0.
 *
 *	(A1) taking is 0 -> owner, releasing owner -> 0, each one step that
 *	     fails if the word is not that
 *	(A2) MTX_WAITERS is set, and the word is released with it set, only
 *	     under the mutex of the queue that the waiters sleep on: so while
 *	     that is held and the bit is set, the owner stays the owner, and
 *	     cannot exit
 *	(A3) the release wakes all waiters, who try again: nobody owns a mutex
 *	     that has waiters but no LWP in it
 */

#define PLACE_OF_CALLER
#include <machine/atomic.h>

#include <lwp/kernel.h>

void
mutex_init(kmutex_t *mtx, enum cell lockclass, int ipl, unsigned ordinal)
{
	KASSERT(lockclass > CELL_none && lockclass <= CELL_LAST_LOCKCLASS);
	KASSERT((ipl == IPL_NONE) == (lockclass_kind(lockclass) != MUTEX_SPIN));
	mtx->mtx_word = 0;
	mtx->mtx_class = (uint8_t)lockclass;
	mtx->mtx_ipl = (uint8_t)ipl;
	mtx->mtx_ordinal = (uint16_t)ordinal;
	mtx->mtx_owner = NULL;
	mtx->mtx_lwp = 0;
	mtx->mtx_nextheld = NULL;
}

void
mutex_destroy(kmutex_t *mtx)
{
	KASSERT(mtx->mtx_owner == NULL);
	KASSERT(cell_peek(mtx, mtx_word) == 0);
	KASSERT(cell_peek(mtx, mtx_lwp) == 0);
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

struct lwp *
mutex_owner(const kmutex_t *mtx)
{
	return (struct lwp *)(cell_peek(mtx, mtx_lwp) & ~MTX_WAITERS);
}

/*
 * adaptive_wait:
 *
 *	Sleep until the mutex is released, unless it changes hands first.
 */
static void
adaptive_wait(kmutex_t *mtx)
{
	struct sleepq *sq;
	uintptr_t owner;

	sq = sleepq_lookup(mtx);
	/* Again: it may have been released before the queue was locked. */
	owner = cell_load_relaxed(mtx, mtx_lwp);
	if (owner == 0 ||
	    ((owner & MTX_WAITERS) == 0 &&
		!cell_cas(mtx, mtx_lwp, owner, owner | MTX_WAITERS))) {
		mutex_exit(sq->sq_mutex);
		return;
	}
	sleepq_enter(sq, curlwp);
	sleepq_enqueue(
	    sq, MAXPRI, mtx, cell_name(mtx->mtx_class), &sleep_syncobj);
	(void)sleepq_block(0, false);
}

/*
 * adaptive_enter:
 *
 *	No spin mutex held, not at interrupt level.
 */
static void
adaptive_enter(kmutex_t *mtx)
{
	const uintptr_t self = (uintptr_t)curlwp;

	lockdebug_check_sleep(mtx);
	while (!cell_cas(mtx, mtx_lwp, 0, self))
		adaptive_wait(mtx);
	lockdebug_take_sleep(mtx, false);
	EVENT(MTXENTER, curlwp, mtx, 0);
}

static bool
adaptive_tryenter(kmutex_t *mtx)
{
	lockdebug_cansleep(cell_name(mtx->mtx_class));
	if (!cell_cas(mtx, mtx_lwp, 0, (uintptr_t)curlwp))
		return false;
	lockdebug_take_sleep(mtx, true);
	EVENT(MTXENTER, curlwp, mtx, 1);
	return true;
}

/*
 * adaptive_exit:
 *
 *	With waiters the word is released under the mutex of their queue (A2).
 */
static void
adaptive_exit(kmutex_t *mtx)
{
	const uintptr_t self = (uintptr_t)curlwp;
	struct sleepq *sq;

	EVENT(MTXEXIT, curlwp, mtx, 0);
	lockdebug_drop_sleep(mtx);
	if (cell_cas(mtx, mtx_lwp, self, 0))
		return;
	sq = sleepq_lookup(mtx);
	KASSERT(cell_peek(mtx, mtx_lwp) == (self | MTX_WAITERS));
	cell_store_release(mtx, mtx_lwp, 0);
	(void)sleepq_wake(sq, mtx, UINT32_MAX);
}

void(mutex_enter)(kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx)) {
		adaptive_enter(mtx);
		return;
	}
	lockdebug_check(mtx);
	spin_acquire(mtx);
	mutex_raise(mtx, false);
}

bool(mutex_tryenter)(kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx))
		return adaptive_tryenter(mtx);
	if (!spin_tryacquire(mtx))
		return false;
	mutex_raise(mtx, true);
	return true;
}

void(mutex_exit)(kmutex_t *mtx)
{
	struct cpu_info *ci;

	if (mutex_is_adaptive(mtx)) {
		adaptive_exit(mtx);
		return;
	}
	EVENT(UNLOCK, NULL, mtx, 0);
	lockdebug_drop(mtx);
	spin_release(mtx);
	ci = curcpu();
	KASSERT(ci->ci_mtx_count > 0);
	if (--ci->ci_mtx_count != 0)
		return;
	(void)machine_spl(ci->ci_mtx_oldipl);
	if (kernel.k_boot.bp_preempt_kernel && ci->ci_mtx_oldipl == IPL_NONE)
		kpreempt();
}

bool
mutex_owned(const kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx))
		return mutex_owner(mtx) == curlwp;
	return cell_peek(mtx, mtx_word) != 0 && mtx->mtx_owner == curcpu();
}
