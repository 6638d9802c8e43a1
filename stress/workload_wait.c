/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Collectors against exiting, detached and suspended LWPs.  Every joinable LWP
 * is collected exactly once: their LIDs and the LIDs that waits returned have
 * the same number and the same sum.
 */

#include "stress.h"

static struct {
	uint64_t made, madesum; /* joinable LWPs */
	uint64_t got, gotsum;	/* collected */
	uint64_t lost;		/* of these, LIDs that were not stored */
} wt;

static void
wait_child(void *arg)
{
	uintptr_t n = (uintptr_t)arg;

	for (; n > 0; n--)
		sys_yield();
}

static void
wait_made(lwpid_t lid)
{
	(void)__atomic_fetch_add(&wt.made, 1, __ATOMIC_RELAXED);
	(void)__atomic_fetch_add(&wt.madesum, (uint64_t)lid, __ATOMIC_RELAXED);
}

static void
wait_got(lwpid_t lid)
{
	(void)__atomic_fetch_add(&wt.got, 1, __ATOMIC_RELAXED);
	(void)__atomic_fetch_add(&wt.gotsum, (uint64_t)lid, __ATOMIC_RELAXED);
	stress_count(TALLY_collected, 1);
}

/*
 * wait_one:
 *
 *	Wait for one's own child, or for any: then somebody else may get it.
 */
static void
wait_one(lwpid_t lid, bool any)
{
	lwpid_t departed = 0;
	int error;

	error = sys_lwp_wait(any ? 0 : lid, &departed);
	switch (error) {
	case 0:
		STRESS_CHECK(any || departed == lid,
		    "wait: collected LID %d, wanted %d", departed, lid);
		wait_got(departed);
		break;
	case EFAULT: /* collected, and then the copy out failed */
		(void)__atomic_fetch_add(&wt.lost, 1, __ATOMIC_RELAXED);
		wait_got(0);
		break;
	case ESRCH: /* an any-wait of another one got it */
	case EDEADLK:
	case EINTR:
		break;
	default:
		stress_fail("wait: error %d", error);
	}
}

static void
wait_worker(void *arg)
{
	uint64_t x = stress_seed((uintptr_t)arg);
	unsigned how;
	lwpid_t lid;

	while (!stress_stopped()) {
		how = stress_below(&x, 8);
		lid = stress_create(wait_child, stress_below(&x, 3),
		    how == 0	 ? LWP_DETACHED :
			how == 1 ? LWP_SUSPENDED :
				   0);
		stress_count(TALLY_operations, 1);
		if (lid == 0) {
			wait_one(0, true);
			continue;
		}
		if (how == 0)
			continue;
		wait_made(lid);
		if (how == 1)
			(void)sys_lwp_continue(lid);
		wait_one(lid, how >= 5);
	}
}

/*
 * wait_feed:
 *
 *	When all wait for any and nothing is left to collect, one of them gets
 *	EDEADLK, and always the same one if it comes straight back.  So that
 *	they go on, a child is made now and then that nobody waits for.
 */
static void
wait_feed(void)
{
	lwpid_t lid = stress_create(wait_child, 0, 0);

	if (lid != 0)
		wait_made(lid);
}

/*
 * wait_first:
 *
 *	The workers are joinable LWPs too, so an any-wait may collect one that
 *	is done; what is left at the end is collected here.
 */
static void
wait_first(void *arg)
{
	lwpid_t lid;
	unsigned n;
	int error;

	(void)arg;
	for (n = 0; n < stress.st_lwps; n++) {
		lid = stress_create(wait_worker, n, 0);
		if (lid != 0)
			wait_made(lid);
	}
	while (!stress_stopped()) {
		(void)sys_lwp_park(2, 0);
		wait_feed();
	}
	while ((error = sys_lwp_wait(0, &lid)) != ESRCH) {
		if (error == 0)
			wait_got(lid);
		else if (error == EFAULT) {
			(void)__atomic_fetch_add(&wt.lost, 1, __ATOMIC_RELAXED);
			wait_got(0);
		} else
			wait_feed();
	}
}

static int
wait_start(void)
{
	wt.made = wt.madesum = wt.got = wt.gotsum = wt.lost = 0;
	return stress_spawn(wait_first);
}

static void
wait_end(void)
{
	STRESS_CHECK(
	    wt.made == wt.got && (wt.madesum == wt.gotsum || wt.lost != 0),
	    "wait: %llu joinable LWPs (sum of LIDs %llu), %llu collected "
	    "(sum %llu)",
	    (unsigned long long)wt.made, (unsigned long long)wt.madesum,
	    (unsigned long long)wt.got, (unsigned long long)wt.gotsum);
}

const struct workload workload_wait = {
	.wl_start = wait_start,
	.wl_end = wait_end,
};
