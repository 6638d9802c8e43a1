/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The core gave up.  There is nothing to watch: the machine ends the run, and
 * the message is the verdict.
 */

#include "oracle.h"

const struct oracle oracle_panic = {
	.or_name = "panic",
};
