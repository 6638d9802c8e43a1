/* SPDX-License-Identifier: BSD-2-Clause */

/* The histogram, against sorting. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../hist.h"
#include "../stat.h"

#define VALUES 5000

static int
by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

Test(bench_hist, each_value_is_in_the_bucket_that_ends_at_or_above_it)
{
	uint64_t x = 1, v;
	unsigned n, bucket;

	for (n = 0; n < 100000; n++) {
		v = draw(&x) >> draw_below(&x, 64);
		bucket = hist_index(v);
		cr_assert(bucket < HIST_BUCKETS);
		cr_assert(hist_top(bucket) >= v);
		cr_assert(bucket == 0 || hist_top(bucket - 1) < v);
	}
	cr_assert(hist_index(UINT64_MAX) == HIST_BUCKETS - 1);
	cr_assert(hist_top(HIST_BUCKETS - 1) == UINT64_MAX);
}

Test(bench_hist, a_bucket_is_no_wider_than_one_in_32_and_exact_below_64)
{
	unsigned n;

	for (n = 0; n < 64; n++)
		cr_assert(hist_top(hist_index(n)) == n);
	for (n = 64; n < HIST_BUCKETS; n++)
		cr_assert(
		    (hist_top(n) - hist_top(n - 1)) <= hist_top(n - 1) / 31);
}

Test(bench_hist, quantiles_are_those_of_sorting)
{
	static const double quantiles[] = { 0.001, 0.25, 0.5, 0.9, 0.99, 0.999,
		1 };
	static uint64_t v[VALUES];
	static struct hist h;
	uint64_t x = 7, got, want;
	unsigned n, round, q;
	size_t rank;

	for (round = 0; round < 40; round++) {
		memset(&h, 0, sizeof(h));
		for (n = 0; n < VALUES; n++) {
			v[n] = draw(&x) >> (20 + draw_below(&x, round + 1));
			hist_record(&h, v[n]);
		}
		qsort(v, VALUES, sizeof(v[0]), by_value);
		cr_assert(h.hi_total == VALUES && h.hi_max == v[VALUES - 1]);
		for (q = 0; q < sizeof(quantiles) / sizeof(quantiles[0]); q++) {
			rank = (size_t)(quantiles[q] * VALUES + 0.999999);
			want = v[rank == 0 ? 0 : rank - 1];
			got = hist_quantile(&h, quantiles[q]);
			cr_assert(got >= want);
			cr_assert((double)got <= (double)want * 1.032 + 1);
		}
	}
}

Test(bench_hist, merging_is_recording_in_one)
{
	static struct hist a, b, all;
	uint64_t x = 3, v;
	unsigned n;

	for (n = 0; n < VALUES; n++) {
		v = draw(&x) >> draw_below(&x, 60);
		hist_record(n % 3 == 0 ? &a : &b, v);
		hist_record(&all, v);
	}
	hist_merge(&a, &b);
	cr_assert(memcmp(&a, &all, sizeof(a)) == 0);
}

Test(bench_hist, an_empty_one_has_quantiles_of_nothing)
{
	static struct hist h;

	cr_assert(hist_quantile(&h, 0.5) == 0);
}
