/* SPDX-License-Identifier: BSD-2-Clause */

/* Gates, judged on records that are made up. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <lwp/config.h>

#include "../analysis.h"
#include "../driver.h"
#include "../place.h"

static char said[65536];

/* judge: gate_all(), and what it prints. */
static unsigned
judge(const struct records *rc)
{
	FILE *out = tmpfile();
	const int keep = dup(STDOUT_FILENO);
	unsigned failed;
	size_t n;

	(void)fflush(stdout);
	(void)dup2(fileno(out), STDOUT_FILENO);
	failed = gate_all(rc);
	(void)fflush(stdout);
	(void)dup2(keep, STDOUT_FILENO);
	(void)close(keep);
	rewind(out);
	n = fread(said, 1, sizeof(said) - 1, out);
	said[n] = '\0';
	(void)fclose(out);
	return failed;
}

static unsigned
count(const char *word)
{
	const char *s = said;
	unsigned n;

	for (n = 0; (s = strstr(s, word)) != NULL; n++)
		s += strlen(word);
	return n;
}

static void
start(struct records *rc)
{
	cr_assert(records_start(rc, NULL,
	    json_pack(
		"{s:s,s:i,s:i}", "type", "run", "seed", 1, "processors", 2)));
}

static void
fill(struct records *rc, const struct bench_case *bc, unsigned v, double value,
    unsigned rounds, unsigned reject)
{
	struct sample *sm;
	unsigned n, m;

	for (n = 0; n < rounds; n++) {
		sm = sample_new(bc, v);
		sm->sm_round = n;
		sm->sm_reject = reject;
		for (m = 0; m < METRIC_COUNT; m++)
			sm->sm_value[m] = value;
		records_sample(rc, sm);
	}
}

/* A name that changed in a benchmark must not take its gate away. */
Test(bench_gate, each_gate_is_about_something_that_is_planned)
{
	struct records rc;
	unsigned n, v;

	cr_assert(place_init("compact"));
	opt.op_threads[0] = 1;
	opt.op_threads[1] = 2;
	opt.op_nthreads = 2;
	plan.pl_bench = "lock";
	bench_lock();
	plan.pl_bench = "lifecycle";
	bench_lifecycle();
	plan.pl_bench = "scale";
	bench_scale();
	start(&rc);
	for (n = 0; n < plan.pl_ncase; n++) {
		records_case(&rc, plan.pl_case[n]);
		for (v = 0; v < plan.pl_case[n]->bc_nvariant; v++)
			fill(&rc, plan.pl_case[n], v, 1, 1, 0);
	}
	(void)judge(&rc);
	/* fuzz is not in it; with checks lwp_lock cannot be inlined there. */
	cr_assert(count("not measured") == (LWP_CHECKED ? 4 : 2), "%s", said);
	plan_clear();
	records_free(&rc);
	place_fini();
}

/* partial: the default at half the rate of the loop of 1.54. */
static unsigned
partial(unsigned threads, unsigned rounds, unsigned reject)
{
	struct records rc;
	struct bench_case *bc = xcalloc(1, sizeof(*bc));
	unsigned failed;

	(void)strcpy(bc->bc_bench, "lock");
	(void)strcpy(bc->bc_config, "every=0 section=50 outside=200");
	(void)strcpy(bc->bc_variant[0].va_name, "retry/ttas");
	(void)strcpy(bc->bc_variant[1].va_name, "backoff/ttas");
	bc->bc_metric = M_rate;
	bc->bc_threads = threads;
	bc->bc_nvariant = 2;
	start(&rc);
	records_case(&rc, bc);
	fill(&rc, bc, 0, 2, rounds, reject);
	fill(&rc, bc, 1, 1, rounds, 0);
	failed = judge(&rc);
	records_free(&rc);
	return failed;
}

Test(bench_gate, half_the_rate_fails)
{
	cr_assert(partial(2, PAIRS_MIN, 0) == 1);
	cr_assert(count("FAILED") == 1);
}

Test(bench_gate, a_handful_of_rounds_fails_nothing)
{
	cr_assert(partial(2, PAIRS_MIN - 1, 0) == 0);
	cr_assert(count("underpowered") == 1);
}

/* The reference counts too, not the variant alone. */
Test(bench_gate, a_reference_that_was_disturbed_fails_nothing)
{
	cr_assert(partial(2, PAIRS_MIN, REJECT_SWITCH) == 0);
	cr_assert(count("disturbed") == 1);
}

Test(bench_gate, more_threads_than_processors_are_not_judged)
{
	cr_assert(partial(3, PAIRS_MIN, 0) == 0);
	cr_assert(count("FAILED") == 0);
}
