/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpstress --rates: what the paths of the core cost on the host machine.
 *
 * Each is measured by itself, beside the floor of its parts: as many
 * uncontended atomic operations (each with the store that undoes it), bare
 * switches and bytes cleared as the path has.  The atomics are counted by
 * stepping through a few rounds of the path as it was compiled (step.c), the
 * switches by an event; interrupts and grace periods are in the time and not
 * in the floor.  What is left after the floor is divided by the other
 * instructions: that says whether there are many of them or slow ones.
 */

#include <stdio.h>
#include <time.h>

#include "driver.h"
#include "rates.h"
#include "step.h"

#define ROUNDS	4000u
#define STEPPED 12u   /* rounds that are stepped through */
#define COUNTED 1000u /* rounds whose switches are counted */
#define BEST	25

static unsigned rounds;
static bool stepping;
static uint64_t switches;
static unsigned stop; /* @ */
static uint64_t took; /* ns, of all rounds */

uint64_t
rates_now(void)
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

static void
on_switch(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	(void)ev;
	(void)l;
	(void)a;
	(void)b;
	(void)__atomic_add_fetch(&switches, 1, __ATOMIC_RELAXED);
}

/*
 * begin, round_begins, end:
 *
 *	Around the rounds of a path, and at the beginning of each.
 */
static void
begin(void)
{
	__atomic_store_n(&switches, 0, __ATOMIC_RELAXED);
	if (stepping)
		step_begin();
	took = rates_now();
}

static void
round_begins(void)
{
	if (stepping)
		step_round();
}

static void
end(void)
{
	took = rates_now() - took;
	if (stepping)
		step_end();
}

static void
rate_create(void *arg)
{
	unsigned n;

	(void)arg;
	begin();
	for (n = 0; n < rounds; n++) {
		round_begins();
		(void)sys_lwp_wait(stress_create(nothing, 0, 0), NULL);
	}
	end();
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
	unsigned n;

	(void)arg;
	sys_yield();
	begin();
	for (n = 0; n < rounds; n++) {
		round_begins();
		sys_yield();
	}
	end();
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	(void)sys_lwp_wait(lid, NULL);
}

static void
rate_suspend(void *arg)
{
	lwpid_t lid = stress_create(yields, 0, 0);
	unsigned n;

	(void)arg;
	begin();
	for (n = 0; n < rounds; n++) {
		round_begins();
		(void)sys_lwp_suspend(lid);
		(void)sys_lwp_continue(lid);
	}
	end();
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
	unsigned n;

	(void)arg;
	partner[0] = sys_lwp_self();
	partner[1] = stress_create(parks, 0, 0);
	begin();
	for (n = 0; n < rounds; n++) {
		round_begins();
		(void)sys_lwp_unpark(partner[1]);
		(void)sys_lwp_park(0, 0);
	}
	end();
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
 * rates_machine:
 *
 *	So many rounds on a machine of their own.
 */
static bool
rates_machine(const struct rate *r, unsigned n, const struct host_params *hp)
{
	struct host_params own = *hp;

	own.hp_boot.bp_ncpu = r->cpus;
	own.hp_boot.bp_maxlwp = 4096;
	stop = 0;
	rounds = n;
	if (host_run(&own, r->first, NULL, NULL) == HOST_END_quiet)
		return true;
	stress_fail("rates: %s did not end quietly", r->name);
	return false;
}

/*
 * rates_count:
 *
 *	What a round consists of.  Time stands nearly still while stepping.
 */
static bool
rates_count(const struct rate *r, struct step_counts *sc, double *nswitch)
{
	struct host_params count = { .hp_events = 1ull << EV_SWITCH,
		.hp_event = on_switch };
	struct host_params step = { .hp_tick_us = 10000000 };

	if (!rates_machine(r, COUNTED, &count))
		return false;
	*nswitch = (double)switches / COUNTED;
	*sc = (struct step_counts) { 0 };
	if (!step_available() || r->cpus > 1)
		return true;
	stepping = true;
	if (!rates_machine(r, STEPPED, &step))
		return false;
	stepping = false;
	*sc = step_least();
	return true;
}

/*
 * rates_print:
 *
 *	"ns" of an operation, the others of a round.
 */
static void
rates_print(const struct rate *r, double ns, const struct step_counts *sc,
    double nswitch)
{
	struct host_costs costs;
	double floor, rest, per = r->per;

	host_calibrate(&costs);
	floor = ((double)sc->sc_atomics * costs.hc_lock +
		    nswitch * costs.hc_switch +
		    (double)r->cleared / 1024 * costs.hc_kib) /
	    per;
	(void)printf("%-21s %6.0f", r->name, ns);
	if (sc->sc_instructions == 0) {
		(void)printf(" %7s %7s %8.1f %6zu\n", "-", "-", nswitch / per,
		    r->cleared);
		return;
	}
	rest = (double)(sc->sc_instructions - sc->sc_atomics) / per;
	(void)printf(" %7.1f %7.0f %8.1f %6zu %8.1f %5.1f %7.2f\n",
	    (double)sc->sc_atomics / per, rest, nswitch / per, r->cleared,
	    floor, ns / floor, (ns - floor) / rest);
}

/*
 * rates_one:
 *
 *	The best of several machines, since others use this host too.
 */
static void
rates_one(const struct rate *r)
{
	const struct host_params plain = { 0 };
	struct step_counts sc;
	double ns = 0, nswitch, each;
	unsigned n;

	for (n = 0; n < (step_available() ? BEST : 3); n++) {
		if (!rates_machine(r, ROUNDS, &plain))
			return;
		each = (double)took / ROUNDS / r->per;
		if (n == 0 || each < ns)
			ns = each;
	}
	if (rates_count(r, &sc, &nswitch))
		rates_print(r, ns, &sc, nswitch);
}

void
driver_rates(void)
{
	struct host_costs costs;
	unsigned n;

	host_calibrate(&costs);
	(void)printf("an atomic and a store %.1f ns, a bare switch %.1f ns, "
		     "1 KiB cleared %.0f ns; assertions %s\n\n"
		     "%-21s %6s %7s %7s %8s %6s %8s %5s %7s\n",
	    costs.hc_lock, costs.hc_switch, costs.hc_kib,
	    LWP_CHECKED ? "on" : "off", "", "ns", "atomics", "others",
	    "switches", "bytes", "floor ns", "times", "ns/other");
	for (n = 0; n < sizeof(rates) / sizeof(rates[0]); n++)
		rates_one(&rates[n]);
	rates_lock();
}
