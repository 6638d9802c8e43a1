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
	}
}

/*
 * sys_enter:
 *
 *	Enter the kernel, make the call, come back through the boundary.  User
 *	code never sees ERESTART.  A call that was asked to runs under
 *	kernel_lock, which it gives back before the boundary.
 */
int
sys_enter(enum sys_call call, struct sysargs *sa)
{
	struct lwp *l = curlwp;
	unsigned big = l->l_bigcall;
	int error;

	user_step();
	l->l_deadline = 0;
	l->l_bigcall = 0;
	EVENT(CALL, l, call, sa->sa_lid);
	for (;;) {
		EVENT(KERNEL, l, call, 0);
		KERNEL_LOCK(big);
		error = sysent[call](l, sa);
		kernel_unlock(big);
		KASSERT(!kernel_locked());
		userret(l);
		if (error != ERESTART)
			break;
		PROBE(SYSCALL_RESTART);
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
