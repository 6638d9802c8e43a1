/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kernel_lock: one LWP at a time holds it, on a CPU; not across a switch, not
 * in user mode, not when dead; and after a switch it is as deep as before.
 */

#include <string.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static const struct lwp *holder;
static unsigned given[SLOTS]; /* for a switch, and not taken back yet */

static void
biglock_begin(void)
{
	holder = NULL;
	memset(given, 0, sizeof(given));
}

static void
biglock_wrong(const struct lwp *l, const char *what, unsigned n)
{
	char name[48];

	oracle_find(ORACLE_biglock, what, "%s, %u deep",
	    oracle_lwp_name(l, name, sizeof(name)), n);
}

/*
 * biglock_change:
 *
 *	So many holds now; 0: given up.  Told before a release and after an
 *	acquisition.
 */
static void
biglock_change(const struct lwp *l, unsigned depth, enum event_biglock how)
{
	unsigned *back = &given[l->l_slot % SLOTS];

	if (depth != 0 && holder != NULL && holder != l)
		biglock_wrong(l, "two hold kernel_lock", depth);
	if (how == BIGLOCK_SWITCH && depth != 0 && depth != *back)
		biglock_wrong(
		    l, "kernel_lock came back at another depth", depth);
	if (how == BIGLOCK_EXPLICIT && depth != 0 && *back != 0)
		biglock_wrong(l, "kernel_lock did not come back", *back);
	if (how == BIGLOCK_SWITCH)
		*back = depth != 0 ? 0 : *back;
	holder = depth != 0 ? l : NULL;
}

static void
biglock_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_BIGLOCK:
		/* What is given up is known only before it is. */
		if (a == 0 && b == BIGLOCK_SWITCH)
			given[l->l_slot % SLOTS] = l->l_biglocks;
		biglock_change(l, (unsigned)a, (enum event_biglock)b);
		break;
	case EV_LINK:
		given[l->l_slot % SLOTS] = 0;
		break;
	default: /* a switch away from it, or user mode */
		if (holder == l)
			biglock_wrong(l,
			    ev == EV_SWITCH ? "kernel_lock held at a switch" :
					      "kernel_lock held in user mode",
			    l->l_biglocks);
		if (ev == EV_USERRET && given[l->l_slot % SLOTS] != 0)
			biglock_wrong(l, "kernel_lock did not come back",
			    given[l->l_slot % SLOTS]);
	}
}

const struct oracle oracle_biglock = {
	.or_name = "biglock",
	.or_events = 1ull << EV_BIGLOCK | 1ull << EV_LINK | 1ull << EV_SWITCH |
	    1ull << EV_USERRET,
	.or_begin = biglock_begin,
	.or_event = biglock_event,
};
