/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Assertions in three strengths.  They read through cell_peek(), take no
 * lock and allocate nothing: a run has the same steps with and without them.
 *
 *	CTASSERT	at compile time: sizes, table lengths
 *	KASSERT		cheap; off in benches only (config.h: LWP_CHECKED)
 *	KDASSERT	walks lists; on where KDEBUG is defined
 */

#ifndef LWP_KASSERT_H
#define LWP_KASSERT_H

#include <lwp/config.h>
#include <lwp/machine.h>

#define CTASSERT(e) _Static_assert(e, #e)

/* The text is taken where the condition is written, before its macros are
 * expanded: it is part of a verdict's signature. */
#define KASSERT_TEXT(e, text)                                                  \
	(__builtin_expect(!(e), 0) ?                                           \
		machine_panic("assertion %s failed in %s", text, __func__) :   \
		(void)0)

#if LWP_CHECKED
#define KASSERT(e) KASSERT_TEXT(e, #e)
#else
#define KASSERT(e) ((void)sizeof(e))
#endif

#ifdef KDEBUG
#define KDASSERT(e) KASSERT_TEXT(e, #e)
#else
#define KDASSERT(e) ((void)sizeof(e))
#endif

#define panic machine_panic

#endif /* LWP_KASSERT_H */
