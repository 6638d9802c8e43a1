/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * References: none is left when an LWP is declared drained, none is given out
 * afterwards, and it becomes a zombie only drained.
 */

#include <string.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static uint64_t drained[SLOTS]; /* by slot: the life that was drained */

static void
reference_begin(void)
{
	memset(drained, 0, sizeof(drained));
}

static void
reference_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	uint64_t *dp = &drained[l->l_slot % SLOTS];
	char name[48];

	if (ev == EV_DRAINED) {
		if (l->l_refcnt != 0)
			oracle_find(ORACLE_reference, "drained with references",
			    "%s has %u", oracle_lwp_name(l, name, sizeof(name)),
			    l->l_refcnt);
		*dp = l->l_serial;
	} else if (ev == EV_REF) {
		if (a != 0 && *dp == l->l_serial)
			oracle_find(ORACLE_reference,
			    "reference after the drain", "%s has %u",
			    oracle_lwp_name(l, name, sizeof(name)),
			    (unsigned)a);
	} else if (b == LSZOMB && *dp != l->l_serial)
		oracle_find(ORACLE_reference, "zombie was not drained", "%s",
		    oracle_lwp_name(l, name, sizeof(name)));
}

const struct oracle oracle_reference = {
	.or_name = "reference",
	.or_events = 1ull << EV_DRAINED | 1ull << EV_REF | 1ull << EV_STATE,
	.or_begin = reference_begin,
	.or_event = reference_event,
};
