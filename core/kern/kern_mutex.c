/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mutexes.
 *
 * Spin
 *
 *	The interrupt level belongs to the CPU, not to the mutex: the first
 *	mutex that a CPU takes raises it and remembers the level before, and
 *	the release of the last one goes back there.  So mutexes may be
 *	released in any order (E9).  The word is taken at the old level, and
 *	the level is raised before an interrupt can be taken: one comes
 *	either before the mutex is held or after it is released.  With a lock
 *	that CPUs queue for, the level is raised first, so that a CPU in the
 *	queue is not interrupted (spin_mutex.h).
 *
 *	Where the level falls to IPL_NONE the kernel may be preempted, if it
 *	was booted with kernel preemption.
 *
 *	Where the machine takes no interrupts at those places and nobody wants
 *	to be told of events (MACHINE_LEVELS is false), a spin mutex is only
 *	its word: the level stays 0, and no owner is noted.
 *
 * Adaptive
 *
 *	One word, mtx_lwp: the owner, and MTX_WAITERS while LWPs sleep for it.
 *	Free is 0.  An LWP that finds it taken spins while the owner is on a
 *	CPU, since it will let go soon; but not while the owner waits for
 *	kernel_lock, which the spinner may hold (E16).  Else it sleeps on a
 *	turnstile.
 *
 *	(A1) taking it changes the word from 0 to the owner, releasing it from
 *	     the owner to 0; each is one atomic step, which fails if the word
 *	     has another value
 *	(A2) MTX_WAITERS is set exactly while the mutex has a turnstile.  It is
 *	     set, and a word that has it is released, only with the turnstile
 *	     chain locked.  So with the chain locked the owner of a mutex that
 *	     has a turnstile stays its owner, and cannot exit
 *	(A3) the release wakes all waiters, and they try again: a mutex without
 *	     an owner has no waiters
 *	(A4) the owner that a spinner looks at may have exited: the spinner
 *	     reads only the part of an LWP that survives recycling, and then
 *	     reads the word again
 */

#define PLACE_OF_CALLER
#include <machine/atomic.h>

#include <lwp/kernel.h>

#include "spin_mutex.h"

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
	if (lockclass_kind(lockclass) != MUTEX_ADAPTIVE)
		spin_mutex_init(mtx);
}

void
mutex_destroy(kmutex_t *mtx)
{
	KASSERT(mtx->mtx_owner == NULL);
	KASSERT(cell_peek(mtx, mtx_word) == 0);
	KASSERT(cell_peek(mtx, mtx_lwp) == 0);
	if (lockclass_kind(mtx->mtx_class) != MUTEX_ADAPTIVE)
		spin_mutex_fini(mtx);
}

/*
 * level_raise, level_lower:
 *
 *	The level of this CPU, for one spin mutex more or less.
 */
static void
level_raise(const kmutex_t *mtx)
{
	struct cpu_info *ci = curcpu();
	int level;

	level = machine_spl(
	    mtx->mtx_ipl > ci->ci_ipl ? mtx->mtx_ipl : ci->ci_ipl);
	if (ci->ci_mtx_count++ == 0)
		ci->ci_mtx_oldipl = level;
}

static void
level_lower(void)
{
	struct cpu_info *ci = curcpu();
	int level;

	KASSERT(ci->ci_mtx_count > 0);
	if (--ci->ci_mtx_count != 0)
		return;
	/* An interrupt that is taken here has mutexes of its own. */
	level = ci->ci_mtx_oldipl;
	(void)machine_spl(level);
	if (kernel.k_boot.bp_preempt_kernel && level == IPL_NONE)
		kpreempt();
}

void
mutex_prepare(kmutex_t *mtx)
{
	level_raise(mtx);
}

void
mutex_giveup(void)
{
	level_lower();
}

void
mutex_raise(kmutex_t *mtx, bool tried)
{
	struct cpu_info *ci;

	if (!SPIN_LEVEL_FIRST)
		level_raise(mtx);
	ci = curcpu();
	lockdebug_take(mtx, tried);
	cell_poke(mtx, mtx_owner, ci);
	EVENT(LOCK, NULL, mtx, tried);
}

struct lwp *
mutex_owner(const kmutex_t *mtx)
{
	return (struct lwp *)(cell_peek(mtx, mtx_lwp) & ~MTX_WAITERS);
}

static struct lwp *
adaptive_owner(const void *wchan)
{
	return mutex_owner(wchan);
}

const struct syncobj mutex_syncobj = {
	.sobj_name = "mutex",
	.sobj_sorted = true,
	.sobj_unsleep = turnstile_unsleep,
	.sobj_changepri = turnstile_changepri,
	.sobj_lendpri = sleepq_lendpri,
	.sobj_owner = adaptive_owner,
};

