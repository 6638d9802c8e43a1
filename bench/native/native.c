/* SPDX-License-Identifier: BSD-2-Clause */

/* One copy of core/lock, as a row of a table. */

#include "native_name.h"

#include "../zoo.h"

const struct zoo NATIVE_NAME(zoo) = {
	.zo_spin = spin_table,
	.zo_protocol = protocol_table,
	.zo_uncounted = protocol_uncounted,
	.zo_pool_init = spin_pool_init,
	.zo_cpu_init = spin_cpu_init,
	.zo_lock_init = lwplock_init,
};
