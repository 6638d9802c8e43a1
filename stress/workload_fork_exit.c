/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Processes: forked, exiting with one LWP or several, orphaned, stopped,
 * continued, killed, and waited for by PID and by any.
 *
 * Every child of the first process is collected exactly once: their PIDs and
 * those that waits returned have the same number and the same sum; who waits by
 * PID gets the status that this child ends with.  Process 1 collects the
 * orphans, or the machine would not be as it was at the end.  A stopped process
 * stands still.
 *
 * The row "lost-child" forks one that it does not count.
 */

#include "stress.h"

#define WORKERS_MAX 256
#define STATUS	    42

/* What a child does. */
enum fork_child {
	FORK_EXITS,   /* with a status */
	FORK_RETURNS, /* its only LWP ends */
	FORK_CROWD,   /* several LWPs, one of which exits for all */
	FORK_ORPHANS, /* leaves children of its own behind */
	FORK_STAYS,   /* until it is killed */
	FORK_STOPS,   /* the same, stopped and continued before */
	FORK_BORN,    /* the same, and it was born stopped */
	FORK_COUNT
};

static struct {
	bool lose;
	uint64_t made, madesum;	    /* @: children of the first process */
	uint64_t got, gotsum;	    /* @: collected */
	uint64_t step[WORKERS_MAX]; /* @: of the worker's child that stays */
} fk;

static void
fork_got(pid_t_ pid)
{
	(void)__atomic_fetch_add(&fk.got, 1, __ATOMIC_RELAXED);
	(void)__atomic_fetch_add(&fk.gotsum, (uint64_t)pid, __ATOMIC_RELAXED);
	stress_count(TALLY_children, 1);
}

/*
 * Children.
 */

static void
fork_steps(void *arg)
{
	const unsigned n = (uintptr_t)arg % WORKERS_MAX;
	unsigned i;

	for (i = 0;; i++) {
		(void)__atomic_fetch_add(&fk.step[n], 1, __ATOMIC_RELAXED);
		if (i % 8 == 0)
			(void)sys_tsleep(0, 4, true);
		else
			user_step();
	}
}

/*
 * fork_pair:
 *
 *	While one of them takes a stop the other may be asleep, and is stopped
 *	there.
 */
static void
fork_pair(void *arg)
{
	(void)stress_create(fork_steps, (uintptr_t)arg, 0);
	fork_steps(arg);
}

static void
fork_crowd(void *arg)
{
	uint64_t x = stress_seed((uintptr_t)arg);
	unsigned n;

	for (n = 0; n < 2; n++)
		(void)stress_create(fork_steps, WORKERS_MAX - 1,
		    stress_below(&x, 2) == 0 ? LWP_DETACHED : 0);
	for (n = stress_below(&x, 3); n > 0; n--)
		sys_yield();
	sys_exit(STATUS);
}

static void
fork_orphan(void *arg)
{
	if (((uintptr_t)arg & 1) != 0)
		sys_yield();
}

static void
fork_orphans(void *arg)
{
	struct usercontext uc = { .uc_entry = fork_orphan, .uc_arg = arg };
	pid_t_ pid;
	unsigned n;

	for (n = 0; n < 2; n++)
		(void)sys_fork(&uc, 0, &pid);
	sys_exit(STATUS);
}

static void
fork_exits(void *arg)
{
	(void)arg;
	sys_exit(STATUS);
}

static const struct fork_row {
	void (*body)(void *);
	int status;
} fork_rows[FORK_COUNT] = {
	[FORK_EXITS] = { fork_exits, W_EXITCODE(STATUS, 0) },
	[FORK_RETURNS] = { fork_orphan, W_EXITCODE(0, 0) },
	[FORK_CROWD] = { fork_crowd, W_EXITCODE(STATUS, 0) },
	[FORK_ORPHANS] = { fork_orphans, W_EXITCODE(STATUS, 0) },
	[FORK_STAYS] = { fork_steps, W_EXITCODE(0, KSIG_KILL) },
	[FORK_STOPS] = { fork_pair, W_EXITCODE(0, KSIG_KILL) },
	[FORK_BORN] = { fork_pair, W_EXITCODE(0, KSIG_KILL) },
};

static pid_t_
fork_make(enum fork_child how, unsigned arg)
{
	struct usercontext uc = { .uc_entry = fork_rows[how].body,
		.uc_arg = (void *)(uintptr_t)arg };
	pid_t_ pid;
	int error;

	error = sys_fork(&uc, how == FORK_BORN ? FORK_STOPPED : 0, &pid);
	if (error == 0) {
		(void)__atomic_fetch_add(&fk.made, 1, __ATOMIC_RELAXED);
		(void)__atomic_fetch_add(
		    &fk.madesum, (uint64_t)pid, __ATOMIC_RELAXED);
		return pid;
	}
	/* EINVAL: the context could not be copied in. */
	STRESS_CHECK(error == EAGAIN || error == ENOMEM || error == EINVAL,
	    "fork-exit: fork: error %d", error);
	return 0;
}

/*
 * fork_goes_on:
 *
 *	Wait until the worker's child makes a step.
 */
static void
fork_goes_on(unsigned n, uint64_t before)
{
	while (__atomic_load_n(&fk.step[n], __ATOMIC_RELAXED) == before)
		sys_yield();
}

/*
 * fork_stand:
 *
 *	The child is stopped, or about to be: nobody of it runs from when this
 *	was heard until it is continued; and from its birth, if it was stopped
 *	then.
 */
