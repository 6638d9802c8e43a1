/* SPDX-License-Identifier: BSD-2-Clause */

#include "zoo.h"

#include <sched.h>

#define YIELD_AFTER 64 /* pauses */

bool native_yields;

void
native_yield(void)
{
	static __thread unsigned pauses;

	if (++pauses % YIELD_AFTER == 0)
		(void)sched_yield();
}

extern const struct zoo native0_zoo, native1_zoo, native2_zoo, native3_zoo,
    native4_zoo, native5_zoo, native6_zoo, native7_zoo;

const struct zoo *const zoos[ZOO_COPIES] = { &native0_zoo, &native1_zoo,
	&native2_zoo, &native3_zoo, &native4_zoo, &native5_zoo, &native6_zoo,
	&native7_zoo };
