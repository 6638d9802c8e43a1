/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Suspend, continue: a target counts, parks and yields; between a successful
 * suspend and the continue its counter does not move.  A target has one
 * suspender, so that nobody else resumes it; suspenders are suspended
 * themselves, by the one that comes before them in the ring.
 */

#include "stress.h"

#define SUSPENDERS_MAX 256

static struct {
	unsigned n;
	lwpid_t suspender[SUSPENDERS_MAX];     /* @ */
	unsigned long counter[SUSPENDERS_MAX]; /* @: its target's */
} su;

static void
suspend_target(void *arg)
{
	const uintptr_t me = (uintptr_t)arg;
	unsigned long n;

	for (n = 1; !stress_stopped(); n++) {
		__atomic_store_n(&su.counter[me], n, __ATOMIC_RELAXED);
		if (n % 64 == 0)
			(void)sys_lwp_park(1, 0);
		else if (n % 16 == 0)
			sys_yield();
		else
			user_step();
	}
}

/*
 * suspend_held:
 *
 *	The target is suspended: look at it twice.
 */
static void
suspend_held(uintptr_t me, lwpid_t target, uint64_t *x)
{
	unsigned long before, after;
	unsigned n;

	before = __atomic_load_n(&su.counter[me], __ATOMIC_RELAXED);
	for (n = stress_below(x, 20); n > 0; n--)
		user_step();
	if (stress_below(x, 4) == 0)
		sys_yield();
	after = __atomic_load_n(&su.counter[me], __ATOMIC_RELAXED);
	STRESS_CHECK(before == after,
	    "suspend: LID %d ran %lu steps while suspended", target,
	    after - before);
}

static void
suspend_next(uintptr_t me)
{
	lwpid_t next;

	next = __atomic_load_n(
	    &su.suspender[(me + 1) % su.n], __ATOMIC_RELAXED);
	if (next == 0 || su.n == 1)
		return;
	(void)sys_lwp_suspend(next);
	(void)sys_lwp_continue(next);
}

static void
suspend_worker(void *arg)
{
	const uintptr_t me = (uintptr_t)arg;
	uint64_t x = stress_seed(me);
	lwpid_t target;
	int error;

	target = stress_create(suspend_target, me, 0);
	while (target != 0 && !stress_stopped()) {
		error = sys_lwp_suspend(target);
		if (error == 0) {
			suspend_held(me, target, &x);
			STRESS_CHECK(sys_lwp_continue(target) == 0,
			    "suspend: continue failed");
			stress_count(TALLY_pairs, 1);
		} else
			STRESS_CHECK(error == ESRCH || error == EDEADLK ||
				error == EINTR,
			    "suspend: error %d", error);
		stress_count(TALLY_operations, 1);
		if (stress_below(&x, 16) == 0)
			suspend_next(me);
		if (stress_below(&x, 4) == 0)
			sys_yield();
	}
	__atomic_store_n(&su.suspender[me], 0, __ATOMIC_RELAXED);
	if (target != 0)
		(void)sys_lwp_wait(target, NULL);
}

/*
 * suspend_first:
 *
 *	A suspender may be left suspended by one that was itself suspended and
 *	then ended; the last round resumes all.
 */
static void
suspend_first(void *arg)
{
	lwpid_t all[SUSPENDERS_MAX] = { 0 };
	unsigned n;

	(void)arg;
	for (n = 0; n < su.n; n++) {
		all[n] = stress_create(suspend_worker, n, 0);
		__atomic_store_n(&su.suspender[n], all[n], __ATOMIC_RELAXED);
	}
	while (!stress_stopped())
		(void)sys_lwp_park(10, 0);
	for (n = 0; n < su.n; n++) {
		while (all[n] != 0 && sys_lwp_wait(all[n], NULL) == EDEADLK) {
			(void)sys_lwp_continue(all[n]);
			sys_yield();
		}
	}
}

static int
suspend_start(void)
{
	su = (__typeof__(su)) { .n = stress.st_lwps < SUSPENDERS_MAX ?
		    stress.st_lwps :
		    SUSPENDERS_MAX };
	return stress_spawn(suspend_first);
}

const struct workload workload_suspend = {
	.wl_start = suspend_start,
};
