/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Assertions in three strengths.  They read through cell_peek(), take no
 * lock and allocate nothing: a run has the same steps with and without them.
 *
 *	CTASSERT	at compile time: sizes, table lengths
 *	KASSERT		cheap; off in benches only (NDEBUG)
 *	KDASSERT	walks lists; on where KDEBUG is defined
 */

#ifndef LWP_KASSERT_H
#define LWP_KASSERT_H

#include <lwp/machine.h>

#define CTASSERT(e) _Static_assert(e, #e)

#define KASSERT_FAIL(e)                                                        \
	machine_panic("assertion \"%s\" failed in %s", #e, __func__)

#ifdef NDEBUG
#define KASSERT(e) ((void)sizeof(e))
#else
#define KASSERT(e) (__builtin_expect(!(e), 0) ? KASSERT_FAIL(e) : (void)0)
#endif

#ifdef KDEBUG
#define KDASSERT(e) KASSERT(e)
#else
#define KDASSERT(e) ((void)sizeof(e))
#endif

#define panic machine_panic

#endif /* LWP_KASSERT_H */
