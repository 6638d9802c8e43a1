/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signals: posting, pending sets, taking, handlers, sigwait and pause.  They
 * need the simulator: who runs when is its default schedule.
 */

#include "h_sim.h"

#include <lwp/machine.h>

#define USR1 KSIG_USR1
#define USR2 KSIG_USR2

static struct {
	unsigned ran;	      /* handlers */
	int order[8];	      /* their signals */
	lwpid_t taker;	      /* who ran the last one */
	unsigned depth, most; /* of handlers in each other */
	bool stop;
	bool ready;
	int result;
	uint64_t ticks;
	struct ksiginfo si;
} g;

static void
notes(int sig, void *arg)
{
	(void)arg;
	g.depth++;
	if (g.depth > g.most)
		g.most = g.depth;
	g.order[g.ran++ % 8] = sig;
	g.taker = sys_lwp_self();
	g.depth--;
}

static void
catches(int sig, enum sigact act)
{
	H_EQ(sys_sigaction(sig, act, notes, NULL), 0);
}

static void
begin(void)
{
	memset(&g, 0, sizeof(g));
	catches(USR1, SIGACT_HANDLER);
	catches(USR2, SIGACT_HANDLER);
}

static void
blocks(ksigset_t set)
{
	H_EQ(sys_sigprocmask(SIGMASK_SET, set), 0);
}

static int
kills(int sig)
{
	return sys_kill(h_proc()->p_pid, sig);
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
	g.result = -1;
	g.ticks = machine_ticks();
	g.result = sys_tsleep(0, arg != NULL ? *(int *)arg : 0, true);
	g.ticks = machine_ticks() - g.ticks;
}

static void
lets_run(void)
{
	unsigned n;

	for (n = 0; n < 20; n++)
		sys_yield();
}

