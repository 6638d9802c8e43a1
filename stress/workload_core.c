/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Core dumps against everything that may go on in the process: suspends,
 * continues, waits, references, creations, exits, stops, and other signals
 * that would dump core.
 *
 * Every LWP of a process counts its steps in user mode.  From the beginning of
 * a dump to its end there is no step, everybody else is held, and no second
 * dump begins; the process ends with the signal of the dump, whatever came
 * after it, and without one where there was none.  Where the signal has a
 * handler the process goes on.
 *
 * The row "moving-core" has somebody else make steps.
 */

#include "stress.h"

#define WORKERS_MAX 256
#define MEMBERS	    3 /* LWPs, besides the first one */
#define STATUS	    7

/* A worker's process. */
static struct core_proc {
	_Alignas(64) unsigned steps; /* @: of all its LWPs */
	unsigned before;	     /* the dumper's */
	unsigned dumping, dumps;     /* @ */
	int status;		     /* the dumper's */
	bool handles;		     /* ABRT; = */
	uint64_t seed;		     /* = */
} procs[WORKERS_MAX];

static bool core_moves;

/*
 * core_held:
 *
 *	All but the dumper are at the boundary, or gone.
 */
static void
core_held(const struct lwp *l)
{
	const struct lwp *t;
	unsigned stat;

	LIST_FOREACH(t, &l->l_proc->p_lwps, l_sibling)
	{
		stat = __atomic_load_n(&t->l_stat, __ATOMIC_RELAXED);
		STRESS_CHECK(t == l || stat == LSSUSPENDED || stat == LSZOMB,
		    "core: LID %d is in state %u during a dump", t->l_lid,
		    stat);
	}
}

static void
core_event(enum event ev, struct lwp *l, uintptr_t begins, uintptr_t unused)
{
	struct core_proc *cp = l->l_private;

	(void)ev;
	(void)unused;
	if (cp < procs || cp >= procs + WORKERS_MAX)
		return;
	core_held(l);
	if (begins != 0) {
		STRESS_CHECK(
		    __atomic_exchange_n(&cp->dumping, 1, __ATOMIC_ACQ_REL) == 0,
		    "core: two dumps at once");
		cp->before = __atomic_load_n(&cp->steps, __ATOMIC_RELAXED);
		cp->status = l->l_proc->p_xstat;
		(void)__atomic_fetch_add(&cp->dumps, 1, __ATOMIC_RELAXED);
		stress_count(TALLY_dumps, 1);
		return;
	}
	STRESS_CHECK(
	    cp->before == __atomic_load_n(&cp->steps, __ATOMIC_RELAXED),
	    "core: %u steps were made during a dump", cp->steps - cp->before);
	__atomic_store_n(&cp->dumping, 0, __ATOMIC_RELEASE);
}

/*
 * Inside the process.
 */

static void
core_steps(struct core_proc *cp, unsigned n)
{
	for (; n > 0; n--) {
		(void)__atomic_fetch_add(&cp->steps, 1, __ATOMIC_RELAXED);
		user_step();
	}
}

static void core_member(void *);

static void
core_create(struct core_proc *cp, int flags)
{
	struct usercontext uc = {
		.uc_entry = core_member, .uc_arg = cp, .uc_private = cp
	};
	lwpid_t lid;

	(void)sys_lwp_create(&uc, flags, &lid);
}

/*
 * core_hold:
 *
 *	A reference on somebody who may be wanted for a dump.
 */
static void
core_hold(struct core_proc *cp, lwpid_t lid)
{
	if (sys_ref(lid) != 0)
		return;
	core_steps(cp, 4);
	sys_yield();
	(void)sys_unref();
}

/*
 * core_end:
 *
 *	Rarely: something that ends the process.
 */
static void
core_end(lwpid_t lid, unsigned how)
{
	switch (how) {
	case 0:
		(void)sys_lwp_kill(lid, KSIG_ABRT);
		break;
	case 1:
		(void)sys_kill(stress_pid(), KSIG_SEGV);
		break;
	case 2:
		(void)sys_lwp_kill(sys_lwp_self(), KSIG_BUS);
		break;
	default:
		sys_exit(STATUS);
	}
}

static void
core_operate(struct core_proc *cp, lwpid_t lid, uint64_t *x)
{
	switch (stress_below(x, 10)) {
	case 0:
		(void)sys_lwp_suspend(lid);
		break;
	case 1:
	case 2:
		(void)sys_lwp_continue(lid);
		break;
	case 3:
		core_hold(cp, lid);
		break;
	case 4:
		(void)sys_lwp_wait(stress_below(x, 2) == 0 ? lid : 0, NULL);
		break;
	case 5:
		core_create(cp, stress_below(x, 2) == 0 ? LWP_DETACHED : 0);
		break;
	case 6:
		(void)sys_lwp_park(1, lid);
		break;
	case 7:
		(void)sys_kill(stress_pid(),
		    stress_below(x, 2) == 0 ? KSIG_CONT : KSIG_TSTP);
		break;
	case 8:
		if (stress_below(x, 2) == 0)
			core_end(lid, stress_below(x, 4));
		break;
	default:
		sys_yield();
	}
}

