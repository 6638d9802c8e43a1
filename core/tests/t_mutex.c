/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Adaptive mutexes: exclusion, try, who may do what where.
 */

#include "h_sim.h"

static bool entered, released, go;
static unsigned inside;

static kmutex_t *
mtx(void)
{
	return &h_proc()->p_mutex;
}

/* In the kernel there are no user steps: what lets others run is a yield. */
static void
yields(unsigned n)
{
	while (n-- > 0)
		yield();
}

static void
second(void *arg)
{
	(void)arg;
	h_until(&go);
	entered = true;
	mutex_enter(mtx());
	H_CHECK(released);
	H_CHECK(mutex_owned(mtx()));
	H_EQ(inside++, 0);
	mutex_exit(mtx());
}

static void
excludes(void *arg)
{
	lwpid_t lid;

	(void)arg;
	go = entered = released = false;
	inside = 0;
	lid = h_create(second, NULL, 0);
	mutex_enter(mtx());
	go = true;
	yields(200);
	H_CHECK(entered);
	H_CHECK(mutex_owner(mtx()) == lwp_current());
	released = true;
	mutex_exit(mtx());
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(inside, 1);
	H_CHECK(mutex_owner(mtx()) == NULL);
}

Test(core_mutex, lets_one_in_at_a_time)
{
	h_run(&(struct h_options) { .ncpu = 2 }, excludes, NULL);
}

static void
tries(void *arg)
{
	(void)arg;
	h_until(&go);
	H_CHECK(!mutex_tryenter(mtx()));
	H_CHECK(!mutex_owned(mtx()));
	released = true;
}

static void
holder(void *arg)
{
	(void)arg;
	go = released = false;
	(void)h_create(tries, NULL, LWP_DETACHED);
	H_CHECK(mutex_tryenter(mtx()));
	go = true;
	while (!released)
		yields(1);
	mutex_exit(mtx());
}

Test(core_mutex, tryenter_never_waits)
{
	h_run(&(struct h_options) { .ncpu = 2 }, holder, NULL);
}

static void
twice(void *arg)
{
	(void)arg;
	mutex_enter(mtx());
	mutex_enter(mtx());
}

Test(core_mutex, panics_on_recursion)
{
	h_panics(NULL, twice, NULL, "p_mutex taken twice");
}

static void
foreign_exit(void *arg)
{
	(void)arg;
	mutex_exit(mtx());
}

Test(core_mutex, panics_when_released_by_another)
{
	h_panics(NULL, foreign_exit, NULL,
	    "p_mutex released by another than its holder");
}

static void
under_spin(void *arg)
{
	(void)arg;
	mutex_enter(&h_proc()->p_smutex);
	mutex_enter(mtx());
}

Test(core_mutex, panics_when_taken_under_a_spin_mutex)
{
	h_panics(NULL, under_spin, NULL, "p_smutex held at p_mutex");
}

static void
to_user_mode(void *arg)
{
	(void)arg;
	mutex_enter(mtx());
	sys_yield();
}

Test(core_mutex, panics_when_held_at_the_user_boundary)
{
	h_panics(NULL, to_user_mode, NULL, "p_mutex held at userret");
}

static void
to_the_grave(void *arg)
{
	(void)arg;
	mutex_enter(mtx());
	sys_lwp_exit();
}

Test(core_mutex, panics_when_held_by_the_dying)
{
	h_panics(NULL, to_the_grave, NULL, "p_mutex held at");
}
