/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Job control: how a process stops, when its stop is complete, who hears of it,
 * and how it goes on.  The tests need the simulator: who runs when is its
 * default schedule.
 */

#include "h_sim.h"

static struct {
	bool ready;
	bool stop;
	bool timed; /* spinners sleep between steps, so that time goes on */
	int result; /* of the sleeper's call */
	unsigned steps;
	unsigned chld;
	int timo;
} g;

static void
counts_chld(int sig, void *arg)
{
	(void)sig;
	(void)arg;
	g.chld++;
}

static void
nothing(int sig, void *arg)
{
	(void)sig;
	(void)arg;
}

static void
begin(void)
{
	memset(&g, 0, sizeof(g));
	g.result = -1;
	H_EQ(sys_sigaction(KSIG_CHLD, SIGACT_RESTART, counts_chld, NULL), 0);
	H_EQ(sys_sigaction(KSIG_USR1, SIGACT_HANDLER, nothing, NULL), 0);
}

static void
lets_run(void)
{
	unsigned n;

	for (n = 0; n < 20; n++)
		sys_yield();
}

static void
sleeps(void *arg)
{
	(void)arg;
	g.result = sys_tsleep(0, g.timo, true);
}

static void
parks(void *arg)
{
	(void)arg;
	g.result = sys_lwp_park(g.timo, 0);
}

static void
spins(void *arg)
{
	(void)arg;
	while (!*(volatile bool *)&g.stop) {
		g.steps++;
		if (*(volatile bool *)&g.timed)
			(void)sys_tsleep(2, 1, false);
		else
			sys_yield();
	}
}

/* The child: its first LWP spins too, and does what it is asked. */
static void
child(void *arg)
{
	void (*sleeper)(void *) = *(void (**)(void *))arg;
	lwpid_t lid;

	lid = h_create(sleeper, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	(void)h_create(spins, NULL, 0);
	g.ready = true;
	spins(NULL);
	H_EQ(sys_lwp_wait(2, NULL), 0);
	H_EQ(sys_lwp_wait(3, NULL), 0);
	sys_exit(7);
}

static struct lwp *
of(struct proc *p, lwpid_t lid)
{
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid)
			break;
	}
	H_CHECK(l != NULL);
	return l;
}

static pid_t_
makes(void (*sleeper)(void *))
{
	static void (*body)(void *);
	pid_t_ pid;

	begin();
	body = sleeper;
	pid = h_fork(child, &body, 0);
	h_until(&g.ready);
	lets_run();
	return pid;
}

static struct proc *
stops(pid_t_ pid)
{
	struct proc *p = h_proc_of(pid);

	H_EQ(sys_kill(pid, KSIG_STOP), 0);
	lets_run();
	H_EQ(p->p_stat, SSTOP);
	H_EQ(p->p_nrlwps, 0);
	H_EQ(p->p_sflag & PS_STOPPING, 0);
	return p;
}

static void
ends(pid_t_ pid)
{
	g.stop = true;
	H_EQ(h_status(pid), W_EXITCODE(7, 0));
}

static void
in_place(void *arg)
{
	pid_t_ pid = makes(sleeps);
	struct proc *p;
	unsigned seen;

	(void)arg;
	p = stops(pid);
	seen = g.steps;
	H_EQ(of(p, 2)->l_stat, LSSTOP);
	H_CHECK(of(p, 2)->l_wchan != NULL);
	H_EQ(of(p, 1)->l_stat, LSSTOP);
	H_CHECK(of(p, 1)->l_wchan == NULL);
	H_EQ(of(p, 3)->l_stat, LSSTOP);
	lets_run();
	H_EQ(g.steps, seen);
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	H_EQ(p->p_stat, SACTIVE);
	H_EQ(of(p, 2)->l_stat, LSSLEEP);
	H_EQ(p->p_nrlwps, 3);
	lets_run();
	H_CHECK(g.steps > seen);
	H_EQ(of(p, 2)->l_stat, LSSLEEP);
	H_EQ(g.result, -1);
	H_EQ(sys_kill(pid, KSIG_USR1), 0); /* to the spinner */
	lets_run();
	H_EQ(g.result, -1);
	H_EQ(sys_kill(pid, KSIG_KILL), 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_KILL));
}

