/* SPDX-License-Identifier: BSD-2-Clause */

/* Time: the processor's counter where there is one, the clock's nanoseconds
 * elsewhere. */

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t
clock_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static inline uint64_t
clock_ticks(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return clock_ns();
#endif
}

static inline void
clock_pause(void)
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

/* clock_init: measure the counter; takes 20 ms.  clock_per_ns: ticks. */
void clock_init(void);
double clock_per_ns(void);

static inline double
clock_ticks_ns(uint64_t ticks)
{
	return (double)ticks / clock_per_ns();
}

/* clock_ghz: what the processor runs at now, by additions that depend on each
 * other; takes about 0.1 ms. */
double clock_ghz(void);

/* clock_work_rounds, clock_spin: a delay of about so many ns that touches no
 * memory, in two steps, so that a hot loop does not divide. */
unsigned clock_work_rounds(double ns);
static inline void
clock_spin(unsigned rounds)
{
	while (rounds-- > 0)
		__asm__ volatile("" : "+r"(rounds));
}

/* clock_pause_ns: how long the pause of a spinner takes. */
double clock_pause_ns(void);

#endif /* CLOCK_H */
