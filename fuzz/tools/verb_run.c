/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim run: programs under their own schedule, or many schedules of one
 * strategy.  Each new signature is written once, as a file that replays it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lwpsim.h"

#define SIGNATURES 256
#define RUNS_MAX   1000000000

static char *opt_strategy, *opt_save, *opt_grain;
static int opt_runs, opt_json;
static long opt_seed;

static const struct poptOption options[] = {
	{ "strategy", 's', POPT_ARG_STRING, &opt_strategy, 0,
	    "schedule by this strategy instead of the program's", "NAME" },
	{ "runs", 'n', POPT_ARG_INT, &opt_runs, 0,
	    "so many runs of each program, with seeds from --seed on (1)",
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
	char signature[SIGNATURES][128];
	unsigned count[SIGNATURES], nsignatures;
	uint64_t runs, steps;
	json_t *findings;
	int strategy, grain;
} rs;

/*
 * finding_path:
 *
 *	A file name that says the verdict.
 */
static void
finding_path(char *buf, size_t size, const char *signature, uint64_t hash)
{
	size_t len;
	const char *s;

	len = (size_t)snprintf(buf, size, "%s/", opt_save);
	for (s = signature; *s != '\0' && len + 24 < size && len < 120; s++)
		buf[len++] = (*s >= 'a' && *s <= 'z') ||
			(*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ?
		    *s :
		    '-';
	(void)snprintf(
	    buf + len, size - len, "-%08x.lwp", (unsigned)(hash ^ hash >> 32));
}

static int
finding(const char *path, const struct prog *pr, const struct verdict *vd)
{
	static struct prog rec;
	struct run_options opt;
	struct verdict again;
	char file[256] = "";
	unsigned n;

	for (n = 0; n < rs.nsignatures; n++) {
		if (strcmp(rs.signature[n], vd->vd_signature) == 0) {
			rs.count[n]++;
			return EXIT_FINDING;
		}
	}
	if (n == SIGNATURES)
		return trouble("more than %d kinds of findings, not kept: %s",
		    SIGNATURES, vd->vd_signature);
	(void)strcpy(rs.signature[n], vd->vd_signature);
	rs.count[n] = 1;
	rs.nsignatures++;
	run_options_init(&opt);
	if (!run_record(pr, &opt, &rec, &again))
		rec = *pr;
	(void)snprintf(
	    rec.pr_expect, sizeof(rec.pr_expect), "%s", vd->vd_signature);
	if (opt_save != NULL) {
		finding_path(file, sizeof(file), vd->vd_signature, vd->vd_hash);
		if (!lwpsim_save(&rec, file))
			return EXIT_TROUBLE;
	}
	if (!opt_json)
		(void)printf("%s: %s (seed %llu)%s%s\n%s\n", path,
		    vd->vd_signature, (unsigned long long)pr->pr_seed,
		    file[0] != '\0' ? "\n  replay: lwpsim replay " : "", file,
		    vd->vd_detail);
	(void)json_array_append_new(rs.findings,
	    json_pack("{s:s,s:s,s:s,s:I,s:s}", "program", path, "signature",
		vd->vd_signature, "detail", vd->vd_detail, "seed",
		(json_int_t)pr->pr_seed, "file", file));
	return EXIT_FINDING;
}

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
		rc = finding(path, &pr, &vd);
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

int
verb_run(int argc, const char **argv)
{
	poptContext pc;
	struct stat st;
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
	if (opt_save != NULL && mkdir(opt_save, 0777) != 0 && errno != EEXIST)
		return trouble("%s: %s", opt_save, strerror(errno));
	if (opt_save != NULL && stat(opt_save, &st) == 0 &&
	    !S_ISDIR(st.st_mode))
		return trouble("%s: %s", opt_save, strerror(ENOTDIR));
	if (opt_save != NULL && access(opt_save, W_OK | X_OK) != 0)
		return trouble("%s: %s", opt_save, strerror(errno));
	rs.findings = json_array();
	rc = lwpsim_files(pc, run_file, NULL);
	if (opt_json)
		lwpsim_json(json_pack("{s:I,s:I,s:o}", "runs",
		    (json_int_t)rs.runs, "points", (json_int_t)rs.steps,
		    "findings", rs.findings));
	else {
		for (n = 0; n < rs.nsignatures; n++)
			(void)printf("%8u  %s\n", rs.count[n], rs.signature[n]);
		(void)printf("%llu runs, %llu choice points, %u findings%s\n",
		    (unsigned long long)rs.runs, (unsigned long long)rs.steps,
		    rs.nsignatures, lwpsim_interrupted ? " (interrupted)" : "");
	}
	return rc;
}