Test(core_stop, sleepers_stop_in_place_and_go_on_sleeping)
{
	h_run(NULL, in_place, NULL);
	h_run(&(struct h_options) { .ncpu = 2 }, in_place, NULL);
}

static void
parent_hears(void *arg)
{
	pid_t_ pid = makes(sleeps), got = 0;
	int status = 0;

	(void)arg;
	(void)stops(pid);
	H_EQ(sys_wait4(pid, PWAIT_NOHANG, &got, &status), EAGAIN);
	H_EQ(sys_wait4(pid, PWAIT_UNTRACED, &got, &status), 0);
	H_EQ(got, pid);
	H_EQ(status, W_STOPCODE(KSIG_STOP));
	H_EQ(sys_wait4(pid, PWAIT_UNTRACED | PWAIT_NOHANG, &got, &status),
	    EAGAIN);
	H_EQ(sys_tsleep(1, 3, true), EWOULDBLOCK);
	H_EQ(g.chld, 1);
	g.timed = true;
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	H_EQ(sys_tsleep(1, 3, true), EWOULDBLOCK);
	H_EQ(g.chld, 2);
	H_EQ(sys_kill(pid, KSIG_TSTP), 0);
	H_EQ(sys_wait4(0, PWAIT_UNTRACED, &got, &status), 0);
	H_EQ(status, W_STOPCODE(KSIG_TSTP));
	H_EQ(sys_kill(pid, KSIG_KILL), 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_KILL));
}

Test(core_stop, the_parent_hears_by_CHLD_and_by_wait4_once_a_stop)
{
	h_run(NULL, parent_hears, NULL);
}

static void
wakes(void *arg)
{
	pid_t_ pid = makes(sleeps);
	struct proc *p;

	(void)arg;
	p = stops(pid);
	mutex_enter(&p->p_smutex);
	kpsignal(p, of(p, 2), &(struct ksiginfo) { .ksi_signo = KSIG_USR1 });
	mutex_exit(&p->p_smutex);
	lets_run();
	H_EQ(of(p, 2)->l_stat, LSSTOP);
	H_EQ(g.result, -1);
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	lets_run();
	H_EQ(g.result, EINTR);
	ends(pid);
}

Test(core_stop, a_continued_sleeper_with_a_signal_wakes)
{
	h_run(NULL, wakes, NULL);
}

static void
woken_inside(void *arg)
{
	pid_t_ pid = makes(sleeps);
	struct proc *p;

	(void)arg;
	p = stops(pid);
	wakeup(&p->p_channel[0]);
	H_EQ(of(p, 2)->l_stat, LSSTOP);
	H_CHECK(of(p, 2)->l_wchan == NULL);
	H_EQ(p->p_nrlwps, 0);
	lets_run();
	H_EQ(g.result, -1);
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	lets_run();
	H_EQ(g.result, 0);
	ends(pid);
}

Test(core_stop, a_wakeup_during_the_stop_counts_when_it_is_over)
{
	h_run(NULL, woken_inside, NULL);
}

static void
timeout_inside(void *arg)
{
	pid_t_ pid;

	(void)arg;
	pid = makes(sleeps);
	(void)pid;
	H_EQ(sys_kill(pid, KSIG_KILL), 0);
	(void)h_status(pid);
	memset(&g, 0, sizeof(g));
	g.result = -1;
	g.timo = 30;
	pid = h_fork(child, &(void (*[1])(void *)) { sleeps }[0], 0);
	h_until(&g.ready);
	(void)stops(pid);
	H_EQ(sys_tsleep(1, 40, true), EWOULDBLOCK);
	H_EQ(g.result, -1);
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	lets_run();
	H_EQ(g.result, EWOULDBLOCK);
	ends(pid);
}

