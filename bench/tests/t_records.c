/* SPDX-License-Identifier: BSD-2-Clause */

/* Records: out to a file and back; and what compare says of made-up ones. */

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../analysis.h"
#include "../driver.h"

#define ROUNDS 30

static char path[2][64];

static void
paths(void)
{
	unsigned n;

	for (n = 0; n < 2; n++) {
		(void)snprintf(path[n], sizeof(path[n]),
		    "/tmp/lwpbench-test.%d.%u", (int)getpid(), n);
	}
}

static void
forget(void)
{
	(void)unlink(path[0]);
	(void)unlink(path[1]);
}

static json_t *
head(void)
{
	return json_pack("{s:s,s:s,s:i,s:i,s:i}", "type", "run", "schema",
	    "lwpbench", "version", RECORDS_VERSION, "seed", 1, "processors", 2);
}

static unsigned rounds = ROUNDS;
static double again = 1;     /* what the A/A pair is apart */
static const char *extra[2]; /* one more variant of a file, or NULL */

/*
 * make:
 *
 *	A file of one case, a reference, an A/A pair, and a variant that takes
 *	"ratio" times as long, with so much noise.
 */
static void
make(const char *file, double ratio, double noise, uint64_t seed)
{
	struct records rc;
	struct bench_case *bc = xcalloc(1, sizeof(*bc));
	struct sample *sm;
	const char *more = extra[file == path[1]];
	unsigned round, v;

	(void)strcpy(bc->bc_bench, "made");
	(void)strcpy(bc->bc_config, "threads=1 up=1");
	(void)strcpy(bc->bc_variant[0].va_name, "reference");
	(void)strcpy(bc->bc_variant[1].va_name, "variant");
	(void)strcpy(bc->bc_variant[2].va_name, "reference again");
	bc->bc_variant[2].va_again = true;
	bc->bc_metric = M_ns;
	bc->bc_nvariant = 3;
	if (more != NULL)
		(void)strcpy(bc->bc_variant[bc->bc_nvariant++].va_name, more);
	cr_assert(records_start(&rc, file, head()));
	records_case(&rc, bc);
	for (round = 0; round < rounds; round++) {
		for (v = 0; v < bc->bc_nvariant; v++) {
			sm = sample_new(bc, v);
			sm->sm_round = round;
			/* What the host does in a round hits both. */
			sm->sm_value[M_ns] = (100 + round % 7 * 20) *
			    (v == 0	   ? 1 :
				    v == 1 ? ratio :
					     again) *
			    (1 + noise * (draw_below(&seed, 2001) / 1e3 - 1));
			records_sample(&rc, sm);
		}
	}
	cr_assert(records_stop(&rc, false, 1));
	records_free(&rc);
}

static int
compare_made(double ratio, double noise, char *said, size_t size)
{
	const char *argv[] = { "compare", path[0], path[1], NULL };
	FILE *out;
	size_t n;
	int rc, keep;

	paths();
	make(path[0], 1, noise, 11);
	make(path[1], ratio, noise, 12);
	out = tmpfile();
	(void)fflush(stdout);
	keep = dup(STDOUT_FILENO);
	(void)dup2(fileno(out), STDOUT_FILENO);
	rc = verb_compare(3, argv);
	(void)fflush(stdout);
	(void)dup2(keep, STDOUT_FILENO);
	(void)close(keep);
	rewind(out);
	n = fread(said, 1, size - 1, out);
	said[n] = '\0';
	(void)fclose(out);
	forget();
	return rc;
}

Test(bench_records, compare_sees_a_planted_loss)
{
	char said[1024];

	cr_assert(compare_made(1.2, 0.02, said, sizeof(said)) == 1);
	cr_assert(strncmp(said, "worse", 5) == 0, "%s", said);
}

Test(bench_records, compare_sees_a_planted_gain)
{
	char said[1024];

	cr_assert(compare_made(0.8, 0.02, said, sizeof(said)) == 0);
	cr_assert(strncmp(said, "better", 6) == 0, "%s", said);
}

Test(bench_records, compare_sees_that_nothing_changed)
{
	char said[1024];

	cr_assert(compare_made(1, 0.02, said, sizeof(said)) == 0);
	cr_assert(strncmp(said, "same", 4) == 0, "%s", said);
}

Test(bench_records, compare_says_when_it_cannot_know)
{
	char said[1024];

	cr_assert(compare_made(1.1, 0.6, said, sizeof(said)) == 0);
	cr_assert(strncmp(said, "underpowered", 12) == 0, "%s", said);
}

Test(bench_records, compare_trusts_no_more_than_the_pair_of_equals)
{
	char said[1024];

	again = 1.3;
	cr_assert(compare_made(1.2, 0.02, said, sizeof(said)) == 0, "%s", said);
	cr_assert(compare_made(1.5, 0.02, said, sizeof(said)) == 1, "%s", said);
}

