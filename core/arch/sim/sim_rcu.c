/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * RCU with grace periods as adversarial as the rules allow.
 *
 * A deferred callback remembers which CPUs were inside a read section; it may
 * run once each of them has left that section, not before, and as late as the
 * input likes.  The agent RCU runs one callback each time it is chosen, on the
 * first CPU whose interrupt level allows.  A reader outside a section is
 * protected by nothing, and the memory oracle catches it.
 */

#include "sim_impl.h"

void
machine_rcu_read_enter(void)
{
	sim.cpu->sc_rcunest++;
}

void
machine_rcu_read_exit(void)
{
	uint32_t bit = 1u << sim.cpu->sc_index;
	unsigned n;

	if (sim.cpu->sc_rcunest == 0)
		machine_panic("rcu: section left that was not entered");
	if (--sim.cpu->sc_rcunest != 0)
		return;
	sim_order_section();
	for (n = 0; n < sim.nrcu; n++)
		sim.rcu[n].readers &= ~bit;
}

void
machine_rcu_defer(struct rcu_head *head, void (*func)(struct rcu_head *))
{
	uint32_t readers = 0;
	unsigned n;

	if (sim.nrcu == SIM_RCU_MAX)
		machine_panic("rcu: too many deferred callbacks");
	for (n = 0; n < sim.cf.cf_ncpu; n++) {
		if (sim.cpus[n].sc_rcunest != 0)
			readers |= 1u << n;
	}
	sim_order_defer(head);
	head->rcu_func = func;
	sim.rcu[sim.nrcu].head = head;
	sim.rcu[sim.nrcu].readers = readers;
	sim.nrcu++;
}

/*
 * sim_rcu_cpu:
 *
 *	The CPU that would run a callback, -1 if none can.
 */
int
sim_rcu_cpu(void)
{
	unsigned n;

	for (n = 0; n < sim.cf.cf_ncpu; n++) {
		if (sim.cpus[n].sc_info->ci_ipl < IPL_SOFT)
			return (int)n;
	}
	return -1;
}

static int
sim_rcu_first(void)
{
	unsigned n;

	for (n = 0; n < sim.nrcu; n++) {
		if (sim.rcu[n].readers == 0)
			return (int)n;
	}
	return -1;
}

bool
sim_rcu_ready(void)
{
	return sim.nrcu != 0 && sim_rcu_first() >= 0 && sim_rcu_cpu() >= 0;
}

void
sim_rcu_run(void)
{
	int first = sim_rcu_first();
	struct rcu_head *head;
	unsigned n;

	if (first < 0)
		return;
	head = sim.rcu[first].head;
	sim.nrcu--;
	for (n = (unsigned)first; n < sim.nrcu; n++)
		sim.rcu[n] = sim.rcu[n + 1];
	sim_order_callback(head);
	head->rcu_func(head);
}