Test(core_stop, a_timeout_during_the_stop_counts_when_it_is_over)
{
	h_run(NULL, timeout_inside, NULL);
}

/* A child of one LWP, stopped in its sleep or wherever it is. */
static void
spins_alone(void *arg)
{
	(void)arg;
	g.ready = true;
	spins(NULL);
	sys_exit(7);
}

static void
cancelled(void *arg)
{
	pid_t_ pid;
	struct proc *p;

	(void)arg;
	begin();
	pid = h_fork(spins_alone, NULL, 0);
	h_until(&g.ready);
	p = h_proc_of(pid);
	mutex_enter(&p->p_smutex);
	proc_stop(p, KSIG_STOP);
	H_CHECK((p->p_sflag & PS_STOPPING) != 0);
	H_EQ(p->p_stat, SACTIVE);
	proc_unstop(p);
	H_EQ(p->p_sflag & PS_STOPPING, 0);
	mutex_exit(&p->p_smutex);
	lets_run();
	H_EQ(p->p_nrlwps, 1);
	g.timed = true;
	H_EQ(sys_tsleep(1, 3, true), EWOULDBLOCK);
	H_EQ(g.chld, 0); /* there was no stop */
	ends(pid);
}

Test(core_stop, CONT_cancels_a_stop_that_is_not_complete) /* S7 */
{
	h_run(NULL, cancelled, NULL);
}

static void
born_stopped(void *arg)
{
	pid_t_ pid, got = 0;
	int status = 0;

	(void)arg;
	begin();
	pid = h_fork(spins_alone, NULL, FORK_STOPPED);
	lets_run();
	H_EQ(g.ready, false);
	H_EQ(h_proc_of(pid)->p_nrlwps, 0);
	H_EQ(sys_wait4(pid, PWAIT_UNTRACED, &got, &status), 0);
	H_EQ(status, W_STOPCODE(KSIG_STOP));
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	h_until(&g.ready);
	ends(pid);
}

Test(core_stop, a_child_that_is_born_stopped)
{
	h_run(NULL, born_stopped, NULL);
}

static void
killed(void *arg)
{
	pid_t_ pid = makes(parks);

	(void)arg;
	(void)stops(pid);
	H_EQ(sys_kill(pid, KSIG_TERM), 0); /* pending until it goes on */
	lets_run();
	H_EQ(h_proc_of(pid)->p_stat, SSTOP);
	H_EQ(sys_kill(pid, KSIG_KILL), 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_KILL));
}

Test(core_stop, only_SIGKILL_ends_a_stopped_process)
{
	h_run(NULL, killed, NULL);
	h_run(&(struct h_options) { .ncpu = 2 }, killed, NULL);
}

static void
suspends(void *arg)
{
	pid_t_ pid = makes(sleeps);
	struct proc *p;
	struct lwp *l;

	(void)arg;
	p = stops(pid);
	l = of(p, 2);
	mutex_enter(&p->p_smutex);
	lwp_lock(l);
	H_EQ(lwp_suspend(lwp_current(), l), 0);
	mutex_exit(&p->p_smutex);
	lets_run();
	/* Nobody reaches the boundary but to stop, or to be suspended. */
	H_EQ(g.result, -1);
	H_EQ(p->p_stat, SSTOP);
	H_EQ(p->p_nrlwps, 0);
	H_EQ(sys_kill(pid, KSIG_CONT), 0);
	lets_run();
	H_EQ(l->l_stat, LSSUSPENDED);
	H_EQ(sys_kill(pid, KSIG_KILL), 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_KILL));
}

Test(core_stop, a_stopped_LWP_that_is_suspended_stays_so_after_CONT) /* S7 */
{
	h_run(NULL, suspends, NULL);
}