static void
joins(lwpid_t lid)
{
	g.stop = true;
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

static void
directed(void *arg)
{
	lwpid_t first, second;

	(void)arg;
	begin();
	first = h_create(spins, NULL, 0);
	second = h_create(spins, NULL, 0);
	H_EQ(sys_lwp_kill(first, USR1), 0);
	lets_run();
	H_EQ(g.ran, 1);
	H_EQ(g.taker, first);
	H_EQ(sys_lwp_kill(second, USR1), 0);
	lets_run();
	H_EQ(g.taker, second);
	joins(first);
	joins(second);
}

Test(core_sig, a_directed_signal_is_taken_by_its_target)
{
	h_run(NULL, directed, NULL);
	h_run(&(struct h_options) { .ncpu = 2 }, directed, NULL);
}

static void
to_process(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(spins, NULL, 0);
	h_until(&g.ready);
	blocks(SIGBIT(USR1));
	H_EQ(kills(USR1), 0);
	lets_run();
	H_EQ(g.ran, 1);
	H_EQ(g.taker, lid);
	H_EQ(h_proc()->p_sigpend.sp_set, 0);
	joins(lid);
}

Test(core_sig, the_process_takes_it_by_one_that_does_not_block_it)
{
	h_run(NULL, to_process, NULL);
}

static void
one_each(void *arg)
{
	(void)arg;
	begin();
	blocks(SIGBIT(USR1));
	H_EQ(kills(USR1), 0);
	H_EQ(kills(USR1), 0);
	H_EQ(g.ran, 0);
	blocks(0);
	H_EQ(g.ran, 1);
	blocks(SIGBIT(USR1));
	H_EQ(kills(USR1), 0);
	H_EQ(sys_lwp_kill(1, USR1), 0);
	blocks(0);
	H_EQ(g.ran, 3);
}

Test(core_sig, one_of_each_number_is_pending_in_each_set)
{
	h_run(NULL, one_each, NULL);
}

static void
details(void *arg)
{
	(void)arg;
	begin();
	blocks(SIGBIT(USR1));
	H_EQ(sys_lwp_kill(1, USR1), 0);
	H_EQ(sys_sigwait(SIGBIT(USR1) | SIGBIT(USR2), 0, &g.si), 0);
	H_EQ(g.si.ksi_signo, USR1);
	H_EQ(g.si.ksi_pid, h_proc()->p_pid);
	H_EQ(g.si.ksi_lid, 1);
	H_EQ(lwp_current()->l_sigpend.sp_set, 0);
	blocks(0);
	H_EQ(g.ran, 0);
}

Test(core_sig, sigwait_takes_what_is_pending_with_its_details)
{
	h_run(NULL, details, NULL);
}

static void
ignored(void *arg)
{
	(void)arg;
	begin();
	catches(USR1, SIGACT_IGNORE);
	blocks(~(ksigset_t)0);
	H_EQ(kills(USR1), 0);
	H_EQ(kills(KSIG_CHLD), 0);
	H_EQ(kills(KSIG_WINCH), 0);
	H_EQ(kills(KSIG_CONT), 0);
	H_EQ(h_proc()->p_sigpend.sp_set, 0);
	H_EQ(kills(USR2), 0);
	H_EQ(sys_lwp_kill(1, USR2), 0);
	H_EQ(h_proc()->p_sigpend.sp_set, SIGBIT(USR2));
	catches(USR2, SIGACT_IGNORE);
	H_EQ(h_proc()->p_sigpend.sp_set, 0);
	H_EQ(lwp_current()->l_sigpend.sp_set, 0);
}

Test(core_sig, ignored_ones_are_dropped_also_while_blocked)
{
	h_run(NULL, ignored, NULL);
}

static void
order(void *arg)
{
	(void)arg;
	begin();
	blocks(SIGBIT(USR1) | SIGBIT(USR2));
	H_EQ(kills(USR1), 0);
	H_EQ(kills(USR2), 0);
	blocks(0);
	H_EQ(g.ran, 2);
	H_EQ(g.order[0], USR2);
	H_EQ(g.order[1], USR1);
}

Test(core_sig, handlers_run_last_queued_first)
{
	h_run(NULL, order, NULL);
}

static void
posts_again(int sig, void *arg)
{
	notes(sig, arg);
	g.depth++;
	if (g.ran < 3)
		H_EQ(kills(sig), 0);
	h_steps(5);
	H_CHECK((lwp_current()->l_sigmask & SIGBIT(sig)) != 0);
	g.depth--;
}

static void
blocked_inside(void *arg)
{
	(void)arg;
	begin();
	H_EQ(sys_sigaction(USR1, SIGACT_HANDLER, posts_again, NULL), 0);
	H_EQ(kills(USR1), 0);
	H_EQ(g.ran, 3);
	H_EQ(g.most, 1);
	H_EQ(lwp_current()->l_sigmask, 0);
}

Test(core_sig, a_handler_runs_with_its_signal_blocked)
{
	h_run(NULL, blocked_inside, NULL);
}

static void
eintr(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(sleeps, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_kill(lid, USR1), 0);
	joins(lid);
	H_EQ(g.ran, 1);
	H_EQ(g.result, EINTR);
}

Test(core_sig, a_handler_ends_a_sleep_with_EINTR)
{
	h_run(NULL, eintr, NULL);
}

static void
restarts(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	catches(USR1, SIGACT_RESTART);
	lid = h_create(sleeps, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_kill(lid, USR1), 0);
	lets_run();
	H_EQ(g.ran, 1);
	H_EQ(g.result, -1);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_wakeup(0, 0), 0);
	joins(lid);
	H_EQ(g.result, 0);
}

Test(core_sig, a_restarting_handler_does_not)
{
	h_run(NULL, restarts, NULL);
}

static void
deadline(void *arg)
{
	int timo = 20;
	lwpid_t lid;

	(void)arg;
	begin();
	catches(USR1, SIGACT_RESTART);
	lid = h_create(sleeps, &timo, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_tsleep(1, 10, true), EWOULDBLOCK);
	H_EQ(sys_lwp_kill(lid, USR1), 0);
	joins(lid);
	H_EQ(g.ran, 1);
	H_EQ(g.result, EWOULDBLOCK);
	H_CHECK(g.ticks >= 20 && g.ticks <= 22);
}

Test(core_sig, a_restart_keeps_the_deadline) /* E17 */
{
	h_run(NULL, deadline, NULL);
}

static void
pauses(void *arg)
{
	(void)arg;
	g.result = -1;
	g.result = sys_pause();
}

