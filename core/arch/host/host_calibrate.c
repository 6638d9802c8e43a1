/* SPDX-License-Identifier: BSD-2-Clause */

/* What a lock, a switch and the clearing of memory cost by themselves. */

#include <limits.h>
#include <string.h>

#include "host_impl.h"

#define ROUNDS 20000u
#define TRIES  100u /* short ones: the host has others to serve */
#define BUFFER 4096

static struct fiber ping, pong;

/* One copy of a function, whoever calls it with what. */
#if __has_attribute(noipa)
#define ONE_COPY __attribute__((noipa))
#else
#define ONE_COPY __attribute__((noinline))
#endif

/*
 * calibrate_rally:
 *
 *	Both sides run this: as in the core, who is left and who goes on came to
 *	the switch the same way.
 */
static ONE_COPY void
calibrate_rally(struct fiber *from, struct fiber *to, unsigned rounds)
{
	for (; rounds > 0; rounds--)
		fiber_switch_ordered(from, to);
}

static void
calibrate_pong(void *arg)
{
	(void)arg;
	calibrate_rally(&pong, &ping, UINT_MAX);
}

static double
per_round(uint64_t start, unsigned rounds)
{
	return (double)(host_now() - start) / rounds;
}

static double
calibrate_switch(void)
{
	uint64_t start;

	if (pong.fb_stack == NULL && fiber_alloc(&pong, 65536) != 0)
		return 0;
	fiber_host(&ping);
	fiber_start(&pong, NULL, calibrate_pong, NULL);
	start = host_now();
	calibrate_rally(&ping, &pong, ROUNDS);
	return per_round(start, 2 * ROUNDS);
}

static double
calibrate_lock(void)
{
	static unsigned word;
	uint64_t start = host_now();
	unsigned n;

	for (n = 0; n < ROUNDS; n++) {
		if (__atomic_exchange_n(&word, 1, __ATOMIC_ACQUIRE) != 0)
			return 0;
		__atomic_store_n(&word, 0, __ATOMIC_RELEASE);
	}
	return per_round(start, ROUNDS);
}

static double
calibrate_clear(void)
{
	static char buffer[BUFFER];
	uint64_t start = host_now();
	unsigned n;

	for (n = 0; n < ROUNDS / 8; n++) {
		memset(buffer, (int)n, sizeof(buffer));
		__asm__ volatile("" : : "r"(buffer) : "memory");
	}
	return per_round(start, ROUNDS / 8) / (BUFFER / 1024.0);
}

/*
 * calibrate_best:
 *
 *	The fastest of many tries.
 */
static double
calibrate_best(double (*try)(void))
{
	double best = try(), ns;
	unsigned n;

	for (n = 1; n < TRIES; n++) {
		ns = try();
		if (ns < best)
			best = ns;
	}
	return best;
}

void
host_calibrate(struct host_costs *hc)
{
	hc->hc_lock = calibrate_best(calibrate_lock);
	hc->hc_switch = calibrate_best(calibrate_switch);
	hc->hc_kib = calibrate_best(calibrate_clear);
}
