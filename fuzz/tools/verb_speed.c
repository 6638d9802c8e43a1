/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim speed: how fast programs run here, with all oracles on and no
 * coverage; and that no run allocates memory.
 * lwpsim hash: trace hashes, to compare builds.
 */

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "lwpsim.h"

#define SPEED_PROGRAMS 64

static double opt_seconds;
static int opt_json, opt_random, opt_ops, opt_no_oracles;
static char *opt_grain;
static char *opt_oracle;
static long opt_seed;

static const struct poptOption speed_options[] = {
	{ "seconds", 0, POPT_ARG_DOUBLE, &opt_seconds, 0, "how long (3)", "S" },
	{ "ops", 0, POPT_ARG_INT, &opt_ops, 0,
	    "operations of the random programs, if there is no file (6)", "N" },
	{ "no-oracles", 0, POPT_ARG_NONE, &opt_no_oracles, 0, "without oracles",
	    NULL },
	{ "grain", 0, POPT_ARG_STRING, &opt_grain, 0, GRAIN_HELP,
	    "sync|memory" },
	{ "oracle", 0, POPT_ARG_STRING, &opt_oracle, 0, "with this oracle only",
	    "NAME" },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static size_t
heap_in_use(void)
{
	struct mallinfo2 mi = mallinfo2();

	return mi.uordblks + mi.hblkhd;
}

/*
 * speed_oracles:
 *
 *	Which oracles look on; false after a message.
 */
static bool
speed_oracles(struct run_options *opt)
{
	unsigned n;

	run_options_init(opt);
	if (opt_no_oracles)
		opt->ro_oracles = 0;
	if (opt_oracle == NULL)
		return true;
	for (n = 0; n < ORACLE_COUNT; n++) {
		if (strcmp(oracle_table[n]->or_name, opt_oracle) == 0) {
			opt->ro_oracles = 1u << n;
			return true;
		}
	}
	(void)trouble(
	    "speed: no oracle \"%s\"; see lwpsim list oracles", opt_oracle);
	return false;
}

/*
 * speed_report:
 *
 *	Rates, with what they are made of beside them.
 */
static void
speed_report(double seconds, uint64_t switches)
{
	double runs = (double)run_totals.rt_runs;
	double points = (double)run_totals.rt_steps;
	double ops = (double)run_totals.rt_ops;
	double plains = (double)run_totals.rt_plains;

	if (opt_json) {
		lwpsim_json(json_pack("{s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:b}",
		    "seconds", seconds, "points_per_second", points / seconds,
		    "runs_per_second", runs / seconds, "points_per_run",
		    points / runs, "points_per_operation", points / ops,
		    "ns_per_point", seconds * 1e9 / points,
		    "plain_accesses_per_second", plains / seconds,
		    "switches_per_point", (double)switches / points, "oracles",
		    !opt_no_oracles));
		return;
	}
	(void)printf("%.2f M choice points/s, %.1f k runs/s, %.1f points/run, "
		     "%.1f points/operation, %.1f ns/point\n",
	    points / seconds / 1e6, runs / seconds / 1e3, points / runs,
	    points / ops, seconds * 1e9 / points);
	if (plains != 0)
		(void)printf("%.2f M plain accesses/s, %.1f/point\n",
		    plains / seconds / 1e6, plains / points);
}

int
verb_speed(int argc, const char **argv)
{
	static struct prog pr[SPEED_PROGRAMS];
	struct run_options opt;
	struct verdict vd;
	poptContext pc;
	const char *path;
	double start, now;
	unsigned n, count = SPEED_PROGRAMS;
	int grain;
	uint64_t allocations, switches = 0;
	size_t heap;

	opt_seconds = 3;
	opt_ops = 6;
	pc = lwpsim_options("speed", argc, argv, speed_options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	path = poptGetArg(pc);
	if (!lwpsim_no_more("speed", pc) ||
	    !lwpsim_in_range("speed", "ops", opt_ops, 0, PROG_OPS) ||
	    !lwpsim_in_range("speed", "seconds", opt_seconds, 0, 1e6))
		return EXIT_TROUBLE;
	grain = lwpsim_grain("speed", opt_grain);
	if (grain < 0)
		return EXIT_TROUBLE;
	if (path != NULL) {
		if (lwpsim_read(&pr[0], path) != EXIT_PASS)
			return EXIT_TROUBLE;
		count = 1;
	} else
		for (n = 0; n < count; n++) {
			prog_random(&pr[n], n + 1, (unsigned)opt_ops);
			pr[n].pr_strategy = STRATEGY_bytes;
		}
	for (n = 0; n < count; n++)
		pr[n].pr_memory = grain != 0;
	if (!speed_oracles(&opt))
		return EXIT_TROUBLE;
	for (n = 0; n < count; n++)
		run(&pr[n], &opt, &vd);
	memset(&run_totals, 0, sizeof(run_totals));
	allocations = sim_allocations();
	heap = heap_in_use();
	start = lwpsim_seconds();
	do {
		for (n = 0; n < 256; n++) {
			run(&pr[n % count], &opt, &vd);
			switches += sim_switches();
		}
		now = lwpsim_seconds();
	} while (now - start < opt_seconds && !lwpsim_interrupted);
	if (sim_allocations() != allocations || heap_in_use() != heap)
		return trouble("speed: a run allocated memory");
	speed_report(now - start, switches);
	return EXIT_PASS;
}

static const struct poptOption hash_options[] = {
	{ "random", 0, POPT_ARG_INT, &opt_random, 0,
	    "this number of random programs instead of files", "N" },
	{ "seed", 0, POPT_ARG_LONG, &opt_seed, 0,
	    "seed of the first of them (1)", "N" },
	POPT_AUTOHELP POPT_TABLEEND
};

static int
hash_file(const char *path, void *arg)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	int rc;

	(void)arg;
	rc = lwpsim_read(&pr, path);
	if (rc != EXIT_PASS)
		return rc;
	run_options_init(&opt);
	run(&pr, &opt, &vd);
	(void)printf("%016llx %s\n", (unsigned long long)vd.vd_hash, path);
	return EXIT_PASS;
}

int
verb_hash(int argc, const char **argv)
{
	poptContext pc;
	uint64_t all;

	opt_seed = 1;
	pc = lwpsim_options("hash", argc, argv, hash_options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	if (!lwpsim_in_range("hash", "random", opt_random, 0, 1e9))
		return EXIT_TROUBLE;
	if (opt_random == 0)
		return lwpsim_files(pc, hash_file, NULL);
	all = run_hash_random(
	    (uint64_t)opt_seed, (unsigned)opt_random, &lwpsim_interrupted);
	(void)printf("%016llx %llu programs, %llu choice points\n",
	    (unsigned long long)all, (unsigned long long)run_totals.rt_runs,
	    (unsigned long long)run_totals.rt_steps);
	return EXIT_PASS;
}