static void
core_member(void *arg)
{
	struct core_proc *cp = arg;
	uint64_t x = cp->seed + (uint64_t)sys_lwp_self();
	unsigned n;

	(void)stress_draw(&x);
	for (n = 4 + stress_below(&x, 12); n > 0; n--) {
		core_steps(cp, stress_below(&x, 8));
		core_operate(
		    cp, 1 + (lwpid_t)stress_below(&x, MEMBERS + 2), &x);
	}
}

static void
core_handler(int sig, void *arg)
{
	(void)sig;
	core_steps(arg, 1);
}

static void
core_main(void *arg)
{
	struct core_proc *cp = arg;
	unsigned n;

	if (cp->handles)
		(void)sys_sigaction(
		    KSIG_ABRT, SIGACT_HANDLER, core_handler, cp);
	for (n = 0; n < MEMBERS; n++)
		core_create(cp, 0);
	core_member(cp);
}

/*
 * Outside.
 */

/*
 * core_reap:
 *
 *	Let it run for a while, then end it from here: by a signal that dumps
 *	core, which those that are all suspended do not take, and one that
 *	everybody takes.
 */
static int
core_reap(struct core_proc *cp, pid_t_ pid, uint64_t *x)
{
	unsigned n, patience = stress_below(x, 40);
	int error, status = 0;
	pid_t_ got;

	for (n = 0;; n++) {
		error = sys_wait4(pid, PWAIT_NOHANG, &got, &status);
		if (error != EAGAIN)
			break;
		if (core_moves)
			core_steps(cp, 1);
		if (n == patience)
			(void)sys_kill(pid, KSIG_QUIT);
		else if (n == 2 * patience + 8)
			(void)sys_kill(pid, KSIG_KILL);
		if (n < patience)
			sys_yield();
		else
			(void)sys_lwp_park(1, 0);
	}
	STRESS_CHECK(error == 0, "core: wait: error %d", error);
	return status;
}

/*
 * core_judge:
 *
 *	How it ended, and how it should have.
 */
static void
core_judge(const struct core_proc *cp, int status)
{
	const int sig = status & 0x7f;

	if (cp->dumps != 0) {
		STRESS_CHECK(cp->dumps == 1 && status == cp->status,
		    "core: %u dumps, the last for status %#x, and status %#x",
		    cp->dumps, (unsigned)cp->status, (unsigned)status);
		STRESS_CHECK((status & W_COREFLAG) != 0 &&
			(sig == KSIG_SEGV || sig == KSIG_BUS ||
			    sig == KSIG_QUIT ||
			    (sig == KSIG_ABRT && !cp->handles)),
		    "core: a dump for status %#x", (unsigned)status);
	} else
		STRESS_CHECK(status == W_EXITCODE(0, KSIG_KILL) ||
			status == W_EXITCODE(STATUS, 0) ||
			status == W_EXITCODE(0, 0),
		    "core: no dump, and status %#x", (unsigned)status);
}

static void
core_one(struct core_proc *cp, uint64_t *x)
{
	struct usercontext uc = {
		.uc_entry = core_main, .uc_arg = cp, .uc_private = cp
	};
	int error;
	pid_t_ pid;

	*cp = (struct core_proc) {
		.handles = stress_below(x, 4) == 0,
		.seed = stress_draw(x),
	};
	error = sys_fork(&uc, 0, &pid);
	if (error != 0) {
		STRESS_CHECK(
		    error == EAGAIN || error == ENOMEM || error == EINVAL,
		    "core: fork: error %d", error);
		sys_yield();
		return;
	}
	core_judge(cp, core_reap(cp, pid, x));
}

static void
core_worker(void *arg)
{
	const uintptr_t me = (uintptr_t)arg;
	uint64_t x = stress_seed(me);

	while (!stress_stopped()) {
		core_one(&procs[me], &x);
		stress_count(TALLY_operations, 1);
	}
}

static void
core_first(void *arg)
{
	(void)arg;
	stress_workers(core_worker,
	    stress.st_lwps < WORKERS_MAX ? stress.st_lwps : WORKERS_MAX);
}

static int
core_start(void)
{
	core_moves = false;
	return stress_spawn(core_first);
}

static int
moving_core_start(void)
{
	core_moves = true;
	return stress_spawn(core_first);
}

const struct workload workload_core = {
	.wl_start = core_start,
	.wl_events = (uint64_t)1 << EV_CORE,
	.wl_event = core_event,
};

const struct workload workload_moving_core = {
	.wl_start = moving_core_start,
	.wl_events = (uint64_t)1 << EV_CORE,
	.wl_event = core_event,
};
