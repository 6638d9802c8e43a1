/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwp_wait1() and _lwp_wait: results, their order, who collects, and what
 * 1.54 got wrong.  Each case is the smallest arrangement that shows it.
 */

#include "h_sim.h"

static bool go;
static int result;
static lwpid_t got;

static void
exits(void *arg)
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
waits_for(void *arg)
{
	lwpid_t lid = *(lwpid_t *)arg;

	got = 0;
	result = -1;
	result = sys_lwp_wait(lid, &got);
}

static void
collects(void *arg)
{
	lwpid_t lid, departed = 0;

	(void)arg;
	lid = h_create(exits, NULL, 0);
	H_EQ(sys_lwp_wait(lid, &departed), 0);
	H_EQ(departed, lid);
	H_CHECK(h_lwp(lid) == NULL);
	H_EQ(h_proc()->p_nlwps, 1);
	H_EQ(h_proc()->p_nzlwps, 0);
	H_EQ(sys_lwp_wait(lid, NULL), ESRCH);
}

Test(core_wait, collects_a_zombie_and_its_LID_is_gone)
{
	h_run(NULL, collects, NULL);
}

static void
self(void *arg)
{
	(void)arg;
	H_EQ(sys_lwp_wait(sys_lwp_self(), NULL), EDEADLK);
	H_EQ(h_proc()->p_nlwpwait, 0);
}

Test(core_wait, for_oneself_is_EDEADLK_and_not_counted)
{
	h_run(NULL, self, NULL);
}

static void
nobody(void *arg)
{
	(void)arg;
	H_EQ(sys_lwp_wait(0, NULL), ESRCH);
	H_EQ(sys_lwp_wait(77, NULL), ESRCH);
	H_EQ(sys_lwp_wait(-1, NULL), ESRCH);
	H_EQ(sys_lwp_wait(INT32_MIN, NULL), ESRCH);
	H_EQ(h_proc()->p_nlwpwait, 0);
}

Test(core_wait, for_nobody_is_ESRCH)
{
	h_run(NULL, nobody, NULL);
}

static void
detached(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(parks, NULL, LWP_DETACHED);
	H_EQ(sys_lwp_wait(lid, NULL), EINVAL);
	H_EQ(sys_lwp_wait(0, NULL), ESRCH);
	H_EQ(sys_lwp_unpark(lid), 0);
}

Test(core_wait, for_a_detached_LID_is_EINVAL_and_any_is_ESRCH) /* W7 */
{
	h_run(NULL, detached, NULL);
}

static void
drains(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(exits, NULL, LWP_DETACHED);
	h_wait_state(lid, LSZOMB);
	H_CHECK(h_proc()->p_zomblwp != NULL);
	/* The zombie is drained first, so its LID does not exist any more. */
	H_EQ(sys_lwp_wait(lid, NULL), ESRCH);
	H_CHECK(h_proc()->p_zomblwp == NULL);
	H_EQ(h_proc()->p_nlwps, 1);
}

Test(core_wait, frees_the_parked_zombie_whatever_it_is_for)
{
	h_run(NULL, drains, NULL);
}

static void
oldest(void *arg)
{
	lwpid_t a, b, departed;

	(void)arg;
	a = h_create(parks, NULL, 0);
	b = h_create(parks, NULL, 0);
	/* b dies first though a was created first. */
	H_EQ(sys_lwp_unpark(b), 0);
	h_wait_state(b, LSZOMB);
	H_EQ(sys_lwp_unpark(a), 0);
	h_wait_state(a, LSZOMB);
	H_EQ(sys_lwp_wait(0, &departed), 0);
	H_EQ(departed, b);
	H_EQ(sys_lwp_wait(0, &departed), 0);
	H_EQ(departed, a);
}

Test(core_wait, for_any_takes_the_zombie_that_is_dead_longest) /* W14 */
{
	h_run(NULL, oldest, NULL);
}

static void
suspended_detached(void *arg)
{
	lwpid_t j, d;

	(void)arg;
	d = h_create(parks, NULL, LWP_DETACHED | LWP_SUSPENDED);
	j = h_create(exits, NULL, 0);
	H_EQ(sys_lwp_wait(j, NULL), 0);
	H_EQ(sys_lwp_continue(d), 0);
	h_wait_state(d, LSSLEEP);
	H_EQ(sys_lwp_unpark(d), 0);
}

Test(core_wait, is_no_deadlock_beside_a_suspended_detached_LWP) /* W2 */
{
	h_run(NULL, suspended_detached, NULL);
}

