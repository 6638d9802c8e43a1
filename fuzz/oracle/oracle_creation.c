/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Creation: a call that fails leaves no LWP behind, and no process has more
 * than its limit.
 */

#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static uint64_t children[SLOTS]; /* by creator's slot: the life it made */

static void
creation_begin(void)
{
	memset(children, 0, sizeof(children));
}

static void
creation_link(const struct lwp *l)
{
	const struct proc *p = l->l_proc;

	children[lwp_current()->l_slot % SLOTS] = l->l_serial;
	if ((unsigned)p->p_nlwps > kernel.k_boot.bp_maxlwp_proc)
		oracle_find(ORACLE_creation, "more LWPs than the limit",
		    "process %d has %d, limit %u", p->p_pid, p->p_nlwps,
		    kernel.k_boot.bp_maxlwp_proc);
}

static void
creation_failed(const struct lwp *l, int error)
{
	const uint64_t child = children[l->l_slot % SLOTS];
	const struct lwp *t;

	LIST_FOREACH(t, &l->l_proc->p_lwps, l_sibling)
	{
		if (child != 0 && t->l_serial == child)
			oracle_find(ORACLE_creation,
			    "a failed creation left an LWP", "errno %d, LID %d",
			    error, t->l_lid);
	}
}

static void
creation_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	if (ev == EV_LINK)
		creation_link(l);
	else if (ev == EV_CALL)
		children[l->l_slot % SLOTS] = 0;
	else if (a == SYS_lwp_create && b != 0)
		creation_failed(l, (int)b);
}

const struct oracle oracle_creation = {
	.or_name = "creation",
	.or_events = 1ull << EV_LINK | 1ull << EV_CALL | 1ull << EV_RETURN,
	.or_begin = creation_begin,
	.or_event = creation_event,
};
