/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Priorities: whom a run queue and a sleep queue give first, what a sleep and
 * a boost do to them, round robin.
 */

#include "h_sim.h"

static unsigned order[4], norder;
static bool ran;

static void
notes(void *arg)
{
	order[norder++] = *(unsigned *)arg;
}

static void
best_first(void *arg)
{
	unsigned names[3] = { 1, 2, 3 };
	lwpid_t a, b, c;

	(void)arg;
	norder = 0;
	a = h_create(notes, &names[0], 0);
	b = h_create(notes, &names[1], 0);
	c = h_create(notes, &names[2], 0);
	H_EQ(sys_setpri(sys_lwp_self(), 120), 0);
	H_EQ(sys_setpri(a, 100), 0);
	H_EQ(sys_setpri(b, 60), 0);
	H_EQ(sys_setpri(c, 100), 0);
	sys_yield();
	H_EQ(norder, 3);
	H_EQ(order[0], 2); /* the best, then first come */
	H_EQ(order[1], 1);
	H_EQ(order[2], 3);
}

Test(core_runq, gives_the_best_first_and_equals_in_turn)
{
	h_run(NULL, best_first, NULL);
}

static void
sleeps_then_runs(void *arg)
{
	(void)arg;
	H_EQ(sys_tsleep(1, 0, true), 0);
	ran = true;
}

static void
preempted(void *arg)
{
	lwpid_t lid;

	(void)arg;
	ran = false;
	lid = h_create(sleeps_then_runs, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_setpri(sys_lwp_self(), 120), 0);
	H_EQ(sys_wakeup(1, 1), 0);
	H_CHECK(ran);
}

Test(core_sched, preempts_at_the_boundary_for_a_better_one)
{
	h_run(NULL, preempted, NULL);
}

static void
light_sleeper(void *arg)
{
	H_EQ(sys_tsleep(1, 0, true), 0);
	H_EQ(lwp_current()->l_priority, lwp_current()->l_usrpri);
	notes(arg);
}

static void
deep_sleeper(void *arg)
{
	H_EQ(sys_tsleep(1, 200, false), 0);
	notes(arg);
}

static void
sorted(void *arg)
{
	unsigned names[2] = { 1, 2 };
	lwpid_t light, deep;

	(void)arg;
	norder = 0;
	light = h_create(light_sleeper, &names[0], 0);
	h_wait_state(light, LSSLEEP);
	deep = h_create(deep_sleeper, &names[1], 0);
	h_wait_state(deep, LSSLEEP);
	H_EQ(h_lwp(light)->l_priority, PWAIT);
	H_EQ(h_lwp(deep)->l_priority, PRIBIO);
	/* A sleeper is not made worse than what it sleeps at. */
	H_EQ(sys_setpri(light, 90), 0);
	H_EQ(h_lwp(light)->l_priority, PWAIT);
	H_EQ(h_lwp(light)->l_usrpri, 90);
	H_EQ(sys_wakeup(1, 1), 0);
	H_EQ(sys_lwp_wait(deep, NULL), 0);
	H_EQ(norder, 1);
	H_EQ(h_lwp(light)->l_stat, LSSLEEP);
	H_EQ(sys_wakeup(1, 1), 0);
	H_EQ(sys_lwp_wait(light, NULL), 0);
	H_EQ(order[0], 2);
	H_EQ(order[1], 1);
}

Test(core_sleepq, wakes_the_best_first_one_at_a_time)
{
	h_run(NULL, sorted, NULL);
}

static void
boosts(void *arg)
{
	unsigned name = 1;
	struct lwp *t;
	lwpid_t lid;

	(void)arg;
	norder = 0;
	lid = h_create(notes, &name, 0);
	H_EQ(sys_setpri(lid, 100), 0);
	t = h_lwp(lid);
	mutex_enter(&h_proc()->p_smutex);
	lwp_lock(t);
	H_EQ(lwp_suspend(lwp_current(), t), 0);
	H_EQ(t->l_priority, PUSER);
	H_EQ(t->l_usrpri, 100);
	lwp_lock(t);
	lwp_continue(t);
	mutex_exit(&h_proc()->p_smutex);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_sched, hurries_one_that_is_asked_to_the_boundary) /* U7 */
{
	h_run(NULL, boosts, NULL);
}

static void
relocks(void *arg)
{
	struct lwp *l = lwp_current();

	(void)arg;
	lwp_lock(l);
	lwp_relock(l, l->l_mutex);
	H_CHECK(lwp_locked(l, l->l_cpu->ci_schedmutex));
	lwp_unlock(l);
}

Test(core_lwplock, relock_to_the_same_mutex_does_nothing)
{
	h_run(NULL, relocks, NULL);
}
