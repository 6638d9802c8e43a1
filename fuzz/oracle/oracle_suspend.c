/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A suspend of another LWP that returned 0 means that it runs no user code
 * until somebody begins to continue it, or ends the process.
 *
 * A call is remembered by the LID that it named and by the serial of who had
 * it then.  When it returns 0 and the target was not continued meanwhile, the
 * target must not come to user mode, and it is off its CPU.
 *
 * A request is never left to chance: who comes to user mode beside one has an
 * AST pending, unless the requester is still at it.  Who has an exit mark is
 * not asked any more.
 */

#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static struct {
	uint64_t serial[SLOTS];	 /* by target's slot: suspended life, or 0 */
	lwpid_t call[SLOTS];	 /* by caller's slot: LID it is suspending */
	uint64_t target[SLOTS];	 /* and that life; 0: undone meanwhile */
	uint64_t resumes[SLOTS]; /* by caller's slot: life it is continuing */
	bool left;		 /* an exit left only suspended ones */
} os;

static void
suspend_begin(void)
{
	memset(&os, 0, sizeof(os));
}

static const struct lwp *
suspend_target(const struct proc *p, lwpid_t lid)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid)
			return l;
	}
	return NULL;
}

/*
 * suspend_undo:
 *
 *	Somebody begins to resume this LWP.
 */
static void
suspend_undo(const struct lwp *t)
{
	unsigned n;

	os.serial[t->l_slot % SLOTS] = 0;
	for (n = 0; n < SLOTS; n++) {
		if (os.target[n] == t->l_serial)
			os.target[n] = 0;
	}
}

/*
 * suspend_resume_ends:
 *
 *	It may have taken effect on suspends that began after it.
 */
static void
suspend_resume_ends(const struct lwp *l)
{
	unsigned slot = l->l_slot % SLOTS, n;

	for (n = 0; n < SLOTS && os.resumes[slot] != 0; n++) {
		if (os.target[n] == os.resumes[slot])
			os.target[n] = 0;
	}
	os.resumes[slot] = 0;
}

static void
suspend_call(const struct lwp *l, unsigned call, lwpid_t lid)
{
	const struct lwp *t = suspend_target(l->l_proc, lid);
	unsigned slot = l->l_slot % SLOTS;

	/* A handler's call, maybe: before the one that it came between returns,
	 * that has taken effect. */
	suspend_resume_ends(l);
	if (call == SYS_lwp_suspend) {
		os.call[slot] = lid;
		os.target[slot] = t != NULL && t != l ? t->l_serial : 0;
	} else if (call == SYS_lwp_continue && t != NULL) {
		os.resumes[slot] = t->l_serial;
		suspend_undo(t);
	}
}

/*
 * suspend_resumed:
 *
 *	Is a continue of it under way?  It may have begun before the suspend
 *	and take effect after it.
 */
static bool
suspend_resumed(const struct lwp *t)
{
	unsigned n;

	for (n = 0; n < SLOTS; n++) {
		if (os.resumes[n] == t->l_serial)
			return true;
	}
	return false;
}

static void
suspend_return(const struct lwp *l, int error)
{
	unsigned slot = l->l_slot % SLOTS;
	const struct lwp *t = suspend_target(l->l_proc, os.call[slot]);
	char name[48];

	if (error == 0 && t != NULL && os.target[slot] == t->l_serial &&
	    os.target[slot] != 0 && !suspend_resumed(t)) {
		os.serial[t->l_slot % SLOTS] = t->l_serial;
		if (t->l_stat == LSSUSPENDED && t->l_running != 0)
			oracle_find(ORACLE_suspend, "suspended, and on its CPU",
			    "%s", oracle_lwp_name(t, name, sizeof(name)));
	}
	os.target[slot] = 0;
}

/*
 * suspend_strands:
 *
 *	Nobody of the process is left who is not suspended or about to be.
 */
static bool
suspend_strands(const struct proc *p)
{
	const struct lwp *l;
	bool any = false;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_stat == LSIDL || l->l_stat == LSZOMB ||
		    (l->l_prflag & LPR_EXITING) != 0)
			continue;
		any = true;
		if (l->l_stat != LSSUSPENDED && (l->l_flag & L_WSUSPEND) == 0)
			return false;
	}
	return any;
}

/*
 * suspend_state:
 *
 *	The last one that could continue the others is being suspended; unless
 *	somebody exited and left them so, the request should have been refused.
 */
static void
suspend_state(const struct lwp *l, unsigned to)
{
	const struct proc *p = l->l_proc;

	/* A reboot is meant to suspend everybody. */
	if (to == LSSUSPENDED && !kernel.k_rebooting &&
	    (l->l_flag & L_WSUSPEND) != 0 &&
	    (p->p_sflag & (PS_WEXIT | PS_WCORE)) == 0 && !os.left &&
	    suspend_strands(p))
		oracle_find(ORACLE_suspend, "everybody is suspended",
		    "process %d", p->p_pid);
}

/*
 * suspend_exitmark:
 *
 *	From here on the LWP cannot be suspended.
 */
static void
suspend_exitmark(const struct lwp *l)
{
	char name[48];

	if ((l->l_flag & L_WSUSPEND) != 0)
		oracle_find(ORACLE_suspend, "to suspend and past its exit mark",
		    "%s", oracle_lwp_name(l, name, sizeof(name)));
	os.left = os.left || suspend_strands(l->l_proc);
}

/*
 * suspend_userret:
 *
 *	An LWP comes to user mode.
 */
static void
suspend_userret(const struct lwp *l)
{
	char name[48];

	(void)oracle_lwp_name(l, name, sizeof(name));
	if (os.serial[l->l_slot % SLOTS] == l->l_serial)
		oracle_find(
		    ORACLE_suspend, "suspended LWP runs user code", "%s", name);
	if ((l->l_flag & (L_WSUSPEND | L_WEXIT)) != 0 && l->l_astpending == 0 &&
	    l->l_mutex->mtx_word == 0)
		oracle_find(
		    ORACLE_suspend, "a request without an AST", "%s", name);
}

static void
suspend_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	const struct lwp *t;

	switch (ev) {
	case EV_CALL:
		suspend_call(l, (unsigned)a, (lwpid_t)b);
		break;
	case EV_RETURN:
		if (a == SYS_lwp_suspend)
			suspend_return(l, (int)b);
		else if (a == SYS_lwp_continue)
			suspend_resume_ends(l);
		break;
	case EV_STATE:
		suspend_state(l, (unsigned)b);
		break;
	case EV_EXITMARK:
		suspend_exitmark(l);
		break;
	case EV_PROCEXIT:
		LIST_FOREACH(t, &l->l_proc->p_lwps, l_sibling)
		suspend_undo(t);
		break;
	default:
		suspend_userret(l);
	}
}

const struct oracle oracle_suspend = {
	.or_name = "suspend",
	.or_events = 1ull << EV_CALL | 1ull << EV_RETURN | 1ull << EV_PROCEXIT |
	    1ull << EV_USERRET | 1ull << EV_STATE | 1ull << EV_EXITMARK,
	.or_begin = suspend_begin,
	.or_event = suspend_event,
};
