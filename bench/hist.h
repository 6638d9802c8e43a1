/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A log-linear histogram: 32 buckets for each power of two, so that a value is
 * known to 3.2 %, and exactly below 64.  Recording touches one counter; one
 * thread records, others merge after it has stopped.
 */

#ifndef HIST_H
#define HIST_H

#include <stdint.h>

#define HIST_BITS    5
#define HIST_BUCKETS ((64 - HIST_BITS + 1) << HIST_BITS)

struct hist {
	uint64_t hi_total;
	uint64_t hi_max; /* exact; 0 if empty */
	uint64_t hi_bucket[HIST_BUCKETS];
};

static inline unsigned
hist_index(uint64_t v)
{
	unsigned shift;

	if (v < 1u << HIST_BITS)
		return (unsigned)v;
	shift = 63 - (unsigned)__builtin_clzll(v) - HIST_BITS;
	return ((shift + 1) << HIST_BITS) +
	    (unsigned)((v >> shift) & ((1u << HIST_BITS) - 1));
}

static inline void
hist_record(struct hist *h, uint64_t v)
{
	h->hi_bucket[hist_index(v)]++;
	h->hi_total++;
	if (v > h->hi_max)
		h->hi_max = v;
}

/* hist_top: the greatest value of a bucket. */
uint64_t hist_top(unsigned bucket);

void hist_merge(struct hist *into, const struct hist *);

/* hist_quantile: at least q of what was recorded is not above the result, which
 * is at most 3.2 % more than the least such value.  0 if empty. */
uint64_t hist_quantile(const struct hist *, double q);

#endif /* HIST_H */
