/* SPDX-License-Identifier: BSD-2-Clause */

/* Statistics. */

#include <criterion/criterion.h>
#include <math.h>

#include "../stat.h"

#define N 40

static double
near(uint64_t *x, double mid, double spread)
{
	return mid * (1 + spread * (draw_below(x, 2001) / 1000.0 - 1));
}

Test(bench_stat, median_and_quantiles)
{
	const double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 2, 3 };

	cr_assert(stat_median(odd, 3) == 3);
	cr_assert(stat_median(even, 4) == 2.5);
	cr_assert(stat_quantile(even, 4, 0) == 1);
	cr_assert(stat_quantile(even, 4, 1) == 4);
	cr_assert(isnan(stat_median(odd, 0)));
}

Test(bench_stat, the_interval_holds_the_median_and_repeats_with_its_seed)
{
	double v[N];
	uint64_t x = 1;
	struct interval a, b;
	unsigned n;

	for (n = 0; n < N; n++)
		v[n] = near(&x, 100, 0.2);
	a = stat_bootstrap(v, N, 5);
	b = stat_bootstrap(v, N, 5);
	cr_assert(a.lo <= a.mid && a.mid <= a.hi);
	cr_assert(a.lo == b.lo && a.hi == b.hi);
	cr_assert(a.lo > 80 && a.hi < 120);
}

/* Of many experiments about 95 in 100 intervals hold the true median. */
Test(bench_stat, the_interval_covers_what_it_says)
{
	double v[N];
	uint64_t x = 2;
	unsigned n, round, covered = 0;
	struct interval in;

	for (round = 0; round < 200; round++) {
		for (n = 0; n < N; n++)
			v[n] = near(&x, 100, 0.5);
		in = stat_bootstrap(v, N, round);
		covered += in.lo <= 100 && in.hi >= 100;
	}
	cr_assert(covered >= 178 && covered < 200, "%u of 200", covered);
}

Test(bench_stat, jain_is_one_for_equal_shares_and_1_of_n_for_one_taker)
{
	const double equal[] = { 3, 3, 3, 3 }, one[] = { 0, 7, 0, 0 };

	cr_assert(stat_jain(equal, 4) == 1);
	cr_assert(stat_jain(one, 4) == 0.25);
	cr_assert(isnan(stat_jain(one, 1)));
}

Test(bench_stat, a_factor_of_two_everywhere_is_an_error_of_100_per_cent)
{
	const double a[] = { 2, 4, 8 }, b[] = { 1, 8, 4 };

	cr_assert_float_eq(stat_rmslog(a, b, 3), 1, 1e-9);
	cr_assert(stat_rmslog(a, a, 3) == 0);
}

Test(bench_stat, verdicts)
{
	const struct interval up = { 1.1, 1.2, 1.3 }, down = { 0.7, 0.8, 0.9 };
	const struct interval tight = { 0.99, 1, 1.02 };
	const struct interval wide = { 0.8, 1.1, 1.4 };

	cr_assert(stat_verdict(up, 0.05, -1) == VERDICT_worse);
	cr_assert(stat_verdict(up, 0.05, 1) == VERDICT_better);
	cr_assert(stat_verdict(down, 0.05, -1) == VERDICT_better);
	cr_assert(stat_verdict(down, 0.05, 1) == VERDICT_worse);
	cr_assert(stat_verdict(tight, 0.05, 1) == VERDICT_same);
	cr_assert(stat_verdict(wide, 0.05, 1) == VERDICT_underpowered);
	/* Past 1 but not past the margin is not known yet. */
	cr_assert(stat_verdict(up, 0.15, 1) == VERDICT_underpowered);
}

Test(bench_stat, a_comparison_is_median_to_median)
{
	const double a[] = { 1, 2, 9 }, b[] = { 3, 6, 60, 1 };
	struct interval in = stat_compare(a, 3, b, 4, 1);

	cr_assert(in.mid == 4.5 / 2);
	cr_assert(in.lo < in.mid && in.mid < in.hi);
	cr_assert(isnan(stat_compare(a, 3, b, 0, 1).mid));
	in = stat_compare(a + 1, 1, b + 1, 1, 1);
	cr_assert(in.lo == 3 && in.hi == 3);
}

Test(bench_stat, a_limit_belongs_to_both_sides_of_it)
{
	const double up = 1.05, down = 1 / 1.05;

	cr_assert(stat_verdict((struct interval) { down, 1, up }, 0.05, -1) ==
	    VERDICT_same);
	cr_assert(stat_verdict((struct interval) { up, 1.1, 1.2 }, 0.05, -1) ==
	    VERDICT_underpowered);
	cr_assert(stat_verdict((struct interval) { 1.06, 1.1, 1.2 }, 0.05,
		      -1) == VERDICT_worse);
	cr_assert(stat_verdict((struct interval) { 1.06, 1.1, 1.2 }, 0.05, 1) ==
	    VERDICT_better);
}

Test(bench_stat, nobody_had_a_share)
{
	const double none[] = { 0, 0 }, one[] = { 7, 0 };

	cr_assert(isnan(stat_jain(none, 2)));
	cr_assert(stat_jain(one, 2) == 0.5);
}
