/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpstress --rates: what the paths of the core cost on the host machine.
 *
 * Each is measured by itself, beside the floor of its parts: as many
 * uncontended locks, bare switches and bytes cleared as the path has.  Locks
 * and switches are counted by the machine, not assumed.  The first three run
 * on one CPU.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "driver.h"

#define ROUNDS 20000u

static unsigned rounds;
static unsigned stop; /* @ */
static uint64_t took; /* ns, of all rounds */

static uint64_t
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void
nothing(void *arg)
{
	(void)arg;
}

/*
 * rate_create:
 *
 *	Memory comes back after a grace period; where the pool is empty until
 *	then, the loop waits for it like anybody.
 */
static void
rate_create(void *arg)
{
	uint64_t start = now();
	unsigned n;
	lwpid_t lid;

	(void)arg;
	for (n = 0; n < rounds; n++) {
		while ((lid = stress_create(nothing, 0, 0)) == 0)
			sys_yield();
		(void)sys_lwp_wait(lid, NULL);
	}
	took = now() - start;
}

static void
yields(void *arg)
{
	(void)arg;
	while (__atomic_load_n(&stop, __ATOMIC_RELAXED) == 0)
		sys_yield();
}

/*
 * rate_yield:
 *
 *	A round is two yields: there and back.
 */
static void
rate_yield(void *arg)
{
	lwpid_t lid = stress_create(yields, 0, 0);
	uint64_t start;
	unsigned n;

	(void)arg;
	sys_yield();
	start = now();
	for (n = 0; n < rounds; n++)
		sys_yield();
	took = now() - start;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	(void)sys_lwp_wait(lid, NULL);
}

static void
rate_suspend(void *arg)
{
	lwpid_t lid = stress_create(yields, 0, 0);
	uint64_t start = now();
	unsigned n;

	(void)arg;
	for (n = 0; n < rounds; n++) {
		(void)sys_lwp_suspend(lid);
		(void)sys_lwp_continue(lid);
	}
	took = now() - start;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	(void)sys_lwp_wait(lid, NULL);
}

static lwpid_t partner[2];

static void
parks(void *arg)
{
	unsigned n;

	(void)arg;
	for (n = 0; n < rounds; n++) {
		(void)sys_lwp_park(0, 0);
		(void)sys_lwp_unpark(partner[0]);
	}
}

/*
 * rate_wake:
 *
 *	A round wakes the other one and sleeps until woken.
 */
static void
rate_wake(void *arg)
{
	uint64_t start;
	unsigned n;

	(void)arg;
	partner[0] = sys_lwp_self();
	partner[1] = stress_create(parks, 0, 0);
	start = now();
	for (n = 0; n < rounds; n++) {
		(void)sys_lwp_unpark(partner[1]);
		(void)sys_lwp_park(0, 0);
	}
	took = now() - start;
	(void)sys_lwp_wait(partner[1], NULL);
}

static const struct rate {
	const char *name;
	void (*first)(void *);
	unsigned cpus;
	unsigned per;	/* operations a round */
	size_t cleared; /* bytes a round, at least */
} rates[] = {
	{ "create+exit+wait", rate_create, 1, 1, sizeof(struct lwp) },
	{ "yield", rate_yield, 1, 2, 0 },
	{ "suspend+continue", rate_suspend, 1, 1, 0 },
	{ "wake+sleep, one CPU", rate_wake, 1, 2, 0 },
	{ "wake+sleep, two CPUs", rate_wake, 2, 2, 0 },
};

/*
 * rates_one:
 *
 *	The best of five machines, since others use this host too.
 */
static void
rates_one(const struct rate *r, const struct host_costs *costs)
{
	struct host_params hp = { .hp_boot = {
				      .bp_ncpu = r->cpus, .bp_maxlwp = 4096 } };
	struct host_stats hs;
	double ns = 0, locks = 0, switches = 0, floor, each;
	unsigned n;

	for (n = 0; n < 5; n++) {
		stop = 0;
		rounds = ROUNDS;
		if (host_run(&hp, r->first, NULL, NULL) != HOST_END_quiet) {
			stress_fail("rates: %s did not end quietly", r->name);
			return;
		}
		each = (double)took / ROUNDS / r->per;
		if (n != 0 && each >= ns)
			continue;
		host_stats(&hs);
		ns = each;
		locks = (double)hs.hs_event[EV_LOCK] / ROUNDS / r->per;
		switches = (double)hs.hs_event[EV_SWITCH] / ROUNDS / r->per;
	}
	floor = locks * costs->hc_lock + switches * costs->hc_switch +
	    (double)r->cleared / 1024 * costs->hc_kib / r->per;
	(void)printf("%-22s %9.0f %8.1f %8.1f %6zu %9.0f %6.1f\n", r->name, ns,
	    locks, switches, r->cleared, floor, ns / floor);
}

void
driver_rates(void)
{
	struct host_costs costs;
	unsigned n;

	host_calibrate(&costs);
	(void)printf(
	    "a lock %.1f ns, a bare switch %.1f ns, 1 KiB cleared "
	    "%.0f ns; assertions %s\n\n%-22s %9s %8s %8s %6s %9s %6s\n",
	    costs.hc_lock, costs.hc_switch, costs.hc_kib,
#ifdef NDEBUG
	    "off",
#else
	    "on",
#endif
	    "", "ns", "locks", "switches", "bytes", "floor ns", "times");
	for (n = 0; n < sizeof(rates) / sizeof(rates[0]); n++)
		rates_one(&rates[n], &costs);
}
