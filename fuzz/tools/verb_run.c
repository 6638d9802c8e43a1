/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim run: programs under their own schedule, or many schedules of one
 * strategy.  Each new signature is written once, as a file that replays it.
 */

#include <string.h>

#include "findings.h"

#define RUNS_MAX 1000000000

static char *opt_strategy, *opt_save, *opt_grain;
static int opt_runs, opt_json;
static long opt_seed;

static const struct poptOption options[] = {
	{ "strategy", 's', POPT_ARG_STRING, &opt_strategy, 0,
	    "schedule by this strategy instead of the program's", "NAME" },
	{ "runs", 'n', POPT_ARG_INT, &opt_runs, 0,
	    "number of runs of each program, with seeds from --seed on (one "
	    "run, "
	    "as the program says)",
	    "N" },
	{ "seed", 0, POPT_ARG_LONG, &opt_seed, 0, "first seed (1)", "N" },
	{ "grain", 0, POPT_ARG_STRING, &opt_grain, 0, GRAIN_HELP,
	    "sync|memory" },
	{ "save", 0, POPT_ARG_STRING, &opt_save, 0,
	    "write each new finding as a replay file to this folder",
	    "FOLDER" },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static struct {
	uint64_t runs, steps;
	int strategy, grain;
} rs;

static int
run_file(const char *path, void *arg)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	int n, worst = EXIT_PASS, rc;

	(void)arg;
	rc = lwpsim_read(&pr, path);
	if (rc != EXIT_PASS)
		return rc;
	run_options_init(&opt);
	if (rs.strategy >= 0)
		pr.pr_strategy = (uint8_t)rs.strategy;
	for (n = 0; n < (opt_runs != 0 ? opt_runs : 1) && !lwpsim_interrupted;
	     n++) {
		if (opt_runs != 0) {
			pr.pr_seed = (uint64_t)opt_seed + (uint64_t)n;
			pr.pr_memory = rs.grain != 0;
		}
		run(&pr, &opt, &vd);
		rs.runs++;
		rs.steps += vd.vd_steps;
		if (vd.vd_code == VERDICT_pass)
			continue;
		rc = findings_add(path, &pr, &vd);
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

int
verb_run(int argc, const char **argv)
{
	poptContext pc;
	unsigned n;
	int rc;

	opt_seed = 1;
	pc = lwpsim_options("run", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	if (!lwpsim_in_range("run", "runs", opt_runs, 0, RUNS_MAX))
		return EXIT_TROUBLE;
	rs.grain = lwpsim_grain("run", opt_grain);
	if (rs.grain < 0)
		return EXIT_TROUBLE;
	rs.strategy = -1;
	for (n = 0; opt_strategy != NULL && n < STRATEGY_COUNT; n++) {
		if (strcmp(strategy_table[n]->st_name, opt_strategy) == 0)
			rs.strategy = (int)n;
	}
	if (opt_strategy != NULL && rs.strategy < 0)
		return trouble("run: unknown strategy \"%s\"; see lwpsim list "
			       "strategies",
		    opt_strategy);
	if (!findings_begin(opt_save, opt_json != 0))
		return EXIT_TROUBLE;
	rc = lwpsim_files(pc, run_file, NULL);
	if (opt_json)
		lwpsim_json(json_pack("{s:I,s:I,s:o}", "runs",
		    (json_int_t)rs.runs, "points", (json_int_t)rs.steps,
		    "findings", findings_json()));
	else if (rs.runs != 0 || rc != EXIT_TROUBLE) {
		findings_print();
		(void)printf("%llu runs, %llu choice points, %u findings%s\n",
		    (unsigned long long)rs.runs, (unsigned long long)rs.steps,
		    findings_kinds(),
		    lwpsim_interrupted ? " (interrupted)" : "");
	}
	return rc;
}
