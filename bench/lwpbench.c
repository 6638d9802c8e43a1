/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpbench: rows of bench.def one after the other, the time divided among
 * them by weight; or one of the verbs of verb.def.
 */

#include <popt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "commit.h"
#include "driver.h"
#include "facts.h"
#include "place.h"
#include "team.h"

/* Processors that are looked at in pairs. */
#define CALIBRATE_FULL	  24
#define CALIBRATE_RUN	  6
#define CALIBRATE_SECONDS 7

#define SECONDS		  60
#define SECONDS_FULL	  600

#define EXIT_FAILED	  1
#define EXIT_TROUBLE	  2
#define EXIT_INTERRUPTED  130

static const struct row {
	const char *name;
	unsigned weight;
	void (*plan)(void);
	const char *what;
} rows[] = {
#define BENCH(name, weight, what) { #name, weight, bench_##name, what },
#include "bench.def"
#undef BENCH
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *name;
	int (*run)(int argc, const char **argv);
	const char *arguments, *what;
} verbs[] = {
#define VERB(name, arguments, what) { #name, verb_##name, arguments, what },
#include "verb.def"
#undef VERB
	{ NULL, NULL, NULL, NULL },
};

struct options opt;

static struct {
	double seconds;
	int full, list, gate, calibrate, fifo;
	long long seed;
	char *json, *pin, *threads, *only, *binaries;
	bool chosen[NROWS];
	double start;
} lb = { .seed = 1 };

static struct records records;

static volatile sig_atomic_t interrupted;

static const struct poptOption option_table[] = {
	{ "time", 't', POPT_ARG_DOUBLE, &lb.seconds, 't', "seconds in all (60)",
	    "S" },
	{ "full", 'f', POPT_ARG_NONE, &lb.full, 0,
	    "every configuration, for ten minutes", NULL },
	{ "json", 'j', POPT_ARG_STRING, &lb.json, 0, "keep the records",
	    "FILE" },
	{ "seed", 's', POPT_ARG_LONGLONG, &lb.seed, 0, "of what is drawn (1)",
	    "N" },
	{ "pin", 'p', POPT_ARG_STRING, &lb.pin, 0,
	    "compact, scatter, l3:N or processors like 0-3,8 (compact)",
	    "HOW" },
	{ "threads", 'n', POPT_ARG_STRING, &lb.threads, 0,
	    "numbers of threads to measure with, like 1,2,4", "LIST" },
	{ "case", 'k', POPT_ARG_STRING, &lb.only, 0,
	    "only cases whose configuration has these words, like "
	    "\"threads=2 every=8\"",
	    "WORDS" },
	{ "binaries", 0, POPT_ARG_STRING, &lb.binaries, 0,
	    "folder with the build folders of presets", "FOLDER" },
	{ "gate", 'g', POPT_ARG_NONE, &lb.gate, 0,
	    "judge the limits at the end; exit code 1 if one fails", NULL },
	{ "calibrate", 'c', POPT_ARG_NONE, &lb.calibrate, 0,
	    "only look at the host: lines, clock, pause, A/A; seconds", NULL },
	{ "fifo", 0, POPT_ARG_NONE, &lb.fifo, 0,
	    "bursts of locks above all other processes (SCHED_FIFO)", NULL },
	{ "list", 'l', POPT_ARG_NONE, &lb.list, 0, "list benchmarks", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

int
trouble(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "lwpbench: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n");
	return EXIT_TROUBLE;
}

void
warning(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "lwpbench: warning: %s\n", text);
	if (records.rc_head != NULL)
		records_warning(&records, text);
}

bool
bench_interrupted(void)
{
	return interrupted != 0;
}

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

double
driver_seconds(void)
{
	return (double)clock_ns() / 1e9;
}

struct records *
driver_records(void)
{
	return &records;
}

static int
list_rows(void)
{
	unsigned n;

	for (n = 0; n < NROWS; n++)
		(void)printf("%-10s %s\n", rows[n].name, rows[n].what);
	for (n = 0; verbs[n].name != NULL; n++)
		(void)printf("%s %s: %s\n", verbs[n].name, verbs[n].arguments,
		    verbs[n].what);
	return 0;
}

