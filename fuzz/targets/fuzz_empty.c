/* SPDX-License-Identifier: BSD-2-Clause */

/* For measuring: what the engine itself costs, with the same extra counters
 * and no run. */

#include "target.h"

const char target_name[] = "empty";
const char *const target_groups = NULL;

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	(void)data;
	(void)max;
	(void)seed;
	return size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data;
	(void)size;
	target_count();
	return 0;
}
