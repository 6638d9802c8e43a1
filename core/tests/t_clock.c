/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The clock's tick.  The body makes the ticks itself, so it
 * needs the simulator: real ones come in between on the host.
 */

#include "h_sim.h"

static void
turns(void *arg)
{
	struct cpu_info *ci = lwp_current()->l_cpu;
	unsigned n, round;

	(void)arg;
	for (round = 0; round < 2; round++) {
		for (n = 1; n < ROUNDROBIN_TICKS; n++)
			lwp_hardclock(ci);
		H_EQ(ci->ci_want_resched, 0);
		H_EQ(lwp_current()->l_astpending, 0);
		lwp_hardclock(ci);
		H_EQ(ci->ci_want_resched, 1);
		H_EQ(lwp_current()->l_astpending, 1);
		h_steps(1);
		H_EQ(ci->ci_want_resched, 0);
	}
}

Test(core_clock, asks_for_a_resched_every_tenth_tick)
{
	h_run(NULL, turns, NULL);
}