static void
pause_ends(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	catches(USR1, SIGACT_RESTART);
	lid = h_create(pauses, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_kill(lid, KSIG_URG), 0);
	lets_run();
	H_EQ(g.result, -1);
	H_EQ(sys_lwp_kill(lid, USR1), 0);
	joins(lid);
	H_EQ(g.ran, 1);
	H_EQ(g.result, EINTR);
}

Test(core_sig, only_a_handler_ends_pause)
{
	h_run(NULL, pause_ends, NULL);
}

static void
waits(void *arg)
{
	g.result = -1;
	g.result = sys_sigwait(
	    SIGBIT(USR1), arg != NULL ? *(int *)arg : 0, &g.si);
}

static void
handed_over(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(waits, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(kills(USR1), 0);
	H_EQ(h_proc()->p_sigpend.sp_set, 0);
	joins(lid);
	H_EQ(g.result, 0);
	H_EQ(g.si.ksi_signo, USR1);
	H_EQ(g.si.ksi_lid, 1);
	H_EQ(g.ran, 0);
}

Test(core_sig, sigwait_is_handed_a_signal_that_never_becomes_pending)
{
	h_run(NULL, handed_over, NULL);
}

static void
sigwait_errors(void *arg)
{
	int timo = 5;
	lwpid_t lid;

	(void)arg;
	begin();
	H_EQ(sys_sigwait(0, 0, NULL), EINVAL);
	H_EQ(sys_sigwait(KSIG_CANTMASK, 0, NULL), EINVAL);
	H_EQ(sys_sigwait(SIGBIT(USR1), -1, NULL), EINVAL);
	H_EQ(sys_sigwait(SIGBIT(USR1), timo, NULL), EAGAIN);
	lid = h_create(waits, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_kill(lid, USR2), 0);
	joins(lid);
	H_EQ(g.result, EINTR);
	H_EQ(g.order[0], USR2);
}

Test(core_sig, sigwait_EINVAL_EAGAIN_EINTR)
{
	h_run(NULL, sigwait_errors, NULL);
}

static void
cannot(void *arg)
{
	(void)arg;
	begin();
	H_EQ(sys_sigaction(KSIG_KILL, SIGACT_IGNORE, NULL, NULL), EINVAL);
	H_EQ(sys_sigaction(KSIG_KILL, SIGACT_HANDLER, notes, NULL), EINVAL);
	H_EQ(sys_sigaction(KSIG_STOP, SIGACT_IGNORE, NULL, NULL), EINVAL);
	H_EQ(sys_sigaction(KSIG_STOP, SIGACT_RESTART, notes, NULL), EINVAL);
	H_EQ(sys_sigaction(KSIG_KILL, SIGACT_DEFAULT, NULL, NULL), 0);
	H_EQ(sys_sigaction(0, SIGACT_DEFAULT, NULL, NULL), EINVAL);
	H_EQ(sys_sigaction(KNSIG, SIGACT_DEFAULT, NULL, NULL), EINVAL);
	H_EQ(sys_sigaction(USR1, SIGACT_COUNT, NULL, NULL), EINVAL);
	H_EQ(sys_sigprocmask((enum sigmask_how)3, 0), EINVAL);
	H_EQ(sys_sigprocmask(SIGMASK_BLOCK, ~(ksigset_t)0), 0);
	H_EQ(lwp_current()->l_sigmask, ~KSIG_CANTMASK);
	H_EQ(sys_sigprocmask(SIGMASK_UNBLOCK, SIGBIT(USR1)), 0);
	H_EQ(lwp_current()->l_sigmask, ~KSIG_CANTMASK & ~SIGBIT(USR1));
}

Test(core_sig, KILL_and_STOP_cannot_be_blocked_caught_or_ignored)
{
	h_run(NULL, cannot, NULL);
}

/* told: USR1 for the process finds the calling LWP, which is the newest, in the
 * kernel; p_smutex held. */
static void
told(void)
{
	const struct ksiginfo si = { .ksi_signo = USR1 };

	kpsignal(h_proc(), NULL, &si);
	H_CHECK((lwp_current()->l_flag & L_PENDSIG) != 0);
}

static void
told_exits(void *arg)
{
	(void)arg;
	mutex_enter(&h_proc()->p_smutex);
	told();
	mutex_exit(&h_proc()->p_smutex);
	lwp_exit(lwp_current());
}

static void
told_blocks(void *arg)
{
	struct lwp *l = lwp_current();

	(void)arg;
	mutex_enter(&h_proc()->p_smutex);
	told();
	l->l_sigmask = SIGBIT(USR1);
	sig_handoff(h_proc(), l, SIGBIT(USR1));
	mutex_exit(&h_proc()->p_smutex);
	lets_run();
	H_EQ(g.ran, 1);
}

static void
hands_on(void *arg)
{
	void (*body)(void *) = *(void (**)(void *))arg;

	begin();
	(void)h_create(body, NULL, LWP_DETACHED);
	H_EQ(sys_tsleep(0, 50, true), EINTR);
	H_EQ(g.ran, 1);
	H_EQ(g.taker, 1);
	H_EQ(h_proc()->p_sigpend.sp_set, 0);
}

Test(core_sig, who_was_told_and_exits_hands_the_signal_on) /* X3 */
{
	void (*body)(void *) = told_exits;

	h_run(NULL, hands_on, &body);
}

Test(core_sig, who_was_told_and_blocks_hands_the_signal_on)
{
	void (*body)(void *) = told_blocks;

	h_run(NULL, hands_on, &body);
}

static void
cancel(void *arg)
{
	const ksigset_t both = SIGBIT(KSIG_TSTP) | SIGBIT(KSIG_CONT);

	(void)arg;
	begin();
	catches(KSIG_TSTP, SIGACT_HANDLER);
	catches(KSIG_CONT, SIGACT_HANDLER);
	blocks(both);
	H_EQ(kills(KSIG_TSTP), 0);
	H_EQ(sys_lwp_kill(1, KSIG_TSTP), 0);
	H_EQ(kills(KSIG_CONT), 0);
	H_EQ(h_proc()->p_sigpend.sp_set, SIGBIT(KSIG_CONT));
	H_EQ(lwp_current()->l_sigpend.sp_set, 0);
	H_EQ(kills(KSIG_TSTP), 0);
	H_EQ(h_proc()->p_sigpend.sp_set, SIGBIT(KSIG_TSTP));
}

Test(core_sig, CONT_and_stops_cancel_each_other)
{
	h_run(NULL, cancel, NULL);
}

/* A process that is left with a suspended LWP only. */
static void
leaves_suspended(void *arg)
{
	(void)arg;
	(void)h_create(spins, NULL, LWP_SUSPENDED);
	g.ready = true;
	sys_lwp_exit();
}

static void
kill_suspended(void *arg)
{
	pid_t_ pid;

	(void)arg;
	begin();
	pid = h_fork(leaves_suspended, NULL, 0);
	h_until(&g.ready);
	lets_run();
	H_EQ(h_proc_of(pid)->p_nrlwps, 0);
	H_EQ(sys_kill(pid, USR2), 0);
	lets_run();
	H_EQ(h_proc_of(pid)->p_nrlwps, 0);
	H_EQ(sys_kill(pid, KSIG_KILL), 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_KILL));
	H_EQ(g.ran, 0);
}

Test(core_sig, only_SIGKILL_resumes_a_suspended_LWP) /* X6 */
{
	h_run(NULL, kill_suspended, NULL);
}

static void
errnos(void *arg)
{
	pid_t_ self = h_proc()->p_pid;

	(void)arg;
	begin();
	H_EQ(sys_kill(self, -1), EINVAL);
	H_EQ(sys_kill(self, KNSIG), EINVAL);
	H_EQ(sys_kill(999, 0), ESRCH);
	H_EQ(sys_kill(self, 0), 0);
	H_EQ(sys_kill(kernel.k_proc0->p_pid, KSIG_KILL), EPERM);
	H_EQ(sys_kill(kernel.k_initproc->p_pid, KSIG_KILL), EPERM);
	H_EQ(sys_lwp_kill(1, -1), EINVAL);
	H_EQ(sys_lwp_kill(1, KNSIG), EINVAL);
	H_EQ(sys_lwp_kill(99, USR1), ESRCH);
	H_EQ(sys_lwp_kill(1, 0), 0);
	H_EQ(g.ran, 0);
}

Test(core_sig, errnos_of_kill)
{
	h_run(NULL, errnos, NULL);
}
