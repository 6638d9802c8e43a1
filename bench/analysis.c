/* SPDX-License-Identifier: BSD-2-Clause */

#include "analysis.h"

#include <limits.h>
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
is_of(const struct sample *sm, unsigned v, enum metric m)
{
	return sm->sm_variant == v && isfinite(sm->sm_value[m]);
}

static size_t
gather(const struct records *rc, const struct bench_case *bc, unsigned v,
    enum metric m, bool all, double *out)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	const struct sample *sm;
	size_t i, n = 0;

	for (i = 0; i < sl->sl_n; i++) {
		sm = sl->sl_sample[i];
		if (is_of(sm, v, m) && (all || sm->sm_reject == 0))
			out[n++] = sm->sm_value[m];
	}
	return n;
}

double *
analysis_values(const struct records *rc, const struct bench_case *bc,
    unsigned v, enum metric m, size_t *n, bool *busy)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	double *out = xcalloc(sl->sl_n + 1, sizeof(*out));

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
 * by_round:
 *
 *	One value for each round, NAN where there is none: the sample that was
 *	kept, else with "all" the last that was rejected.  Tries of one round
 *	are not independent; the interval is one over rounds.
 */
static double *
by_round(const struct records *rc, const struct bench_case *bc, unsigned v,
    enum metric m, bool all)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	double *out = xcalloc(sl->sl_n + 1, sizeof(*out));
	bool *kept = xcalloc(sl->sl_n + 1, sizeof(*kept));
	const struct sample *sm;
	size_t i;

	for (i = 0; i <= sl->sl_n; i++)
		out[i] = NAN;
	for (i = 0; i < sl->sl_n; i++) {
		sm = sl->sl_sample[i];
		if (!is_of(sm, v, m) || sm->sm_round > sl->sl_n ||
		    kept[sm->sm_round] || (!all && sm->sm_reject != 0))
			continue;
		out[sm->sm_round] = sm->sm_value[m];
		kept[sm->sm_round] = sm->sm_reject == 0;
	}
	free(kept);
	return out;
}

static size_t
pairs(const struct records *rc, const struct bench_case *bc, unsigned v,
    unsigned to, enum metric m, bool all, double *out)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	double *a = by_round(rc, bc, to, m, all);
	double *b = by_round(rc, bc, v, m, all);
	size_t i, n = 0;

	for (i = 0; i <= sl->sl_n; i++) {
		if (isfinite(a[i]) && isfinite(b[i]) && a[i] != 0)
			out[n++] = b[i] / a[i];
	}
	free(a);
	free(b);
	return n;
}

double *
analysis_ratios(const struct records *rc, const struct bench_case *bc,
    unsigned v, unsigned to, enum metric m, size_t *n, bool *busy)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	double *out = xcalloc(sl->sl_n + 1, sizeof(*out));

	*n = pairs(rc, bc, v, to, m, false, out);
	*busy = *n < PAIRS_MIN;
	if (*busy) {
		const size_t kept = *n;

		*n = pairs(rc, bc, v, to, m, true, out);
		*busy = *n > kept;
	}
	return out;
}

void
analysis_summary(const struct records *rc, const struct bench_case *bc,
    unsigned v, uint64_t seed, struct summary *su)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	const enum metric m = bc->bc_metric;
	/* The best of each, whichever way is better. */
	const double best = metrics[m].better > 0 ? 1 : 0;
	bool busy, busy2;
	size_t i, n;
	double *x;

	memset(su, 0, sizeof(*su));
	for (i = 0; i < sl->sl_n; i++) {
		if (!is_of(sl->sl_sample[i], v, m))
			continue;
		su->su_taken++;
		su->su_kept += sl->sl_sample[i]->sm_reject == 0;
	}
	x = analysis_values(rc, bc, v, m, &n, &busy);
	su->su_value = stat_bootstrap(x, n, seed);
	su->su_min = stat_quantile(x, n, best);
	free(x);
	x = analysis_ratios(rc, bc, v, bc->bc_reference, m, &n, &busy2);
	su->su_ratio = stat_bootstrap(x, n, seed + 1);
	free(x);
	su->su_busy = busy || busy2;
}

struct hist *
analysis_latency(
    const struct records *rc, const struct bench_case *bc, unsigned v)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	struct hist *all = NULL;
	const struct sample *sm;
	unsigned pass;
	size_t i;

	/* The kept ones, or all if there is none. */
	for (pass = 0; pass < 2 && all == NULL; pass++) {
		for (i = 0; i < sl->sl_n; i++) {
			sm = sl->sl_sample[i];
			if (sm->sm_variant != v || sm->sm_latency == NULL ||
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

unsigned
analysis_processors(const struct records *rc)
{
	const json_t *o = json_object_get(rc->rc_head, "processors");

	return json_is_integer(o) ? (unsigned)json_integer_value(o) : UINT_MAX;
}
