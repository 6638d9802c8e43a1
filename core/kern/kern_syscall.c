/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The way into the kernel and back: system calls, and the notice of an AST
 * between two steps of user code.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/biglock.h>

#include "sysent.h"

static int (*const sysent[SYS_COUNT])(struct lwp *, struct sysargs *) = {
#define SYSCALL(name, what) [SYS_##name] = do_##name,
#include <lwp/syscall.def>
#undef SYSCALL
};

/*
 * user_step:
 *
 *	A step of user code, after a look whether an AST is pending: the
 *	interrupt that announces it comes before the step, not after.
 */
void
user_step(void)
{
	struct lwp *l = curlwp;

	machine_user_point();
	while (cell_load_acquire(l, l_astpending) != 0) {
		PROBE(AST_TAKEN);
		userret(l);
		sig_user(l);
	}
}

/*
 * sys_creds:
 *
 *	Notice that the process became somebody else.  The look without the
 *	lock may miss that once; see kern_cred.c.
 */
static void
sys_creds(struct lwp *l)
{
	if (l->l_cred == cell_load_relaxed(l->l_proc, p_cred))
		return;
	PROBE(CRED_REFRESH);
	lwp_update_creds(l);
}

/*
 * sys_enter:
 *
 *	Enter the kernel, make the call, come back through the boundary, run
 *	the handlers that were queued there.  User code never sees ERESTART.  A
 *	call that was asked to runs under kernel_lock, which it gives back
 *	before the boundary.
 */
int
sys_enter(enum sys_call call, struct sysargs *sa)
{
	struct lwp *l = curlwp;
	bool handlers;
	unsigned big = l->l_bigcall;
	int error;

	l->l_bigcall = 0; /* a handler's calls are others */
	user_step();
	l->l_deadline = 0;
	EVENT(CALL, l, call, sa->sa_lid);
	sys_creds(l);
	for (;;) {
		EVENT(KERNEL, l, call, 0);
		if (big != 0)
			KERNEL_LOCK(big);
		error = sysent[call](l, sa);
		if (big != 0)
			kernel_unlock(big);
		KASSERT(!kernel_locked());
		userret(l);
		handlers = l->l_nsigframe != l->l_sigbase;
		sig_user(l);
		if (error != ERESTART)
			break;
		PROBE(SYSCALL_RESTART);
		/* Handlers made calls of their own meanwhile. */
		if (handlers)
			EVENT(CALL, l, call, sa->sa_lid);
		sa->sa_restarted = true;
	}
	EVENT(RETURN, l, call, error);
	return error;
}

bool
copyfail(void)
{
	return machine_perturb(PERTURB_copyfail);
}

/*
 * deadline_left:
 *
 *	Ticks that are left of a timeout: it was fixed when the call was first
 *	made, so a restart does not lengthen it (E17).  0: none; -1: over.
 */
int
deadline_left(struct lwp *l, struct sysargs *sa)
{
	uint64_t now = machine_ticks();

	if (sa->sa_number == 0)
		return 0;
	if (!sa->sa_restarted)
		l->l_deadline = now + (uint64_t)sa->sa_number;
	else if (l->l_deadline <= now) {
		PROBE(DEADLINE_OVER);
		return -1;
	}
	return (int)(l->l_deadline - now);
}
