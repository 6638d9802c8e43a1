/* SPDX-License-Identifier: BSD-2-Clause */

/* What the host does while we measure: time stolen, the frequency. */

#include "clock.h"
#include "driver.h"
#include "facts.h"

#define STEAL_LIMIT 0.01
#define DRIFT_LIMIT 0.05

static struct {
	uint64_t steal, all;
	double ghz;
} then;

void
watch_start(void)
{
	facts_steal(&then.steal, &then.all);
	then.ghz = clock_ghz();
}

void
watch_stop(void)
{
	const double ghz = clock_ghz(), drift = fabs(ghz / then.ghz - 1);
	uint64_t steal, all;
	double share;

	facts_steal(&steal, &all);
	share = all == then.all ?
	    0 :
	    (double)(steal - then.steal) / (double)(all - then.all);
	if (share > STEAL_LIMIT)
		warning("the hypervisor took %.1f %% of the time (steal)",
		    100 * share);
	if (drift > DRIFT_LIMIT)
		warning("the frequency went from %.2f to %.2f GHz: compare "
			"ratios only",
		    then.ghz, ghz);
}
