/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The simulator keeps what it promises: levels, time, grace periods, poison,
 * and the ends of a run.
 */

#include "h_sim.h"

/* The simulator's side of cell_load() and cell_spinwait(). */
void sim_point(unsigned, const void *, unsigned, unsigned);
void sim_poll(const void *, unsigned, const void *);

static kmutex_t one, two;
static bool inside;
static unsigned calls;
static struct rcu_head head;

static void
asleep(void *arg)
{
	uint64_t start = machine_ticks();

	(void)arg;
	H_EQ(sys_tsleep(1, 200, false), EWOULDBLOCK);
	H_CHECK(machine_ticks() >= start + 200);
	H_CHECK(machine_ticks() <= start + 202);
}

Test(core_sim, time_jumps_to_the_next_callout_when_all_is_idle)
{
	h_run(NULL, asleep, NULL);
	cr_assert_lt(sim_steps(), 1000, "every tick was stepped through");
}

static void
crossed_other(void *arg)
{
	(void)arg;
	mutex_enter(&two);
	inside = true;
	machine_user_point();
	while (mutex_tryenter(&one) == false)
		machine_user_point();
	mutex_exit(&one);
	mutex_exit(&two);
}

static void
crossed(void *arg)
{
	(void)arg;
	inside = false;
	mutex_init(&one, CELL_sq_mutex, IPL_SCHED, 1);
	mutex_init(&two, CELL_sched_mutex, IPL_SCHED, 90);
	(void)h_create(crossed_other, NULL, 0);
	mutex_enter(&one);
	while (!*(volatile bool *)&inside)
		machine_user_point();
	mutex_enter(&two);
}

Test(core_sim, a_crossed_pair_of_mutexes_does_not_pass)
{
	/* The other side polls by a try, which never ends: a livelock. */
	h_run_as(&(struct h_options) { .ncpu = 2 }, crossed, NULL, H_END_steps,
	    NULL);
}

static void
forgets(void *arg)
{
	(void)arg;
	mutex_init(&one, CELL_sq_mutex, IPL_SCHED, 1);
	mutex_enter(&one);
	sys_yield();
}

Test(core_lockdebug, a_mutex_held_at_a_switch_panics)
{
	h_panics(NULL, forgets, NULL, "sq_mutex held at ");
}

static void
twice(void *arg)
{
	(void)arg;
	mutex_init(&one, CELL_sq_mutex, IPL_SCHED, 1);
	mutex_enter(&one);
	mutex_enter(&one);
}

Test(core_lockdebug, a_mutex_taken_twice_panics)
{
	h_panics(NULL, twice, NULL, "sq_mutex taken twice");
}

static void
backwards(void *arg)
{
	(void)arg;
	mutex_init(&one, CELL_sq_mutex, IPL_SCHED, 1);
	mutex_init(&two, CELL_sched_mutex, IPL_SCHED, 90);
	mutex_enter(&two);
	mutex_enter(&one);
}

Test(core_lockdebug, a_mutex_out_of_order_panics)
{
	h_panics(NULL, backwards, NULL, "sq_mutex taken while sched_mutex");
}

static void
levels(void *arg)
{
	struct cpu_info *ci = lwp_current()->l_cpu;

	(void)arg;
	mutex_init(&one, CELL_sq_mutex, IPL_SCHED, 1);
	mutex_init(&two, CELL_sched_mutex, IPL_SCHED, 90);
	H_EQ(ci->ci_ipl, IPL_NONE);
	mutex_enter(&one);
	mutex_enter(&two);
	H_EQ(ci->ci_ipl, IPL_SCHED);
	mutex_exit(&one); /* not in the order in which they were taken */
	H_EQ(ci->ci_ipl, IPL_SCHED);
	mutex_exit(&two);
	H_EQ(ci->ci_ipl, IPL_NONE);
}

Test(core_mutex, level_stays_up_until_the_last_one_is_released) /* E9 */
{
	h_run(NULL, levels, NULL);
}

static void
pokes(void *arg)
{
	struct lwp *l;
	lwpid_t lid;

	(void)arg;
	lid = h_create(levels, NULL, 0);
	l = h_lwp(lid);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	lwp_lock(l); /* the head is type-stable */
	lwp_unlock(l);
	H_CHECK(sim_poisoned(&l->l_flag));
	H_CHECK(!sim_poisoned(&l->l_mutex));
	machine_object((char *)l + 64, 64, true);
	machine_object((char *)l + 64, 64, false);
	*(volatile int *)((char *)l + 64) = 1;
}

Test(core_memory, the_head_of_a_freed_LWP_stays_valid_and_the_rest_does_not)
{
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
	cr_skip_test("AddressSanitizer reports the planted write itself");
#endif
#endif
	h_run(NULL, pokes, NULL);
}

static void
called(struct rcu_head *h)
{
	H_CHECK(h == &head);
	calls++;
}

static void
defers(void *arg)
{
	(void)arg;
	calls = 0;
	machine_rcu_read_enter();
	machine_rcu_defer(&head, called);
	h_steps(100);
	H_EQ(calls, 0);
	machine_rcu_read_exit();
}

Test(core_rcu, a_callback_waits_for_the_reader_that_was_there)
{
	h_run(NULL, defers, NULL);
	cr_assert_eq(calls, 1, "and runs before the end of the run");
}

static void
falls(void *arg)
{
	(void)arg;
	machine_panic("planted %d", 7);
}

Test(core_sim, a_panic_ends_the_run_with_its_text)
{
	h_panics(NULL, falls, NULL, "planted 7");
}

static void
switches_inside(void *arg)
{
	(void)arg;
	machine_rcu_read_enter();
	(void)sys_tsleep(1, 2, false);
}

Test(core_rcu, no_switch_inside_a_read_section)
{
	h_panics(NULL, switches_inside, NULL, "a switch inside a read section");
}

/* A poll ends though the change came between the look and the poll. */

static unsigned word;

static void
changes(void *arg)
{
	(void)arg;
	word = 1;
}

static void
polls(void *arg)
{
	lwpid_t lid;

	(void)arg;
	word = 0;
	lid = h_create(changes, NULL, 0);
	/* Looked at, then forgotten over two other looks. */
	sim_point(SIM_OP_load, &word, CELL_u_word, 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(word, 1);
	sim_poll(&word, CELL_u_word, &word);
}

Test(core_sim, a_poll_of_a_cell_that_was_forgotten_ends)
{
	h_run(NULL, polls, NULL);
}
