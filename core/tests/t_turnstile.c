/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Turnstiles and priority inheritance, condition variables over an adaptive
 * mutex, kernel_lock.
 */

#include <lwp/biglock.h>

#include "h_sim.h"

static const struct h_options two = { .ncpu = 2 };
static int result;

/* holds: sleep a while in the next section, holding this one. */
static int
holds(unsigned section, int ticks)
{
	return sys_section(&(struct section_request) { .sr_outer = section,
	    .sr_section = section + 1,
	    .sr_work = SECTION_WAIT,
	    .sr_timo = ticks });
}

static void
enters(void *arg)
{
	unsigned section = (unsigned)(uintptr_t)arg;

	H_EQ(sys_section(&(struct section_request) { .sr_outer = SECTION_NONE,
		 .sr_section = section,
		 .sr_number = 2 }),
	    0);
}

static void
owner(void *arg)
{
	H_EQ(sys_setpri(sys_lwp_self(), 120), 0);
	H_EQ(holds((unsigned)(uintptr_t)arg, 20), EWOULDBLOCK);
}

static void
middle(void *arg)
{
	unsigned section = (unsigned)(uintptr_t)arg;

	H_EQ(sys_setpri(sys_lwp_self(), 110), 0);
	H_EQ(sys_section(&(struct section_request) { .sr_outer = section,
		 .sr_section = section + 1,
		 .sr_number = 1 }),
	    0);
}

/* blocked: start an LWP and wait until it is asleep. */
static lwpid_t
blocked(void (*body)(void *), uintptr_t arg)
{
	lwpid_t lid = h_create(body, (void *)arg, 0);

	h_wait_state(lid, LSSLEEP);
	while (h_lwp(lid)->l_running != LWP_OFFCPU)
		sys_yield();
	return lid;
}

static void
chain(void *arg)
{
	lwpid_t o, m, w;

	(void)arg;
	o = blocked(owner, 2);
	H_EQ(h_lwp(o)->l_inheritedprio, PRI_NONE);
	m = blocked(middle, 1);
	H_EQ(h_lwp(o)->l_inheritedprio, 110);
	w = blocked(enters, 1);
	H_EQ(h_lwp(m)->l_inheritedprio, h_lwp(w)->l_priority);
	H_EQ(h_lwp(o)->l_inheritedprio, h_lwp(w)->l_priority);
	H_CHECK(h_lwp(w)->l_ts->ts_inheritor == h_lwp(m));
	H_EQ(sys_lwp_wait(o, NULL), 0);
	H_EQ(sys_lwp_wait(m, NULL), 0);
	H_EQ(sys_lwp_wait(w, NULL), 0);
}

Test(core_turnstile, lends_through_a_chain_of_owners)
{
	h_run(&two, chain, NULL);
}

static void
changes(void *arg)
{
	lwpid_t o, m, w;

	(void)arg;
	o = blocked(owner, 2);
	m = blocked(middle, 1);
	w = blocked(middle, 0);
	H_EQ(h_lwp(o)->l_inheritedprio, 110);
	H_EQ(sys_setpri(w, 70), 0);
	H_EQ(h_lwp(m)->l_inheritedprio, 70);
	H_EQ(h_lwp(o)->l_inheritedprio, 70);
	/* A waiter does not get worse while it waits. */
	H_EQ(sys_setpri(w, 127), 0);
	H_EQ(h_lwp(o)->l_inheritedprio, 70);
}

Test(core_turnstile, lends_on_when_a_waiter_gets_better)
{
	h_run(&two, changes, NULL);
}

static void
conserves(void *arg)
{
	struct turnstile *first, *second;
	lwpid_t o, w1, w2;

	(void)arg;
	o = blocked(owner, 0);
	w1 = blocked(enters, 0);
	first = h_lwp(w1)->l_ts;
	w2 = blocked(enters, 0);
	H_CHECK(h_lwp(w2)->l_ts == first);
	second = first->ts_free;
	H_CHECK(second != NULL && second->ts_free == NULL);
	H_EQ(first->ts_waiters, 2);
	H_EQ(sys_tsleep(0, 30, false), EWOULDBLOCK);
	H_EQ(h_lwp(w1)->l_stat, LSZOMB);
	H_EQ(h_lwp(w2)->l_stat, LSZOMB);
	H_CHECK(h_lwp(w1)->l_ts != h_lwp(w2)->l_ts);
	H_CHECK(h_lwp(w1)->l_ts == first || h_lwp(w1)->l_ts == second);
	H_CHECK(h_lwp(w2)->l_ts == first || h_lwp(w2)->l_ts == second);
	H_CHECK(first->ts_obj == NULL && second->ts_obj == NULL);
	H_EQ(h_lwp(o)->l_inheritedprio, PRI_NONE);
}

