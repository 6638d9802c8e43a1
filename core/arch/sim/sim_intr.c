/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interrupts and the clock.
 *
 * A tick makes the clock interrupt of every CPU pending; a soft interrupt is
 * asked for by the core.  Each is an agent: once pending, and while the level
 * of its CPU allows, it may be chosen like a CPU.  The handler then runs where
 * that CPU stands, on the stack of what it executes, and announces its steps
 * in the role "intr"; afterwards the interrupted step is announced again.
 */

#include <machine/atomic.h>

#include "sim_impl.h"

/*
 * sim_intr_enabled:
 *
 *	Agents that may be chosen now.
 */
uint32_t
sim_intr_enabled(void)
{
	uint32_t enabled = 0, mask;
	unsigned n;

	for (mask = sim.clockpending; mask != 0; mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (sim.cpus[n].sc_info->ci_ipl < IPL_CLOCK)
			enabled |= 1u << SIM_SRC_CLOCK(n);
	}
	for (mask = sim.softpending; mask != 0; mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (sim.cpus[n].sc_info->ci_ipl < IPL_SOFT)
			enabled |= 1u << SIM_SRC_SOFT(n);
	}
	return enabled;
}

/*
 * sim_intr_deliver:
 *
 *	Run a handler on the CPU that executes, and put back what it was about
 *	to do, and what it saw last in the cells that it may be about to poll.
 */
void
sim_intr_deliver(struct simcpu *c, unsigned source)
{
	const struct sim_pending saved = sim.pending[c->sc_index];
	const uint32_t bit = 1u << c->sc_index;
	const uint32_t blocked = sim.blocked & bit;
	const uint8_t role = c->sc_role;
	const int ipl = c->sc_info->ci_ipl;
	const struct sim_loads loads = c->sc_loads;
	const struct sim_watch watch = c->sc_watch;

	sim.blocked &= ~bit;
	c->sc_role = SIM_ROLE_intr;
	if (source == SIM_SRC_RCU) {
		c->sc_info->ci_ipl = IPL_SOFT;
		sim_rcu_run();
	} else if (source >= SIM_SRC_SOFT(0)) {
		sim.softpending &= ~bit;
		c->sc_info->ci_ipl = IPL_SOFT;
		lwp_softint(c->sc_info);
	} else {
		sim.clockpending &= ~bit;
		c->sc_info->ci_ipl = IPL_CLOCK;
		lwp_hardclock(c->sc_info);
	}
	c->sc_info->ci_ipl = ipl;
	c->sc_role = role;
	c->sc_loads = loads;
	c->sc_watch = watch;
	sim.pending[c->sc_index] = saved;
	sim.blocked |= blocked;
}

int
machine_spl(int level)
{
	struct cpu_info *ci = sim_curcpu;
	int old = ci->ci_ipl;

	ci->ci_ipl = level;
	if (level < old && sim.live &&
	    ((sim.clockpending | sim.softpending) & 1u << ci->ci_index) != 0)
		sim_wait(SIM_OP_spl, NULL, CELL_none, (unsigned)level);
	return old;
}

void
machine_softint(struct cpu_info *ci)
{
	sim.softpending |= 1u << ci->ci_index;
}

void
machine_cpu_boot(struct cpu_info *ci)
{
	sim.cpu->sc_info = ci;
	sim_curcpu = ci;
	ci->ci_curlwp->l_machine = sim.cpu->sc_context;
}

/*
 * machine_kick:
 *
 *	Nothing to do: an idle CPU watches its word, and one in user mode looks
 *	for an AST at its next step.
 */
void
machine_kick(struct cpu_info *ci)
{
	(void)ci;
}

/*
 * sim_tick:
 *
 *	Virtual time moves to now.
 */
void
sim_tick(uint64_t now)
{
	sim.ticks = now;
	sim.clockpending |= sim.started;
}

uint64_t
machine_ticks(void)
{
	return sim.ticks;
}

void
machine_timer(uint64_t when)
{
	sim.timer = when;
}

bool
machine_perturb(enum perturbation what)
{
	if (!sim.live || sim.fair || sim.cf.cf_perturb == NULL)
		return false;
	return sim.cf.cf_perturb(
	    sim.cf.cf_arg, what, &sim.pending[sim.cpu->sc_index]);
}

void
machine_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	if ((sim.cf.cf_events >> ev & 1) != 0)
		sim.cf.cf_event(sim.cf.cf_arg, ev, l, a, b);
}

void
machine_probe(enum probe probe)
{
	if (sim.probes[probe] != UINT8_MAX)
		sim.probes[probe]++;
}
