/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * With what an LWP is in user mode.
 *
 *	A request that stands (suspend, exit, core dump) has a notice pending.
 *	Whoever makes one stores both in one hold of p_smutex, so it is so
 *	whenever nobody holds that.
 *
 *	Its base priority is what was last asked for, or else what it was born
 *	with: neither a request nor a sleep changes it.
 *
 *	Who is held for a reboot, or was born after one, runs no user code any
 *	more, and is resumed only to exit.
 *
 *	The one-shot hook of a process runs once for each time it was armed
 *	while it was not armed already.
 */

#include <string.h>

#include "oracle.h"

#define SLOTS	 96 /* of the pool; see run.c */
#define REQUESTS (L_WSUSPEND | L_WEXIT | L_WCORE | L_WREBOOT)

static struct {
	uint64_t serial[SLOTS]; /* by slot: the life that the base is of */
	pri_t base[SLOTS];
	uint64_t late[SLOTS]; /* by slot: the life that began after a reboot */
	unsigned armed;	      /* hooks that may still run */
} ob;

static void
boundary_begin(void)
{
	memset(&ob, 0, sizeof(ob));
}

static void
boundary_base(const struct lwp *l, pri_t pri)
{
	ob.serial[l->l_slot % SLOTS] = l->l_serial;
	ob.base[l->l_slot % SLOTS] = pri;
}

/*
 * boundary_birth:
 *
 *	A reboot is over when proclist_mutex is free: it looks at every process
 *	in one hold of that.
 */
static void
boundary_birth(const struct lwp *l)
{
	boundary_base(l, l->l_usrpri);
	if (kernel.k_rebooting != 0 && (l->l_flag & L_SYSTEM) == 0 &&
	    kernel.k_proclist_mutex.mtx_owner == NULL)
		ob.late[l->l_slot % SLOTS] = l->l_serial;
}

/*
 * boundary_resumed:
 *
 *	Became runnable while it is held for a reboot.
 */
static void
boundary_resumed(const struct lwp *l)
{
	char name[48];

	if ((l->l_flag & (L_WREBOOT | L_WEXIT)) == L_WREBOOT)
		oracle_find(ORACLE_boundary, "resumed under a reboot", "%s",
		    oracle_lwp_name(l, name, sizeof(name)));
}

static void
boundary_late(const struct lwp *l)
{
	char name[48];

	if (ob.late[l->l_slot % SLOTS] == l->l_serial)
		oracle_find(ORACLE_boundary, "user mode under a reboot", "%s",
		    oracle_lwp_name(l, name, sizeof(name)));
}

static void
boundary_request(const struct lwp *l)
{
	char name[48];

	if ((l->l_flag & REQUESTS) != 0 && l->l_astpending == 0 &&
	    l->l_proc->p_smutex.mtx_owner == NULL)
		oracle_find(ORACLE_boundary, "a request without a notice",
		    "%s, flags 0x%x", oracle_lwp_name(l, name, sizeof(name)),
		    l->l_flag & REQUESTS);
}

/*
 * boundary_priority:
 *
 *	It is told what is asked for before it is stored, both under p_smutex;
 *	at memory grain somebody may stand between the two.
 */
static void
boundary_priority(const struct lwp *l)
{
	const unsigned slot = l->l_slot % SLOTS;
	char name[48];

	if (!(oracle_plain() && l->l_proc->p_smutex.mtx_owner != NULL) &&
	    ob.serial[slot] == l->l_serial && ob.base[slot] != l->l_usrpri)
		oracle_find(ORACLE_boundary, "a base priority nobody asked for",
		    "%s has %d, should have %d",
		    oracle_lwp_name(l, name, sizeof(name)), l->l_usrpri,
		    ob.base[slot]);
}

static void
boundary_hook(const struct lwp *l, uintptr_t what, bool already)
{
	char name[48];

	if (what == MARK_HOOK_ARM && !already)
		ob.armed++;
	else if (what == MARK_HOOK) {
		if (ob.armed == 0)
			oracle_find(ORACLE_boundary, "the hook ran twice", "%s",
			    oracle_lwp_name(l, name, sizeof(name)));
		else
			ob.armed--;
	}
}

static void
boundary_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_LINK:
		boundary_birth(l);
		break;
	case EV_STATE:
		if (a == LSSUSPENDED)
			boundary_resumed(l);
		break;
	case EV_SETPRI:
		boundary_base(l, (pri_t)a);
		break;
	case EV_MARK:
		boundary_hook(l, a, b != 0);
		break;
	case EV_USERRET:
		boundary_priority(l);
		boundary_request(l);
		boundary_late(l);
		break;
	default:
		boundary_request(l);
	}
}

const struct oracle oracle_boundary = {
	.or_name = "boundary",
	.or_events = 1ull << EV_LINK | 1ull << EV_SETPRI | 1ull << EV_MARK |
	    1ull << EV_USERRET | 1ull << EV_KERNEL | 1ull << EV_STATE,
	.or_begin = boundary_begin,
	.or_event = boundary_event,
};
