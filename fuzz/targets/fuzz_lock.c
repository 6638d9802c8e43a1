/* SPDX-License-Identifier: BSD-2-Clause */

/* The LWP lock's hand-over alone: lock, trylock, setlock, unlock_to, relock on
 * boxes whose lock pointer moves, many CPUs. */

#include "target.h"

TARGET_PROGRAM("lock", "lock")

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict vd;

	target_run(data, size, &vd);
	return 0;
}
