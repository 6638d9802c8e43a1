/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * newlwp(), lwp_activate(), lwp_exit(), lwp_free(), references, LIDs and
 * look-up, the end of a process.
 */

#include "h_sim.h"

static enum perturbation fail_what;
static unsigned fail_at;
static bool stop;

static bool
fails(enum perturbation what)
{
	return what == fail_what && fail_at != 0 && --fail_at == 0;
}

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
spins(void *arg)
{
	(void)arg;
	while (!*(volatile bool *)&stop)
		user_step();
}

static int
create(lwpid_t *lid)
{
	struct usercontext uc = { .uc_entry = exits };

	*lid = -5;
	return sys_lwp_create(&uc, 0, lid);
}

static void
undone(void *arg)
{
	const struct proc *p = h_proc();
	lwpid_t lid;
	unsigned n = kernel.k_nlwp;
	int expect = *(int *)arg;

	H_EQ(create(&lid), expect);
	H_EQ(p->p_nlwps, 1);
	H_EQ(p->p_nrlwps, 1);
	H_EQ(p->p_nzlwps, 0);
	H_EQ(kernel.k_nlwp, n);
	H_CHECK(LIST_NEXT(LIST_FIRST(&p->p_lwps), l_sibling) == NULL);
	H_EQ(create(&lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

static void
undo_case(enum perturbation what, unsigned at, int error)
{
	fail_what = what;
	fail_at = at;
	h_run(&(struct h_options) { .perturb = fails }, undone, &error);
	cr_assert_eq(fail_at, 0, "the failure was not asked for");
}

Test(core_newlwp, without_a_copied_context_is_EFAULT_and_leaves_nothing)
{
	undo_case(PERTURB_copyfail, 1, EFAULT);
}

Test(core_newlwp, whose_LID_cannot_be_stored_is_undone) /* N5 */
{
	undo_case(PERTURB_copyfail, 2, EFAULT);
}

Test(core_newlwp, without_memory_is_ENOMEM_and_leaves_nothing)
{
	undo_case(PERTURB_nomem, 1, ENOMEM);
}

Test(core_newlwp, without_a_stack_is_ENOMEM_and_leaves_nothing)
{
	undo_case(PERTURB_nomem, 2, ENOMEM);
}

static void
limits(void *arg)
{
	lwpid_t a, b, c;

	(void)arg;
	H_EQ(create(&a), 0);
	H_EQ(create(&b), 0);
	H_EQ(create(&c), EAGAIN);
	H_EQ(sys_lwp_wait(0, NULL), 0);
	H_EQ(create(&c), 0);
}

Test(core_newlwp, beyond_the_limit_of_its_process_is_EAGAIN) /* N7 */
{
	h_run(&(struct h_options) { .maxlwp_proc = 3 }, limits, NULL);
}

Test(core_newlwp, beyond_the_limit_of_the_machine_is_EAGAIN) /* N7 */
{
	h_run(&(struct h_options) { .maxlwp = 5 }, limits, NULL);
}

static void
no_entry(void *arg)
{
	struct usercontext uc = { .uc_entry = NULL };
	lwpid_t lid;

	(void)arg;
	H_EQ(sys_lwp_create(&uc, 0, &lid), EINVAL);
	H_EQ(h_proc()->p_nlwps, 1);
}

Test(core_newlwp, without_an_entry_is_EINVAL)
{
	h_run(NULL, no_entry, NULL);
}

static void
recycles(void *arg)
{
	lwpid_t a, b;
	struct lwp *l;
	uint64_t serial;
	uint32_t generation;

	(void)arg;
	a = h_create(exits, NULL, LWP_DETACHED);
	h_wait_state(a, LSZOMB);
	l = h_proc()->p_zomblwp;
	H_CHECK(l != NULL && l->l_lid == a);
	serial = l->l_serial;
	generation = l->l_generation;
	b = h_create(parks, NULL, 0);
	H_CHECK(h_lwp(b) == l);
	H_CHECK(h_proc()->p_zomblwp == NULL);
	H_CHECK(l->l_serial != serial);
	H_CHECK(l->l_generation != generation);
	H_CHECK(l->l_mutex != NULL);
	H_EQ(sys_lwp_unpark(b), 0);
	H_EQ(sys_lwp_wait(b, NULL), 0);
}

Test(core_newlwp, reuses_the_parked_zombie_as_another_LWP) /* N4 */
{
	h_run(NULL, recycles, NULL);
}

static void
one_slot(void *arg)
{
	lwpid_t a, b;

	(void)arg;
	a = h_create(parks, NULL, LWP_DETACHED);
	b = h_create(parks, NULL, LWP_DETACHED);
	H_EQ(h_proc()->p_ndlwps, 2);
	H_EQ(sys_lwp_unpark(a), 0);
	h_wait_state(a, LSZOMB);
	H_EQ(sys_lwp_unpark(b), 0);
	h_wait_state(b, LSZOMB);
	H_CHECK(h_lwp(a) == NULL);
	H_CHECK(h_proc()->p_zomblwp == h_lwp(b));
	H_EQ(h_proc()->p_ndlwps, 1);
}

Test(core_exit, parks_one_detached_zombie_at_most) /* X7 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, one_slot, NULL);
}

static void
last(void *arg)
{
	(void)arg;
	sys_lwp_exit();
}

Test(core_exit, of_the_last_LWP_ends_the_process_with_status_0)
{
	h_run(NULL, last, NULL);
	cr_assert_eq(kernel.k_nlwp, 2);
	cr_assert_eq(kernel.k_nproc, 2);
}

static void
owner(void *arg)
{
	stop = false;
	(void)arg;
	(void)h_create(spins, NULL, 0);
	(void)h_create(parks, NULL, LWP_DETACHED);
	(void)h_create(parks, NULL, LWP_SUSPENDED);
	h_steps(8);
	sys_exit(9);
}

Test(core_exit, of_the_process_takes_everybody_along)
{
	for (unsigned n = 1; n <= 4; n++) {
		h_run(&(struct h_options) { .ncpu = n }, owner, NULL);
		cr_assert_eq(kernel.k_nlwp, 2);
		cr_assert_eq(kernel.k_nproc, 2);
	}
}

static void
twice(void *arg)
{
	struct lwp *l = lwp_current();

	(void)arg;
	(void)h_create(parks, NULL, 0);
	mutex_enter(&l->l_proc->p_smutex);
	l->l_prflag |= LPR_EXITING;
	mutex_exit(&l->l_proc->p_smutex);
	lwp_exit(l);
}

Test(core_exit, twice_by_one_LWP_panics) /* X8 */
{
	h_panics(NULL, twice, NULL, "entered twice");
}

/* References. */

static lwpid_t victim;

static void
holds(void *arg)
{
	(void)arg;
	H_EQ(sys_ref(victim), 0);
	H_EQ(sys_ref(victim), EBUSY);
	h_until(&stop);
	H_EQ(sys_unref(), 0);
	H_EQ(sys_unref(), ESRCH);
}

static void
drains(void *arg)
{
	lwpid_t holder;

	(void)arg;
	stop = false;
	victim = h_create(parks, NULL, 0);
	holder = h_create(holds, NULL, 0);
	while (h_lwp(victim)->l_refcnt != 2)
		sys_yield();
	H_EQ(sys_lwp_unpark(victim), 0);
	while ((h_lwp(victim)->l_prflag & LPR_DRAINING) == 0)
		sys_yield();
	h_steps(40);
	H_EQ(h_lwp(victim)->l_stat, LSSLEEP);
	H_EQ(h_lwp(victim)->l_refcnt, 1);
	stop = true;
	H_EQ(sys_lwp_wait(holder, NULL), 0);
	H_EQ(sys_lwp_wait(victim, NULL), 0);
}

Test(core_references, keep_an_LWP_from_becoming_a_zombie)
{
	h_run(&(struct h_options) { .ncpu = 2 }, drains, NULL);
}

static void
at_zero(void *arg)
{
	struct lwp *l = lwp_current();
	struct proc *p = l->l_proc;

	(void)arg;
	mutex_enter(&p->p_smutex);
	/* As if the drainer had not looked yet. */
	l->l_prflag |= LPR_DRAINING;
	l->l_refcnt = 0;
	lwp_addref(l);
	H_EQ(l->l_refcnt, 1);
	mutex_exit(&p->p_smutex);
	lwp_delref(l);
	mutex_enter(&p->p_smutex);
	lwp_drainrefs(l);
	lwp_drainrefs(l);
	H_EQ(l->l_refcnt, 0);
	H_CHECK((l->l_prflag & LPR_DRAINED) != 0);
	H_CHECK(lwp_find(p, l->l_lid) == NULL);
	lwp_addref(l);
}

Test(core_references, may_be_taken_at_zero_but_not_after_the_drain) /* R1 X1 */
{
	h_panics(NULL, at_zero, NULL, "reference to the dead");
}

static void
over_release(void *arg)
{
	(void)arg;
	lwp_delref(lwp_current());
}

Test(core_references, that_nobody_has_cannot_be_dropped) /* R2 */
{
	h_panics(NULL, over_release, NULL, "no reference to drop");
}

/* LIDs. */

static void
wraps(void *arg)
{
	lwpid_t a, b, c;

	(void)arg;
	H_EQ(sys_lwp_self(), 1);
	H_EQ(sys_presetlid(LWP_LID_MAX), 0);
	a = h_create(parks, NULL, 0);
	b = h_create(parks, NULL, 0);
	c = h_create(parks, NULL, 0);
	H_EQ(a, LWP_LID_MAX);
	/* 1 is ours. */
	H_EQ(b, 2);
	H_EQ(c, 3);
	H_EQ(sys_presetlid(0), EINVAL);
	H_EQ(sys_lwp_unpark(a), 0);
	H_EQ(sys_lwp_unpark(b), 0);
	H_EQ(sys_lwp_unpark(c), 0);
}

Test(core_lid, wraps_from_the_largest_to_the_first_free_one) /* N3 */
{
	h_run(NULL, wraps, NULL);
}

static void
finds(void *arg)
{
	struct proc *p = h_proc();
	struct lwp *l;
	lwpid_t z;

	(void)arg;
	z = h_create(exits, NULL, 0);
	h_wait_state(z, LSZOMB);
	mutex_enter(&p->p_smutex);
	l = lwp_find(p, 1);
	H_CHECK(l == lwp_current());
	H_CHECK(!lwp_locked(l, NULL));
	H_CHECK(lwp_find(p, z) == NULL);
	H_CHECK(lwp_find(p, 0) == NULL);
	H_CHECK(lwp_find(p, -1) == NULL);
	H_CHECK(lwp_find(p, 4711) == NULL);
	mutex_exit(&p->p_smutex);
	H_CHECK(lwp_find_ref(p, z) == NULL);
	l = lwp_find_ref(p, 1);
	H_CHECK(l == lwp_current());
	H_EQ(l->l_refcnt, 2);
	lwp_delref(l);
}

Test(core_lid, look_up_finds_the_living_unlocked) /* P4 */
{
	h_run(NULL, finds, NULL);
}

/* The representative. */

static void
represents(void *arg)
{
	struct proc *p = h_proc();
	lwpid_t old, young, lid;
	int n;

	(void)arg;
	H_EQ(sys_representative(&lid, &n), 0);
	H_EQ(lid, 1);
	H_EQ(n, 1);
	old = h_create(parks, NULL, 0);
	h_wait_state(old, LSSLEEP);
	young = h_create(parks, NULL, 0);
	h_wait_state(young, LSSLEEP);
	H_EQ(sys_representative(&lid, &n), 0);
	H_EQ(lid, 1);
	H_EQ(n, 1);
	p->p_siglwp = young;
	H_EQ(sys_representative(&lid, NULL), 0);
	H_EQ(lid, young);
	H_EQ(sys_lwp_unpark(young), 0);
	h_wait_state(young, LSZOMB);
	H_EQ(sys_representative(&lid, NULL), 0);
	H_EQ(lid, 1);
	H_EQ(sys_lwp_unpark(old), 0);
}

Test(core_representative, is_the_signalled_one_only_while_it_lives) /* P1 P3 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, represents, NULL);
}

static void
asleep_alone(void *arg)
{
	struct proc *p = h_proc();
	struct lwp *l = lwp_current();
	int n = -1;

	(void)arg;
	mutex_enter(&p->p_smutex);
	l->l_stat = LSSLEEP;
	H_CHECK(proc_representative_lwp(p, &n, true) == l);
	H_EQ(n, 0);
	l->l_stat = LSZOMB;
	H_CHECK(proc_representative_lwp(p, &n, true) == l);
	H_EQ(n, 0);
	l->l_stat = LSONPROC;
	mutex_exit(&p->p_smutex);
}

Test(core_representative, alone_counts_as_running_only_if_it_is) /* P1 P2 */
{
	h_run(NULL, asleep_alone, NULL);
}
