/* SPDX-License-Identifier: BSD-2-Clause */

/* A target that must fail: it calls every resumed LWP a bug.  If it does not
 * fail, the way from a finding to an exit code is broken. */

#include <stdlib.h>

#include "target.h"

TARGET_PROGRAM("canary", NULL)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict vd;

	target_run(data, size, &vd);
	if (run_totals.rt_transition[LSSUSPENDED][LSRUN] != 0) {
		(void)target_found("canary: an LWP was resumed", "", NULL);
		exit(1); /* an engine calls that a crash, too */
	}
	return 0;
}
