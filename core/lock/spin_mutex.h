/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The spin lock behind kmutex_t.
 *
 * LWP_SPIN=fas, the default, is the machine's own word: spin_acquire() and its
 * like of <machine/atomic.h>.  Taking it is one step of the simulator, and a
 * few instructions on the host.  With an algorithm of spin.def these names mean
 * that algorithm, made of its own steps; mtx_word then only says, to assertions
 * and reports, that somebody has the mutex.
 *
 * LWP_PROTOCOL says what waiting for an LWP lock is: "retry" waits for the
 * mutex, whatever the pointer does; "poll" and "backoff" look at the pointer as
 * well.  These only try the lock, so they give the order of a fair algorithm
 * away.
 *
 * Levels (spin.h).  Where the lock is the word it is taken at the old level,
 * as kern_mutex.c says; else the level is raised first (SPIN_LEVEL_FIRST), for
 * a CPU in a queue must not run a handler that wants the same lock, nor be
 * preempted.
 */

#ifndef SPIN_MUTEX_H
#define SPIN_MUTEX_H

#include <lwp/kernel.h>

#ifndef LWP_SPIN_LOCK

#define SPIN_LEVEL_FIRST   false
#define spin_mutex_init(m) ((void)(m))
#define spin_mutex_fini(m) ((void)(m))

#else

#include "spin_all.h"

#define SPIN_LEVEL_FIRST	   MACHINE_LEVELS

/* spin_NAME_op of the algorithm that was chosen. */
#define SPIN_MUTEX_PASTE(name, op) spin_##name##_##op
#define SPIN_MUTEX_NAME(name, op)  SPIN_MUTEX_PASTE(name, op)
#define SPIN_MUTEX(op)		   SPIN_MUTEX_NAME(LWP_SPIN, op)

static inline void
spin_mutex_init(kmutex_t *m)
{
	SPIN_MUTEX(init)(&m->mtx_spin, &kernel.k_spinpool);
}

static inline void
spin_mutex_fini(kmutex_t *m)
{
	SPIN_MUTEX(fini)(&m->mtx_spin, &kernel.k_spinpool);
}

static inline void
spin_mutex_acquire(kmutex_t *m)
{
	SPIN_MUTEX(acquire)(&m->mtx_spin, &curcpu()->ci_spin);
	cell_poke(m, mtx_word, 1);
}

static inline bool
spin_mutex_tryacquire(kmutex_t *m)
{
	if (!SPIN_MUTEX(tryacquire)(&m->mtx_spin, &curcpu()->ci_spin))
		return false;
	cell_poke(m, mtx_word, 1);
	return true;
}

static inline void
spin_mutex_release(kmutex_t *m)
{
	cell_poke(m, mtx_word, 0);
	SPIN_MUTEX(release)(&m->mtx_spin, &curcpu()->ci_spin);
}

#undef spin_acquire
#undef spin_acquire_while
#undef spin_tryacquire
#undef spin_release
#define spin_acquire(m)	   spin_mutex_acquire(m)
#define spin_tryacquire(m) spin_mutex_tryacquire(m)
#define spin_release(m)	   spin_mutex_release(m)

#if LWP_PROTOCOL_PAUSES == 0
#define spin_acquire_while(m, o, f) (spin_acquire(m), true)
#else
#define spin_acquire_while(m, o, f)                                            \
	__extension__({                                                        \
		struct spin_cpu *const sp_ = &curcpu()->ci_spin;               \
		kmutex_t *const m_ = (m);                                      \
		unsigned pauses_ = 1;                                          \
		bool same_ = true, held_;                                      \
		while (same_ && !spin_tryacquire(m_)) {                        \
			for (;;) {                                             \
				held_ = SPIN_MUTEX(held)(&m_->mtx_spin, sp_);  \
				same_ = cell_load_relaxed((o), f) == m_;       \
				if (!same_ || !held_)                          \
					break;                                 \
				cell_backoff(pauses_);                         \
				if (pauses_ < LWP_PROTOCOL_PAUSES)             \
					pauses_ *= 2;                          \
				SPIN_MUTEX(await_at)                           \
				(&m_->mtx_spin, sp_, o, f);                    \
			}                                                      \
		}                                                              \
		same_;                                                         \
	})
#endif

#endif /* LWP_SPIN_LOCK */

#endif /* SPIN_MUTEX_H */
