/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Operations of group "signal".
 *
 * A handler runs the operations of a body, in the LWP that takes the signal.
 * Bodies may send the signals that run them, so handlers are counted.
 */

#include "prog_exec_impl.h"

#define HANDLERS 16 /* that one program may run, all LWPs together */

static unsigned handlers_ran;

int
exec_signal_boot(void)
{
	handlers_ran = 0;
	return 0;
}

/*
 * handler:
 *
 *	In user mode, with the signal blocked.
 */
static void
handler(int sig, void *arg)
{
	unsigned body = (unsigned)(uintptr_t)arg;

	(void)sig;
	user_step();
	if (body != 0 &&
	    __atomic_fetch_add(&handlers_ran, 1, __ATOMIC_RELAXED) < HANDLERS)
		exec_ops(body);
}

void
op_kill(const struct op *op)
{
	(void)sys_lwp_kill(exec_lid(op->op_arg[0]), prog_signal(op->op_arg[1]));
}

void
op_killproc(const struct op *op)
{
	(void)sys_kill(exec_pid(op->op_arg[0]), prog_signal(op->op_arg[1]));
}

void
op_action(const struct op *op)
{
	(void)sys_sigaction(prog_signal(op->op_arg[0]),
	    (enum sigact)op->op_arg[1], handler,
	    (void *)(uintptr_t)op->op_arg[2]);
}

/*
 * signal_set:
 *
 *	An argument of kind sigall as a set; the numbers that are no signals
 *	leave it empty.
 */
static ksigset_t
signal_set(unsigned arg)
{
	int sig;

	if (arg == 0)
		return ~(ksigset_t)1;
	sig = prog_signal(arg - 1);
	return sig > 0 && sig < KNSIG ? SIGBIT(sig) : 0;
}

void
op_mask(const struct op *op)
{
	(void)sys_sigprocmask(
	    (enum sigmask_how)op->op_arg[0], signal_set(op->op_arg[1]));
}

void
op_pause(const struct op *op)
{
	(void)op;
	(void)sys_pause();
}

void
op_sigwait(const struct op *op)
{
	struct ksiginfo si;

	(void)sys_sigwait(
	    signal_set(op->op_arg[0]), exec_ticks(op->op_arg[1]), &si);
}

void
op_reboot(const struct op *op)
{
	(void)op;
	sys_reboot();
}

void
op_swapout(const struct op *op)
{
	(void)sys_swapout(exec_lid(op->op_arg[0]));
}
