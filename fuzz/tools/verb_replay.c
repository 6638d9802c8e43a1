/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim replay, show, min: one program and its schedule.
 */

#include <stdlib.h>
#include <string.h>

#include "lwpsim.h"

static int opt_json, opt_quiet, opt_budget;
static char *opt_out, *opt_expect;
static json_t *replay_results;

static const struct poptOption replay_options[] = {
	{ "expect", 0, POPT_ARG_STRING, &opt_expect, 0,
	    "what is expected, instead of what the files say", "SIGNATURE" },
	{ "quiet", 'q', POPT_ARG_NONE, &opt_quiet, 0,
	    "only those that differ, and the count", NULL },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static unsigned replayed, differing;

static int
replay_file(const char *path, void *arg)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	const char *expect;
	bool same, drifted;
	int rc;

	(void)arg;
	rc = lwpsim_read(&pr, path);
	if (rc != EXIT_PASS)
		return rc;
	expect = opt_expect != NULL ? opt_expect :
	    pr.pr_expect[0] != '\0' ? pr.pr_expect :
				      "pass";
	run_options_init(&opt);
	run(&pr, &opt, &vd);
	same = strcmp(vd.vd_signature, expect) == 0;
	/* Another core than the file was written for may leave its schedule:
	 * the count is checked where the file's own word on it holds. */
	drifted = opt_expect == NULL && vd.vd_drift != pr.pr_drift;
	replayed++;
	differing += !same || drifted;
	if (opt_json)
		(void)json_array_append_new(replay_results,
		    json_pack("{s:s,s:s,s:s,s:i,s:i,s:b}", "file", path,
			"verdict", vd.vd_signature, "expected", expect, "drift",
			(int)vd.vd_drift, "expected_drift", (int)pr.pr_drift,
			"same", same && !drifted));
	else if (!opt_quiet || !same || drifted) {
		(void)printf("%s: %s", path, vd.vd_signature);
		if (!same)
			(void)printf(", expected %s", expect);
		if (drifted)
			(void)printf(", drifted: %u deviations without a "
				     "match, expected %u",
			    vd.vd_drift, pr.pr_drift);
		(void)printf("\n");
		if (!same && vd.vd_detail[0] != '\0')
			(void)printf("%s\n", vd.vd_detail);
	}
	if (opt_expect != NULL)
		return same ? EXIT_PASS : EXIT_FINDING;
	return same && !drifted && vd.vd_code == VERDICT_pass ? EXIT_PASS :
								EXIT_FINDING;
}

int
verb_replay(int argc, const char **argv)
{
	poptContext pc;
	int rc;

	pc = lwpsim_options("replay", argc, argv, replay_options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	replay_results = json_array();
	rc = lwpsim_files(pc, replay_file, NULL);
	if (opt_json)
		lwpsim_json(replay_results);
	else if (replayed > 1 || (replayed == 0 && rc != EXIT_TROUBLE))
		(void)printf(
		    "%u replayed, %u not as expected\n", replayed, differing);
	return rc;
}

static const struct poptOption show_options[] = { POPT_AUTOHELP POPT_TABLEEND };

static int
show_file(const char *path, void *arg)
{
	static struct prog pr;
	struct run_options opt;
	char replay[8192];
	int rc;

	(void)arg;
	rc = lwpsim_read(&pr, path);
	if (rc != EXIT_PASS)
		return rc;
	(void)snprintf(
	    replay, sizeof(replay), "%s replay %s", lwpsim_name, path);
	run_options_init(&opt);
	(void)lwpsim_print(&pr, stdout);
	(void)printf("\n");
	run_report(&pr, &opt, replay, stdout);
	return EXIT_PASS;
}

int
verb_show(int argc, const char **argv)
{
	poptContext pc;
	int rc;

	pc = lwpsim_options("show", argc, argv, show_options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	rc = lwpsim_files(pc, show_file, NULL);
	return rc;
}

static const struct poptOption min_options[] = {
	{ "out", 'o', POPT_ARG_STRING, &opt_out, 0,
	    "write here instead of to standard output", "FILE" },
	{ "budget", 0, POPT_ARG_INT, &opt_budget, 0,
	    "candidates to try at most (20000)", "N" },
	POPT_AUTOHELP POPT_TABLEEND
};

static int
min_file(const char *path, void *arg)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	unsigned ops, deviations, tried;
	int rc;

	(void)arg;
	rc = lwpsim_read(&pr, path);
	if (rc != EXIT_PASS)
		return rc;
	run_options_init(&opt);
	run(&pr, &opt, &vd);
	if (vd.vd_code == VERDICT_pass) {
		(void)trouble("%s: passes, there is nothing to shrink", path);
		return EXIT_PASS;
	}
	opt.ro_stop = &lwpsim_interrupted;
	ops = pr.pr_nops;
	deviations = pr.pr_ndeviation;
	tried = run_minimise(&pr, &opt, vd.vd_signature, (unsigned)opt_budget);
	(void)fprintf(stderr,
	    "%s: %u operations, %u deviations -> %u operations, %u deviations "
	    "(%u candidates)\n",
	    vd.vd_signature, ops, deviations, pr.pr_nops, pr.pr_ndeviation,
	    tried);
	if (opt_out != NULL)
		return lwpsim_save(&pr, opt_out) ? EXIT_FINDING : EXIT_TROUBLE;
	return lwpsim_print(&pr, stdout) ? EXIT_FINDING : EXIT_TROUBLE;
}

int
verb_min(int argc, const char **argv)
{
	poptContext pc;
	int rc;

	opt_budget = 20000;
	pc = lwpsim_options("min", argc, argv, min_options);
	if (pc == NULL || !lwpsim_in_range("min", "budget", opt_budget, 1, 1e9))
		return EXIT_TROUBLE;
	rc = lwpsim_files(pc, min_file, NULL);
	return rc;
}
