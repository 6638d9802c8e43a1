/* SPDX-License-Identifier: BSD-2-Clause */

/* What samples say: which are used, who is divided by whom. */

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../analysis.h"
#include "../driver.h"

static struct records rc;
static struct bench_case *bc;

/* A case of two variants whose metric is m. */
static void
begin(enum metric m)
{
	cr_assert(records_start(&rc, NULL, json_object()));
	bc = xcalloc(1, sizeof(*bc));
	(void)strcpy(bc->bc_variant[0].va_name, "reference");
	(void)strcpy(bc->bc_variant[1].va_name, "variant");
	bc->bc_nvariant = 2;
	bc->bc_metric = m;
	records_case(&rc, bc);
}

static struct sample *
add(unsigned v, unsigned round, double value, unsigned reject)
{
	struct sample *sm = sample_new(bc, v);

	sm->sm_round = round;
	sm->sm_value[bc->bc_metric] = value;
	sm->sm_reject = reject;
	records_sample(&rc, sm);
	return sm;
}

static void
end(void)
{
	records_free(&rc);
}

Test(bench_analysis, a_variant_is_known_by_its_name)
{
	begin(M_ns);
	cr_assert(analysis_variant(bc, "reference") == 0);
	cr_assert(analysis_variant(bc, "variant") == 1);
	cr_assert(analysis_variant(bc, "varian") < 0);
	end();
}

Test(bench_analysis, rejected_samples_count_only_where_few_were_kept)
{
	double *x;
	size_t n;
	bool busy;
	unsigned i;

	begin(M_ns);
	for (i = 0; i < PAIRS_MIN - 1; i++)
		(void)add(0, i, 10, 0);
	/* As few as there are, but nothing was left out. */
	x = analysis_values(&rc, bc, 0, M_ns, &n, &busy);
	cr_assert(n == PAIRS_MIN - 1 && !busy);
	free(x);
	(void)add(0, i, 1000, REJECT_STEAL);
	x = analysis_values(&rc, bc, 0, M_ns, &n, &busy);
	cr_assert(n == PAIRS_MIN && busy && x[n - 1] == 1000);
	free(x);
	(void)add(0, i + 1, 10, 0);
	x = analysis_values(&rc, bc, 0, M_ns, &n, &busy);
	cr_assert(n == PAIRS_MIN && !busy && x[n - 1] == 10);
	free(x);
	x = analysis_values(&rc, bc, 1, M_ns, &n, &busy);
	cr_assert(n == 0 && !busy);
	free(x);
	end();
}

Test(bench_analysis, only_samples_of_one_round_are_divided)
{
	double *x;
	size_t n;
	bool busy;
	unsigned i;

	begin(M_ns);
	for (i = 0; i < 8; i++) {
		/* Rounds differ by more than the variants do. */
		if (i != 6)
			(void)add(0, i, 10 << i, 0);
		(void)add(1, i, 30 << i, i == 7 ? REJECT_PING : 0);
	}
	x = analysis_ratios(&rc, bc, 1, 0, M_ns, &n, &busy);
	cr_assert(n == 6 && !busy, "%zu", n);
	for (i = 0; i < n; i++)
		cr_assert(x[i] == 3);
	free(x);
	end();
}

Test(bench_analysis, rejected_pairs_count_only_where_few_were_kept)
{
	double *x;
	size_t n;
	bool busy;
	unsigned i;

	begin(M_ns);
	for (i = 0; i < 6; i++) {
		(void)add(0, i, 10, i < 2 ? REJECT_SWITCH : 0);
		(void)add(1, i, i < 2 ? 50 : 20, 0);
	}
	x = analysis_ratios(&rc, bc, 1, 0, M_ns, &n, &busy);
	cr_assert(n == 6 && busy && x[0] == 5 && x[2] == 2);
	free(x);
	(void)add(0, 6, 10, 0);
	(void)add(1, 6, 20, 0);
	x = analysis_ratios(&rc, bc, 1, 0, M_ns, &n, &busy);
	cr_assert(n == 5 && !busy && x[0] == 2);
	free(x);
	end();
}

Test(bench_analysis, the_best_is_the_least_time_and_the_highest_rate)
{
	static const enum metric m[] = { M_ns, M_rate };
	struct summary su;
	unsigned i, k;

	for (k = 0; k < 2; k++) {
		begin(m[k]);
		for (i = 1; i <= 5; i++) {
			(void)add(0, i, 10 * i, 0);
			(void)add(1, i, 40 * i, 0);
		}
		(void)add(1, 6, m[k] == M_ns ? 1 : 1000, REJECT_STEAL);
		analysis_summary(&rc, bc, 1, 1, &su);
		cr_assert(su.su_taken == 6 && su.su_kept == 5);
		cr_assert(su.su_value.mid == 120 && su.su_ratio.mid == 4);
		cr_assert(su.su_min == (m[k] == M_ns ? 40 : 200));
		cr_assert(!su.su_busy);
		end();
	}
}

Test(bench_analysis, latency_is_that_of_kept_samples_if_there_are_any)
{
	struct sample *sm[3];
	struct hist *h;
	unsigned i;

	begin(M_rate);
	(void)add(1, 0, 1, 0);
	cr_assert(analysis_latency(&rc, bc, 1) == NULL);
	for (i = 0; i < 3; i++) {
		sm[i] = add(0, i, 1, i == 0 ? REJECT_STEAL : 0);
		sm[i]->sm_latency = xcalloc(1, sizeof(struct hist));
		hist_record(sm[i]->sm_latency, 100);
	}
	h = analysis_latency(&rc, bc, 0);
	cr_assert(h != NULL && h->hi_total == 2);
	free(h);
	sm[1]->sm_reject = sm[2]->sm_reject = REJECT_PING;
	h = analysis_latency(&rc, bc, 0);
	cr_assert(h != NULL && h->hi_total == 3);
	free(h);
	end();
}
