/* SPDX-License-Identifier: BSD-2-Clause */

/* What the samples of a case say. */

#ifndef ANALYSIS_H
#define ANALYSIS_H

#include "records.h"
#include "stat.h"

#define PAIRS_MIN 5 /* fewer kept ones, and the rejected ones are used too */

struct summary {
	unsigned su_taken, su_kept;
	bool su_busy;		  /* rejected samples had to be used */
	struct interval su_value; /* of the metric of the case */
	double su_min;		  /* the best, whichever way is better */
	struct interval su_ratio; /* to the reference, by pairs of a round */
};

/*
 * analysis_values:
 *
 *	A metric of the samples of a variant, to be freed: those that were
 *	kept, or all if fewer than PAIRS_MIN were (*busy).
 */
double *analysis_values(const struct records *, const struct bench_case *,
    unsigned variant, enum metric, size_t *n, bool *busy);

/* analysis_median: of that, NAN if there are none. */
double analysis_median(const struct records *, const struct bench_case *,
    unsigned variant, enum metric);

/* analysis_ratios: of variant to another one, by rounds; to be freed. */
double *analysis_ratios(const struct records *, const struct bench_case *,
    unsigned variant, unsigned to, enum metric, size_t *n, bool *busy);

void analysis_summary(const struct records *, const struct bench_case *,
    unsigned variant, uint64_t seed, struct summary *);

/* analysis_variant: by name, or -1. */
int analysis_variant(const struct bench_case *, const char *name);

/* analysis_latency: all kept samples of a variant together, or NULL. */
struct hist *analysis_latency(
    const struct records *, const struct bench_case *, unsigned variant);

/* analysis_seed: the seed of the run.  analysis_processors: how many it might
 * use; as many as you like if the records do not say. */
uint64_t analysis_seed(const struct records *);
unsigned analysis_processors(const struct records *);

#endif /* ANALYSIS_H */