static bool
choose_rows(poptContext pc)
{
	const char *arg;
	bool any = false;
	unsigned n;

	while ((arg = poptGetArg(pc)) != NULL) {
		for (n = 0; n < NROWS && strcmp(rows[n].name, arg) != 0; n++)
			continue;
		if (n == NROWS) {
			(void)trouble("no benchmark \"%s\"; see --list", arg);
			return false;
		}
		lb.chosen[n] = any = true;
	}
	for (n = 0; n < NROWS && !any; n++)
		lb.chosen[n] = true;
	return true;
}

/* threads_add: once, whatever is said twice. */
static bool
threads_add(unsigned long n)
{
	const unsigned room = sizeof(opt.op_threads) / sizeof(unsigned);
	unsigned i;

	if (n < 1 || n > 1024)
		return false;
	for (i = 0; i < opt.op_nthreads; i++) {
		if (opt.op_threads[i] == n)
			return true;
	}
	if (opt.op_nthreads == room)
		return false;
	opt.op_threads[opt.op_nthreads++] = (unsigned)n;
	return true;
}

/*
 * choose_threads:
 *
 *	As told, or 1, 2, 4 ... up to all processors; --full goes beyond.
 */
static bool
choose_threads(void)
{
	const unsigned all = place_count();
	const char *s = lb.threads;
	unsigned n;
	char *end;

	for (n = 1; s == NULL && n < all; n *= 2)
		(void)threads_add(n);
	if (s == NULL) {
		(void)threads_add(all);
		if (opt.op_full) {
			(void)threads_add(all + (all + 1) / 2);
			(void)threads_add(2UL * all);
		}
		return true;
	}
	do {
		if (!threads_add(strtoul(s, &end, 10)) || end == s ||
		    (*end != ',' && *end != '\0')) {
			(void)trouble("--threads: up to 16 numbers like "
				      "1,2,4, not \"%s\"",
			    lb.threads);
			return false;
		}
		s = end + 1;
	} while (*end != '\0');
	return true;
}

/*
 * find_binaries:
 *
 *	build/bench/bench/lwpbench is run: the presets' folders are in build.
 */
static const char *
find_binaries(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	unsigned up;
	char *slash;

	if (lb.binaries != NULL)
		return lb.binaries;
	path[n < 0 ? 0 : n] = '\0';
	for (up = 0; up < 3 && (slash = strrchr(path, '/')) != NULL; up++)
		*slash = '\0';
	return path;
}

static json_t *
head(void)
{
	const time_t t = time(NULL);
	char when[32], id[64];
	json_t *threads = json_array(), *places = json_array(), *o;
	char *xml = place_xml();
	unsigned n;

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
	(void)snprintf(id, sizeof(id), "%s-%ld", when, (long)getpid());
	for (n = 0; n < opt.op_nthreads; n++)
		(void)json_array_append_new(
		    threads, json_integer(opt.op_threads[n]));
	for (n = 0; n < place_count(); n++) {
		const struct where wh = place_where(n);

		(void)json_array_append_new(places,
		    json_pack("[i,i,i,i,i]", (int)wh.wh_os, (int)wh.wh_core,
			(int)wh.wh_cache, (int)wh.wh_package, (int)wh.wh_node));
	}
	o = json_pack("{s:s,s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:f,s:b,s:s,"
		      "s:o,s:o,s:f,s:i,s:b,s:s}",
	    "type", "run", "schema", "lwpbench", "version", RECORDS_VERSION,
	    "id", id, "time", when, "commit", BENCH_COMMIT, "compiler",
	    BENCH_COMPILER, "flags", BENCH_FLAGS, "assertions",
#ifdef NDEBUG
	    0,
#else
	    1,
#endif
	    "seed", (json_int_t)opt.op_seed, "time_wanted", opt.op_seconds,
	    "full", opt.op_full, "pin", lb.pin == NULL ? "compact" : lb.pin,
	    "threads", threads, "host", facts_host(), "ghz", clock_ghz(),
	    "processors", team_room(), "fifo", opt.op_fifo, "topology",
	    place_describe());
	(void)json_object_set_new(o, "places", places);
	(void)json_object_set_new(
	    o, "topology_xml", json_string(xml == NULL ? "" : xml));
	place_free_xml(xml);
	return o;
}

/*
 * run_rows:
 *
 *	What a row does not need is not given to the others: a run never takes
 *	longer than it must.  False after a message.
 */
