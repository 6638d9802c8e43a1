/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Running inputs and noting findings; see target.h.
 *
 * Under AFL++ the target runs in children of a fork server: a child is made
 * anew after a crash, and killed at the end.  So what is known of findings,
 * and the totals, are kept in memory that they share, and files are written
 * beside their place and renamed: nobody ever sees half of one.
 */

#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"

/* Totals are written so many seconds apart; the clock is looked at after so
 * many runs. */
#define STATS_SECONDS	   0.25
#define STATS_RUNS	   512
#define SIGNATURES	   256
#define MIN_BUDGET	   4000 /* candidates for a finding: a few seconds */

#define FINDINGS_OF_A_NAME 999

struct target {
	char signature[SIGNATURES][128];
	uint64_t count[SIGNATURES];
	unsigned n;
	uint64_t runs;
	struct run_totals totals; /* run_totals, as of the last writing */
	struct timespec start, written;
};
static struct target *tg;

static unsigned
transitions_reached(unsigned *legal)
{
	static const struct {
		unsigned from, to;
	} rows[] = {
#define TRANSITION(from, to, by, psmutex) { from, to },
#include <lwp/transition.def>
#undef TRANSITION
	};
	unsigned n, reached = 0;

	*legal = sizeof(rows) / sizeof(rows[0]);
	for (n = 0; n < *legal; n++)
		reached += tg->totals.rt_transition[rows[n].from][rows[n].to] !=
		    0;
	return reached;
}

/*
 * totals_collect:
 *
 *	Move what this process counted to what all of them did.
 */
static void
totals_collect(void)
{
	uint64_t *to = (uint64_t *)&tg->totals;
	const uint64_t *from = (const uint64_t *)&run_totals;
	size_t n;

	_Static_assert(sizeof(run_totals) % sizeof(*to) == 0, "only counters");
	for (n = 0; n < sizeof(run_totals) / sizeof(*to); n++)
		to[n] += from[n];
	memset(&run_totals, 0, sizeof(run_totals));
}

/*
 * rename_there:
 *
 *	Put a finished file in its place.
 */
static void
rename_there(const char *from, const char *to)
{
	if (rename(from, to) != 0)
		(void)fprintf(stderr, "lwp: %s: %s\n", to, strerror(errno));
}

static double
seconds_since(const struct timespec *start, const struct timespec *now)
{
	return (double)(now->tv_sec - start->tv_sec) +
	    (double)(now->tv_nsec - start->tv_nsec) / 1e9;
}

/*
 * stats_write:
 *
 *	Totals so far, as one line of JSON that the front door reads.
 */
static void
stats_write(void)
{
	const char *path = getenv("LWP_STATS");
	unsigned n, legal, reached, probes = 0, edges, features;
	char new[512];
	json_t *json;

	totals_collect();
	(void)clock_gettime(CLOCK_MONOTONIC, &tg->written);
	if (path == NULL)
		return;
	reached = transitions_reached(&legal);
	for (n = 0; n < PROBE_COUNT; n++)
		probes += tg->totals.rt_probe[n] != 0;
	engine_figures(&edges, &features);
	json = json_pack("{s:s,s:I,s:I,s:I,s:f,s:i,s:i,s:i,s:i,s:i,s:i,s:i}",
	    "target", target_name, "runs", (json_int_t)tg->runs, "points",
	    (json_int_t)tg->totals.rt_steps, "operations",
	    (json_int_t)tg->totals.rt_ops, "seconds",
	    seconds_since(&tg->start, &tg->written), "findings", (int)tg->n,
	    "transitions_reached", (int)reached, "transitions_legal",
	    (int)legal, "probes_reached", (int)probes, "probes_all",
	    (int)PROBE_COUNT, "edges", (int)edges, "features", (int)features);
	(void)snprintf(new, sizeof(new), "%s.new", path);
	if (json_dump_file(json, new, JSON_PRESERVE_ORDER) != 0)
		(void)fprintf(stderr, "lwp: %s: %s\n", new, strerror(errno));
	else
		rename_there(new, path);
	json_decref(json);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	tg = mmap(NULL, sizeof(*tg), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tg == MAP_FAILED) {
		(void)fprintf(stderr, "lwp: no memory\n");
		exit(2);
	}
	run_init();
	prog_set_groups(target_groups);
	engine_init();
	memset(&run_totals, 0, sizeof(run_totals));
	(void)clock_gettime(CLOCK_MONOTONIC, &tg->start);
	tg->written = tg->start;
	(void)atexit(stats_write);
	return 0;
}

