/* SPDX-License-Identifier: BSD-2-Clause */

/* Running inputs, noting findings, mutating; see target.h. */

#include "target.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIGNATURES  256
#define STATS_EVERY 16384 /* runs between two writes of the totals */
#define MIN_BUDGET  4000  /* candidates for a new finding: a few seconds */

/* libFuzzer takes this section for coverage, and clears it before a run. */
static uint8_t counters[SIM_COUNTERS]
    __attribute__((section("__libfuzzer_extra_counters")));

static struct {
	char signature[SIGNATURES][128];
	uint64_t count[SIGNATURES];
	unsigned n;
	uint64_t runs;
} tg;

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

static void
stats_write(void)
{
	const char *path = getenv("LWP_STATS");
	unsigned n, legal, reached, probes = 0;
	json_t *json;

	if (path == NULL)
		return;
	reached = transitions_reached(&legal);
	for (n = 0; n < PROBE_COUNT; n++)
		probes += run_totals.rt_probe[n] != 0;
	json = json_pack("{s:s,s:I,s:I,s:i,s:i,s:i,s:i,s:i}", "target",
	    target_name, "runs", (json_int_t)tg.runs, "points",
	    (json_int_t)run_totals.rt_steps, "findings", (int)tg.n,
	    "transitions_reached", (int)reached, "transitions_legal",
	    (int)legal, "probes_reached", (int)probes, "probes",
	    (int)PROBE_COUNT);
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

static void
finding_write(const struct prog *pr, const char *signature)
{
	static char text[1 << 18];
	const char *folder = getenv("LWP_FINDINGS");
	char path[512];
	size_t len, i;
	FILE *f;

	if (folder == NULL)
		return;
	(void)mkdir(folder, 0777);
	len = (size_t)snprintf(
	    path, sizeof(path), "%s/%s-", folder, target_name);
	for (i = 0; signature[i] != '\0' && len < 400; i++)
		path[len++] = (signature[i] | 32) >= 'a' &&
			(signature[i] | 32) <= 'z' ?
		    signature[i] :
		    '-';
	(void)snprintf(path + len, sizeof(path) - len, ".lwp");
	f = fopen(path, "w");
	if (f == NULL) {
		(void)fprintf(stderr, "lwp: %s: %s\n", path, strerror(errno));
		return;
	}
	(void)prog_print(pr, text, sizeof(text));
	(void)fputs(text, f);
	(void)fclose(f);
	(void)fprintf(stderr, "lwp: finding written: lwpsim replay %s\n", path);
}

bool
target_found(const char *signature, const char *detail, const struct prog *pr)
{
	static struct prog rec;
	struct run_options opt;
	struct verdict vd;
	unsigned n;

	for (n = 0; n < tg.n; n++) {
		if (strcmp(tg.signature[n], signature) == 0) {
			tg.count[n]++;
			return false;
		}
	}
	if (tg.n == SIGNATURES)
		return false;
	(void)snprintf(
	    tg.signature[tg.n], sizeof(tg.signature[0]), "%s", signature);
	tg.count[tg.n++] = 1;
	(void)fprintf(stderr, "lwp: finding: %s\n%s\n", signature, detail);
	if (pr != NULL) {
		run_options_init(&opt);
		if (!run_record(pr, &opt, &rec, &vd))
			rec = *pr;
		(void)snprintf(
		    rec.pr_expect, sizeof(rec.pr_expect), "%s", signature);
		finding_write(&rec, signature);
		if (strcmp(vd.vd_signature, signature) == 0 &&
		    run_minimise(&rec, &opt, signature, MIN_BUDGET) != 0)
			finding_write(&rec, signature);
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
	run(&pr, &opt, vd);
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
