/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The emulation's hooks, and what they are the best place to look at: an LWP
 * that is not yet visible, and one that is on its way out.
 */

#include "h_sim.h"

static struct lwp *born, *dead;
static unsigned births, deaths;
static int slept, status;
static enum proc_state at_death;
static pid_t_ child_pid;

static bool
copy_fails(enum perturbation what)
{
	static unsigned asked;

	/* The second of a creation is the copy-out of the LID. */
	return what == PERTURB_copyfail && ++asked % 2 == 0;
}

static void
at_fork(struct lwp *l1, struct lwp *l2)
{
	struct proc *p = l2->l_proc;

	H_CHECK(l1 == lwp_current());
	H_EQ(l2->l_stat, LSIDL);
	mutex_enter(&p->p_smutex);
	H_CHECK(lid_lookup(p, l2->l_lid) == l2);
	H_CHECK(lwp_find(p, l2->l_lid) == NULL);
	H_EQ(p->p_nrlwps, 1);
	mutex_exit(&p->p_smutex);
	H_EQ(sys_lwp_detach(l2->l_lid), ESRCH);
	born = l2;
	births++;
}

static void
at_exit(struct lwp *l)
{
	dead = l;
	deaths++;
	at_death = l->l_proc->p_stat;
	/* Told to exit, or not: a dying one sleeps undisturbed. */
	if (l == lwp_current())
		slept = tsleep(&born, PWAIT | PCATCH, "hook", 2);
}

static void
hooked(void)
{
	births = deaths = 0;
	slept = -1;
	h_proc()->p_lwp_fork_hook = at_fork;
	h_proc()->p_lwp_exit_hook = at_exit;
}

static void
returns(void *arg)
{
	(void)arg;
}

static void
parks(void *arg)
{
	(void)arg;
	(void)sys_lwp_park(0, 0);
}

static void
once(void *arg)
{
	lwpid_t lid;

	(void)arg;
	hooked();
	lid = h_create(returns, NULL, 0);
	H_CHECK(born == h_lwp(lid));
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(births, 1);
	H_EQ(deaths, 1);
	H_CHECK(dead == born);
	H_EQ(at_death, SACTIVE);
	H_EQ(slept, EWOULDBLOCK);
}

Test(core_hook, is_called_at_birth_before_anybody_sees_it_and_at_death)
{
	h_run(&(struct h_options) { .ncpu = 2 }, once, NULL);
	/* And for the last one, when nobody else is left. */
	cr_assert_eq(deaths, 2);
	cr_assert_eq(at_death, SDYING);
}

static void
undone(void *arg)
{
	struct usercontext uc = { .uc_entry = returns };
	lwpid_t lid;

	(void)arg;
	hooked();
	H_EQ(sys_lwp_create(&uc, 0, &lid), EFAULT);
	H_EQ(births, 1);
	H_EQ(deaths, 1);
	H_CHECK(dead == born);
}

Test(core_hook, of_death_follows_that_of_birth_when_a_creation_is_undone)
{
	h_run(&(struct h_options) { .perturb = copy_fails }, undone, NULL);
}

static void
told(void *arg)
{
	lwpid_t lid;

	(void)arg;
	hooked();
	lid = h_create(parks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	slept = -1;
	sys_exit(0);
}

Test(core_sleepq, does_not_disturb_one_with_an_exit_mark) /* S4 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, told, NULL);
	cr_assert_eq(deaths, 2);
	cr_assert_eq(slept, EWOULDBLOCK);
}

/* One that drains: exit-marked, found, and deaf to all that is asked of it. */
static void
draining(void *arg)
{
	struct proc *p = h_proc();
	lwpid_t lid, who;
	struct lwp *t;

	(void)arg;
	lid = h_create(parks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	t = h_lwp(lid);
	H_EQ(sys_ref(lid), 0);
	H_EQ(sys_lwp_unpark(lid), 0);
	while ((t->l_prflag & LPR_DRAINING) == 0)
		sys_yield();
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_suspend(lid), ESRCH);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_unpark(lid), 0);
	H_EQ(sys_lwp_wakeup(lid), EBUSY);
	H_EQ(t->l_flag & (L_WSUSPEND | L_UNPARKED | L_CANCELLED), 0);
	mutex_enter(&p->p_smutex);
	lwp_lock(t);
	H_EQ(lwp_suspend(lwp_current(), t), EINTR);
	H_EQ(t->l_flag & L_WSUSPEND, 0);
	p->p_siglwp = lid;
	mutex_exit(&p->p_smutex);
	H_EQ(sys_representative(&who, NULL), 0);
	H_EQ(who, 1); /* P3: that one is not live */
	H_EQ(t->l_stat, LSSLEEP);
	H_EQ(sys_unref(), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_exit, of_one_that_drains_is_not_disturbed_by_calls) /* S10 E6 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, draining, NULL);
}

/* Processes. */

static void
child(void *arg)
{
	(void)arg;
	mutex_enter(&h_proc()->p_smutex);
	exit1(lwp_current(), W_EXITCODE(7, 0));
}

static void
parent(void *arg)
{
	struct lwp *l = lwp_current();
	pid_t_ pid = -1;

	(void)arg;
	status = -1;
	H_EQ(proc_wait(l, 0, 0, &pid, &status), ECHILD);
	H_EQ(fork1(l, l->l_proc, 0, NULL, child, NULL, &child_pid), 0);
	H_EQ(proc_wait(l, 0, PWAIT_NOHANG, &pid, &status), EAGAIN);
	H_EQ(proc_wait(l, 0, 0, &pid, &status), 0);
	H_EQ(pid, child_pid);
	H_EQ(status, W_EXITCODE(7, 0));
	H_EQ(proc_wait(l, 0, 0, &pid, &status), ECHILD);
}

Test(core_proc, is_collected_once_with_its_status)
{
	h_run(NULL, parent, NULL);
	h_run(&(struct h_options) { .ncpu = 2 }, parent, NULL);
}
