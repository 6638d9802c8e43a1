/* SPDX-License-Identifier: BSD-2-Clause */

/* Adaptive mutexes, turnstiles and priority inheritance, condition variables
 * over them, kernel_lock; among the rest of an LWP's life. */

#include "target.h"

TARGET_PROGRAM("turnstile", "life,mutex")

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict vd;

	target_run(data, size, &vd);
	return 0;
}