/*
 * adaptive_spin:
 *
 *	Wait while the owner is on a CPU and does not want kernel_lock.  False
 *	if it is better to sleep.
 */
static bool
adaptive_spin(kmutex_t *mtx)
{
	struct lwp *owner;
	unsigned running;

	for (;;) {
		owner = (struct lwp *)(cell_load_acquire(mtx, mtx_lwp) &
		    ~MTX_WAITERS);
		if (owner == NULL)
			return true;
		running = cell_load_acquire(owner, l_running);
		if (running != LWP_ONCPU) {
			if (running == LWP_WANTSBIG)
				PROBE(MUTEX_OWNER_WANTSBIG);
			return false;
		}
		PROBE(MUTEX_SPIN);
		cell_spinwait(mtx, mtx_lwp, owner, l_running);
	}
}

/*
 * adaptive_block:
 *
 *	Sleep until the mutex is released, unless it changed hands meanwhile.
 */
static void
adaptive_block(kmutex_t *mtx)
{
	struct turnstile *ts;
	uintptr_t word;

	ts = turnstile_lookup(mtx);
	word = cell_load_relaxed(mtx, mtx_lwp);
	KASSERT(((word & MTX_WAITERS) != 0) == (ts != NULL));
	if (word == 0 ||
	    (ts == NULL && !cell_cas(mtx, mtx_lwp, word, word | MTX_WAITERS))) {
		PROBE(MUTEX_MOVED);
		turnstile_exit(mtx);
		return;
	}
	turnstile_block(ts, mtx, cell_name(mtx->mtx_class), &mutex_syncobj);
}

/*
 * adaptive_enter:
 *
 *	No spin mutex held, not at interrupt level.
 */
static __attribute__((noinline)) void
adaptive_enter(kmutex_t *mtx)
{
	lockdebug_check_sleep(mtx);
	/* Acquire: pairs with the release of the word. */
	while (!cell_cas(mtx, mtx_lwp, 0, (uintptr_t)curlwp)) {
		if (!adaptive_spin(mtx))
			adaptive_block(mtx);
	}
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
 *	With waiters the word is released with their chain locked (A2).
 */
static __attribute__((noinline)) void
adaptive_exit(kmutex_t *mtx)
{
	const uintptr_t self = (uintptr_t)curlwp;
	struct turnstile *ts;

	EVENT(MTXEXIT, curlwp, mtx, 0);
	lockdebug_drop_sleep(mtx);
	if (cell_cas(mtx, mtx_lwp, self, 0))
		return;
	ts = turnstile_lookup(mtx);
	KASSERT(cell_peek(mtx, mtx_lwp) == (self | MTX_WAITERS));
	KASSERT(ts != NULL);
	cell_store_release(mtx, mtx_lwp, 0);
	turnstile_wakeup(ts);
}

/*
 * level_enter, level_exit:
 *
 *	Spin mutexes where levels are kept.  Like those for adaptive ones they
 *	are out of line, so that a mutex which is only its word needs no frame.
 */
static __attribute__((noinline)) void
level_enter(kmutex_t *mtx)
{
	lockdebug_check(mtx);
	if (SPIN_LEVEL_FIRST)
		mutex_prepare(mtx);
	spin_acquire(mtx);
	mutex_raise(mtx, false);
}

static __attribute__((noinline)) void
level_exit(kmutex_t *mtx)
{
	EVENT(UNLOCK, NULL, mtx, 0);
	lockdebug_drop(mtx);
	cell_poke(mtx, mtx_owner, NULL);
	spin_release(mtx);
	level_lower();
}

void(mutex_enter)(kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx))
		adaptive_enter(mtx);
	else if (MACHINE_LEVELS)
		level_enter(mtx);
	else
		spin_acquire(mtx);
}

bool(mutex_tryenter)(kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx))
		return adaptive_tryenter(mtx);
	if (SPIN_LEVEL_FIRST)
		mutex_prepare(mtx);
	if (!spin_tryacquire(mtx)) {
		if (SPIN_LEVEL_FIRST)
			mutex_giveup();
		return false;
	}
	if (MACHINE_LEVELS)
		mutex_raise(mtx, true);
	return true;
}

void(mutex_exit)(kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx))
		adaptive_exit(mtx);
	else if (MACHINE_LEVELS)
		level_exit(mtx);
	else
		spin_release(mtx);
}

bool
mutex_owned(const kmutex_t *mtx)
{
	if (mutex_is_adaptive(mtx))
		return mutex_owner(mtx) == curlwp;
	return cell_peek(mtx, mtx_word) != 0 &&
	    (!MACHINE_LEVELS || cell_peek(mtx, mtx_owner) == curcpu());
}
