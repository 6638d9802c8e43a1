/* SPDX-License-Identifier: BSD-2-Clause */

/* Which processor a CPU is bound to: spread over the topology by hwloc. */

#include <hwloc.h>
#include <stdlib.h>

#include "host_impl.h"

/*
 * host_pin:
 *
 *	Bind the calling thread.  A host that does not let us is no error: the
 *	machine runs unbound.
 */
void
host_pin(unsigned cpu, unsigned ncpu)
{
	hwloc_topology_t topology;
	hwloc_cpuset_t *sets;
	hwloc_obj_t root;
	unsigned n;

	if (hwloc_topology_init(&topology) != 0)
		return;
	sets = calloc(ncpu, sizeof(hwloc_cpuset_t));
	if (sets == NULL || hwloc_topology_load(topology) != 0)
		goto out;
	root = hwloc_get_root_obj(topology);
	if (hwloc_distrib(topology, &root, 1, sets, ncpu, INT32_MAX, 0) == 0) {
		(void)hwloc_bitmap_singlify(sets[cpu]);
		(void)hwloc_set_cpubind(
		    topology, sets[cpu], HWLOC_CPUBIND_THREAD);
		for (n = 0; n < ncpu; n++)
			hwloc_bitmap_free(sets[n]);
	}
out:
	free(sets);
	hwloc_topology_destroy(topology);
}