Test(bench_records, compare_says_what_only_one_file_has)
{
	char said[1024];

	extra[0] = "gone";
	extra[1] = "come";
	cr_assert(compare_made(1, 0.02, said, sizeof(said)) == 0);
	cr_assert(strstr(said, "only in OLD  made threads=1 up=1: gone\n") &&
		strstr(said, "only in NEW  made threads=1 up=1: come\n") &&
		strstr(said, "; 2 in one file only;"),
	    "%s", said);
}

Test(bench_records, compare_judges_no_handful_of_rounds)
{
	char said[1024];

	rounds = PAIRS_MIN - 1;
	cr_assert(compare_made(2, 0.01, said, sizeof(said)) == 0);
	cr_assert(strncmp(said, "underpowered", 12) == 0, "%s", said);
	rounds = PAIRS_MIN;
	cr_assert(compare_made(2, 0.01, said, sizeof(said)) == 1);
}

static struct bench_case *
full_case(void)
{
	struct bench_case *bc = xcalloc(1, sizeof(*bc));

	(void)strcpy(bc->bc_bench, "made");
	(void)strcpy(bc->bc_config, "threads=2 text=\"x\"");
	(void)strcpy(bc->bc_variant[0].va_name, "a");
	(void)strcpy(bc->bc_variant[1].va_name, "a again");
	bc->bc_variant[1].va_again = true;
	bc->bc_metric = M_rate;
	bc->bc_threads = 2;
	bc->bc_nvariant = 2;
	return bc;
}

static struct sample *
full_sample(const struct bench_case *bc)
{
	struct sample *sm = sample_new(bc, 1);
	unsigned n;

	sm->sm_round = 3;
	sm->sm_reject = REJECT_STEAL | REJECT_PING;
	for (n = 0; n < METRIC_COUNT; n += 2)
		sm->sm_value[n] = 1.5 * n;
	sm->sm_threads = 2;
	sm->sm_ops = xcalloc(2, sizeof(double));
	sm->sm_ops[1] = 17;
	sm->sm_longest = xcalloc(2, sizeof(double));
	sm->sm_longest[0] = 4;
	sm->sm_latency = xcalloc(1, sizeof(*sm->sm_latency));
	for (n = 0; n < 200; n++)
		hist_record(sm->sm_latency, n * n * n);
	return sm;
}

Test(bench_records, what_is_written_is_read)
{
	struct records out, in;
	const struct sample *a, *b;
	unsigned n;

	paths();
	cr_assert(records_start(&out, path[0], head()));
	records_case(&out, full_case());
	records_sample(&out, full_sample(out.rc_case[0]));
	records_calibration(&out, json_pack("{s:f}", "ghz", 2.5));
	records_warning(&out, "it \"rained\"");
	cr_assert(records_stop(&out, true, 2));
	cr_assert(records_read(&in, path[0]));
	cr_assert(in.rc_ncase == 1 && in.rc_nsample == 1);
	cr_assert(memcmp(in.rc_case[0]->bc_variant, out.rc_case[0]->bc_variant,
		      sizeof(in.rc_case[0]->bc_variant)) == 0);
	cr_assert_str_eq(in.rc_case[0]->bc_config, out.rc_case[0]->bc_config);
	a = out.rc_sample[0];
	b = in.rc_sample[0];
	cr_assert(a->sm_round == b->sm_round && a->sm_reject == b->sm_reject &&
	    a->sm_variant == b->sm_variant && b->sm_threads == 2);
	for (n = 0; n < METRIC_COUNT; n++)
		cr_assert(isnan(a->sm_value[n]) ?
			(bool)isnan(b->sm_value[n]) :
			fabs(a->sm_value[n] - b->sm_value[n]) < 1e-6);
	cr_assert(b->sm_ops[1] == 17 && b->sm_longest[0] == 4);
	cr_assert(
	    memcmp(a->sm_latency, b->sm_latency, sizeof(*a->sm_latency)) == 0);
	cr_assert(json_is_true(json_object_get(in.rc_end, "interrupted")));
	cr_assert(json_array_size(in.rc_warning) == 1);
	cr_assert(in.rc_calibration != NULL);
	records_free(&out);
	records_free(&in);
	forget();
}

/* read_text: does a file of this text read? */
static bool
read_text(const char *text)
{
	struct records rc;
	FILE *f;
	bool ok;

	paths();
	f = fopen(path[0], "w");
	cr_assert(f != NULL);
	(void)fputs(text, f);
	(void)fclose(f);
	ok = records_read(&rc, path[0]);
	records_free(&rc);
	forget();
	return ok;
}

