/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Processes: fork, the end, and waiting for children; swapping.  The tests
 * need the simulator: who runs when is its default schedule.
 */

#include "h_sim.h"

static struct {
	bool ready;
	bool stop;
	unsigned chld;
	int result;
	pid_t_ pid;
} g;

static bool fail_memory;

static void
counts_chld(int sig, void *arg)
{
	(void)sig;
	(void)arg;
	g.chld++;
}

static void
begin(void)
{
	memset(&g, 0, sizeof(g));
	g.result = -1;
	fail_memory = false;
}

static void
lets_run(void)
{
	unsigned n;

	for (n = 0; n < 20; n++)
		sys_yield();
}

static void
exits(void *arg)
{
	sys_exit(*(int *)arg);
}

static void
spins(void *arg)
{
	(void)arg;
	g.ready = true;
	while (!*(volatile bool *)&g.stop)
		sys_yield();
}

static void
sleeps(void *arg)
{
	(void)arg;
	g.ready = true;
	g.result = sys_tsleep(0, 0, true);
}

static void
looks(void *arg)
{
	struct proc *p = h_proc();
	struct lwp *l = lwp_current();

	(void)arg;
	H_EQ(l->l_lid, 1);
	H_EQ(p->p_nlwps, 1);
	H_EQ(p->p_nrlwps, 1);
	H_EQ(p->p_sigact[KSIG_USR1].ksa_act, SIGACT_RESTART);
	H_EQ(p->p_sigact[KSIG_CHLD].ksa_act, SIGACT_HANDLER);
	H_EQ(l->l_sigmask, SIGBIT(KSIG_USR2));
	H_EQ(l->l_usrpri, PUSER + 5);
	H_EQ(p->p_sigpend.sp_set, 0);
	H_EQ(l->l_sigpend.sp_set, 0);
	H_EQ(p->p_siglwp, 0);
	H_EQ(p->p_sflag, 0);
	H_CHECK(p->p_userret == NULL);
	H_CHECK(l->l_held == NULL);
	sys_exit(0);
}

static void
inherits(void *arg)
{
	(void)arg;
	begin();
	H_EQ(sys_sigaction(KSIG_USR1, SIGACT_RESTART, counts_chld, NULL), 0);
	H_EQ(sys_sigaction(KSIG_CHLD, SIGACT_HANDLER, counts_chld, NULL), 0);
	H_EQ(sys_sigprocmask(SIGMASK_SET, SIGBIT(KSIG_USR2)), 0);
	H_EQ(sys_kill(h_proc()->p_pid, KSIG_USR2), 0);
	H_EQ(sys_lwp_kill(1, KSIG_USR2), 0);
	(void)h_create(sleeps, NULL, LWP_DETACHED);
	H_EQ(sys_setpri(1, PUSER + 5), 0);
	H_EQ(h_status(h_fork(looks, NULL, 0)), 0);
}

Test(core_proc, a_child_inherits_actions_mask_and_priority_only)
{
	h_run(NULL, inherits, NULL);
}

static void
statuses(void *arg)
{
	int code = 0x123;
	pid_t_ pid, got = 0;
	int status = -1;

	(void)arg;
	begin();
	H_EQ(sys_sigaction(KSIG_CHLD, SIGACT_RESTART, counts_chld, NULL), 0);
	pid = h_fork(exits, &code, 0);
	H_EQ(sys_wait4(0, 0, &got, &status), 0);
	H_EQ(got, pid);
	H_EQ(status, W_EXITCODE(0x23, 0));
	H_EQ(g.chld, 1);
	got = status = 7;
	H_EQ(sys_wait4(pid, 0, &got, &status), ECHILD);
	H_EQ(got, 7);
	H_EQ(status, 7);
	/* Somebody who only wants it gone. */
	pid = h_fork(exits, &code, 0);
	H_EQ(sys_wait4(pid, 0, NULL, NULL), 0);
	H_EQ(sys_wait4(pid, 0, NULL, NULL), ECHILD);
	H_EQ(g.chld, 2);
	pid = h_fork(spins, NULL, 0);
	H_EQ(sys_wait4(pid + 1, 0, &got, &status), ECHILD);
	H_EQ(sys_wait4(pid, PWAIT_NOHANG, &got, &status), EAGAIN);
	g.stop = true;
	H_EQ(h_status(pid), 0); /* the last LWP left by itself */
	H_EQ(sys_wait4(0, PWAIT_NOHANG, &got, &status), ECHILD);
}

Test(core_proc, wait4_status_ECHILD_EAGAIN_and_CHLD)
{
	h_run(NULL, statuses, NULL);
}

static void
no_status(void *arg)
{
	int code = 1;
	pid_t_ pid, got = 0;

	(void)arg;
	begin();
	pid = h_fork(exits, &code, 0);
	H_EQ(sys_wait4(pid, 0, &got, NULL), 0);
	H_EQ(got, pid);
	H_EQ(sys_wait4(pid, 0, &got, NULL), ECHILD);
	pid = h_fork(exits, &code, FORK_STOPPED);
	H_EQ(sys_wait4(pid, PWAIT_UNTRACED, &got, NULL), 0);
	H_EQ(got, pid);
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	H_EQ(sys_wait4(pid, 0, &got, NULL), 0);
}

