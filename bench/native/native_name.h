/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * core/lock is compiled several times for the benchmarks, under a name each,
 * so that copies of one algorithm stand at different addresses: NATIVE is the
 * number of the copy.
 */

#ifndef NATIVE_NAME_H
#define NATIVE_NAME_H

#include <stdbool.h>

#define NATIVE_PASTE(name, n)  native##n##_##name
#define NATIVE_EXPAND(name, n) NATIVE_PASTE(name, n)
#define NATIVE_NAME(name)      NATIVE_EXPAND(name, NATIVE)

#define spin_table	       NATIVE_NAME(spin_table)
#define spin_pool_init	       NATIVE_NAME(spin_pool_init)
#define spin_cpu_init	       NATIVE_NAME(spin_cpu_init)
#define spin_clh_init	       NATIVE_NAME(spin_clh_init)
#define spin_clh_fini	       NATIVE_NAME(spin_clh_fini)
#define lwplock_init	       NATIVE_NAME(lwplock_init)
#define protocol_blocked       NATIVE_NAME(protocol_blocked)
#define protocol_table	       NATIVE_NAME(protocol_table)
#define protocol_uncounted     NATIVE_NAME(protocol_uncounted)

/* native_yields: set while there are more threads than processors. */
extern bool native_yields;
void native_yield(void);

static inline void
native_relax(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	/* Longer than yield, which is nothing on most. */
	__asm__ volatile("isb" : : : "memory");
#else
	__asm__ volatile("" : : : "memory");
#endif
}

static inline void
native_pause(void)
{
	native_relax();
	if (__builtin_expect(native_yields, 0))
		native_yield();
}

#endif /* NATIVE_NAME_H */
