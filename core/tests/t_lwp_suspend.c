/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwp_suspend(), lwp_continue(), the waiting _lwp_suspend, lwp_userret() and
 * lwp_need_userret().
 */

#include "h_sim.h"

static bool stop;
static unsigned counter;
static int result;
static lwpid_t target;

static void
spins(void *arg)
{
	(void)arg;
	while (!*(volatile bool *)&stop) {
		counter++;
		user_step();
	}
}

static void
parks(void *arg)
{
	(void)arg;
	result = -1;
	result = sys_lwp_park(0, 0);
}

static void
begin(void)
{
	stop = false;
	counter = 0;
	result = -1;
}

static void
holds(void *arg)
{
	lwpid_t lid;
	unsigned seen;

	(void)arg;
	begin();
	lid = h_create(spins, NULL, 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(h_lwp(lid)->l_stat, LSSUSPENDED);
	H_EQ(h_lwp(lid)->l_running, 0);
	H_EQ(h_proc()->p_nrlwps, 1);
	seen = counter;
	h_steps(50);
	H_EQ(counter, seen);
	stop = true;
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_suspend, returns_when_the_target_does_not_run_any_more) /* S3 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, holds, NULL);
}

Test(core_suspend, works_on_one_CPU)
{
	h_run(NULL, holds, NULL);
}

static void
no_nesting(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(spins, NULL, 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	stop = true;
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_suspend, does_not_nest)
{
	h_run(&(struct h_options) { .ncpu = 2 }, no_nesting, NULL);
}

static void
sleeper(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(parks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(h_lwp(lid)->l_stat, LSSUSPENDED);
	H_EQ(result, -1);
	H_EQ(sys_lwp_continue(lid), 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(result, -1);
	H_EQ(sys_lwp_unpark(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, 0);
}

Test(core_suspend, breaks_a_sleep_that_is_made_again_afterwards) /* S4 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, sleeper, NULL);
}

static void
deep_body(void *arg)
{
	(void)arg;
	/* Long: a busy host must not end it before it is looked at. */
	result = sys_tsleep(1, 200, false);
}

static void
deep_sleeper(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(deep_body, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(h_lwp(lid)->l_stat, LSSUSPENDED);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, EWOULDBLOCK);
}

Test(core_suspend, leaves_an_uninterruptible_sleep_alone)
{
	h_run(&(struct h_options) { .ncpu = 2 }, deep_sleeper, NULL);
}

