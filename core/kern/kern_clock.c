/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The clock: round robin on every CPU, callouts from CPU 0.
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

void
lwp_hardclock(struct cpu_info *ci)
{
	struct lwp *l = ci->ci_curlwp;

	KASSERT(ci == curcpu());
	if (++ci->ci_rrticks >= ROUNDROBIN_TICKS) {
		PROBE(CLOCK_ROUNDROBIN);
		ci->ci_rrticks = 0;
		cell_store_relaxed(ci, ci_want_resched, 1);
		cell_store_release(l, l_astpending, 1);
	}
	if (ci->ci_index == 0 && callout_due(machine_ticks()))
		machine_softint(ci);
}

void
lwp_softint(struct cpu_info *ci)
{
	KASSERT(ci->ci_index == 0);
	(void)ci;
	callout_softclock();
	swap_softint();
}