static bool
run_rows(void)
{
	unsigned n, all = 0, left, cases = 0;

	for (n = 0; n < NROWS; n++)
		all += lb.chosen[n] ? rows[n].weight : 0;
	for (n = 0, left = all; n < NROWS && !bench_interrupted(); n++) {
		if (!lb.chosen[n])
			continue;
		left -= rows[n].weight;
		opt.op_budget = opt.op_seconds * rows[n].weight / all;
		plan.pl_bench = rows[n].name;
		rows[n].plan();
		if (lb.only != NULL)
			cases += plan_only(lb.only);
		rota_run(&records, opt.op_budget, opt.op_seconds * left / all);
		plan_clear();
	}
	return lb.only == NULL || cases != 0 || bench_interrupted() ||
	    trouble("--case: no case has all of \"%s\"", lb.only) == 0;
}

static void
warn_threads(void)
{
	unsigned n;

	for (n = 0; n < opt.op_nthreads; n++) {
		if (team_crowded(opt.op_threads[n])) {
			warning("%u threads on %u processors: over-subscribed, "
				"spinners burn the slices of others",
			    opt.op_threads[n], team_room());
			return;
		}
	}
}

/*
 * measure:
 *
 *	All that was chosen, then the table.
 */
static int
measure(void)
{
	bool ok = true;

	if (!records_start(&records, lb.json, head()))
		return EXIT_TROUBLE;
	(void)fprintf(stderr, "lwpbench: %s, seed %llu\n", place_describe(),
	    (unsigned long long)opt.op_seed);
#ifndef NDEBUG
	warning("assertions are on: use the preset bench");
#endif
	warn_threads();
	records_calibration(&records,
	    lb.calibrate ? calibrate(CALIBRATE_FULL, CALIBRATE_SECONDS) :
			   calibrate(CALIBRATE_RUN, fmin(1, lb.seconds / 10)));
	watch_start();
	if (!lb.calibrate)
		ok = run_rows();
	watch_stop();
	team_end();
	ok = records_stop(
		 &records, bench_interrupted(), driver_seconds() - lb.start) &&
	    ok;
	if (lb.calibrate)
		calibrate_print(records.rc_calibration);
	else
		report_table(&records);
	if (!ok)
		return EXIT_TROUBLE;
	if (bench_interrupted())
		return EXIT_INTERRUPTED;
	return lb.gate && gate_all(&records) != 0 ? EXIT_FAILED : 0;
}

static bool
options_parse(int argc, const char **argv)
{
	poptContext pc = poptGetContext(
	    "lwpbench", argc, argv, option_table, 0);
	bool ok = true, timed = false;
	int rc;

	poptSetOtherOptionHelp(pc, "[OPTIONS] [BENCHMARK...]");
	while ((rc = poptGetNextOpt(pc)) > 0)
		timed = true;
	if (rc < -1)
		ok = trouble("%s: %s",
			 poptBadOption(pc, POPT_BADOPTION_NOALIAS),
			 poptStrerror(rc)) == 0;
	ok = ok && choose_rows(pc);
	poptFreeContext(pc);
	if (!timed)
		lb.seconds = lb.full ? SECONDS_FULL : SECONDS;
	if (ok && !(lb.seconds >= 0.1 && lb.seconds <= 86400))
		ok = trouble("--time: from 0.1 s to a day") == 0;
	opt.op_seconds = lb.seconds;
	opt.op_full = lb.full != 0;
	opt.op_fifo = lb.fifo != 0;
	opt.op_seed = (uint64_t)lb.seed;
	opt.op_binaries = find_binaries();
	return ok;
}

int
main(int argc, const char **argv)
{
	const struct sigaction sa = { .sa_handler = on_interrupt,
		.sa_flags = SA_RESTART };
	int rc = EXIT_TROUBLE, v;

	lb.start = driver_seconds();
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	for (v = 0; argc > 1 && verbs[v].name != NULL; v++) {
		if (strcmp(argv[1], verbs[v].name) == 0)
			return verbs[v].run(argc - 1, argv + 1);
	}
	if (!options_parse(argc, argv))
		return EXIT_TROUBLE;
	if (lb.list)
		return list_rows();
	clock_init();
	if (place_init(lb.pin == NULL ? "compact" : lb.pin)) {
		if (choose_threads())
			rc = measure();
		place_fini();
	}
	records_free(&records);
	return rc;
}
