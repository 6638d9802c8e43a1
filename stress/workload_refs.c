/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * References to LWPs that exit: while one is held, its target is no zombie and
 * is still who it was.
 */

#include "stress.h"

#define TARGETS 8

static lwpid_t targets[TARGETS]; /* @ */

static void
refs_target(void *arg)
{
	uintptr_t n = (uintptr_t)arg;

	for (; n > 0; n--)
		sys_yield();
}

static void
refs_maker(uintptr_t me, uint64_t *x)
{
	lwpid_t lid;

	lid = stress_create(refs_target, stress_below(x, 4), 0);
	if (lid == 0)
		return;
	__atomic_store_n(&targets[me % TARGETS], lid, __ATOMIC_RELAXED);
	STRESS_CHECK(
	    sys_lwp_wait(lid, NULL) == 0, "refs: a target was not collected");
}

static void
refs_holder(uint64_t *x)
{
	const struct lwp *t;
	lwpid_t lid;
	int error;

	lid = __atomic_load_n(
	    &targets[stress_below(x, TARGETS)], __ATOMIC_RELAXED);
	error = sys_ref(lid);
	if (error == ESRCH)
		return;
	STRESS_CHECK(error == 0, "refs: error %d", error);
	t = lwp_current()->l_held;
	stress_count(TALLY_references, 1);
	if (stress_below(x, 2) == 0)
		sys_yield();
	STRESS_CHECK(t->l_lid == lid &&
		__atomic_load_n(&t->l_stat, __ATOMIC_RELAXED) != LSZOMB,
	    "refs: LID %d died while a reference was held", lid);
	STRESS_CHECK(sys_unref() == 0, "refs: unref failed");
}

static void
refs_worker(void *arg)
{
	const uintptr_t me = (uintptr_t)arg;
	uint64_t x = stress_seed(me);

	while (!stress_stopped()) {
		if (me % 2 == 0)
			refs_maker(me, &x);
		else
			refs_holder(&x);
		stress_count(TALLY_operations, 1);
	}
}

static void
refs_first(void *arg)
{
	(void)arg;
	stress_workers(refs_worker, stress.st_lwps);
}

static int
refs_start(void)
{
	return stress_spawn(refs_first);
}

const struct workload workload_refs = {
	.wl_start = refs_start,
};
