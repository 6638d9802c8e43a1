/* SPDX-License-Identifier: BSD-2-Clause */

/* Statistics.  Arrays are not changed; an empty one gives NAN. */

#ifndef STAT_H
#define STAT_H

#include <stddef.h>
#include <stdint.h>

#define BOOTSTRAPS 2000 /* resamples an interval is taken from */

struct interval {
	double lo, mid, hi;
};

/* A generator of our own: the same figures from the same seed anywhere. */
static inline uint64_t
draw(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}
/* draw_below: 0 .. n-1, n below 2^32. */
static inline uint32_t
draw_below(uint64_t *x, uint32_t n)
{
	return (uint32_t)(((draw(x) >> 32) * n) >> 32);
}

double stat_median(const double *, size_t n);
double stat_quantile(const double *, size_t n, double q);

/* stat_bootstrap: median, and the 95 % interval of it, by resampling. */
struct interval stat_bootstrap(const double *, size_t n, uint64_t seed);

/* stat_compare: median of b over median of a, and its 95 % interval; the two
 * are resampled each by itself. */
struct interval stat_compare(
    const double *a, size_t na, const double *b, size_t nb, uint64_t seed);

/* stat_jain: fairness of shares, 1/n to 1. */
double stat_jain(const double *, size_t n);

/* stat_rmslog: exp of the root mean square of log(a/b), less 1: 0.15 means that
 * one is typically 15 % off the other. */
double stat_rmslog(const double *a, const double *b, size_t n);

/* What a comparison comes to. */
enum verdict {
	VERDICT_better,
	VERDICT_worse,
	VERDICT_same,
	VERDICT_underpowered
};
extern const char *const verdict_name[];

/*
 * stat_verdict:
 *
 *	Of the interval of new over old, with a margin that nobody cares about:
 *	wholly past it on one side; wholly within it; or not known.  better is
 *	-1 if less is better, else 1.
 */
enum verdict stat_verdict(struct interval, double margin, int better);

#endif /* STAT_H */
