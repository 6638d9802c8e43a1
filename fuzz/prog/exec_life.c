/* SPDX-License-Identifier: BSD-2-Clause */

/* Operations of group "life": LWPs, sleeping and waking, the end of it all. */

#include "prog_exec_impl.h"

void
op_create(const struct op *op)
{
	struct usercontext uc = {
		.uc_entry = (op->op_arg[1] & 4) != 0 ? NULL : exec_body,
		.uc_arg = (void *)(uintptr_t)op->op_arg[0],
		.uc_cookie = op->op_arg[0],
	};
	int flags = 0;
	lwpid_t lid = 0;

	if (!exec_may_make(op->op_arg[0]))
		return;

	if ((op->op_arg[1] & 1) != 0)
		flags |= LWP_DETACHED;
	if ((op->op_arg[1] & 2) != 0)
		flags |= LWP_SUSPENDED;
	if (sys_lwp_create(&uc, flags, &lid) == 0)
		exec_made(op->op_arg[0], lwp_current()->l_proc->p_pid, lid);
}

void
op_exit(const struct op *op)
{
	(void)op;
	sys_lwp_exit();
}

void
op_wait(const struct op *op)
{
	lwpid_t departed;

	(void)sys_lwp_wait(
	    op->op_arg[0] == 0 ? 0 : exec_lid(op->op_arg[0]), &departed);
}

void
op_suspend(const struct op *op)
{
	(void)sys_lwp_suspend(exec_lid(op->op_arg[0]));
}

void
op_continue(const struct op *op)
{
	(void)sys_lwp_continue(exec_lid(op->op_arg[0]));
}

void
op_wakeup(const struct op *op)
{
	(void)sys_lwp_wakeup(exec_lid(op->op_arg[0]));
}

void
op_detach(const struct op *op)
{
	(void)sys_lwp_detach(exec_lid(op->op_arg[0]));
}

void
op_park(const struct op *op)
{
	(void)sys_lwp_park(exec_ticks(op->op_arg[0]),
	    op->op_arg[1] == 0 ? 0 : exec_lid(op->op_arg[1]));
}

void
op_unpark(const struct op *op)
{
	(void)sys_lwp_unpark(exec_lid(op->op_arg[0]));
}

void
op_unpark_all(const struct op *op)
{
	lwpid_t list[2];
	unsigned n = 0, count;

	if (op->op_arg[0] != 0)
		list[n++] = exec_lid(op->op_arg[0]);
	if (op->op_arg[1] != 0)
		list[n++] = exec_lid(op->op_arg[1]);
	(void)sys_lwp_unpark_all(
	    n == 2 && op->op_arg[0] == op->op_arg[1] ? NULL : list, n, &count);
}

void
op_exitproc(const struct op *op)
{
	sys_exit(op->op_arg[0]);
}

void
op_yield(const struct op *op)
{
	(void)op;
	sys_yield();
}

void
op_sleep(const struct op *op)
{
	(void)sys_tsleep(
	    op->op_arg[0], exec_ticks(op->op_arg[1]), op->op_arg[2] != 0);
}

void
op_wake(const struct op *op)
{
	(void)sys_wakeup(op->op_arg[0], op->op_arg[1]);
}

void
op_user(const struct op *op)
{
	unsigned n;

	for (n = 0; n < op->op_arg[0]; n++)
		user_step();
}

void
op_ref(const struct op *op)
{
	(void)sys_ref(exec_lid(op->op_arg[0]));
}

void
op_unref(const struct op *op)
{
	(void)op;
	(void)sys_unref();
}

void
op_hook(const struct op *op)
{
	(void)sys_userret(exec_lid(op->op_arg[0]));
}

void
op_repr(const struct op *op)
{
	lwpid_t lid;
	int running;

	(void)op;
	(void)sys_representative(&lid, &running);
}

void
op_setpri(const struct op *op)
{
	(void)sys_setpri(exec_lid(op->op_arg[0]), op->op_arg[1]);
}

void
op_presetlid(const struct op *op)
{
	(void)sys_presetlid(LWP_LID_MAX - op->op_arg[0]);
}

void
op_private(const struct op *op)
{
	void *value = (void *)(uintptr_t)op->op_arg[0];

	sys_lwp_setprivate(value);
	if (sys_lwp_getprivate() != value)
		machine_panic("private value was not kept");
}

void
op_self(const struct op *op)
{
	lwpid_t lid = sys_lwp_self();

	(void)op;
	if (lid != lwp_current()->l_lid)
		machine_panic("_lwp_self is somebody else");
}

void
op_failcopy(const struct op *op)
{
	(void)op;
	exec_fail(PERTURB_copyfail, 1);
}

void
op_failalloc(const struct op *op)
{
	exec_fail(PERTURB_nomem, op->op_arg[0]);
}