Test(core_turnstile, gives_each_leaver_one)
{
	h_run(&two, conserves, NULL);
}

static void
unsleeps(void *arg)
{
	lwpid_t w;
	struct lwp *l;

	(void)arg;
	(void)blocked(owner, 0);
	w = blocked(enters, 0);
	/* Neither a request nor a wakeup ends it. */
	H_EQ(sys_lwp_wakeup(w), EBUSY);
	l = h_lwp(w);
	lwp_lock(l);
	l->l_syncobj->sobj_unsleep(l, SLEEP_BROKEN);
}

Test(core_turnstile, panics_when_somebody_breaks_the_sleep)
{
	h_panics(&two, unsleeps, NULL, "turnstile_unsleep");
}

static void
waits(void *arg)
{
	result = sys_section(
	    &(struct section_request) { .sr_outer = SECTION_NONE,
		.sr_section = 3,
		.sr_work = SECTION_WAIT,
		.sr_timo = *(int *)arg,
		.sr_intr = true });
}

static void
conditions(void *arg)
{
	int forever = 0, ticks = 3;
	lwpid_t w;

	(void)arg;
	w = blocked(waits, (uintptr_t)&forever);
	H_CHECK(mutex_owner(&h_proc()->p_section[3].sc_mutex) == NULL);
	H_EQ(sys_section(&(struct section_request) { .sr_outer = SECTION_NONE,
		 .sr_section = 3,
		 .sr_work = SECTION_SIGNAL,
		 .sr_number = 1 }),
	    0);
	H_EQ(sys_lwp_wait(w, NULL), 0);
	H_EQ(result, 0);
	w = blocked(waits, (uintptr_t)&forever);
	H_EQ(sys_lwp_wakeup(w), 0);
	H_EQ(sys_lwp_wait(w, NULL), 0);
	H_EQ(result, EINTR);
	w = blocked(waits, (uintptr_t)&ticks);
	H_EQ(sys_lwp_wait(w, NULL), 0);
	H_EQ(result, EWOULDBLOCK);
}

Test(core_condvar, waits_under_an_adaptive_mutex)
{
	h_run(&two, conditions, NULL);
}

static void
big(void *arg)
{
	unsigned n;

	(void)arg;
	KERNEL_UNLOCK_ALL(&n);
	H_EQ(n, 0);
	KERNEL_LOCK(n); /* F6 */
	H_CHECK(!kernel_locked());
	KERNEL_LOCK(2);
	KERNEL_LOCK(1);
	(void)tsleep(&result, PWAIT, "test", 2);
	H_EQ(lwp_current()->l_biglocks, 3);
	yield();
	KERNEL_UNLOCK_ONE();
	KERNEL_UNLOCK_ALL(&n);
	H_EQ(n, 2);
	H_EQ(kernel.k_kernel_lock.mtx_word, 0);
	KERNEL_LOCK(1);
	KERNEL_UNLOCK_LAST();
}

Test(core_biglock, comes_back_as_deep_after_a_sleep)
{
	h_run(NULL, big, NULL);
}

static void
big_under_spin(void *arg)
{
	(void)arg;
	mutex_enter(&h_proc()->p_smutex);
	KERNEL_LOCK(1);
}

Test(core_biglock, panics_when_taken_under_a_spin_mutex)
{
	h_panics(NULL, big_under_spin, NULL, "p_smutex held at kernel_lock");
}

static void
big_dies(void *arg)
{
	(void)arg;
	sys_bigcall(3);
	sys_lwp_exit();
}

static void
big_exit(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(big_dies, NULL, 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(kernel.k_kernel_lock.mtx_word, 0);
	(void)h_create(waits, &result, 0);
	sys_bigcall(2);
	sys_exit(0); /* E1 */
}

Test(core_biglock, is_dropped_by_the_dying)
{
	h_run(&two, big_exit, NULL);
}
