/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpstress: workloads on real threads.
 *
 * Rows of workload.def run one after the other, the time divided among them,
 * or in one machine (--mix).  A thread beside prints a line each second and
 * watches that something still moves; if not it prints what everybody waits
 * for and exits with 1.
 */

#define _GNU_SOURCE
#include <popt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver.h"

#define EXIT_FOUND   1
#define EXIT_TROUBLE 2

#define CPUS_MAX     1024 /* also of the host machine */
#define LWPS_MAX     50000
#define PROCS_MAX    1000

#define WORKLOAD(id, name, sound, what)                                        \
	extern const struct workload workload_##id;
#include "workload.def"
#undef WORKLOAD

static const struct row {
	const char *name;
	const struct workload *wl;
	bool sound;
	const char *what;
} rows[] = {
#define WORKLOAD(id, name, sound, what) { name, &workload_##id, sound, what },
#include "workload.def"
#undef WORKLOAD
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static struct {
	int seconds, cpus, lwps, perturb, hang;
	long long seed;
	int mix, json, list, quiet, rates;
	const char *save;
	bool chosen[NROWS];
	const char *now; /* @: name of the workload */
	double until;	 /* when its time is up */
	pthread_mutex_t lock;
} lo = {
	.seconds = 60,
	.perturb = 4,
	.hang = 30,
	.save = "findings",
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

static int interrupted; /* @: by a signal, which may come to any thread */

static const struct poptOption options[] = {
	{ "time", 't', POPT_ARG_INT, &lo.seconds, 0, "seconds in all", "S" },
	{ "cpus", 'c', POPT_ARG_INT, &lo.cpus, 0,
	    "CPUs of a machine (as many as processors may be used)", "N" },
	{ "lwps", 'l', POPT_ARG_INT, &lo.lwps, 0,
	    "LWPs of a workload (0: 4 for each CPU)", "N" },
	{ "seed", 's', POPT_ARG_LONGLONG, &lo.seed, 0,
	    "seed of all random choices; 0: from the clock", "N" },
	{ "perturb", 'p', POPT_ARG_INT, &lo.perturb, 0,
	    "how often rare events happen, in 1024", "N" },
	{ "mix", 'm', POPT_ARG_NONE, &lo.mix, 0,
	    "all workloads at once in one machine", NULL },
	{ "hang", 0, POPT_ARG_INT, &lo.hang, 0,
	    "seconds without an operation that are a hang", "S" },
	{ "save", 0, POPT_ARG_STRING, &lo.save, 0, "where failing programs go",
	    "FOLDER" },
	{ "json", 'j', POPT_ARG_NONE, &lo.json, 0, "summary as JSON", NULL },
	{ "quiet", 'q', POPT_ARG_NONE, &lo.quiet, 0, "no progress", NULL },
	{ "rates", 0, POPT_ARG_NONE, &lo.rates, 0,
	    "measure what the paths of the core cost", NULL },
	{ "list", 0, POPT_ARG_NONE, &lo.list, 0, "list workloads", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static bool
is_interrupted(void)
{
	return __atomic_load_n(&interrupted, __ATOMIC_RELAXED) != 0;
}

static double
seconds_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
on_interrupt(int sig)
{
	(void)sig;
	__atomic_store_n(&interrupted, 1, __ATOMIC_RELAXED);
}

/*
 * watch_hang:
 *
 *	Nothing moved for long.  The machine cannot be ended cleanly any more,
 *	so neither can this process.
 */
static void
watch_hang(const char *name)
{
	(void)printf(
	    "lwpstress: %s hangs: nothing moved for %d s\n", name, lo.hang);
	stress_hang();
	_Exit(EXIT_FOUND);
}

/*
 * watch:
 *
 *	The thread beside: progress, the end of a workload's time, hangs.
 */
static void *
watch(void *arg)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	double start = seconds_now(), moved = start, said = start, now, until;
	uint64_t last = 0, then = 0, count;
	const char *name;

	(void)arg;
	for (;;) {
		(void)nanosleep(&tenth, NULL);
		(void)pthread_mutex_lock(&lo.lock);
		name = lo.now;
		until = lo.until;
		(void)pthread_mutex_unlock(&lo.lock);
		if (name == NULL)
			return NULL;
		now = seconds_now();
		if (now >= until || is_interrupted())
			stress_stop();
		count = stress_total(TALLY_operations) +
		    stress_total(TALLY_programs);
		if (count != last)
			moved = now;
		else if (now - moved > lo.hang)
			watch_hang(name);
		last = count;
		if (now - said < 1)
			continue;
		if (!lo.quiet)
			(void)fprintf(stderr,
			    "%5.0f s  %-16s %12llu operations, %llu/s\n",
			    now - start, name, (unsigned long long)count,
			    (unsigned long long)((double)(count - then) /
				(now - said)));
		said = now;
		then = count;
	}
}

static void
begin(const char *name, double seconds)
{
	(void)pthread_mutex_lock(&lo.lock);
	lo.now = name;
	lo.until = seconds_now() + seconds;
	(void)pthread_mutex_unlock(&lo.lock);
	if (!is_interrupted())
		stress_go();
}

/*
 * is_running:
 *
 *	All chosen workloads that share a machine; or only one.
 */
static int only = -1;

static bool
is_running(unsigned n)
{
	return only >= 0 ? (int)n == only :
			   lo.chosen[n] && rows[n].wl->wl_start != NULL;
}

/* What there was before any workload began, and must be again. */
static struct {
	unsigned lwps, procs;
} booted;

/*
 * start_chosen:
 *
 *	By lwp0.
 */
static int
start_chosen(void)
{
	unsigned n;
	int error = 0;

	booted = (__typeof__(booted)) { kernel.k_nlwp, kernel.k_nproc };
	for (n = 0; n < NROWS && error == 0; n++) {
		if (is_running(n))
			error = rows[n].wl->wl_start();
	}
	return error;
}

static void
event_chosen(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	unsigned n;

	for (n = 0; n < NROWS; n++) {
		if ((rows[n].wl->wl_events >> ev & 1) != 0 && is_running(n))
			rows[n].wl->wl_event(ev, l, a, b);
	}
}

/*
 * end_chosen:
 *
 *	The machine is quiet.  Everybody must be gone; who is not sleeps for
 *	ever.
 */
static void
end_chosen(void)
{
	unsigned n;

	if (kernel.k_nlwp != booted.lwps || kernel.k_nproc != booted.procs)
		stress_hang();
	STRESS_CHECK(
	    kernel.k_nlwp == booted.lwps && kernel.k_nproc == booted.procs,
	    "end: %u LWPs and %u processes are left, %u and %u are the "
	    "machine's own",
	    kernel.k_nlwp, kernel.k_nproc, booted.lwps, booted.procs);
	for (n = 0; n < NROWS; n++) {
		if (is_running(n) && rows[n].wl->wl_end != NULL)
			rows[n].wl->wl_end();
	}
}

static void
run_machine(void)
{
	struct host_params hp = {
		.hp_tick_us = 500,
		.hp_perturb = stress.st_perturb,
		.hp_seed = stress.st_seed,
		.hp_start = start_chosen,
		.hp_event = event_chosen,
	};
	unsigned n;

	for (n = 0; n < NROWS; n++) {
		if (is_running(n))
			hp.hp_events |= rows[n].wl->wl_events;
	}
	hp.hp_boot.bp_ncpu = stress.st_cpus;
	hp.hp_boot.bp_percpu_runq = (stress.st_seed & 1) != 0;
	hp.hp_boot.bp_preempt_kernel = (stress.st_seed & 2) != 0;
	hp.hp_boot.bp_maxlwp = (stress.st_lwps + 2) * 4 * (unsigned)NROWS;
	hp.hp_boot.bp_maxproc = (unsigned)NROWS + 3 + stress.st_lwps * 4;
	/* Beyond that a pool cannot count. */
	if (hp.hp_boot.bp_maxlwp > LWPS_MAX)
		hp.hp_boot.bp_maxlwp = LWPS_MAX;
	if (hp.hp_boot.bp_maxproc > PROCS_MAX)
		hp.hp_boot.bp_maxproc = PROCS_MAX;
	if (stress_machine(&hp))
		end_chosen();
}

/*
 * run_row:
 *
 *	One workload, in a new machine each second: beginnings and ends are
 *	work too.
 */
static void
run_row(unsigned n, double seconds)
{
	double end = seconds_now() + seconds, left;

	only = (int)n;
	while ((left = end - seconds_now()) > 0 && !is_interrupted() &&
	    !stress_failed()) {
		stress.st_seed++;
		if (rows[n].wl->wl_run != NULL) {
			begin(rows[n].name, left);
			rows[n].wl->wl_run();
		} else {
			begin(rows[n].name, left < 1 ? left : 1);
			run_machine();
		}
	}
	only = -1;
}

static void
run_mix(double seconds)
{
	double end = seconds_now() + seconds, left;

	stress.st_shared = true;
	while ((left = end - seconds_now()) > 0 && !is_interrupted() &&
	    !stress_failed()) {
		stress.st_seed++;
		begin("mix", left < 5 ? left : 5);
		run_machine();
	}
}

static int
list_rows(void)
{
	unsigned n;

	for (n = 0; n < NROWS; n++)
		(void)printf("%-16s %s%s\n", rows[n].name, rows[n].what,
		    rows[n].sound ? "" : " (must be caught)");
	return 0;
}

/*
 * choose:
 *
 *	The rows named on the command line, else all that are sound.
 */
static int
choose(poptContext pc)
{
	const char *arg;
	bool any = false;
	unsigned n;

	while ((arg = poptGetArg(pc)) != NULL) {
		for (n = 0; n < NROWS && strcmp(rows[n].name, arg) != 0; n++)
			continue;
		if (n == NROWS) {
			(void)fprintf(stderr,
			    "lwpstress: no workload \"%s\"; see --list\n", arg);
			return EXIT_TROUBLE;
		}
		lo.chosen[n] = any = true;
	}
	for (n = 0; n < NROWS && !any; n++)
		lo.chosen[n] = rows[n].sound;
	if (lo.seconds < 1 || lo.cpus < 1 || lo.cpus > CPUS_MAX ||
	    lo.lwps < 0 || lo.lwps > 10000) {
		(void)fprintf(stderr,
		    "lwpstress: time from 1 s, 1 to %d "
		    "CPUs, 1 to 10000 LWPs\n",
		    CPUS_MAX);
		return EXIT_TROUBLE;
	}
	if (lo.lwps == 0)
		lo.lwps = 4 * lo.cpus;
	if (lo.perturb < 0 || lo.perturb > 1024 || lo.hang < 1) {
		(void)fprintf(stderr,
		    "lwpstress: --perturb takes 0 to 1024, --hang seconds from "
		    "1\n");
		return EXIT_TROUBLE;
	}
	stress.st_cpus = (unsigned)lo.cpus;
	stress.st_lwps = (unsigned)lo.lwps;
	stress.st_perturb = (unsigned)lo.perturb;
	stress.st_save = lo.save;
	stress.st_seed = lo.seed != 0 ? (uint64_t)lo.seed :
					(uint64_t)time(NULL);
	return 0;
}

/*
 * run_all:
 *
 *	The time is divided evenly.  With --mix those that need machines of
 *	their own come first.
 */
static void
run_all(void)
{
	unsigned n, parts = 0;
	bool mixed = false;

	for (n = 0; n < NROWS; n++) {
		if (!lo.chosen[n])
			continue;
		if (lo.mix && rows[n].wl->wl_start != NULL)
			mixed = true;
		else
			parts++;
	}
	parts += mixed;
	for (n = 0; n < NROWS; n++) {
		if (lo.chosen[n] && !(lo.mix && rows[n].wl->wl_start != NULL))
			run_row(n, (double)lo.seconds / parts);
	}
	if (mixed)
		run_mix((double)lo.seconds / parts);
}

/*
 * processors:
 *
 *	As many as may be used, but two CPUs at least: there is no race with
 *	one.
 */
static int
processors(void)
{
	cpu_set_t set;
	int n;

	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 2;
	return n < 2 ? 2 : n;
}

int
main(int argc, const char **argv)
{
	poptContext pc = poptGetContext("lwpstress", argc, argv, options, 0);
	const struct sigaction sa = { .sa_handler = on_interrupt };
	double start = seconds_now();
	pthread_t watcher;
	int rc;

	lo.cpus = processors();
	poptSetOtherOptionHelp(pc, "[OPTIONS] [WORKLOAD...]");
	rc = poptGetNextOpt(pc);
	if (rc < -1) {
		(void)fprintf(stderr, "lwpstress: %s: %s\n",
		    poptBadOption(pc, POPT_BADOPTION_NOALIAS),
		    poptStrerror(rc));
		rc = EXIT_TROUBLE;
	} else
		rc = choose(pc);
	poptFreeContext(pc);
	if (rc != 0)
		return rc;
	if (lo.list)
		return list_rows();
	if (lo.rates) {
		driver_rates();
		host_fini();
		return stress_failed() ? EXIT_FOUND : 0;
	}
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	if (!lo.quiet)
		(void)fprintf(stderr, "lwpstress: seed %llu\n",
		    (unsigned long long)stress.st_seed);
	lo.now = "boot";
	lo.until = start + lo.seconds;
	if (pthread_create(&watcher, NULL, watch, NULL) != 0)
		return EXIT_TROUBLE;
	run_all();
	begin(NULL, 0);
	(void)pthread_join(watcher, NULL);
	host_fini();
	driver_report(lo.json, seconds_now() - start);
	return stress_failed() ? EXIT_FOUND : 0;
}
