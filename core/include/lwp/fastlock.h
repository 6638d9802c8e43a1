/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwp_lock() and lwp_unlock(), inlined, for programs on the host machine.
 *
 * With this header the two names are inline functions that do what
 * kern_lwplock.c does, by the same rules: load the pointer, exchange the word,
 * look at the pointer again.  Whatever else there is to do is done out of line:
 * waiting for a mutex that is held, following a pointer that moved, and all of
 * it in a machine whose locks are watched (host_watched).
 *
 * The rules are the library's as it was built, so a program that includes this
 * must be linked with that library: LWP_CONFIG(host), see config.h.  It cannot
 * be linked with the simulator, where each of these steps is a choice.
 */

#ifndef LWP_FASTLOCK_H
#define LWP_FASTLOCK_H

#include <lwp/config.h>
#include <lwp/host.h>

extern const char LWP_CONFIG(host);
/* Undefined when linking?  The program was compiled for another library. */
__attribute__((used)) static const char *const lwp_config = &LWP_CONFIG(host);

static inline void
lwp_lock_inline(struct lwp *l)
{
#if LWP_CHECKED || defined(UNIPROCESSOR) || defined(LWP_SPIN_LOCK)
	(lwp_lock)(l);
#else
	kmutex_t *mtx;

	if (__builtin_expect(host_watched != 0, 0)) {
		(lwp_lock)(l);
		return;
	}
	/* Acquire: pairs with the store of the pointer, which comes after the
	 * mutex was made (L1). */
	mtx = __atomic_load_n(&l->l_mutex, __ATOMIC_ACQUIRE);
	if (__builtin_expect(
		__atomic_exchange_n(&mtx->mtx_word, 1, __ATOMIC_ACQUIRE) != 0,
		0))
		lwp_lock_wait(l, mtx);
	else if (__builtin_expect(
		     __atomic_load_n(&l->l_mutex, __ATOMIC_ACQUIRE) != mtx, 0))
		lwp_lock_moved(l, mtx);
#endif
}

static inline void
lwp_unlock_inline(struct lwp *l)
{
#if LWP_CHECKED || defined(UNIPROCESSOR) || defined(LWP_SPIN_LOCK)
	(lwp_unlock)(l);
#else
	typedef unsigned __attribute__((__may_alias__)) word_t;
	char *word = (char *)l->l_mutex + offsetof(kmutex_t, mtx_word);

	/* One more branch between the exchange and this store would cost a
	 * cycle (Zen 5): where locks are watched, the store goes to a word of
	 * the mutex that nobody reads. */
	__atomic_store_n(
	    (word_t *)(void *)(word + host_watched), 0, __ATOMIC_RELEASE);
	if (__builtin_expect(host_watched != 0, 0))
		(lwp_unlock)(l);
#endif
}

#undef lwp_lock
#undef lwp_unlock
#define lwp_lock(l)   lwp_lock_inline(l)
#define lwp_unlock(l) lwp_unlock_inline(l)

#endif /* LWP_FASTLOCK_H */