#define HEAD                                                                   \
	"{\"type\":\"run\",\"schema\":\"lwpbench\",\"version\":1,\"seed\":1}"  \
	"\n"

Test(bench_records, a_file_that_is_none_of_ours_is_refused)
{
	cr_assert(read_text(HEAD));
	cr_assert(!read_text(""));
	cr_assert(!read_text("nonsense\n"));
	cr_assert(!read_text("{}\n"));
	cr_assert(!read_text("[]\n"));
	cr_assert(!read_text("{\"type\":\"run\",\"schema\":\"lwpbench\","
			     "\"version\":999}\n"));
	cr_assert(!read_text(HEAD HEAD));
	cr_assert(!read_text("{\"type\":\"end\"}\n" HEAD));
	cr_assert(!read_text(HEAD "{\"type\":\"sample\",\"case\":0}\n"));
	cr_assert(!read_text(HEAD "{\"type\":\"case\",\"case\":0}\n"));
	cr_assert(!read_text(HEAD "{\"type\":\"case\",\"case\":0,"
				  "\"bench\":\"b\",\"config\":\"\","
				  "\"metric\":\"nosuch\",\"reference\":\"a\","
				  "\"threads\":1,\"variants\":[]}\n"));
}

Test(bench_records, texts_are_texts)
{
#define MODEL(predictions, beyond)                                             \
	HEAD "{\"type\":\"model\",\"predictions\":" predictions                \
	     ",\"beyond\":" beyond "}\n"
	cr_assert(!read_text(HEAD "{\"type\":\"warning\",\"text\":5}\n"));
	cr_assert(!read_text(HEAD "{\"type\":\"warning\"}\n"));
	cr_assert(read_text(MODEL("[{\"variant\":\"a\"}]", "[]")));
	cr_assert(!read_text(MODEL("[{\"variant\":1}]", "[]")));
	cr_assert(!read_text(MODEL("[{}]", "[]")));
	cr_assert(!read_text(MODEL("[]", "[{\"threads\":2}]")));
	cr_assert(!read_text(HEAD "{\"type\":\"model\"}\n"));
}

Test(bench_records, a_run_that_was_killed_is_read_as_far_as_it_came)
{
	cr_assert(read_text(HEAD "{\"type\":\"warni"));
	cr_assert(!read_text(HEAD "{\"type\":\"warni\n" HEAD));
	cr_assert(!read_text("{\"type\":\"run"));
}

Test(bench_records, rejected_samples_are_used_only_if_there_are_too_few)
{
	struct records rc;
	struct bench_case *bc = full_case();
	struct sample *sm;
	struct summary su;
	unsigned n;

	cr_assert(records_start(&rc, NULL, head()));
	records_case(&rc, bc);
	for (n = 0; n < 2 * PAIRS_MIN; n++) {
		sm = sample_new(bc, 0);
		sm->sm_round = n;
		sm->sm_value[M_rate] = n < PAIRS_MIN ? 10 : 1000;
		sm->sm_reject = n < PAIRS_MIN ? 0 : REJECT_SWITCH;
		records_sample(&rc, sm);
	}
	analysis_summary(&rc, bc, 0, 1, &su);
	cr_assert(su.su_value.mid == 10 && !su.su_busy);
	cr_assert(su.su_taken == 2 * PAIRS_MIN && su.su_kept == PAIRS_MIN);
	rc.rc_sample[0]->sm_reject = REJECT_STEAL;
	analysis_summary(&rc, bc, 0, 1, &su);
	cr_assert(su.su_busy && su.su_value.mid > 10);
	records_free(&rc);
}

/* Tries of one round are not independent. */
Test(bench_records, a_round_is_one_pair_however_often_it_was_tried)
{
	struct records rc;
	struct bench_case *bc = full_case();
	struct sample *sm;
	double *x;
	unsigned n, v;
	size_t pairs;
	bool busy;

	cr_assert(records_start(&rc, NULL, head()));
	records_case(&rc, bc);
	/* Round 0: the reference is kept at once, the other at the third try.
	 * Round 1: both are rejected each time. */
	for (n = 0; n < 12; n++) {
		v = n % 6 >= 3;
		if (n == 1 || n == 2)
			continue;
		sm = sample_new(bc, v);
		sm->sm_round = n / 6;
		sm->sm_value[M_rate] = 10 + n;
		sm->sm_reject = n == 0 || n == 5 ? 0 : REJECT_SWITCH;
		records_sample(&rc, sm);
	}
	x = analysis_ratios(&rc, bc, 1, 0, M_rate, &pairs, &busy);
	cr_assert(busy && pairs == 2, "%zu pairs", pairs);
	cr_assert(x[0] == 15.0 / 10 && x[1] == 21.0 / 18);
	free(x);
	records_free(&rc);
}
