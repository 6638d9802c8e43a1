/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Priority inheritance: the owner of a mutex runs at least at the priority of
 * everybody who is blocked on it, through any number of owners, and at nothing
 * that is not lent to it by somebody who is blocked now.
 *
 * Judged when all is quiet, and where an LWP leaves its CPU or a priority has
 * been changed, while nobody is on the way to lend: all who are blocked have
 * left their CPU, and no priority is being changed.  In user mode nothing is
 * lent at all, since nothing is held.
 */

#include <lwp/syscall.h>

#include "oracle.h"

static unsigned changing; /* calls of setpri that did not return */

static void
inherit_begin(void)
{
	changing = 0;
}

static pri_t
inherit_effective(const struct lwp *l)
{
	return l->l_inheritedprio < l->l_priority ? l->l_inheritedprio :
						    l->l_priority;
}

/*
 * inherit_mutex:
 *
 *	The mutex that an LWP is blocked on, or NULL.
 */
static const kmutex_t *
inherit_mutex(const struct lwp *l)
{
	if (l->l_stat != LSSLEEP || l->l_syncobj != &mutex_syncobj)
		return NULL;
	return l->l_wchan;
}

/*
 * inherit_owner:
 *
 *	Who owns what an LWP is blocked on, or NULL.  Without the waiters bit
 *	the mutex was released, and its waiters are being woken.
 */
static const struct lwp *
inherit_owner(const struct lwp *l)
{
	const kmutex_t *mtx = inherit_mutex(l);

	if (mtx == NULL || (mtx->mtx_lwp & 1) == 0)
		return NULL;
	return (const struct lwp *)(mtx->mtx_lwp & ~(uintptr_t)1);
}

/*
 * inherit_settled:
 *
 *	Is nobody on the way to lend?
 */
static bool
inherit_settled(const struct lwp *leaving)
{
	const struct lwp *l;

	if (changing != 0)
		return false;
	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		if (l != leaving && inherit_mutex(l) != NULL &&
		    l->l_running != 0)
			return false;
	}
	return true;
}

/*
 * inherit_judge:
 *
 *	What an LWP is lent is the best of those who are blocked behind it.  One
 *	that runs may be giving a mutex up, and not have given back yet.
 */
static void
inherit_judge(const struct lwp *owner)
{
	const struct lwp *l;
	pri_t best = PRI_NONE;
	char name[48];

	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		if (inherit_owner(l) == owner && inherit_effective(l) < best)
			best = inherit_effective(l);
	}
	if (inherit_effective(owner) > best)
		oracle_find(ORACLE_inherit, "an owner is worse than its waiter",
		    "%s runs at %d, a waiter at %d",
		    oracle_lwp_name(owner, name, sizeof(name)),
		    inherit_effective(owner), best);
	else if (owner->l_running == 0 && owner->l_inheritedprio < best)
		oracle_find(ORACLE_inherit, "priority lent by nobody",
		    "%s is lent %d, its best waiter has %d",
		    oracle_lwp_name(owner, name, sizeof(name)),
		    owner->l_inheritedprio, best);
}

/*
 * inherit_order:
 *
 *	Waiters stand in their queue by effective priority.
 */
static void
inherit_order(const struct lwp *l)
{
	const struct lwp *next = TAILQ_NEXT(l, l_sleepchain);
	char name[48];

	if (inherit_mutex(l) != NULL && next != NULL &&
	    inherit_effective(next) < inherit_effective(l))
		oracle_find(ORACLE_inherit, "waiters out of order",
		    "%s stands before a better one",
		    oracle_lwp_name(l, name, sizeof(name)));
}

static void
inherit_all(const struct lwp *leaving)
{
	const struct lwp *l;

	if (!inherit_settled(leaving))
		return;
	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		inherit_judge(l);
		inherit_order(l);
	}
}

static void
inherit_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	char name[48];

	(void)b;
	switch (ev) {
	case EV_CALL:
		changing += a == SYS_setpri;
		break;
	case EV_RETURN:
		if (a == SYS_setpri && changing > 0 && --changing == 0)
			inherit_all(NULL);
		break;
	case EV_USERRET:
		if (l->l_inheritedprio != PRI_NONE)
			oracle_find(ORACLE_inherit,
			    "lent priority taken to user mode", "%s keeps %d",
			    oracle_lwp_name(l, name, sizeof(name)),
			    l->l_inheritedprio);
		break;
	default:
		if (inherit_mutex(l) != NULL)
			inherit_all(l);
	}
}

static void
inherit_end(void)
{
	changing = 0;
	inherit_all(NULL);
}

const struct oracle oracle_inherit = {
	.or_name = "inherit",
	.or_events = 1ull << EV_CALL | 1ull << EV_RETURN | 1ull << EV_USERRET |
	    1ull << EV_SWITCH,
	.or_begin = inherit_begin,
	.or_event = inherit_event,
	.or_end = inherit_end,
};
