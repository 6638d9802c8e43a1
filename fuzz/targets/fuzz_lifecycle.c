/* SPDX-License-Identifier: BSD-2-Clause */

/* The whole surface: LWPs from creation to reaping, and all that happens to
 * them in between. */

#include "target.h"

TARGET_PROGRAM("lifecycle", NULL)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict vd;

	target_run(data, size, &vd);
	return 0;
}
