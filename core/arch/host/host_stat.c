/* SPDX-License-Identifier: BSD-2-Clause */

/* What the core tells: events, probes, choices; and the sums of them. */

#include <machine/atomic.h>

#include <string.h>

#include "host_impl.h"

/*
 * machine_event:
 *
 *	Each CPU counts for itself, without assertions what is listened to.
 */
void
machine_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	struct host_counts *hn = &host_this(curcpu())->hc_counts;

	host_count(&hn->hn_event[ev]);
	if (ev == EV_STATE && a < LS_COUNT && b < LS_COUNT)
		host_count(&hn->hn_transition[a][b]);
	if ((host_told >> ev & 1) != 0)
		host.params.hp_event(ev, l, a, b);
}

void
machine_probe(enum probe probe)
{
	host_count(&host_this(curcpu())->hc_counts.hn_probe[probe]);
}

/*
 * machine_perturb:
 *
 *	Each CPU has its own sequence (xorshift64*), so the rate is the seed's
 *	and the place is chance.
 */
bool
machine_perturb(enum perturbation what)
{
	struct hostcpu *hc;
	uint64_t x;

	if (host.params.hp_perturb == 0 && host.params.hp_perturbed == NULL)
		return false;
	if (__atomic_load_n(&host.live, __ATOMIC_RELAXED) == 0)
		return false;
	if (host.params.hp_perturbed != NULL && host.params.hp_perturbed(what))
		return true;
	hc = host_this(curcpu());
	x = hc->hc_random;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	hc->hc_random = x;
	return (x * 0x2545f4914f6cdd1du >> 54) < host.params.hp_perturb;
}

static void
stats_add(uint64_t *sum, const uint64_t *n, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		sum[i] += __atomic_load_n(&n[i], __ATOMIC_RELAXED);
}

void
host_stats(struct host_stats *hs)
{
	unsigned n;

	memset(hs, 0, sizeof(*hs));
	for (n = 0; n < host.ncpu && host.cpus != NULL; n++) {
		const struct host_counts *hn = &host.cpus[n].hc_counts;

		stats_add(hs->hs_event, hn->hn_event, EV_COUNT);
		stats_add(hs->hs_probe, hn->hn_probe, PROBE_COUNT);
		stats_add(hs->hs_transition[0], hn->hn_transition[0],
		    (size_t)LS_COUNT * LS_COUNT);
		stats_add(&hs->hs_clock, &hn->hn_clock, 1);
		stats_add(&hs->hs_soft, &hn->hn_soft, 1);
		stats_add(&hs->hs_sleeps, &hn->hn_sleeps, 1);
		stats_add(&hs->hs_yields, &hn->hn_yields, 1);
		stats_add(&hs->hs_grace, &hn->hn_grace, 1);
	}
	hs->hs_ticks = machine_ticks();
	hs->hs_stacks = __atomic_load_n(&host.stacks, __ATOMIC_RELAXED);
	hs->hs_stacks_max = __atomic_load_n(&host.stacksmax, __ATOMIC_RELAXED);
	hs->hs_arena = host.arenaused;
}

const struct lwp *
host_cpu_lwp(unsigned cpu)
{
	return __atomic_load_n(&host.cpus[cpu].hc_context, __ATOMIC_RELAXED)
	    ->hx_lwp;
}
