/* SPDX-License-Identifier: BSD-2-Clause */

/* The rounds: who is first, and what is rejected. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "../driver.h"

#define VARIANTS 5
#define ROUNDS	 (4 * VARIANTS)

static unsigned taken;
static double ping_before, ping_after;

/* Until there were enough of them. */
static int
run(const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	(void)va;
	if (taken == ROUNDS * bc->bc_nvariant)
		return ECANCELED;
	sm->sm_value[M_ping_before] = ping_before;
	sm->sm_value[M_ping_after] = ping_after;
	sample_done(sm, 1, 1);
	taken++;
	return 0;
}

static void
rounds(struct records *rc, unsigned variants)
{
	struct bench_case *bc;
	unsigned n;

	taken = 0;
	cr_assert(records_start(rc, NULL, json_object()));
	plan.pl_bench = "made";
	bc = plan_case(M_ns, 1, "up=1");
	/* No steal that happens to be now. */
	bc->bc_loose = true;
	for (n = 0; n < variants; n++)
		plan_variant(bc, "made", run, NULL);
	/* It ends when nobody can go on, long before that. */
	rota_run(rc, 100, 0);
	plan_clear();
}

Test(bench_rota, each_variant_is_first_as_often_and_follows_no_other_always)
{
	unsigned n, v, before, first[VARIANTS] = { 0 };
	unsigned follows[VARIANTS][VARIANTS] = { { 0 } };
	struct records rc;

	ping_before = ping_after = NAN;
	rounds(&rc, VARIANTS);
	cr_assert(rc.rc_nsample == ROUNDS * VARIANTS);
	for (n = 0; n < rc.rc_nsample; n++) {
		v = rc.rc_sample[n]->sm_variant;
		cr_assert(rc.rc_sample[n]->sm_round == n / VARIANTS);
		first[v] += n % VARIANTS == 0;
		if (n % VARIANTS == 0)
			continue;
		before = rc.rc_sample[n - 1]->sm_variant;
		follows[before][v]++;
	}
	for (v = 0; v < VARIANTS; v++) {
		cr_assert(first[v] == ROUNDS / VARIANTS);
		cr_assert(follows[(v + VARIANTS - 1) % VARIANTS][v] ==
		    follows[(v + 1) % VARIANTS][v]);
	}
	records_free(&rc);
}

static unsigned
judged(double before, double after)
{
	struct records rc;
	unsigned reject;

	ping_before = before;
	ping_after = after;
	rounds(&rc, 1);
	reject = rc.rc_sample[0]->sm_reject;
	records_free(&rc);
	return reject;
}

Test(bench_rota, a_sample_is_rejected_if_a_line_was_half_as_fast_or_never_came)
{
	cr_assert(judged(100, 140) == 0);
	cr_assert(judged(100, 160) == REJECT_PING);
	cr_assert(judged(160, 100) == REJECT_PING);
	cr_assert(judged(100, NAN) == REJECT_PING);
	cr_assert(judged(NAN, 100) == REJECT_PING);
	cr_assert(judged(NAN, NAN) == 0);
}

Test(bench_rota, a_case_that_had_twice_its_share_leaves_the_rest_to_others)
{
	struct bench_case *bc[2];
	struct records rc;
	unsigned n;

	taken = 0;
	ping_before = ping_after = NAN;
	cr_assert(records_start(&rc, NULL, json_object()));
	plan.pl_bench = "made";
	for (n = 0; n < 2; n++) {
		bc[n] = plan_case(M_ns, 1, "up=%u", n);
		bc[n]->bc_loose = true;
		plan_variant(bc[n], "made", run, NULL);
	}
	bc[0]->bc_spent = 99;
	bc[1]->bc_spent = 101; /* of 100 s for two */
	rota_run(&rc, 100, 0);
	cr_assert_eq(rc.rc_nsample, ROUNDS);
	for (n = 0; n < rc.rc_nsample; n++)
		cr_expect(rc.rc_sample[n]->sm_case == bc[0]);
	plan_clear();
	records_free(&rc);
}
