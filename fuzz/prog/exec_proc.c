/* SPDX-License-Identifier: BSD-2-Clause */

/* Operations of group "proc": processes and their parents. */

#include "prog_exec_impl.h"

void
op_fork(const struct op *op)
{
	struct usercontext uc = {
		.uc_entry = exec_body,
		.uc_arg = (void *)(uintptr_t)op->op_arg[0],
		.uc_cookie = op->op_arg[0],
	};
	pid_t_ pid;

	if (!exec_may_make(op->op_arg[0]))
		return;
	if (sys_fork(&uc, op->op_arg[1] != 0 ? FORK_STOPPED : 0, &pid) == 0)
		exec_made(op->op_arg[0], pid, 1);
}

void
op_waitproc(const struct op *op)
{
	pid_t_ pid = 0;
	int status, options = 0;

	if (op->op_arg[0] != 0) {
		pid = exec_pid(op->op_arg[0]);
		if (pid == 0)
			pid = PID_NOBODY;
	}
	if ((op->op_arg[1] & 1) != 0)
		options |= PWAIT_NOHANG;
	if ((op->op_arg[1] & 2) != 0)
		options |= PWAIT_UNTRACED;
	(void)sys_wait4(pid, options, &pid, &status);
}
