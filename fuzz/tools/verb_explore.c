/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim explore: all schedules of a program, or all with so few preemptions.
 *
 * With a bound each smaller one is done first: most of what goes wrong goes
 * wrong with one or two preemptions, and then the schedule is the shortest that
 * shows it.
 */

#include <string.h>
#include <unistd.h>

#include "../strategy/explore.h"
#include "findings.h"

#define SHOW_EVERY 0.2 /* seconds between two lines of progress */

static char *opt_save;
static int opt_bound, opt_maxruns, opt_json, opt_naive;

static const struct poptOption options[] = {
	{ "bound", 'b', POPT_ARG_INT, &opt_bound, 0,
	    "only schedules with at most N preemptions", "N" },
	{ "max-runs", 'n', POPT_ARG_INT, &opt_maxruns, 0,
	    "stop after N runs (never)", "N" },
	{ "no-reduce", 0, POPT_ARG_NONE, &opt_naive, 0,
	    "all schedules, not one of each class", NULL },
	{ "save", 0, POPT_ARG_STRING, &opt_save, 0,
	    "write each new finding as a replay file to this folder",
	    "FOLDER" },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static struct {
	const char *path;
	struct prog prog;
	uint64_t runs, steps; /* over all bounds */
	double start, shown;
	json_t *rows;
} xp;

static bool
explore_over(void)
{
	return lwpsim_interrupted ||
	    (opt_maxruns != 0 && xp.runs >= (uint64_t)opt_maxruns);
}

/*
 * explore_progress:
 *
 *	A line that is written over, on a terminal only.  How much is left is a
 *	guess: the tree is not even.
 */
static void
explore_progress(int bound)
{
	const struct explore_state *es = explore_state();
	double now;

	if (!isatty(STDERR_FILENO))
		return;
	now = lwpsim_seconds();
	if (now - xp.shown < SHOW_EVERY)
		return;
	xp.shown = now;
	(void)fprintf(stderr, "\r");
	if (bound >= 0)
		(void)fprintf(stderr, "bound %d: ", bound);
	(void)fprintf(stderr,
	    "%llu runs, %llu broken off, about %.3g %% done, %.0f s\033[K",
	    (unsigned long long)es->es_runs, (unsigned long long)es->es_pruned,
	    es->es_part * 100, now - xp.start);
}

static void
explore_print(int bound, bool done)
{
	const struct explore_state *es = explore_state();
	const bool all = done && !es->es_cut;

	if (xp.shown != 0)
		(void)fprintf(stderr, "\r\033[K");
	xp.shown = 0;
	(void)json_array_append_new(xp.rows,
	    json_pack("{s:i,s:I,s:I,s:I,s:i,s:f,s:b}", "bound", bound, "runs",
		(json_int_t)es->es_runs, "pruned", (json_int_t)es->es_pruned,
		"classes", (json_int_t)es->es_classes, "depth",
		(int)es->es_depth, "part", es->es_part, "complete", all));
	if (opt_json)
		return;
	if (bound >= 0)
		(void)printf("bound %d: ", bound);
	(void)printf("%llu runs of %s%llu classes, %llu broken off, at most %u "
		     "choices deep: ",
	    (unsigned long long)es->es_runs,
	    es->es_uncounted ? "more than " : "",
	    (unsigned long long)es->es_classes,
	    (unsigned long long)es->es_pruned, es->es_depth);
	if (all)
		(void)printf("that is all\n");
	else if (done)
		(void)printf("all but what is too deep\n");
	else
		(void)printf("about %.3g %% of all\n", es->es_part * 100);
}

/*
 * explore_bound:
 *
 *	All schedules within a bound; < 0: all.
 */
static int
explore_bound(int bound)
{
	const struct explore_options eo = {
		.eo_bound = bound < 0 ? EXPLORE_NOBOUND : (uint32_t)bound,
		.eo_reduce = bound < 0 && !opt_naive,
	};
	struct run_options opt;
	struct verdict vd;
	int rc, worst = EXIT_PASS;
	bool more = true;

	if (!explore_begin(&eo))
		return trouble("explore: no memory");
	run_options_init(&opt);
	while (more && !explore_over()) {
		run(&xp.prog, &opt, &vd);
		xp.runs++;
		xp.steps += vd.vd_steps;
		if (vd.vd_code == VERDICT_finding) {
			rc = findings_add(xp.path, &xp.prog, &vd);
			worst = rc > worst ? rc : worst;
		}
		more = explore_next();
		explore_progress(bound);
	}
	if (explore_state()->es_drift)
		worst = trouble("explore: %s: a run did not do again what it "
				"did before",
		    xp.path);
	else
		explore_print(bound, !more);
	explore_end();
	return worst;
}

static int
explore_file(const char *path, void *arg)
{
	int bound, rc, worst = EXIT_PASS;

	(void)arg;
	xp.path = path;
	if (!prog_read(&xp.prog, path))
		return EXIT_TROUBLE;
	xp.prog.pr_strategy = STRATEGY_exhaustive;
	if (opt_bound < 0)
		return explore_bound(-1);
	for (bound = 0; bound <= opt_bound && !explore_over(); bound++) {
		rc = explore_bound(bound);
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

int
verb_explore(int argc, const char **argv)
{
	poptContext pc;
	double seconds;
	int rc;

	opt_bound = -1;
	pc = lwpsim_options("explore", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	if (!lwpsim_in_range("explore", "bound", opt_bound, -1, 1e6) ||
	    !lwpsim_in_range("explore", "max-runs", opt_maxruns, 0, 2e9) ||
	    !findings_begin(opt_save, opt_json != 0))
		return EXIT_TROUBLE;
	xp.rows = json_array();
	xp.start = lwpsim_seconds();
	rc = lwpsim_files(pc, explore_file, NULL);
	seconds = lwpsim_seconds() - xp.start;
	if (opt_json)
		lwpsim_json(json_pack("{s:I,s:I,s:f,s:b,s:o,s:o}", "runs",
		    (json_int_t)xp.runs, "points", (json_int_t)xp.steps,
		    "seconds", seconds, "interrupted", (int)lwpsim_interrupted,
		    "bounds", xp.rows, "findings", findings_json()));
	else
		json_decref(xp.rows);
	if (!opt_json && (xp.runs != 0 || rc != EXIT_TROUBLE)) {
		findings_print();
		(void)printf("%llu runs, %llu choice points, %.1f s, "
			     "%u findings%s\n",
		    (unsigned long long)xp.runs, (unsigned long long)xp.steps,
		    seconds, findings_kinds(),
		    lwpsim_interrupted ? " (interrupted)" : "");
	}
	return rc;
}
