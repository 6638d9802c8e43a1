/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The five counters of a process, recomputed from its list whenever somebody
 * is about to release its p_smutex.
 *
 *	p_nlwps		LWPs on the list
 *	p_nrlwps	of these RUN, ONPROC or SLEEP; a newborn is none of them
 *	p_nzlwps	of these with an exit mark; it may not be a zombie yet,
 *			and then counts in p_nrlwps as well
 *	p_ndlwps	of these detached
 *	p_nlwpwait	inside lwp_wait1, or waiting to dump core, by a list of
 *			our own
 *
 * Besides: LIDs are positive and unique, and there is a detached zombie on the
 * list exactly if it is the one that is parked.
 */

#include <stdio.h>
#include <string.h>

#include "oracle.h"

static struct {
	const struct lwp *waiter[128];
	unsigned nwaiters;
} oc;

static void
counters_begin(void)
{
	oc.nwaiters = 0;
}

static void
counters_enter(const struct lwp *l)
{
	if (oc.nwaiters < sizeof(oc.waiter) / sizeof(oc.waiter[0]))
		oc.waiter[oc.nwaiters++] = l;
}

static void
counters_leave(const struct lwp *l)
{
	unsigned n;

	for (n = 0; n < oc.nwaiters; n++) {
		if (oc.waiter[n] == l) {
			oc.waiter[n] = oc.waiter[--oc.nwaiters];
			return;
		}
	}
	oracle_find(ORACLE_counters, "left a wait that was not entered", " ");
}

static void
counters_expect(const struct proc *p, const char *name, int is, int expected)
{
	char what[48];

	if (is == expected)
		return;
	(void)snprintf(what, sizeof(what), "wrong %s", name);
	oracle_find(ORACLE_counters, what,
	    "process %d: %s is %d, the list says %d", p->p_pid, name, is,
	    expected);
}

static int
counters_waiters(const struct proc *p)
{
	unsigned n;
	int waiters = 0;

	for (n = 0; n < oc.nwaiters; n++)
		waiters += oc.waiter[n]->l_proc == p;
	return waiters;
}

static void
counters_lids(const struct proc *p, const struct lwp *l)
{
	const struct lwp *l2;

	if (l->l_lid <= 0)
		oracle_find(
		    ORACLE_counters, "LID is not positive", "%d", l->l_lid);
	for (l2 = LIST_NEXT(l, l_sibling); l2 != NULL;
	     l2 = LIST_NEXT(l2, l_sibling)) {
		if (l2->l_lid == l->l_lid)
			oracle_find(ORACLE_counters, "duplicate LID",
			    "process %d has two LWPs with LID %d", p->p_pid,
			    l->l_lid);
	}
}

/*
 * counters_check:
 *
 *	The process as it will be seen by whoever takes p_smutex next.
 */
static void
counters_check(const struct proc *p)
{
	const struct lwp *l;
	int all = 0, running = 0, dying = 0, detached = 0;
	bool parked = p->p_zomblwp == NULL;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		all++;
		parked = parked ||
		    (l == p->p_zomblwp && l->l_stat == LSZOMB &&
			(l->l_prflag & LPR_DETACHED) != 0);
		running += l->l_stat == LSRUN || l->l_stat == LSONPROC ||
		    l->l_stat == LSSLEEP;
		dying += (l->l_prflag & LPR_EXITING) != 0;
		detached += (l->l_prflag & LPR_DETACHED) != 0;
		if (l->l_stat == LSZOMB && (l->l_prflag & LPR_EXITING) == 0)
			oracle_find(ORACLE_counters,
			    "zombie without an exit mark", "LID %d", l->l_lid);
		if (l->l_stat == LSZOMB && (l->l_prflag & LPR_DETACHED) != 0 &&
		    p->p_zomblwp != l)
			oracle_find(ORACLE_counters,
			    "detached zombie is not parked", "LID %d",
			    l->l_lid);
	}
	if (!parked)
		oracle_find(ORACLE_counters, "parked, but no detached zombie",
		    "process %d", p->p_pid);
	counters_expect(p, "p_nlwps", p->p_nlwps, all);
	counters_expect(p, "p_nrlwps", p->p_nrlwps, running);
	counters_expect(p, "p_nzlwps", p->p_nzlwps, dying);
	counters_expect(p, "p_ndlwps", p->p_ndlwps, detached);
	counters_expect(p, "p_nlwpwait", p->p_nlwpwait, counters_waiters(p));
}

static void
counters_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	const kmutex_t *mtx;

	(void)b;
	switch (ev) {
	case EV_WAITENTER:
		counters_enter(l);
		break;
	case EV_COREWAIT:
		if (a != 0)
			counters_enter(l);
		else
			counters_leave(l);
		break;
	case EV_WAITDONE:
		counters_leave(l);
		break;
	case EV_LINK:
		counters_lids(l->l_proc, l);
		break;
	default:
		mtx = (const kmutex_t *)a;
		if (mtx->mtx_class == CELL_p_smutex)
			counters_check(
			    (const struct proc *)(const void *)((const char *)
								    mtx -
				offsetof(struct proc, p_smutex)));
	}
}

const struct oracle oracle_counters = {
	.or_name = "counters",
	.or_events = 1ull << EV_WAITENTER | 1ull << EV_WAITDONE |
	    1ull << EV_COREWAIT | 1ull << EV_LINK | 1ull << EV_UNLOCK,
	.or_begin = counters_begin,
	.or_event = counters_event,
};
