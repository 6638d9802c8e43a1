/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A mutex that is never released: the first worker keeps it, the others want
 * it.  The watchdog must notice, and say who holds what.
 */

#include "stress.h"

static kmutex_t *kept;

static void
hung_worker(void *arg)
{
	(void)arg;
	mutex_enter(kept);
	for (;;)
		machine_user_point();
}

static void
hung_first(void *arg)
{
	(void)arg;
	stress_workers(hung_worker, 2);
}

static int
hung_start(void)
{
	kept = machine_alloc(sizeof(*kept));
	if (kept == NULL)
		return ENOMEM;
	mutex_init(kept, CELL_box_mutex, IPL_SCHED, 0);
	return stress_spawn(hung_first);
}

const struct workload workload_hung = {
	.wl_start = hung_start,
};
