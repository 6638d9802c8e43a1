/* SPDX-License-Identifier: BSD-2-Clause */

#include "stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

const char *const verdict_name[] = { "better", "worse", "same",
	"underpowered" };

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *
sorted(const double *v, size_t n)
{
	double *s = xcalloc(n + 1, sizeof(*s));

	memcpy(s, v, n * sizeof(*s));
	qsort(s, n, sizeof(*s), by_value);
	return s;
}

/*
 * quantile_sorted:
 *
 *	Between two neighbours in proportion.
 */
static double
quantile_sorted(const double *s, size_t n, double q)
{
	const double at = q * (double)(n - 1);
	const size_t low = (size_t)at;

	if (n == 0)
		return NAN;
	if (low + 1 >= n)
		return s[n - 1];
	return s[low] + (at - (double)low) * (s[low + 1] - s[low]);
}

double
stat_quantile(const double *v, size_t n, double q)
{
	double *s, r;

	if (n == 0)
		return NAN;
	s = sorted(v, n);
	r = quantile_sorted(s, n, q);
	free(s);
	return r;
}

double
stat_median(const double *v, size_t n)
{
	return stat_quantile(v, n, 0.5);
}

/*
 * resample:
 *
 *	The median of n draws with replacement.
 */
static double
resample(const double *v, double *room, size_t n, uint64_t *x)
{
	size_t i;

	for (i = 0; i < n; i++)
		room[i] = v[draw_below(x, (uint32_t)n)];
	qsort(room, n, sizeof(*room), by_value);
	return quantile_sorted(room, n, 0.5);
}

static struct interval
interval_of(double *medians, double mid)
{
	struct interval in = { .mid = mid };

	qsort(medians, BOOTSTRAPS, sizeof(*medians), by_value);
	in.lo = quantile_sorted(medians, BOOTSTRAPS, 0.025);
	in.hi = quantile_sorted(medians, BOOTSTRAPS, 0.975);
	return in;
}

struct interval
stat_bootstrap(const double *v, size_t n, uint64_t seed)
{
	double medians[BOOTSTRAPS], *room;
	unsigned i;

	if (n == 0)
		return (struct interval) { NAN, NAN, NAN };
	room = xcalloc(n, sizeof(*room));
	for (i = 0; i < BOOTSTRAPS; i++)
		medians[i] = resample(v, room, n, &seed);
	free(room);
	return interval_of(medians, stat_median(v, n));
}

struct interval
stat_compare(
    const double *a, size_t na, const double *b, size_t nb, uint64_t seed)
{
	double medians[BOOTSTRAPS], *room;
	unsigned i;

	if (na == 0 || nb == 0)
		return (struct interval) { NAN, NAN, NAN };
	room = xcalloc(na > nb ? na : nb, sizeof(*room));
	for (i = 0; i < BOOTSTRAPS; i++) {
		medians[i] = resample(b, room, nb, &seed);
		medians[i] /= resample(a, room, na, &seed);
	}
	free(room);
	return interval_of(medians, stat_median(b, nb) / stat_median(a, na));
}

double
stat_jain(const double *v, size_t n)
{
	double sum = 0, squares = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		sum += v[i];
		squares += v[i] * v[i];
	}
	return squares == 0 ? NAN : sum * sum / ((double)n * squares);
}

double
stat_rmslog(const double *a, const double *b, size_t n)
{
	double sum = 0, e;
	size_t i;

	for (i = 0; i < n; i++) {
		e = log(a[i] / b[i]);
		sum += e * e;
	}
	return n == 0 ? NAN : exp(sqrt(sum / (double)n)) - 1;
}

enum verdict
stat_verdict(struct interval in, double margin, int better)
{
	const double up = 1 + margin, down = 1 / (1 + margin);

	if (in.lo > up)
		return better < 0 ? VERDICT_worse : VERDICT_better;
	if (in.hi < down)
		return better < 0 ? VERDICT_better : VERDICT_worse;
	if (in.lo >= down && in.hi <= up)
		return VERDICT_same;
	return VERDICT_underpowered;
}
