/* SPDX-License-Identifier: BSD-2-Clause */

/* Credentials: holds, updates, who may do what. */

#include "h_sim.h"

static bool stop, fail;
static unsigned seen;

static void
counts(void *arg)
{
	kauth_cred_t cr = kauth_cred_alloc(5);

	(void)arg;
	H_CHECK(cr != NULL);
	H_EQ(cr->cr_refcnt, 1);
	kauth_cred_hold(cr);
	H_EQ(cr->cr_refcnt, 2);
	H_EQ(kauth_cred_getuid(cr), 5);
	kauth_cred_free(cr);
	kauth_cred_free(cr);
	H_CHECK(sim_poisoned(cr));
	H_CHECK(kauth_cred_alloc(6) == cr);
}

Test(core_cred, last_release_frees)
{
	h_run(NULL, counts, NULL);
}

static void
over_release(void *arg)
{
	kauth_cred_t cr = kauth_cred_alloc(5);

	(void)arg;
	cr->cr_refcnt = 0;
	kauth_cred_free(cr);
}

Test(core_cred, that_nobody_holds_cannot_be_released)
{
	h_panics(NULL, over_release, NULL, "nobody holds them");
}

static void
looks(void *arg)
{
	(void)arg;
	h_until(&stop);
	seen = sys_getcred();
}

static void
changes(void *arg)
{
	struct proc *p = h_proc();
	struct lwp *l = lwp_current();
	kauth_cred_t root = p->p_cred;
	lwpid_t lid;

	(void)arg;
	stop = false;
	lid = h_create(looks, NULL, 0);
	H_CHECK(h_lwp(lid)->l_cred == root);
	H_EQ(sys_setcred(7), 0);
	H_CHECK(l->l_cred == p->p_cred && p->p_cred != root);
	H_EQ(p->p_cred->cr_refcnt, 2);
	H_EQ(sys_getcred(), 7);
	lwp_update_creds(l);
	H_EQ(p->p_cred->cr_refcnt, 2);
	stop = true;
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(seen, 7);
	H_EQ(p->p_cred->cr_refcnt, 2);
}

Test(core_cred, are_noticed_on_entry_to_the_kernel)
{
	h_run(NULL, changes, NULL);
}

static void
foreign(void *arg)
{
	lwpid_t lid;

	(void)arg;
	stop = false;
	lid = h_create(looks, NULL, 0);
	lwp_update_creds(h_lwp(lid));
}

Test(core_cred, of_another_LWP_are_not_updated) /* C1 */
{
	h_panics(NULL, foreign, NULL, "lwp_update_creds");
}

static bool
nomem(enum perturbation what)
{
	return what == PERTURB_nomem && fail;
}

static void
starved(void *arg)
{
	kauth_cred_t old = h_proc()->p_cred;

	(void)arg;
	fail = true;
	H_EQ(sys_setcred(7), ENOMEM);
	fail = false;
	H_CHECK(h_proc()->p_cred == old);
	H_EQ(sys_getcred(), 0);
}

Test(core_cred, without_memory_stay_as_they_are)
{
	h_run(&(struct h_options) { .perturb = nomem }, starved, NULL);
}

static void
exits(void *arg)
{
	(void)arg;
	(void)sys_setcred(9);
}

static void
leaves_nothing(void *arg)
{
	(void)arg;
	H_EQ(sys_lwp_wait(h_create(exits, NULL, 0), NULL), 0);
	(void)h_create(exits, NULL, LWP_DETACHED);
	sys_exit(0);
}

Test(core_cred, go_with_those_who_hold_them)
{
	h_run(&(struct h_options) { .ncpu = 2 }, leaves_nothing, NULL);
	/* proc0 with lwp0, process 1 with its LWP. */
	cr_assert_eq(kernel.k_proc0->p_cred->cr_refcnt, 4);
	cr_assert_eq(kernel.k_credpool.po_nfree, kernel.k_credpool.po_used - 1);
}
