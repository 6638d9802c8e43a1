/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim corpus: what a set of programs reaches, and what not.
 *
 * Each program runs under its own schedule, and with --runs under as many
 * random ones.  A row that no build can reach yet is named with its reason in
 * unreachable.def; everything else that is missing fails with --require.
 */

#include <string.h>

#include "lwpsim.h"

static int opt_runs, opt_json, opt_require, grain;
static char *opt_grain;

static const struct poptOption options[] = {
	{ "runs", 'n', POPT_ARG_INT, &opt_runs, 0,
	    "also run each with this number of random schedules (0)", "N" },
	{ "require", 0, POPT_ARG_NONE, &opt_require, 0,
	    "exit 1 if something that can be reached was not", NULL },
	{ "grain", 0, POPT_ARG_STRING, &opt_grain, 0, GRAIN_HELP,
	    "sync|memory" },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static const struct unreachable {
	const char *name, *why;
} unreachable[] = {
#define UNREACHABLE(name, why) { name, why },
#include "unreachable.def"
#undef UNREACHABLE
	{ NULL, NULL }, /* it may have no rows */
};

static const char *const probe_names[] = {
#undef PROBE
#define PROBE(name, what) #name,
#include <lwp/probe.def>
#undef PROBE
};

static const struct {
	unsigned from, to;
	const char *name;
} transition_rows[] = {
#define TRANSITION(from, to, by, psmutex) { from, to, #from " -> " #to },
#include <lwp/transition.def>
#undef TRANSITION
};

static unsigned failed, missing, excused, reached;
static json_t *missing_rows;

static int
corpus_file(const char *path, void *arg)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	int n, rc;

	(void)arg;
	rc = lwpsim_read(&pr, path);
	if (rc != EXIT_PASS)
		return rc;
	run_options_init(&opt);
	for (n = 0; n <= opt_runs && !lwpsim_interrupted; n++) {
		if (n > 0) {
			pr.pr_strategy = n % 2 != 0 ? STRATEGY_random :
						      STRATEGY_bytes;
			pr.pr_seed = (uint64_t)n;
			pr.pr_memory = grain != 0;
		}
		run(&pr, &opt, &vd);
		if (vd.vd_code == VERDICT_pass)
			continue;
		failed++;
		(void)fprintf(stderr, "%s: %s (%s, seed %llu)\n", path,
		    vd.vd_signature, strategy_table[pr.pr_strategy]->st_name,
		    (unsigned long long)pr.pr_seed);
		return EXIT_FINDING;
	}
	return EXIT_PASS;
}

static void
corpus_row(const char *kind, const char *name, uint64_t count)
{
	size_t n;

	if (count != 0) {
		reached++;
		return;
	}
	for (n = 0; unreachable[n].name != NULL; n++) {
		if (strcmp(unreachable[n].name, name) == 0) {
			excused++;
			if (!opt_json)
				(void)printf("not reached: %s %s (%s)\n", kind,
				    name, unreachable[n].why);
			return;
		}
	}
	missing++;
	(void)json_array_append_new(missing_rows, json_string(name));
	if (!opt_json)
		(void)printf("not reached: %s %s\n", kind, name);
}

static void
corpus_rows(void)
{
	size_t n;

	for (n = 0; n < OP_COUNT; n++)
		corpus_row(
		    "operation", op_table[n].or_name, run_totals.rt_op[n]);
	for (n = 0; n < sizeof(transition_rows) / sizeof(transition_rows[0]);
	     n++)
		corpus_row("transition", transition_rows[n].name,
		    run_totals.rt_transition[transition_rows[n].from]
					    [transition_rows[n].to]);
	for (n = 0; n < PROBE_COUNT; n++)
		corpus_row("probe", probe_names[n], run_totals.rt_probe[n]);
}

int
verb_corpus(int argc, const char **argv)
{
	poptContext pc;
	int rc;

	pc = lwpsim_options("corpus", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	grain = lwpsim_grain("corpus", opt_grain);
	if (grain < 0)
		return EXIT_TROUBLE;
	missing_rows = json_array();
	rc = lwpsim_files(pc, corpus_file, NULL);
	if (rc == EXIT_TROUBLE)
		return rc;
	corpus_rows();
	if (opt_json)
		lwpsim_json(json_pack("{s:I,s:I,s:i,s:i,s:i,s:o}", "runs",
		    (json_int_t)run_totals.rt_runs, "points",
		    (json_int_t)run_totals.rt_steps, "failed", (int)failed,
		    "reached", (int)reached, "excused", (int)excused, "missing",
		    missing_rows));
	else
		(void)printf("%llu runs, %u failed; rows of operations, "
			     "transitions and probes: %u reached, %u not, %u "
			     "not reachable yet\n",
		    (unsigned long long)run_totals.rt_runs, failed, reached,
		    missing, excused);
	return failed != 0 || (opt_require && missing != 0) ? EXIT_FINDING :
							      EXIT_PASS;
}