Test(core_proc, wait4_does_without_a_status)
{
	h_run(NULL, no_status, NULL);
}

static void
waits_for(void *arg)
{
	pid_t_ got;
	int status;

	(void)arg;
	g.result = sys_wait4(g.pid, 0, &got, &status);
}

static void
wait_broken(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	H_EQ(sys_sigaction(KSIG_USR1, SIGACT_HANDLER, counts_chld, NULL), 0);
	g.pid = h_fork(spins, NULL, 0);
	lid = h_create(waits_for, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_kill(lid, KSIG_USR1), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(g.result, EINTR);
	g.stop = true;
	H_EQ(h_status(g.pid), 0);
}

Test(core_proc, wait4_EINTR)
{
	h_run(NULL, wait_broken, NULL);
}

static void
one_collects(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	g.pid = h_fork(spins, NULL, 0);
	lid = h_create(waits_for, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	(void)h_create(spins, NULL, LWP_DETACHED);
	g.stop = true;
	waits_for(NULL);
	H_CHECK(g.result == 0 || g.result == ECHILD);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	waits_for(NULL);
	H_EQ(g.result, ECHILD);
}

Test(core_proc, a_zombie_is_collected_by_one_waiter)
{
	h_run(NULL, one_collects, NULL);
	h_run(&(struct h_options) { .ncpu = 2 }, one_collects, NULL);
}

static bool
perturbs(enum perturbation what)
{
	return fail_memory && what == PERTURB_nomem;
}

static void
fork_fails(void *arg)
{
	struct usercontext uc = { .uc_entry = spins };
	unsigned nproc, nlwp;
	pid_t_ pid = -7;

	(void)arg;
	begin();
	nproc = kernel.k_nproc;
	nlwp = kernel.k_nlwp;
	fail_memory = true;
	H_EQ(sys_fork(&uc, 0, &pid), ENOMEM);
	fail_memory = false;
	H_EQ(kernel.k_nproc, nproc);
	H_EQ(kernel.k_nlwp, nlwp);
	H_CHECK(LIST_EMPTY(&h_proc()->p_children));
	uc.uc_entry = NULL;
	H_EQ(sys_fork(&uc, 0, &pid), EINVAL);
	uc.uc_entry = spins;
	while (kernel.k_nproc < kernel.k_boot.bp_maxproc)
		(void)h_fork(spins, NULL, 0);
	nlwp = kernel.k_nlwp;
	H_EQ(sys_fork(&uc, 0, &pid), EAGAIN);
	H_EQ(kernel.k_nlwp, nlwp);
	g.stop = true;
}

Test(core_proc, a_fork_that_fails_leaves_nothing)
{
	h_run(&(struct h_options) { .perturb = perturbs }, fork_fails, NULL);
}

static void
leaves_child(void *arg)
{
	(void)arg;
	g.pid = h_fork(spins, NULL, 0);
	sys_exit(1);
}

static void
orphan(void *arg)
{
	pid_t_ got;
	int status;

	(void)arg;
	begin();
	H_EQ(h_status(h_fork(leaves_child, NULL, 0)), W_EXITCODE(1, 0));
	H_CHECK(h_proc_of(g.pid)->p_pptr == kernel.k_initproc);
	H_EQ(sys_wait4(g.pid, PWAIT_NOHANG, &got, &status), ECHILD);
	g.stop = true;
	H_EQ(sys_tsleep(1, 3, true), EWOULDBLOCK);
	H_EQ(sys_kill(g.pid, 0), ESRCH);
	H_EQ(kernel.k_nproc, 3);
}

Test(core_proc, process_1_collects_orphans)
{
	h_run(NULL, orphan, NULL);
}

static void
swaps(void *arg)
{
	lwpid_t sleeper, runner;
	unsigned n;

	(void)arg;
	begin();
	H_EQ(sys_swapout(99), ESRCH);
	H_EQ(sys_swapout(1), EBUSY); /* on its CPU */
	sleeper = h_create(sleeps, NULL, 0);
	h_wait_state(sleeper, LSSLEEP);
	runner = h_create(spins, NULL, 0);
	for (n = 0; n < 3; n++) {
		H_EQ(h_lwp(runner)->l_stat, LSRUN);
		H_EQ(sys_swapout(runner), 0);
		lets_run();
		H_CHECK((h_lwp(runner)->l_flag & L_INMEM) != 0);
	}
	H_EQ(sys_swapout(sleeper), 0);
	H_EQ(sys_swapout(sleeper), 0);
	lets_run();
	H_EQ(h_lwp(sleeper)->l_flag & L_INMEM, 0);
	H_EQ(sys_wakeup(0, 0), 0);
	H_EQ(sys_lwp_wait(sleeper, NULL), 0);
	H_EQ(g.result, 0);
	g.stop = true;
	H_EQ(sys_lwp_wait(runner, NULL), 0);
}

Test(core_swap, who_is_out_comes_back_when_it_could_run)
{
	h_run(NULL, swaps, NULL);
}
