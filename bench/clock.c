/* SPDX-License-Identifier: BSD-2-Clause */

#include "clock.h"

#define BEST 5 /* of so many tries */

static double per_ns = 1;
static double round_ns = 1; /* of clock_spin() */

double
clock_per_ns(void)
{
	return per_ns;
}

/*
 * clock_init:
 *
 *	The counter runs evenly whatever the processor's frequency does.  What
 *	a round of the delay takes does not: it is the frequency of now.
 */
void
clock_init(void)
{
	uint64_t ns = clock_ns(), ticks = clock_ticks(), now, best;
	unsigned n;

	do
		now = clock_ns();
	while (now - ns < 20000000);
	per_ns = (double)(clock_ticks() - ticks) / (double)(now - ns);
	for (n = 0, best = UINT64_MAX; n < BEST; n++) {
		ticks = clock_ticks();
		clock_spin(100000);
		ticks = clock_ticks() - ticks;
		if (ticks < best)
			best = ticks;
	}
	round_ns = (double)best / per_ns / 100000;
}

unsigned
clock_work_rounds(double ns)
{
	return (unsigned)(ns / round_ns + 0.5);
}

#define ADD4(x, y)                                                             \
	__asm__ volatile("" : "+r"(x));                                        \
	x += y;                                                                \
	__asm__ volatile("" : "+r"(x));                                        \
	x += y;                                                                \
	__asm__ volatile("" : "+r"(x));                                        \
	x += y;                                                                \
	__asm__ volatile("" : "+r"(x));                                        \
	x += y

static uint64_t
additions(unsigned rounds)
{
	uint64_t x = rounds, y = rounds | 1;

	for (; rounds > 0; rounds--) {
		__asm__ volatile("" : "+r"(y));
		ADD4(x, y);
		ADD4(x, y);
		ADD4(x, y);
		ADD4(x, y);
	}
	return x;
}

double
clock_ghz(void)
{
	const unsigned rounds = 4000;
	uint64_t start, took, best = UINT64_MAX;
	unsigned n;

	for (n = 0; n < BEST; n++) {
		start = clock_ticks();
		(void)additions(rounds);
		took = clock_ticks() - start;
		if (took < best)
			best = took;
	}
	return rounds * 16.0 / clock_ticks_ns(best);
}

double
clock_pause_ns(void)
{
	uint64_t start, took, best = UINT64_MAX;
	unsigned n, i;

	for (n = 0; n < BEST; n++) {
		start = clock_ticks();
		for (i = 0; i < 2000; i++)
			clock_pause();
		took = clock_ticks() - start;
		if (took < best)
			best = took;
	}
	return clock_ticks_ns(best) / 2000;
}