static void
fork_stand(unsigned n, pid_t_ pid, bool born, uint64_t before)
{
	int error, status = 0;
	uint64_t after;
	pid_t_ got = 0;

	error = sys_wait4(pid, PWAIT_UNTRACED, &got, &status);
	STRESS_CHECK(
	    error == 0 && got == pid && status == W_STOPCODE(KSIG_STOP),
	    "fork-exit: wait for a stop: error %d, PID %d, status %#x", error,
	    got, (unsigned)status);
	if (!born)
		before = __atomic_load_n(&fk.step[n], __ATOMIC_RELAXED);
	sys_yield();
	after = __atomic_load_n(&fk.step[n], __ATOMIC_RELAXED);
	STRESS_CHECK(before == after,
	    "fork-exit: a stopped process made %u steps",
	    (unsigned)(after - before));
}

/*
 * fork_stop:
 *
 *	Stop and continue.  The child may have begun, and be asleep.
 */
static void
fork_stop(
    unsigned n, pid_t_ pid, enum fork_child how, uint64_t before, uint64_t *x)
{
	const bool born = how == FORK_BORN;

	if (!born && stress_below(x, 2) == 0) {
		fork_goes_on(n, before);
		sys_yield();
	}
	if (!born)
		STRESS_CHECK(
		    sys_kill(pid, KSIG_STOP) == 0, "fork-exit: stop failed");
	fork_stand(n, pid, born, before);
	before = __atomic_load_n(&fk.step[n], __ATOMIC_RELAXED);
	STRESS_CHECK(sys_kill(pid, KSIG_CONT) == 0, "fork-exit: cont failed");
	if (stress_below(x, 4) == 0)
		fork_goes_on(n, before);
}

static void
fork_kill(pid_t_ pid)
{
	STRESS_CHECK(sys_kill(pid, KSIG_KILL) == 0, "fork-exit: kill failed");
}

/*
 * fork_wait:
 *
 *	By PID: exactly this one.
 */
static void
fork_wait(enum fork_child how, pid_t_ pid)
{
	int error, status = 0;
	pid_t_ got = 0;

	error = sys_wait4(pid, 0, &got, &status);
	STRESS_CHECK(
	    error == 0 || error == ECHILD, "fork-exit: wait: error %d", error);
	if (error != 0)
		return; /* one that waits for any got it */
	STRESS_CHECK(got == pid && status == fork_rows[how].status,
	    "fork-exit: PID %d ends with %#x, not %d with %#x", got,
	    (unsigned)status, pid, (unsigned)fork_rows[how].status);
	fork_got(got);
}

/*
 * fork_any:
 *
 *	Whoever is dead.
 */
static void
fork_any(int options)
{
	int error, status;
	pid_t_ got = 0;

	error = sys_wait4(0, options, &got, &status);
	STRESS_CHECK(error == 0 || error == ECHILD || error == EAGAIN,
	    "fork-exit: wait for any: error %d", error);
	if (error == 0)
		fork_got(got);
}

static void
fork_worker(void *arg)
{
	const unsigned n = (uintptr_t)arg % (WORKERS_MAX - 1);
	uint64_t x = stress_seed(n);
	enum fork_child how;
	uint64_t before;
	pid_t_ pid;

	while (!stress_stopped()) {
		how = stress_below(&x, FORK_COUNT);
		before = __atomic_load_n(&fk.step[n], __ATOMIC_RELAXED);
		stress_count(TALLY_operations, 1);
		pid = fork_make(
		    how, how >= FORK_STAYS ? n : (unsigned)x & 0xff);
		if (pid == 0) {
			fork_any(PWAIT_NOHANG);
			continue;
		}
		if (how >= FORK_STOPS)
			fork_stop(n, pid, how, before, &x);
		if (how >= FORK_STAYS)
			fork_kill(pid);
		/* One that counted steps is gone before the next one does. */
		if (how < FORK_STAYS && stress_below(&x, 8) == 0)
			fork_any(0);
		else
			fork_wait(how, pid);
	}
}

static void
fork_first(void *arg)
{
	int error;

	(void)arg;
	stress_workers(fork_worker,
	    stress.st_lwps < WORKERS_MAX ? stress.st_lwps : WORKERS_MAX - 1);
	if (fk.lose) {
		struct usercontext uc = { .uc_entry = fork_orphan };
		pid_t_ pid;

		(void)sys_fork(&uc, 0, &pid);
	}
	do {
		int status;
		pid_t_ pid;

		error = sys_wait4(0, 0, &pid, &status);
		if (error == 0)
			fork_got(pid);
	} while (error == 0);
	STRESS_CHECK(error == ECHILD, "fork-exit: last wait: error %d", error);
}

static int
fork_begin(bool lose)
{
	fk = (__typeof__(fk)) { .lose = lose };
	return stress_spawn(fork_first);
}

static int
fork_exit_start(void)
{
	return fork_begin(false);
}

static int
lost_child_start(void)
{
	return fork_begin(true);
}

static void
fork_exit_end(void)
{
	STRESS_CHECK(fk.made == fk.got && fk.madesum == fk.gotsum,
	    "fork-exit: %llu children (sum of PIDs %llu), %llu collected (sum "
	    "%llu)",
	    (unsigned long long)fk.made, (unsigned long long)fk.madesum,
	    (unsigned long long)fk.got, (unsigned long long)fk.gotsum);
}

const struct workload workload_fork_exit = {
	.wl_start = fork_exit_start,
	.wl_end = fork_exit_end,
};

const struct workload workload_lost_child = {
	.wl_start = lost_child_start,
	.wl_end = fork_exit_end,
};
