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
	(void)strcpy(bc->bc_config, "threads=2 every=0 section=50 outside=200");
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

/*
 * Each kind of row holds, fails, and says so where the samples do not tell.
 * The rows used here are the table's own.
 */
static struct records rc;

/* made: a case of this benchmark; variants are named up to NULL. */
static struct bench_case *
made(const char *bench, const char *config, const char *const *name)
{
	struct bench_case *bc = xcalloc(1, sizeof(*bc));

	(void)strcpy(bc->bc_bench, bench);
	(void)strcpy(bc->bc_config, config);
	for (; *name != NULL; name++)
		(void)strcpy(bc->bc_variant[bc->bc_nvariant++].va_name, *name);
	bc->bc_metric = M_ns;
	records_case(&rc, bc);
	return bc;
}

static struct sample *
add(struct bench_case *bc, unsigned v, unsigned round, enum metric m,
    double value)
{
	struct sample *sm = sample_new(bc, v);

	sm->sm_round = round;
	sm->sm_value[m] = value;
	records_sample(&rc, sm);
	return sm;
}

/*
 * judged:
 *
 *	So many rows fail; a line that is printed begins and goes on like this.
 */
static void
judged(unsigned failed, const char *begins, const char *has)
{
	const unsigned n = judge(&rc);
	const char *line = said, *end, *at;
	bool found = false;

	for (; !found && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		at = strstr(line, has);
		found = strncmp(line, begins, strlen(begins)) == 0 &&
		    at != NULL && at < end;
	}
	cr_assert(n == failed, "%u fail", n);
	cr_assert(found, "no line \"%s...%s\" in %s", begins, has, said);
	records_free(&rc);
}

static const char *const find_names[] = { "lwp_find", "list walk", NULL };

/* Times of a look-up, kept or not, and the walk so much longer. */
static void
found(double ns, double spread, unsigned reject, double longer)
{
	struct bench_case *bc = made(
	    "scale", "op=find live=100000", find_names);
	unsigned i;
	double x;

	for (i = 0; i < 9; i++) {
		x = ns + (i % 3) * spread;
		add(bc, 0, i, M_ns, x)->sm_reject = reject;
		add(bc, 1, i, M_ns, x * longer)->sm_reject = reject;
	}
}

Test(bench_gate, a_median_holds_up_to_its_limit)
{
	start(&rc);
	found(29, 0.5, 0, 2000);
	judged(0, "holds", "look up");
}

Test(bench_gate, a_median_fails_if_all_of_its_interval_is_past_the_limit)
{
	start(&rc);
	found(31, 0.5, 0, 2000);
	judged(1, "FAILED", "look up");
}

Test(bench_gate, an_interval_over_the_limit_decides_nothing)
{
	start(&rc);
	found(10, 20, 0, 2000); /* 10, 30, 50 */
	judged(0, "underpowered", "look up");
}

Test(bench_gate, disturbed_samples_decide_nothing)
{
	start(&rc);
	found(31, 0.5, REJECT_STEAL, 2000);
	judged(0, "disturbed", "look up");
}

Test(bench_gate, a_ratio_is_that_of_pairs)
{
	start(&rc);
	found(10, 1, 0, 999);
	judged(1, "FAILED", "walk of the list");
}

Test(bench_gate, a_ratio_with_no_upper_limit_has_none)
{
	start(&rc);
	found(10, 1, 0, 1e6);
	judged(0, "holds", "walk of the list");
}

static void
solo(double best)
{
	static const char *const names[] = { "ck_fas", "lwp_lock, inlined",
		NULL };
	struct bench_case *bc = made("lock", "threads=1 uncontended=1", names);
	unsigned i;

	/* One undisturbed moment is what counts. */
	for (i = 0; i < 9; i++) {
		(void)add(bc, 0, i, M_ns, i == 4 ? 10 : 20);
		(void)add(bc, 1, i, M_ns, i == 7 ? best : 90);
	}
}

Test(bench_gate, best_to_best_holds)
{
	start(&rc);
	solo(10.4);
	judged(0, "holds", "ck_spinlock_fas");
}

Test(bench_gate, best_to_best_fails)
{
	start(&rc);
	solo(10.6);
	judged(1, "FAILED", "ck_spinlock_fas");
}

static void
zombies(double small, double big)
{
	static const char *const names[] = { "lwp", NULL };
	struct bench_case *few = made("scale", "op=wait live=1000", names);
	struct bench_case *many = made("scale", "op=wait live=100000", names);
	unsigned i;

	for (i = 0; i < 6; i++) {
		(void)add(few, 0, i, M_ns, small + i);
		(void)add(many, 0, i, M_ns, big + i);
	}
}

Test(bench_gate, growth_is_to_the_case_that_is_named)
{
	start(&rc);
	zombies(100, 299);
	judged(0, "holds", "zombies");
}

Test(bench_gate, growth_fails)
{
	start(&rc);
	zombies(100, 301);
	judged(1, "FAILED", "zombies");
}

/* Retries for each move, to who waited in the same sample. */
static void
moved(double law)
{
	static const char *const names[] = { "retry/mcs", NULL };
	struct bench_case *bc = made("lock",
	    "threads=2 lwps=1 mutexes=2 every=8 by=lockers move=unlock_to "
	    "section=50 outside=0 place=policy",
	    names);
	struct sample *sm;
	unsigned i;

	for (i = 0; i < 9; i++) {
		sm = add(bc, 0, i, M_waiters, 1 + i);
		sm->sm_value[M_retries_per_move] = law * (1 + i);
	}
	/* Nobody waited: nothing to divide by. */
	add(bc, 0, i, M_waiters, 0)->sm_value[M_retries_per_move] = 5;
}

Test(bench_gate, the_law_holds)
{
	start(&rc);
	moved(1.02);
	judged(0, "holds", "in a queue");
}

Test(bench_gate, the_law_has_a_lower_limit_too)
{
	start(&rc);
	moved(0.96);
	judged(1, "FAILED", "in a queue");
}

Test(bench_gate, words_of_a_configuration_are_whole)
{
	cr_assert(config_has("op=find live=100000", "live=100000"));
	cr_assert(config_has("op=find live=100000", "live=100000 op=find"));
	cr_assert(config_has("op=find live=100000", ""));
	cr_assert(!config_has("op=find live=100000", "live=1000"));
	cr_assert(!config_has("op=find live=100000", "op=find live=10"));
	cr_assert(!config_has("op=find live=100000", "find"));
}
