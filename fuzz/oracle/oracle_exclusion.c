/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Critical sections on the lock boxes: one LWP inside at a time.
 */

#include "oracle.h"

#define BOXES 8

static const struct lwp *inside[BOXES];

static void
exclusion_begin(void)
{
	unsigned n;

	for (n = 0; n < BOXES; n++)
		inside[n] = NULL;
}

static void
exclusion_event(enum event ev, struct lwp *l, uintptr_t what, uintptr_t box)
{
	char a[48], b[48];

	(void)ev;
	if (box >= BOXES)
		return;
	if (what == MARK_BOX_ENTER) {
		if (inside[box] != NULL)
			oracle_find(ORACLE_exclusion,
			    "two inside a critical section",
			    "box %u: %s while %s is inside", (unsigned)box,
			    oracle_lwp_name(l, a, sizeof(a)),
			    oracle_lwp_name(inside[box], b, sizeof(b)));
		inside[box] = l;
	} else if (what == MARK_BOX_LEAVE)
		inside[box] = NULL;
}

const struct oracle oracle_exclusion = {
	.or_name = "exclusion",
	.or_events = 1ull << EV_MARK,
	.or_begin = exclusion_begin,
	.or_event = exclusion_event,
};
