/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Limits: each kind of row of gate.def holds, fails, and says so where the
 * samples do not tell.  The rows used here are the table's own.
 */

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../analysis.h"
#include "../driver.h"

static struct records rc;

static void
begin(void)
{
	cr_redirect_stdout();
	cr_assert(records_start(
	    &rc, NULL, json_pack("{s:s,s:i}", "type", "run", "seed", 1)));
}

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
	char line[512];
	bool said = false;
	const unsigned n = gate_all(&rc);
	FILE *f;

	(void)fflush(stdout);
	f = cr_get_redirected_stdout();
	while (!said && fgets(line, sizeof(line), f) != NULL)
		said = strncmp(line, begins, strlen(begins)) == 0 &&
		    strstr(line, has) != NULL;
	cr_assert(n == failed, "%u fail", n);
	cr_assert(said, "no line \"%s...%s\"", begins, has);
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
	begin();
	found(29, 0.5, 0, 2000);
	judged(0, "holds", "look up");
}

Test(bench_gate, a_median_fails_if_all_of_its_interval_is_past_the_limit)
{
	begin();
	found(31, 0.5, 0, 2000);
	judged(1, "FAILED", "look up");
}

Test(bench_gate, an_interval_over_the_limit_decides_nothing)
{
	begin();
	found(10, 20, 0, 2000); /* 10, 30, 50 */
	judged(0, "underpowered", "look up");
}

Test(bench_gate, disturbed_samples_decide_nothing)
{
	begin();
	found(31, 0.5, REJECT_STEAL, 2000);
	judged(0, "disturbed", "look up");
}

Test(bench_gate, a_ratio_is_that_of_pairs)
{
	begin();
	found(10, 1, 0, 999);
	judged(1, "FAILED", "walk of the list");
}

Test(bench_gate, a_ratio_with_no_upper_limit_has_none)
{
	begin();
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
	begin();
	solo(10.4);
	judged(0, "holds", "ck_spinlock_fas");
}

Test(bench_gate, best_to_best_fails)
{
	begin();
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
	begin();
	zombies(100, 299);
	judged(0, "holds", "zombies");
}

Test(bench_gate, growth_fails)
{
	begin();
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
	begin();
	moved(1.02);
	judged(0, "holds", "in a queue");
}

Test(bench_gate, the_law_has_a_lower_limit_too)
{
	begin();
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
