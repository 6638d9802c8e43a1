/* SPDX-License-Identifier: BSD-2-Clause */

/* For measuring: runs what it is given and mutates nothing, so that the rate
 * of one program under the engine, with all oracles and feedback, is what
 * -print_final_stats shows. */

#include "target.h"

const char target_name[] = "fixed";
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
	struct verdict vd;

	target_run(data, size, &vd);
	return 0;
}
