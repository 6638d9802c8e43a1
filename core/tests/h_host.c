/* SPDX-License-Identifier: BSD-2-Clause */

/* Running C bodies as LWPs on real CPUs; see h_sim.h. */

#include "h_sim.h"

#include <lwp/host.h>

#define H_YIELDS_MAX 5000000 /* seconds */

static struct {
	const struct h_options *opt;
	char failure[256];
	unsigned failed;
} h;

void
h_fail(const char *what, const char *func, int line)
{
	if (__atomic_exchange_n(&h.failed, 1, __ATOMIC_ACQ_REL) == 0)
		(void)snprintf(h.failure, sizeof(h.failure), "%s:%d: %s", func,
		    line, what);
	host_halt();
}

static bool
h_perturb(enum perturbation what)
{
	return h.opt->perturb(what);
}

/*
 * h_run_as:
 *
 *	At least two CPUs unless the test asks for one, and time that jumps
 *	while all are idle.
 */
void
h_run_as(const struct h_options *opt, void (*body)(void *), void *arg,
    enum h_end end, const char *panic)
{
	static const struct h_options none;
	struct host_params hp = { .hp_warp = true };
	struct host_result hr;
	enum host_end want;

	h.opt = opt = opt != NULL ? opt : &none;
	h.failed = 0;
	h.failure[0] = '\0';
	hp.hp_boot.bp_ncpu = opt->ncpu;
	hp.hp_boot.bp_percpu_runq = opt->percpu;
	hp.hp_boot.bp_maxlwp = opt->maxlwp ? opt->maxlwp : 80;
	hp.hp_boot.bp_maxlwp_proc = opt->maxlwp_proc ? opt->maxlwp_proc : 64;
	hp.hp_boot.bp_maxproc = 4;
	hp.hp_boot.bp_maxkey = opt->maxkey ? opt->maxkey : 4;
	hp.hp_perturbed = opt->perturb != NULL ? h_perturb : NULL;

	want = end == H_END_panic ? HOST_END_panic : HOST_END_quiet;
	(void)host_run(&hp, body, arg, &hr);
	cr_assert_str_empty(h.failure);
	cr_assert_eq(hr.hr_end, want, "run ended with %d (%s; %s)",
	    (int)hr.hr_end, hr.hr_text, hr.hr_report);
	if (panic != NULL)
		cr_assert_not_null(
		    strstr(hr.hr_text, panic), "panic was: %s", hr.hr_text);
}

lwpid_t
h_create(void (*body)(void *), void *arg, int flags)
{
	struct usercontext uc = { .uc_entry = body, .uc_arg = arg };
	lwpid_t lid = 0;

	H_EQ(sys_lwp_create(&uc, flags, &lid), 0);
	return lid;
}

void
h_steps(unsigned n)
{
	while (n-- > 0)
		user_step();
}

void
h_until(const bool *flag)
{
	unsigned n;

	for (n = 0; !*(const volatile bool *)flag; n++) {
		if (n > H_YIELDS_MAX)
			h_fail("flag was never set", __func__, __LINE__);
		sys_yield();
	}
}

struct proc *
h_proc(void)
{
	return lwp_current()->l_proc;
}

struct lwp *
h_lwp(lwpid_t lid)
{
	struct proc *p = h_proc();
	const bool held = mutex_owned(&p->p_smutex);
	struct lwp *l;

	if (!held)
		mutex_enter(&p->p_smutex);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid)
			break;
	}
	if (!held)
		mutex_exit(&p->p_smutex);
	return l;
}

void
h_wait_state(lwpid_t lid, enum lwp_state stat)
{
	unsigned n;

	for (n = 0;; n++) {
		struct lwp *l = h_lwp(lid);

		if (l != NULL && *(volatile enum lwp_state *)&l->l_stat == stat)
			return;
		if (n > H_YIELDS_MAX)
			h_fail("state was never reached", __func__, __LINE__);
		sys_yield();
	}
}
