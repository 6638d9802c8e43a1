/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end by a signal, and core dumps.  They need the simulator: who runs when
 * is its default schedule.
 */

#include "h_sim.h"

static struct {
	bool ready;
	int result;
	lwpid_t ref;
} g;

static void
lets_run(void)
{
	unsigned n;

	for (n = 0; n < 20; n++)
		sys_yield();
}

static void
spins(void *arg)
{
	(void)arg;
	for (;;)
		sys_yield();
}

static void
sleeps(void *arg)
{
	(void)arg;
	g.result = sys_tsleep(0, 0, true);
}

static void
many(void *arg)
{
	(void)arg;
	(void)h_create(spins, NULL, 0);
	(void)h_create(sleeps, NULL, 0);
	(void)h_create(spins, NULL, LWP_SUSPENDED);
	lets_run();
	g.ready = true;
	spins(NULL);
}

/* dumps: post a core signal, and yield until the file is being written. */
static struct proc *
dumps(pid_t_ pid)
{
	struct proc *p = h_proc_of(pid);
	unsigned n;

	H_EQ(sys_kill(pid, KSIG_SEGV), 0);
	for (n = 0; p->p_nrlwps != 1 || (p->p_sflag & PS_WCORE) == 0; n++) {
		H_CHECK(n < 200);
		sys_yield();
	}
	return p;
}

static void
begin(void)
{
	memset(&g, 0, sizeof(g));
	g.result = -1;
}

static void
held(void *arg)
{
	const struct lwp *l;
	struct proc *p;
	unsigned n = 0;
	pid_t_ pid;

	(void)arg;
	begin();
	pid = h_fork(many, NULL, 0);
	h_until(&g.ready);
	p = dumps(pid);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == p->p_siglwp)
			continue;
		H_EQ(l->l_stat, LSSUSPENDED);
		H_EQ(l->l_running, 0);
		n++;
	}
	H_EQ(n, 3);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_SEGV | W_COREFLAG));
	H_EQ(g.result, -1);
}

Test(core_core, all_others_are_held_off_their_CPUs)
{
	h_run(NULL, held, NULL);
	h_run(&(struct h_options) { .ncpu = 2 }, held, NULL);
}

static void
no_dump(void *arg)
{
	pid_t_ pid;

	(void)arg;
	begin();
	pid = h_fork(many, NULL, 0);
	h_until(&g.ready);
	H_EQ(sys_kill(pid, KSIG_TERM), 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_TERM));
}

Test(core_core, a_signal_that_dumps_none_has_no_flag)
{
	h_run(NULL, no_dump, NULL);
}

static void
meanwhile(void *arg)
{
	int sig = *(int *)arg;
	struct proc *p;
	struct lwp *l;
	pid_t_ pid;

	begin();
	pid = h_fork(many, NULL, 0);
	h_until(&g.ready);
	p = dumps(pid);
	H_EQ(sys_kill(pid, sig), 0);
	H_CHECK((p->p_sigpend.sp_set & SIGBIT(sig)) != 0);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid != p->p_siglwp)
			H_EQ(l->l_stat, LSSUSPENDED);
	}
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_SEGV | W_COREFLAG));
}

Test(core_core, SIGKILL_during_a_dump_stays_pending) /* S6 */
{
	int sig = KSIG_KILL;

	h_run(NULL, meanwhile, &sig);
}

Test(core_core, a_second_core_signal_does_not_change_the_status) /* S2 */
{
	int sig = KSIG_BUS;

	h_run(NULL, meanwhile, &sig);
}

static void
exits(void *arg)
{
	(void)arg;
	lets_run();
	sys_exit(3);
}

static void
holder(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(exits, NULL, 0);
	H_EQ(sys_ref(lid), 0);
	(void)h_create(spins, NULL, 0);
	H_EQ(sys_lwp_kill(1, KSIG_ABRT), 0);
	H_CHECK(false);
}

static void
references(void *arg)
{
	pid_t_ pid;

	(void)arg;
	begin();
	pid = h_fork(holder, NULL, 0);
	H_EQ(h_status(pid), W_EXITCODE(0, KSIG_ABRT | W_COREFLAG));
}

Test(core_core, a_reference_does_not_outlive_the_dump)
{
	h_run(NULL, references, NULL);
}
