/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * _lwp_park, _lwp_unpark, _lwp_wakeup, timeouts, the sleep that a waker, a
 * timeout and a request compete to end.
 */

#include "h_sim.h"

static int result;
static uint64_t woke_at;

static void
parks(void *arg)
{
	result = -1;
	result = sys_lwp_park(*(int *)arg, 0);
	woke_at = machine_ticks();
}

static void
sleeps(void *arg)
{
	result = -1;
	result = sys_tsleep(1, *(int *)arg, true);
}

static void
tokens(void *arg)
{
	lwpid_t me = sys_lwp_self();

	(void)arg;
	H_EQ(sys_lwp_unpark(me), 0);
	H_EQ(sys_lwp_unpark(me), 0);
	H_EQ(sys_lwp_park(0, 0), EALREADY);
	H_EQ(sys_lwp_park(1, 0), ETIMEDOUT);
	H_EQ(sys_lwp_park(-1, 0), EINVAL);
	H_EQ(sys_lwp_park(0, 99), ESRCH);
	H_EQ(sys_lwp_unpark(99), ESRCH);
	/* The unpark comes before the sleep, also of oneself. */
	H_EQ(sys_lwp_park(0, me), EALREADY);
}

Test(core_park, consumes_one_token_without_sleeping) /* E10 */
{
	h_run(NULL, tokens, NULL);
}

static void
wakes(void *arg)
{
	int forever = 0;
	lwpid_t lid;

	(void)arg;
	lid = h_create(parks, &forever, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_unpark(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, 0);
	lid = h_create(parks, &forever, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_wakeup(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, EINTR);
}

Test(core_park, returns_0_when_unparked_and_EINTR_when_broken)
{
	h_run(&(struct h_options) { .ncpu = 2 }, wakes, NULL);
}

static void
deadline(void *arg)
{
	/* Long enough for a busy host. */
	int ticks = 400;
	uint64_t start;
	lwpid_t lid;

	(void)arg;
	start = machine_ticks();
	lid = h_create(parks, &ticks, 0);
	h_wait_state(lid, LSSLEEP);
	for (int i = 0; i < 3; i++) {
		H_EQ(sys_tsleep(2, 100, false), EWOULDBLOCK);
		H_EQ(sys_lwp_suspend(lid), 0);
		H_EQ(sys_lwp_continue(lid), 0);
	}
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, ETIMEDOUT);
	H_CHECK(woke_at >= start + 400);
	H_CHECK(woke_at < start + 700);
}

Test(core_park, is_not_lengthened_by_suspends) /* E17 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, deadline, NULL);
}

static void
over(void *arg)
{
	int ticks = 3;
	lwpid_t lid;

	(void)arg;
	lid = h_create(parks, &ticks, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(sys_tsleep(2, 9, false), EWOULDBLOCK);
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, ETIMEDOUT);
}

Test(core_park, times_out_at_once_if_its_deadline_passed_suspended)
{
	h_run(&(struct h_options) { .ncpu = 2 }, over, NULL);
}

static void
all(void *arg)
{
	lwpid_t list[3], none[1] = { 50 };
	int forever = 0;
	unsigned n = 0;

	(void)arg;
	H_EQ(sys_lwp_unpark_all(NULL, 0, &n), 0);
	H_EQ(n, LWP_UNPARK_MAX);
	H_EQ(sys_lwp_unpark_all(none, 0, &n), EINVAL);
	H_EQ(sys_lwp_unpark_all(none, LWP_UNPARK_MAX + 1, &n), EINVAL);
	H_EQ(sys_lwp_unpark_all(none, 1, &n), 0);
	H_EQ(n, 0);
	list[0] = h_create(parks, &forever, 0);
	list[1] = 60;
	list[2] = h_create(parks, &forever, 0);
	h_wait_state(list[2], LSSLEEP);
	H_EQ(sys_lwp_unpark_all(list, 3, &n), 0);
	H_EQ(n, 2);
	H_EQ(sys_lwp_wait(0, NULL), 0);
	H_EQ(sys_lwp_wait(0, NULL), 0);
}

Test(core_park, unpark_all_counts_those_that_exist)
{
	h_run(&(struct h_options) { .ncpu = 2 }, all, NULL);
}

static void
wakeup_marks(void *arg)
{
	int forever = 0;
	lwpid_t lid;

	(void)arg;
	H_EQ(sys_lwp_wakeup(sys_lwp_self()), ENODEV);
	H_EQ(lwp_current()->l_flag & (L_CANCELLED | L_UNPARKED), 0);
	H_EQ(sys_lwp_wakeup(99), ESRCH);
	lid = h_create(sleeps, &forever, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_wakeup(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, EINTR);
	/* No mark is left that would break this one. */
	H_EQ(sys_tsleep(1, 2, true), EWOULDBLOCK);
}

Test(core_wakeup, marks_nobody_whose_sleep_it_does_not_end) /* E6 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, wakeup_marks, NULL);
}

static void
channels(void *arg)
{
	int forever = 0;
	lwpid_t lid;

	(void)arg;
	H_EQ(sys_tsleep(0, 0, false), EINVAL);
	H_EQ(sys_tsleep(0, -1, true), EINVAL);
	H_EQ(sys_tsleep(PROC_CHANNELS, 1, true), EINVAL);
	H_EQ(sys_wakeup(PROC_CHANNELS, 1), EINVAL);
	lid = h_create(sleeps, &forever, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_wakeup(0, 0), 0);
	h_steps(10);
	H_EQ(h_lwp(lid)->l_stat, LSSLEEP);
	H_EQ(sys_wakeup(1, 1), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(result, 0);
}

Test(core_tsleep, is_woken_by_its_own_channel_only)
{
	h_run(&(struct h_options) { .ncpu = 2 }, channels, NULL);
}

static void private(void *arg)
{
	(void)arg;
	H_CHECK(sys_lwp_getprivate() == NULL);
	sys_lwp_setprivate(&result);
	H_CHECK(sys_lwp_getprivate() == &result);
}

Test(core_private, value_is_kept)
{
	h_run(NULL, private, NULL);
}
