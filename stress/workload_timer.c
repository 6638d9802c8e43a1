/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Timeouts against wake-ups: sleeps and parks of a tick or two, and others who
 * end them at about that time.  A sleep ends by a wake-up or by its timeout,
 * and never by the timeout before it is due.
 */

#include "stress.h"

#define SLEEPERS_MAX 256

static lwpid_t sleepers[SLEEPERS_MAX]; /* @ */

static void
timer_sleep(uint64_t *x)
{
	const unsigned ticks = 1 + stress_below(x, 2);
	const bool park = stress_below(x, 2) == 0;
	uint64_t start = machine_ticks(), now;
	int error;

	if (park)
		error = sys_lwp_park((int)ticks, 0);
	else
		error = sys_tsleep(stress_below(x, PROC_CHANNELS), (int)ticks,
		    stress_below(x, 2) == 0);
	now = machine_ticks();
	switch (error) {
	case 0:
	case EALREADY:
		break;
	case ETIMEDOUT:
	case EWOULDBLOCK:
		stress_count(TALLY_expired, 1);
		STRESS_CHECK(now >= start + ticks,
		    "timer: a sleep of %u ticks timed out after %llu", ticks,
		    (unsigned long long)(now - start));
		break;
	default:
		stress_fail("timer: error %d", error);
	}
}

static void
timer_wake(uint64_t *x, unsigned n)
{
	unsigned i;

	if (stress_below(x, 2) == 0)
		(void)sys_lwp_unpark(__atomic_load_n(
		    &sleepers[stress_below(x, n)], __ATOMIC_RELAXED));
	else
		(void)sys_wakeup(
		    stress_below(x, PROC_CHANNELS), stress_below(x, 2));
	for (i = stress_below(x, 200); i > 0; i--)
		user_step();
	sys_yield();
}

static void
timer_worker(void *arg)
{
	const uintptr_t me = (uintptr_t)arg;
	const unsigned n = stress.st_lwps < SLEEPERS_MAX ? stress.st_lwps :
							   SLEEPERS_MAX;
	uint64_t x = stress_seed(me);

	__atomic_store_n(
	    &sleepers[me % SLEEPERS_MAX], sys_lwp_self(), __ATOMIC_RELAXED);
	while (!stress_stopped()) {
		if (me % 4 == 0)
			timer_wake(&x, n);
		else
			timer_sleep(&x);
		stress_count(TALLY_operations, 1);
	}
}

static void
timer_first(void *arg)
{
	(void)arg;
	stress_workers(timer_worker, stress.st_lwps);
}

static int
timer_start(void)
{
	return stress_spawn(timer_first);
}

const struct workload workload_timer = {
	.wl_start = timer_start,
};
