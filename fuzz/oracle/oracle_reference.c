/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * References: none is left when an LWP is declared drained, none is given out
 * afterwards, and it becomes a zombie only drained.  Until then a look-up that
 * is to take one finds it.
 */

#include <errno.h>
#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static uint64_t drained[SLOTS]; /* by slot: the life that was drained */
static uint64_t sought[SLOTS];	/* by caller's slot: who has the LID it named */
static lwpid_t named[SLOTS];	/* and the LID */

static void
reference_begin(void)
{
	memset(drained, 0, sizeof(drained));
	memset(sought, 0, sizeof(sought));
}

/*
 * reference_live:
 *
 *	The life that a look-up of this LID must find, or 0.
 */
static uint64_t
reference_live(const struct proc *p, lwpid_t lid)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid && l->l_stat != LSIDL &&
		    l->l_stat != LSZOMB &&
		    drained[l->l_slot % SLOTS] != l->l_serial)
			return l->l_serial;
	}
	return 0;
}

/*
 * reference_return:
 *
 *	Who was there at both ends of a call was there all the time.
 */
static void
reference_return(const struct lwp *l, unsigned call, int error)
{
	const unsigned slot = l->l_slot % SLOTS;

	if (call != SYS_ref || error != ESRCH || sought[slot] == 0)
		return;
	if (reference_live(l->l_proc, named[slot]) == sought[slot])
		oracle_find(ORACLE_reference, "a live LWP was not found",
		    "LID %d", named[slot]);
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
	} else if (ev == EV_CALL) {
		named[l->l_slot % SLOTS] = (lwpid_t)b;
		sought[l->l_slot % SLOTS] = a == SYS_ref ?
		    reference_live(l->l_proc, (lwpid_t)b) :
		    0;
	} else if (ev == EV_RETURN) {
		reference_return(l, (unsigned)a, (int)b);
	} else if (b == LSZOMB && *dp != l->l_serial)
		oracle_find(ORACLE_reference, "zombie was not drained", "%s",
		    oracle_lwp_name(l, name, sizeof(name)));
}

const struct oracle oracle_reference = {
	.or_name = "reference",
	.or_events = 1ull << EV_DRAINED | 1ull << EV_REF | 1ull << EV_STATE |
	    1ull << EV_CALL | 1ull << EV_RETURN,
	.or_begin = reference_begin,
	.or_event = reference_event,
};