static void
alone(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	H_EQ(sys_lwp_suspend(sys_lwp_self()), EDEADLK);
	H_EQ(lwp_current()->l_flag & L_WSUSPEND, 0);
	lid = h_create(spins, NULL, 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(sys_lwp_suspend(sys_lwp_self()), EDEADLK);
	H_EQ(sys_lwp_suspend(777), ESRCH);
	H_EQ(sys_lwp_continue(777), ESRCH);
	stop = true;
	H_EQ(sys_lwp_continue(lid), 0);
}

Test(core_suspend, of_the_last_one_left_is_EDEADLK) /* S5 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, alone, NULL);
}

static void
created(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	stop = true;
	lid = h_create(spins, NULL, LWP_SUSPENDED);
	H_EQ(h_lwp(lid)->l_stat, LSSUSPENDED);
	H_EQ(h_lwp(lid)->l_flag & L_WSUSPEND, 0);
	H_CHECK((h_lwp(lid)->l_prflag & LPR_CRSUSPEND) != 0);
	H_EQ(h_proc()->p_nrlwps, 1);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(h_proc()->p_nrlwps, 2);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_suspend, at_creation_is_undone_by_continue)
{
	h_run(NULL, created, NULL);
}

/* Direct calls: what no system call can reach. */

static void
dying_caller(void *arg)
{
	struct lwp *l = lwp_current(), *t;
	lwpid_t lid;
	unsigned flags;

	(void)arg;
	begin();
	lid = h_create(parks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	t = h_lwp(lid);
	mutex_enter(&l->l_proc->p_smutex);
	lwp_lock(l);
	lwp_setflags(l, L_WEXIT);
	lwp_unlock(l);
	lwp_lock(t);
	flags = t->l_flag;
	H_EQ(lwp_suspend(l, t), EDEADLK);
	H_EQ(t->l_flag, flags);
	H_CHECK(!lwp_locked(t, NULL));
	lwp_lock(l);
	lwp_clearflags(l, L_WEXIT);
	lwp_unlock(l);
	mutex_exit(&l->l_proc->p_smutex);
	H_EQ(sys_lwp_unpark(lid), 0);
}

Test(core_suspend, by_one_who_is_told_to_exit_is_EDEADLK) /* S1 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, dying_caller, NULL);
}

static void
zombie_target(void *arg)
{
	struct lwp *l = lwp_current(), *t;
	lwpid_t lid;

	(void)arg;
	begin();
	stop = true;
	lid = h_create(spins, NULL, 0);
	h_wait_state(lid, LSZOMB);
	t = h_lwp(lid);
	H_EQ(sys_lwp_suspend(lid), ESRCH);
	mutex_enter(&l->l_proc->p_smutex);
	lwp_lock(t);
	H_EQ(lwp_suspend(l, t), EINTR);
	H_CHECK(!lwp_locked(t, NULL));
	H_EQ(t->l_flag & L_WSUSPEND, 0);
	mutex_exit(&l->l_proc->p_smutex);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_suspend, of_a_zombie_is_EINTR_and_unlocks_it)
{
	h_run(NULL, zombie_target, NULL);
}

static void
unknown_state(void *arg)
{
	struct lwp *l = lwp_current(), *t;
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(parks, NULL, LWP_SUSPENDED);
	t = h_lwp(lid);
	mutex_enter(&l->l_proc->p_smutex);
	lwp_lock(t);
	t->l_stat = (enum lwp_state)6;
	(void)lwp_suspend(l, t);
}

Test(core_suspend, of_an_unknown_state_panics) /* S9 */
{
	h_panics(NULL, unknown_state, NULL, "unknown state 6");
}

static void
reboots(void *arg)
{
	struct lwp *t;
	struct proc *p = h_proc();
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(spins, NULL, 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	t = h_lwp(lid);
	mutex_enter(&p->p_smutex);
	lwp_lock(t);
	lwp_setflags(t, L_WREBOOT);
	lwp_unlock(t);
	mutex_exit(&p->p_smutex);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(t->l_stat, LSSUSPENDED);
	H_CHECK((t->l_flag & L_WSUSPEND) != 0);
	/* Exit resumes it all the same. */
	sys_exit(0);
}

Test(core_continue, is_refused_under_reboot_and_exit_is_not) /* S8 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, reboots, NULL);
}

static void
held(void *arg)
{
	struct lwp *t;
	struct proc *p = h_proc();
	lwpid_t lid;

	(void)arg;
	begin();
	lid = h_create(spins, NULL, 0);
	H_EQ(sys_lwp_suspend(lid), 0);
	t = h_lwp(lid);
	mutex_enter(&p->p_smutex);
	p->p_sflag |= PS_WCORE;
	lwp_lock(t);
	lwp_setflags(t, L_WCORE);
	lwp_continue(t);
	H_EQ(t->l_stat, LSSUSPENDED);
	p->p_sflag &= ~PS_WCORE;
	lwp_lock(t);
	lwp_continue(t);
	H_EQ(t->l_stat, LSRUN);
	mutex_exit(&p->p_smutex);
	stop = true;
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(p->p_nrlwps, 1);
}

Test(core_continue, does_not_release_an_LWP_held_for_a_core_dump) /* S6 */
{
	h_run(NULL, held, NULL);
}

static void
keeps_usrpri(void *arg)
{
	lwpid_t lid;
	struct lwp *t;

	(void)arg;
	begin();
	lid = h_create(spins, NULL, 0);
	H_EQ(sys_setpri(lid, 100), 0);
	t = h_lwp(lid);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(t->l_usrpri, 100);
	stop = true;
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_suspend, leaves_the_user_priority_alone) /* U7 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, keeps_usrpri, NULL);
}

static unsigned hooks;

static void
hook(void)
{
	hooks++;
}

static void
flags_hook(lwpid_t lid)
{
	struct lwp *t = h_lwp(lid);

	lwp_lock(t);
	lwp_setflags(t, L_WUSERRET);
	lwp_need_userret(t);
	lwp_unlock(t);
}

static void
one_hook(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	hooks = 0;
	lid = h_create(spins, NULL, 0);
	mutex_enter(&h_proc()->p_smutex);
	h_proc()->p_userret = hook;
	mutex_exit(&h_proc()->p_smutex);
	flags_hook(lid);
	flags_hook(sys_lwp_self());
	h_steps(20);
	stop = true;
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(hooks, 1);
	H_CHECK(h_proc()->p_userret == NULL);
}

Test(core_userret, runs_a_hook_once_though_two_are_flagged) /* U4 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, one_hook, NULL);
	h_run(NULL, one_hook, NULL);
}

static void
stale_core(void *arg)
{
	struct lwp *l = lwp_current();

	(void)arg;
	mutex_enter(&l->l_proc->p_smutex);
	lwp_lock(l);
	lwp_setflags(l, L_WCORE);
	lwp_unlock(l);
	mutex_exit(&l->l_proc->p_smutex);
	sys_yield();
	H_EQ(l->l_flag & L_WCORE, 0);
}

Test(core_userret, clears_a_core_request_when_no_dump_is_on) /* U5 */
{
	h_run(NULL, stale_core, NULL);
}

static void
asks(void *arg)
{
	(void)arg;
	result = sys_lwp_suspend(target);
}

static void
exits_meanwhile(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	target = h_create(deep_body, NULL, 0);
	h_wait_state(target, LSSLEEP);
	lid = h_create(asks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_continue(target), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, 0);
	H_EQ(sys_wakeup(1, 1), 0);
	H_EQ(sys_lwp_wait(target, NULL), 0);
}

Test(core_suspend, ends_its_wait_when_a_continue_cancels_it) /* S11 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, exits_meanwhile, NULL);
}

static void
owner_exits(void *arg)
{
	lwpid_t lid;

	(void)arg;
	begin();
	target = h_create(deep_body, NULL, 0);
	h_wait_state(target, LSSLEEP);
	lid = h_create(asks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	sys_exit(3);
}

Test(core_suspend, does_not_hold_up_the_end_of_the_process) /* U2 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, owner_exits, NULL);
	cr_assert_eq(kernel.k_nlwp, 2, "lwp0 and init are left");
}
