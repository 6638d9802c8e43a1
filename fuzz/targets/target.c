/* SPDX-License-Identifier: BSD-2-Clause */

/* Running inputs, noting findings, mutating; see target.h. */

#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SIGNATURES	   256
#define STATS_EVERY	   16384 /* runs between two writes of the totals */
#define MIN_BUDGET	   4000	 /* candidates for one finding: seconds */

#define FINDINGS_OF_A_NAME 999

/* libFuzzer takes this section for coverage, and clears it before a run. */
static uint8_t counters[SIM_COUNTERS]
    __attribute__((section("__libfuzzer_extra_counters")));

/* The compiler's counters of the core's edges, where it keeps any. */
extern uint8_t edges[] __asm__("__start___sancov_cntrs") __attribute__((weak));
extern uint8_t edges_end[] __asm__("__stop___sancov_cntrs")
    __attribute__((weak));

static struct {
	char signature[SIGNATURES][128];
	uint64_t count[SIGNATURES];
	unsigned n;
	uint64_t runs;
	struct timespec start;
} tg;

/* What the empty program covers, in the order of the counters above. */
static uint8_t *baseline;

/*
 * forget_boot, forget_baseline:
 *
 *	Booting covers the same edges in every run, and so does what a machine
 *	does without a program.  The engine pays some 20 ns for each edge that
 *	a run covers, which is more than a choice point costs, so it is told
 *	only what differs from that: no news is lost, since the empty program
 *	is in every corpus.
 */
static void
forget_boot(void)
{
	if (&edges[0] != &edges_end[0])
		memset(edges, 0, (size_t)(edges_end - edges));
}

static void
forget_baseline(void)
{
	const size_t n = (size_t)(edges_end - edges);
	size_t i;

	for (i = 0; i < n; i++)
		edges[i] = edges[i] == baseline[i] ? 0 : edges[i];
}

static void
baseline_take(void)
{
	static struct prog empty;
	const size_t n = (size_t)(edges_end - edges);
	struct run_options opt;
	struct verdict vd;

	baseline = calloc(n + 1, 1);
	if (baseline == NULL) {
		(void)fprintf(stderr, "lwp: no memory\n");
		exit(2);
	}
	prog_init(&empty);
	run_options_init(&opt);
	opt.ro_live = forget_boot;
	run(&empty, &opt, &vd);
	if (n != 0)
		memcpy(baseline, edges, n);
	memset(&run_totals, 0, sizeof(run_totals));
}

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
		reached += run_totals.rt_transition[rows[n].from][rows[n].to] !=
		    0;
	return reached;
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
	unsigned n, legal, reached, probes = 0;
	struct timespec now;
	json_t *json;

	if (path == NULL)
		return;
	reached = transitions_reached(&legal);
	for (n = 0; n < PROBE_COUNT; n++)
		probes += run_totals.rt_probe[n] != 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	json = json_pack("{s:s,s:I,s:I,s:I,s:f,s:i,s:i,s:i,s:i,s:i}", "target",
	    target_name, "runs", (json_int_t)tg.runs, "points",
	    (json_int_t)run_totals.rt_steps, "operations",
	    (json_int_t)run_totals.rt_ops, "seconds",
	    (double)(now.tv_sec - tg.start.tv_sec) +
		(double)(now.tv_nsec - tg.start.tv_nsec) / 1e9,
	    "findings", (int)tg.n, "transitions_reached", (int)reached,
	    "transitions_legal", (int)legal, "probes_reached", (int)probes,
	    "probes_all", (int)PROBE_COUNT);
	if (json_dump_file(json, path, JSON_PRESERVE_ORDER) != 0)
		(void)fprintf(stderr, "lwp: %s: %s\n", path, strerror(errno));
	json_decref(json);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	run_init();
	prog_set_groups(target_groups);
	baseline_take();
	(void)clock_gettime(CLOCK_MONOTONIC, &tg.start);
	(void)atexit(stats_write);
	return 0;
}

void
target_count(void)
{
	if (++tg.runs % STATS_EVERY == 0)
		stats_write();
}

unsigned
target_findings(void)
{
	return tg.n;
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
	char new[600];
	FILE *f;

	(void)snprintf(new, sizeof(new), "%s.new", path);
	f = fopen(new, "w");
	if (f == NULL || prog_print(pr, text, sizeof(text)) >= sizeof(text) ||
	    fputs(text, f) == EOF || fclose(f) != 0 || rename(new, path) != 0)
		(void)fprintf(stderr, "lwp: %s: %s\n", new, strerror(errno));
}

bool
target_found(const char *signature, const char *detail, const struct prog *pr)
{
	static struct prog rec;
	struct run_options opt;
	struct verdict vd;
	char path[512];
	unsigned n;

	for (n = 0; n < tg.n; n++) {
		if (strcmp(tg.signature[n], signature) == 0) {
			tg.count[n]++;
			return false;
		}
	}
	if (tg.n == SIGNATURES) {
		(void)fprintf(stderr,
		    "lwp: more than %d kinds of findings, "
		    "not kept: %s\n",
		    SIGNATURES, signature);
		return false;
	}
	(void)snprintf(
	    tg.signature[tg.n], sizeof(tg.signature[0]), "%s", signature);
	tg.count[tg.n++] = 1;
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
		(void)fprintf(
		    stderr, "lwp: finding written: lwpsim replay %s\n", path);
	}
	stats_write();
	return true;
}

void
target_run(const uint8_t *data, size_t size, struct verdict *vd)
{
	static struct prog pr;
	struct run_options opt;

	prog_decode(&pr, data, size);
	run_options_init(&opt);
	opt.ro_counters = counters;
	opt.ro_live = forget_boot;
	run(&pr, &opt, vd);
	forget_baseline();
	target_count();
	if (vd->vd_code != VERDICT_pass)
		(void)target_found(vd->vd_signature, vd->vd_detail, &pr);
}

size_t
target_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static struct prog pr;

	prog_decode(&pr, data, size);
	prog_mutate(&pr, seed);
	return prog_encode(&pr, data, max);
}

size_t
target_cross(const uint8_t *a, size_t an, const uint8_t *b, size_t bn,
    uint8_t *out, size_t max, unsigned seed)
{
	static struct prog pa, pb, po;

	prog_decode(&pa, a, an);
	prog_decode(&pb, b, bn);
	prog_cross(&po, &pa, &pb, seed);
	return prog_encode(&po, out, max);
}
