/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a call says of another LWP.
 *
 * A call names its target by LID.  It must not say that nobody has the LID if
 * one LWP had it when the call began, and has it still, alive, when it ends.
 * A call that says it woke somebody must not leave him in the sleep in which
 * the call found him.  Who it says stands for a process is alive: its caller at
 * least is.
 */

#include <errno.h>
#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

/* By the caller's slot: the target as the call began. */
static struct {
	lwpid_t lid;
	uint64_t serial;  /* 0: nobody that a call should have found */
	unsigned sleepno; /* of its sleep */
	bool asleep;	  /* parked, or in any sleep that can be broken */
} callers[SLOTS];

static const struct lwp *
call_target(const struct proc *p, lwpid_t lid)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid && l->l_stat != LSIDL &&
		    l->l_stat != LSZOMB && (l->l_prflag & LPR_EXITING) == 0)
			return l;
	}
	return NULL;
}

/*
 * call_asleep:
 *
 *	In a sleep that this call is to end?
 */
static bool
call_asleep(const struct lwp *t, unsigned call)
{
	if (t->l_stat != LSSLEEP || (t->l_flag & L_SINTR) == 0)
		return false;
	return call == SYS_lwp_wakeup ||
	    (call == SYS_lwp_unpark && t->l_syncobj == &lwp_park_syncobj);
}

/*
 * call_names:
 *
 *	Is the call's argument a LID?
 */
static bool
call_names(unsigned call)
{
	return call != SYS_kill && call != SYS_wait4;
}

static void
call_begins(const struct lwp *l, unsigned call, lwpid_t lid)
{
	const struct lwp *t = call_names(call) ? call_target(l->l_proc, lid) :
						 NULL;
	unsigned slot = l->l_slot % SLOTS;

	callers[slot].lid = lid;
	callers[slot].serial = t != NULL ? t->l_serial : 0;
	callers[slot].asleep = t != NULL && call_asleep(t, call);
	callers[slot].sleepno = t != NULL ? t->l_sleepno : 0;
}

static void
call_ends(const struct lwp *l, unsigned call, int error)
{
	unsigned slot = l->l_slot % SLOTS;
	const struct lwp *t = call_target(l->l_proc, callers[slot].lid);
	char name[48];

	if (t == NULL || t->l_serial != callers[slot].serial)
		return;
	(void)oracle_lwp_name(t, name, sizeof(name));
	if (error == ESRCH && call != SYS_lwp_park)
		oracle_find(
		    ORACLE_call, "ESRCH beside a living target", "%s", name);
	if (error == 0 && callers[slot].asleep && t->l_stat == LSSLEEP &&
	    t->l_sleepno == callers[slot].sleepno)
		oracle_find(
		    ORACLE_call, "woke nobody and returned 0", "%s", name);
}

static void
call_represents(const struct lwp *l, uintptr_t what)
{
	char name[48];

	if (what == MARK_REPR && (l->l_stat == LSIDL || l->l_stat == LSZOMB))
		oracle_find(ORACLE_call, "the dead stand for their process",
		    "%s", oracle_lwp_name(l, name, sizeof(name)));
}

static void
call_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	if (ev == EV_MARK)
		call_represents(l, a);
	else if (ev == EV_CALL)
		call_begins(l, (unsigned)a, (lwpid_t)b);
	else
		call_ends(l, (unsigned)a, (int)b);
}

static void
call_begin(void)
{
	memset(callers, 0, sizeof(callers));
}

const struct oracle oracle_call = {
	.or_name = "call",
	.or_events = 1ull << EV_CALL | 1ull << EV_RETURN | 1ull << EV_MARK,
	.or_begin = call_begin,
	.or_event = call_event,
};
