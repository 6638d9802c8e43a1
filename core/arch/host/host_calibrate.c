/* SPDX-License-Identifier: BSD-2-Clause */

/* What a lock, a switch and the clearing of memory cost by themselves. */

#include <string.h>

#include "host_impl.h"

#define ROUNDS 20000u
#define TRIES  100u /* short ones: the host has others to serve */
#define BUFFER 4096

static struct fiber ping, pong;

static void
calibrate_pong(void *arg)
{
	(void)arg;
	for (;;)
		fiber_switch_ordered(&pong, &ping);
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
	unsigned n;

	if (pong.fb_stack == NULL && fiber_alloc(&pong, 65536) != 0)
		return 0;
	fiber_host(&ping);
	fiber_start(&pong, calibrate_pong, NULL);
	start = host_now();
	for (n = 0; n < ROUNDS; n++)
		fiber_switch_ordered(&ping, &pong);
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
