/* SPDX-License-Identifier: BSD-2-Clause */

/* Signals, job control, core dumps, processes and their ends, over LWPs that
 * sleep, wait, suspend and exit. */

#include "target.h"

TARGET_PROGRAM("signal", "life,signal,proc")

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict vd;

	target_run(data, size, &vd);
	return 0;
}
