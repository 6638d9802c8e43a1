/* SPDX-License-Identifier: BSD-2-Clause */

/* Specific data and credentials: destructors against deletions, exits and
 * readers from outside. */

#include "target.h"

TARGET_PROGRAM("specific", "life,data")

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict vd;

	target_run(data, size, &vd);
	return 0;
}
