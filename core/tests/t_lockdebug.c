/* SPDX-License-Identifier: BSD-2-Clause */

/* LOCKDEBUG: each rule of the order, and its exceptions. */

#include "h_sim.h"

static kmutex_t one, two;

/* Two mutexes of these classes and ordinals, taken in this order. */
struct pair {
	enum cell a, b;
	unsigned an, bn;
	bool tries;
};

static void
takes(void *arg)
{
	const struct pair *pp = arg;

	mutex_init(&one, pp->a, IPL_SCHED, pp->an);
	mutex_init(&two, pp->b, IPL_SCHED, pp->bn);
	mutex_enter(&one);
	if (pp->tries)
		H_CHECK(mutex_tryenter(&two));
	else
		mutex_enter(&two);
	mutex_exit(&two);
	mutex_exit(&one);
}

static void
passes(struct pair pair)
{
	h_run(NULL, takes, &pair);
}

static void
refused(struct pair pair)
{
	h_panics(NULL, takes, &pair, "taken while");
}

Test(core_lockdebug, takes_inner_after_outer)
{
	passes((struct pair) { CELL_p_smutex, CELL_sq_mutex, 9, 9, false });
	refused((struct pair) { CELL_sq_mutex, CELL_p_smutex, 9, 9, false });
	refused((struct pair) { CELL_sq_mutex, CELL_p_smutex, 9, 9, true });
}

Test(core_lockdebug, takes_two_of_a_kind_only_as_their_class_allows)
{
	refused((struct pair) { CELL_p_smutex, CELL_p_smutex, 8, 9, true });
	refused((struct pair) { CELL_sq_mutex, CELL_sq_mutex, 8, 9, false });
	passes((struct pair) { CELL_sq_mutex, CELL_sq_mutex, 8, 9, true });
	passes((struct pair) {
	    CELL_sched_mutex, CELL_sched_mutex, 98, 99, false });
	refused((struct pair) {
	    CELL_sched_mutex, CELL_sched_mutex, 99, 98, false });
	passes(
	    (struct pair) { CELL_sched_mutex, CELL_sched_mutex, 99, 98, true });
}

Test(core_lockdebug, takes_nothing_under_a_leaf)
{
	refused(
	    (struct pair) { CELL_pool_lock, CELL_callout_lock, 9, 9, false });
	refused(
	    (struct pair) { CELL_callout_lock, CELL_sched_mutex, 9, 9, true });
}

static void
drops(void *arg)
{
	(void)arg;
	mutex_init(&one, CELL_sq_mutex, IPL_SCHED, 9);
	mutex_enter(&one);
	one.mtx_owner = NULL;
	mutex_exit(&one);
}

Test(core_lockdebug, lets_only_the_holder_release)
{
	h_panics(NULL, drops, NULL, "released by another than its holder");
}
