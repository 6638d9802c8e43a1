/* SPDX-License-Identifier: BSD-2-Clause */

/* Running C bodies as LWPs; see h_sim.h. */

#include "h_sim.h"

#define H_STEPS_MAX 100000

static struct {
	const struct h_options *opt;
	void (*body)(void *);
	void *arg;
	struct proc *proc; /* of the body */
	bool done;	   /* the body came to its end */
	char failure[256];
} h;

void
h_fail(const char *what, const char *func, int line)
{
	(void)snprintf(
	    h.failure, sizeof(h.failure), "%s:%d: %s", func, line, what);
	sim_halt();
}

static bool
h_perturb(void *arg, enum perturbation what, const struct sim_pending *sp)
{
	(void)arg;
	(void)sp;
	return h.opt != NULL && h.opt->perturb != NULL && h.opt->perturb(what);
}

/*
 * h_body:
 *
 *	A body that blocks for ever leaves the machine as quiet as one that
 *	has checked everything; the run must tell the two apart.
 */
static void
h_body(void *arg)
{
	h.body(arg);
	h.done = true;
}

/* A body may also end by a call that does not come back. */
static void
h_event(void *arg, enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	(void)arg;
	(void)ev;
	(void)b;
	if ((a == SYS_exit || a == SYS_lwp_exit) && l->l_proc == h.proc &&
	    l->l_lid == 1)
		h.done = true;
}

/* The default schedule: not preemptive, but round robin at user steps. */
static unsigned
h_choose(void *arg, const struct sim_choice *sc)
{
	(void)arg;
	return sc->sc_default;
}

static void
h_main(void *arg)
{
	struct boot_params bp = {
		.bp_ncpu = h.opt != NULL && h.opt->ncpu ? h.opt->ncpu : 1,
		.bp_percpu_runq = h.opt != NULL && h.opt->percpu,
		.bp_maxlwp = h.opt != NULL && h.opt->maxlwp ? h.opt->maxlwp :
							      80,
		.bp_maxlwp_proc = h.opt != NULL && h.opt->maxlwp_proc ?
		    h.opt->maxlwp_proc :
		    64,
		.bp_maxproc = 6,
		.bp_maxkey = h.opt != NULL && h.opt->maxkey ? h.opt->maxkey : 4,
	};
	struct usercontext uc = { .uc_entry = h_body, .uc_arg = h.arg };
	pid_t_ pid = 0;

	(void)arg;
	if (kernel_boot(&bp) != 0 || kernel_spawn(&uc, &pid) != 0)
		h_fail("boot", __func__, __LINE__);
	mutex_enter(&kernel.k_proclist_mutex);
	h.proc = proc_find(pid);
	mutex_exit(&kernel.k_proclist_mutex);
	sim_live();
	kernel_main();
}

void
h_run_as(const struct h_options *opt, void (*body)(void *), void *arg,
    enum h_end end, const char *panic)
{
	static const enum sim_end ends[] = {
		[H_END_quiet] = SIM_END_quiet,
		[H_END_panic] = SIM_END_panic,
		[H_END_steps] = SIM_END_steps,
	};
	static bool ready;
	struct sim_config cf = {
		.cf_ncpu = opt != NULL && opt->ncpu ? opt->ncpu : 1,
		.cf_maxsteps = H_STEPS_MAX,
		.cf_fairstep = UINT64_MAX,
		.cf_choose = h_choose,
		.cf_perturb = h_perturb,
		.cf_events = 1ull << EV_CALL,
		.cf_event = h_event,
	};
	enum sim_end got;

	if (!ready)
		sim_init();
	ready = true;
	h.opt = opt;
	h.body = body;
	h.arg = arg;
	h.failure[0] = '\0';
	h.done = false;
	got = sim_run(&cf, h_main, NULL);
	cr_assert_str_empty(h.failure);
	cr_assert_eq(got, ends[end], "run ended with %d (%s)", (int)got,
	    sim_panic_text());
	cr_assert(
	    h.done || end != H_END_quiet, "the body never came to its end");
	if (panic != NULL)
		cr_assert_not_null(strstr(sim_panic_text(), panic),
		    "panic was: %s", sim_panic_text());
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
		if (n > H_STEPS_MAX / 10)
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
	struct lwp *l;

	LIST_FOREACH(l, &h_proc()->p_lwps, l_sibling)
	{
		if (l->l_lid == lid)
			return l;
	}
	return NULL;
}

void
h_wait_state(lwpid_t lid, enum lwp_state stat)
{
	unsigned n;

	for (n = 0;; n++) {
		struct lwp *l = h_lwp(lid);

		if (l != NULL && l->l_stat == stat)
			return;
		if (n > H_STEPS_MAX / 100)
			h_fail("state was never reached", __func__, __LINE__);
		sys_yield();
	}
}

pid_t_
h_fork(void (*body)(void *), void *arg, int flags)
{
	struct usercontext uc = { .uc_entry = body, .uc_arg = arg };
	pid_t_ pid = 0;

	H_EQ(sys_fork(&uc, flags, &pid), 0);
	return pid;
}

struct proc *
h_proc_of(pid_t_ pid)
{
	struct proc *p;

	mutex_enter(&kernel.k_proclist_mutex);
	p = proc_find(pid);
	mutex_exit(&kernel.k_proclist_mutex);
	H_CHECK(p != NULL);
	return p;
}

int
h_status(pid_t_ pid)
{
	pid_t_ got = 0;
	int status = -1;

	H_EQ(sys_wait4(pid, 0, &got, &status), 0);
	H_EQ(got, pid);
	return status;
}