static lwpid_t sleeper;

static void
resumes(void *arg)
{
	(void)arg;
	h_steps(3);
	H_EQ(sys_lwp_continue(sleeper), 0);
}

static void
running_detached(void *arg)
{
	(void)arg;
	sleeper = h_create(exits, NULL, LWP_SUSPENDED);
	(void)h_create(resumes, NULL, LWP_DETACHED);
	H_EQ(sys_lwp_wait(sleeper, NULL), 0);
}

Test(core_wait, is_no_deadlock_while_a_detached_LWP_runs) /* W3 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, running_detached, NULL);
}

static void
all_suspended(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(exits, NULL, LWP_SUSPENDED);
	H_EQ(sys_lwp_wait(lid, NULL), EDEADLK);
	H_EQ(sys_lwp_wait(0, NULL), EDEADLK);
	H_EQ(h_proc()->p_nlwpwait, 0);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_wait, is_EDEADLK_when_all_others_are_suspended)
{
	h_run(NULL, all_suspended, NULL);
}

static void
cycle(void *arg)
{
	lwpid_t me = sys_lwp_self(), other, spin;

	(void)arg;
	spin = h_create(parks, NULL, 0);
	other = h_create(waits_for, &me, 0);
	h_wait_state(other, LSSLEEP);
	H_EQ(sys_lwp_wait(other, NULL), EDEADLK);
	H_EQ(sys_lwp_unpark(spin), 0);
	H_EQ(sys_lwp_wait(spin, NULL), 0);
	/* The other one goes on waiting for us. */
	h_wait_state(other, LSSLEEP);
}

Test(core_wait, finds_a_cycle_though_others_are_able) /* W5 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, cycle, NULL);
}

static void
claimed(void *arg)
{
	lwpid_t t, w, departed = 0;

	(void)arg;
	t = h_create(parks, NULL, 0);
	w = h_create(waits_for, &t, 0);
	h_wait_state(w, LSSLEEP);
	H_EQ(h_lwp(t)->l_nclaims, 1);
	H_EQ(sys_lwp_unpark(t), 0);
	/* Both are joinable; t dies first but is claimed by w. */
	H_EQ(sys_lwp_wait(0, &departed), 0);
	H_EQ(departed, w);
	H_EQ(result, 0);
	H_EQ(got, t);
}

Test(core_wait, for_any_leaves_a_claimed_zombie_alone) /* W6 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, claimed, NULL);
}

static void
detaches(void *arg)
{
	lwpid_t t, w;

	(void)arg;
	t = h_create(parks, NULL, 0);
	w = h_create(waits_for, &t, 0);
	h_wait_state(w, LSSLEEP);
	H_EQ(sys_lwp_detach(t), 0);
	H_EQ(sys_lwp_wait(w, NULL), 0);
	H_EQ(result, EINVAL);
	H_EQ(sys_lwp_unpark(t), 0);
}

Test(core_wait, ends_with_EINVAL_when_its_target_is_detached) /* E5 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, detaches, NULL);
}

static void
interrupted(void *arg)
{
	lwpid_t t, w;

	(void)arg;
	t = h_create(parks, NULL, 0);
	w = h_create(waits_for, &t, 0);
	h_wait_state(w, LSSLEEP);
	H_EQ(sys_lwp_wakeup(w), 0);
	H_EQ(sys_lwp_wait(w, NULL), 0);
	H_EQ(result, EINTR);
	H_EQ(h_proc()->p_nlwpwait, 0);
	H_EQ(h_lwp(t)->l_nclaims, 0);
	H_EQ(sys_lwp_unpark(t), 0);
	H_EQ(sys_lwp_wait(t, NULL), 0);
}

Test(core_wait, ends_with_EINTR_and_gives_its_claim_up)
{
	h_run(&(struct h_options) { .ncpu = 2 }, interrupted, NULL);
}

static bool
fail_copy(enum perturbation what)
{
	return go && what == PERTURB_copyfail;
}

static void
copyout(void *arg)
{
	lwpid_t lid, departed = 5;

	(void)arg;
	go = false;
	lid = h_create(exits, NULL, 0);
	go = true;
	H_EQ(sys_lwp_wait(lid, &departed), EFAULT);
	H_EQ(departed, 5);
	H_EQ(sys_lwp_wait(lid, NULL), ESRCH);
}

Test(core_wait, that_cannot_store_its_answer_is_EFAULT)
{
	h_run(&(struct h_options) { .perturb = fail_copy }, copyout, NULL);
}