void
target_count(void)
{
	struct timespec now;

	if (++tg->runs % STATS_RUNS != 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (seconds_since(&tg->written, &now) >= STATS_SECONDS)
		stats_write();
}

unsigned
target_findings(void)
{
	return tg->n;
}

/*
 * finding_is:
 *
 *	Does this file hold the finding with this signature?
 */
static bool
finding_is(const char *path, const char *signature)
{
	char line[256], expect[192];
	FILE *f = fopen(path, "r");
	bool is = false;

	(void)snprintf(expect, sizeof(expect), "expect \"%s\"\n", signature);
	while (f != NULL && !is && fgets(line, sizeof(line), f) != NULL)
		is = strcmp(line, expect) == 0;
	if (f != NULL)
		(void)fclose(f);
	return is;
}

/*
 * finding_path:
 *
 *	A name for a new finding: target and signature, and a number where
 *	another one of that name is.  The file is made here, so two jobs never
 *	take the same.  False if there is no folder, or an earlier run or
 *	another job has written this one.
 */
static bool
finding_path(const char *signature, char *path, size_t max)
{
	const char *folder = getenv("LWP_FINDINGS");
	char name[160];
	size_t len = 0, i;
	unsigned n;
	int fd;

	if (folder == NULL)
		return false;
	(void)mkdir(folder, 0777);
	for (i = 0; signature[i] != '\0' && len < sizeof(name) - 1; i++)
		name[len++] = isalpha((unsigned char)signature[i]) ?
		    signature[i] :
		    '-';
	name[len] = '\0';
	for (n = 1; n <= FINDINGS_OF_A_NAME; n++) {
		if (n == 1)
			(void)snprintf(path, max, "%s/%s-%s.lwp", folder,
			    target_name, name);
		else
			(void)snprintf(path, max, "%s/%s-%s.%u.lwp", folder,
			    target_name, name, n);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (fd >= 0) {
			(void)close(fd);
			return true;
		}
		if (errno != EEXIST)
			break;
		if (finding_is(path, signature)) {
			(void)fprintf(stderr, "lwp: known: %s\n", path);
			return false;
		}
	}
	(void)fprintf(stderr, "lwp: %s: %s\n", path, strerror(errno));
	return false;
}

/*
 * finding_write:
 *
 *	All of it or nothing: the engine may be killed at any time, and what
 *	the file held must not be lost then.
 */
static void
finding_write(const char *path, const struct prog *pr)
{
	static char text[1 << 18];
	const char *name = strrchr(path, '/') + 1;
	char new[520];
	FILE *f;

	/* Hidden, so that a half of one is no finding. */
	(void)snprintf(
	    new, sizeof(new), "%.*s.%s.new", (int)(name - path), path, name);
	f = fopen(new, "w");
	if (f == NULL || prog_print(pr, text, sizeof(text)) >= sizeof(text) ||
	    fputs(text, f) == EOF || fclose(f) != 0) {
		(void)fprintf(stderr, "lwp: %s: %s\n", new, strerror(errno));
		return;
	}
	rename_there(new, path);
}

bool
target_found(const char *signature, const char *detail, const struct prog *pr)
{
	static struct prog rec;
	struct run_options opt;
	struct verdict vd;
	char path[512];
	unsigned n;

	for (n = 0; n < tg->n; n++) {
		if (strcmp(tg->signature[n], signature) == 0) {
			tg->count[n]++;
			return false;
		}
	}
	if (tg->n == SIGNATURES) {
		(void)fprintf(stderr,
		    "lwp: more than %d kinds of findings, "
		    "not kept: %s\n",
		    SIGNATURES, signature);
		return false;
	}
	(void)snprintf(
	    tg->signature[tg->n], sizeof(tg->signature[0]), "%s", signature);
	tg->count[tg->n++] = 1;
	(void)fprintf(stderr, "lwp: finding: %s\n%s\n", signature, detail);
	if (pr != NULL && finding_path(signature, path, sizeof(path))) {
		run_options_init(&opt);
		if (!run_record(pr, &opt, &rec, &vd))
			rec = *pr;
		(void)snprintf(
		    rec.pr_expect, sizeof(rec.pr_expect), "%s", signature);
		finding_write(path, &rec);
		if (strcmp(vd.vd_signature, signature) == 0 &&
		    run_minimise(&rec, &opt, signature, MIN_BUDGET) != 0)
			finding_write(path, &rec);
		(void)fprintf(stderr, "lwp: finding written: %s\n", path);
	}
	stats_write();
	return true;
}

/*
 * target_run:
 *
 *	A new finding is minimised here and now, and the edges are then those
 *	of other programs: the program runs once more to have its own.
 */
void
target_run(const uint8_t *data, size_t size, struct verdict *vd)
{
	static struct prog pr;
	struct run_options opt;

	target_count();
	prog_decode(&pr, data, size);
	/* All that this build can choose is explored. */
	pr.pr_memory = sim_memory_grain();
	run_options_init(&opt);
	opt.ro_counters = engine_counters();
	opt.ro_live = engine_live;
	run(&pr, &opt, vd);
	if (vd->vd_code != VERDICT_pass &&
	    target_found(vd->vd_signature, vd->vd_detail, &pr))
		run(&pr, &opt, vd);
	engine_ran();
	engine_done();
}
