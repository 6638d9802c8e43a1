/* SPDX-License-Identifier: BSD-2-Clause */

/* Specific data: keys, values, destructors. */

#include "h_sim.h"

static specificdata_key_t key;
static unsigned calls, running;
static void *last;
static struct lwp *context;
static bool stop;

static void
counts(void *value)
{
	calls++;
	last = value;
	context = lwp_current();
}

static void
reset(void)
{
	calls = running = 0;
	last = NULL;
	context = NULL;
	stop = false;
}

static void
values(void *arg)
{
	specificdata_key_t second;

	(void)arg;
	H_EQ(lwp_specific_key_create(&key, counts), 0);
	H_EQ(lwp_specific_key_create(&second, NULL), 0);
	H_CHECK(key != 0 && key != second);
	H_CHECK(lwp_getspecific(key) == NULL);
	H_EQ(lwp_setspecific(key, &calls), 0);
	H_CHECK(lwp_getspecific(key) == &calls);
	H_CHECK(lwp_getspecific(second) == NULL);
	H_EQ(lwp_setspecific(key, &last), 0);
	H_EQ(calls, 0);
	lwp_specific_key_delete(key);
	H_EQ(calls, 1);
	H_CHECK(last == &last);
	H_CHECK(lwp_getspecific(key) == NULL);
}

Test(core_specific, values_are_of_their_key_and_destroyed_with_it)
{
	reset();
	h_run(NULL, values, NULL);
}

static void
reuses(void *arg)
{
	specificdata_key_t next;

	(void)arg;
	H_EQ(lwp_specific_key_create(&key, NULL), 0);
	H_EQ(lwp_setspecific(key, &calls), 0);
	lwp_specific_key_delete(key);
	lwp_specific_key_delete(key);
	H_EQ(lwp_specific_key_create(&next, counts), 0);
	H_EQ(SPECIFICDATA_INDEX(next), SPECIFICDATA_INDEX(key));
	H_CHECK(next != key);
	H_CHECK(lwp_getspecific(next) == NULL);
	H_EQ(lwp_setspecific(key, &calls), EINVAL);
	H_EQ(lwp_setspecific(next, &last), 0);
	H_CHECK(lwp_getspecific(key) == NULL);
	H_CHECK(_lwp_getspecific_by_lwp(lwp_current(), key) == NULL);
	H_CHECK(_lwp_getspecific_by_lwp(lwp_current(), next) == &last);
	lwp_specific_key_delete(key);
	H_EQ(calls, 0);
}

Test(core_specific, an_old_key_reaches_nothing_of_the_next) /* D3 */
{
	reset();
	h_run(NULL, reuses, NULL);
}

static void
limit(void *arg)
{
	specificdata_key_t k[3];

	(void)arg;
	H_EQ(lwp_specific_key_create(&k[0], NULL), 0);
	H_EQ(lwp_specific_key_create(&k[1], NULL), 0);
	H_EQ(lwp_specific_key_create(&k[2], NULL), EAGAIN);
	lwp_specific_key_delete(k[0]);
	kernel.k_specific.sd_key[0].sk_gen = SPECIFICDATA_GEN_MAX;
	H_EQ(lwp_specific_key_create(&k[2], NULL), EAGAIN);
}

Test(core_specific, keys_run_out_and_an_index_that_lived_too_often_rests)
{
	h_run(&(struct h_options) { .maxkey = 2 }, limit, NULL);
}

static void
unknown(void *arg)
{
	(void)lwp_getspecific((specificdata_key_t)(uintptr_t)arg);
}

Test(core_specific, a_key_that_never_was_panics)
{
	h_panics(NULL, unknown, NULL, "no key");
	h_panics(
	    NULL, unknown, (void *)(uintptr_t)SPECIFICDATA_KEY(0, 1), "no key");
	h_panics(NULL, unknown, (void *)(uintptr_t)SPECIFICDATA_KEY(77, 1),
	    "no key");
}

static bool
nomem(enum perturbation what)
{
	return what == PERTURB_nomem && calls == 77;
}

static void
starved(void *arg)
{
	(void)arg;
	H_EQ(lwp_specific_key_create(&key, NULL), 0);
	calls = 77;
	H_EQ(lwp_setspecific(key, &calls), ENOMEM);
	H_CHECK(lwp_getspecific(key) == NULL);
	calls = 0;
	H_EQ(lwp_setspecific(key, &calls), 0);
}

Test(core_specific, the_first_value_may_find_no_memory)
{
	reset();
	h_run(&(struct h_options) { .perturb = nomem }, starved, NULL);
}

static void
sets(void *arg)
{
	H_EQ(lwp_setspecific(key, arg), 0);
}

static void
again(void *value)
{
	calls++;
	H_EQ(lwp_setspecific(key, value), 0);
}

static void
passes(void *arg)
{
	(void)arg;
	H_EQ(lwp_specific_key_create(&key, again), 0);
	H_EQ(sys_lwp_wait(h_create(sets, &calls, 0), NULL), 0);
	H_EQ(calls, SPECIFICDATA_PASSES);
	H_CHECK(LIST_EMPTY(&kernel.k_specific.sd_holders));
}

Test(core_specific, destructors_that_set_again_get_four_passes) /* D1 */
{
	reset();
	h_run(NULL, passes, NULL);
}

static void
unmakes(void *value)
{
	(void)value;
	calls++;
	lwp_specific_key_delete(key);
}

static void
own(void *arg)
{
	lwpid_t lid;

	(void)arg;
	H_EQ(lwp_specific_key_create(&key, unmakes), 0);
	lid = h_create(sets, &calls, 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(calls, 1);
	H_EQ(lwp_setspecific(key, &calls), EINVAL);
	H_EQ(kernel.k_specific.sd_key[0].sk_state, SPECKEY_FREE);
}

Test(core_specific, a_destructor_may_delete_its_own_key) /* D1 */
{
	reset();
	h_run(NULL, own, NULL);
}

static void
lingers(void *value)
{
	(void)value;
	running++;
	context = lwp_current();
	h_until(&stop);
	running--;
}

static void
deletes(void *arg)
{
	(void)arg;
	lwp_specific_key_delete(key);
	H_EQ(running, 0);
	H_CHECK(stop);
}

static void
waits(void *arg)
{
	lwpid_t dying, deleter;

	(void)arg;
	H_EQ(lwp_specific_key_create(&key, lingers), 0);
	dying = h_create(sets, &calls, 0);
	while (running == 0)
		sys_yield();
	H_CHECK(context->l_lid == dying);
	deleter = h_create(deletes, NULL, 0);
	h_wait_state(deleter, LSSLEEP);
	stop = true;
	H_EQ(sys_lwp_wait(deleter, NULL), 0);
	H_EQ(sys_lwp_wait(dying, NULL), 0);
}

Test(core_specific, a_deletion_waits_for_destructors_elsewhere)
{
	reset();
	h_run(&(struct h_options) { .ncpu = 3 }, waits, NULL);
}

static void
exits_in_it(void *value)
{
	(void)value;
	lwp_exit(lwp_current());
}

static void
misbehaves(void *arg)
{
	(void)arg;
	H_EQ(lwp_specific_key_create(&key, exits_in_it), 0);
	H_EQ(lwp_setspecific(key, &calls), 0);
}

Test(core_specific, a_destructor_that_exits_panics) /* X8 */
{
	h_panics(NULL, misbehaves, NULL, "entered twice");
}
