/* SPDX-License-Identifier: BSD-2-Clause */

#include "analysis.h"

#include <stdlib.h>
#include <string.h>

int
analysis_variant(const struct bench_case *bc, const char *name)
{
	unsigned n;

	for (n = 0; n < bc->bc_nvariant; n++) {
		if (strcmp(bc->bc_variant[n].va_name, name) == 0)
			return (int)n;
	}
	return -1;
}

static bool
is_of(const struct sample *sm, const struct bench_case *bc, unsigned v,
    enum metric m)
{
	return sm->sm_case == bc && sm->sm_variant == v &&
	    isfinite(sm->sm_value[m]);
}

static size_t
gather(const struct records *rc, const struct bench_case *bc, unsigned v,
    enum metric m, bool all, double *out)
{
	const struct sample *sm;
	size_t i, n = 0;

	for (i = 0; i < rc->rc_nsample; i++) {
		sm = rc->rc_sample[i];
		if (is_of(sm, bc, v, m) && (all || sm->sm_reject == 0))
			out[n++] = sm->sm_value[m];
	}
	return n;
}

double *
analysis_values(const struct records *rc, const struct bench_case *bc,
    unsigned v, enum metric m, size_t *n, bool *busy)
{
	double *out = xcalloc(rc->rc_nsample + 1, sizeof(*out));

	*n = gather(rc, bc, v, m, false, out);
	*busy = *n < PAIRS_MIN;
	if (*busy) {
		const size_t kept = *n;

		*n = gather(rc, bc, v, m, true, out);
		*busy = *n > kept;
	}
	return out;
}

double
analysis_median(const struct records *rc, const struct bench_case *bc,
    unsigned v, enum metric m)
{
	size_t n;
	bool busy;
	double *x = analysis_values(rc, bc, v, m, &n, &busy);
	double median = stat_median(x, n);

	free(x);
	return median;
}

/*
 * pairs:
 *
 *	Samples are in the order of rounds, so the partner is near.
 */
static size_t
pairs(const struct records *rc, const struct bench_case *bc, unsigned v,
    unsigned to, enum metric m, bool all, double *out)
{
	double *by_round = xcalloc(rc->rc_nsample + 1, sizeof(*by_round));
	const struct sample *sm;
	size_t i, n = 0;
	unsigned top = 0;

	for (i = 0; i < rc->rc_nsample; i++) {
		sm = rc->rc_sample[i];
		if (is_of(sm, bc, to, m) && sm->sm_round <= rc->rc_nsample &&
		    (all || sm->sm_reject == 0)) {
			by_round[sm->sm_round] = sm->sm_value[m];
			top = sm->sm_round > top ? sm->sm_round : top;
		}
	}
	for (i = 0; i < rc->rc_nsample; i++) {
		sm = rc->rc_sample[i];
		if (is_of(sm, bc, v, m) && sm->sm_round <= top &&
		    (all || sm->sm_reject == 0) && by_round[sm->sm_round] != 0)
			out[n++] = sm->sm_value[m] / by_round[sm->sm_round];
	}
	free(by_round);
	return n;
}

double *
analysis_ratios(const struct records *rc, const struct bench_case *bc,
    unsigned v, unsigned to, enum metric m, size_t *n, bool *busy)
{
	double *out = xcalloc(rc->rc_nsample + 1, sizeof(*out));

	*n = pairs(rc, bc, v, to, m, false, out);
	*busy = *n < PAIRS_MIN;
	if (*busy) {
		const size_t kept = *n;

		*n = pairs(rc, bc, v, to, m, true, out);
		*busy = *n > kept;
	}
	return out;
}

static double
least(const struct records *rc, const struct bench_case *bc, unsigned v,
    enum metric m, double quantile)
{
	size_t n;
	bool busy;
	double *x = analysis_values(rc, bc, v, m, &n, &busy);
	double r = stat_quantile(x, n, quantile);

	free(x);
	return r;
}

void
analysis_summary(const struct records *rc, const struct bench_case *bc,
    unsigned v, uint64_t seed, struct summary *su)
{
	const enum metric m = bc->bc_metric;
	/* The best of each, whichever way is better. */
	const double best = metrics[m].better > 0 ? 1 : 0;
	bool busy, busy2;
	size_t i, n;
	double *x;

	memset(su, 0, sizeof(*su));
	for (i = 0; i < rc->rc_nsample; i++) {
		if (!is_of(rc->rc_sample[i], bc, v, m))
			continue;
		su->su_taken++;
		su->su_kept += rc->rc_sample[i]->sm_reject == 0;
	}
	x = analysis_values(rc, bc, v, m, &n, &busy);
	su->su_value = stat_bootstrap(x, n, seed);
	su->su_min = stat_quantile(x, n, best);
	free(x);
	x = analysis_ratios(rc, bc, v, bc->bc_reference, m, &n, &busy2);
	su->su_ratio = stat_bootstrap(x, n, seed + 1);
	su->su_pairs = (unsigned)n;
	free(x);
	su->su_minratio = su->su_min / least(rc, bc, bc->bc_reference, m, best);
	su->su_busy = busy || busy2;
}

struct hist *
analysis_latency(
    const struct records *rc, const struct bench_case *bc, unsigned v)
{
	struct hist *all = NULL;
	const struct sample *sm;
	unsigned pass;
	size_t i;

	/* The kept ones, or all if there is none. */
	for (pass = 0; pass < 2 && all == NULL; pass++) {
		for (i = 0; i < rc->rc_nsample; i++) {
			sm = rc->rc_sample[i];
			if (sm->sm_case != bc || sm->sm_variant != v ||
			    sm->sm_latency == NULL ||
			    (pass == 0 && sm->sm_reject != 0))
				continue;
			if (all == NULL)
				all = xcalloc(1, sizeof(*all));
			hist_merge(all, sm->sm_latency);
		}
	}
	return all;
}

uint64_t
analysis_seed(const struct records *rc)
{
	return (uint64_t)json_integer_value(
	    json_object_get(rc->rc_head, "seed"));
}
