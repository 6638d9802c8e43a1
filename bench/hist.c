/* SPDX-License-Identifier: BSD-2-Clause */

#include "hist.h"

#include <math.h>

uint64_t
hist_top(unsigned bucket)
{
	const unsigned sub = bucket & ((1u << HIST_BITS) - 1);
	unsigned shift = bucket >> HIST_BITS;

	if (shift == 0)
		return bucket;
	shift--;
	return (((uint64_t)sub + (1u << HIST_BITS) + 1) << shift) - 1;
}

void
hist_merge(struct hist *into, const struct hist *h)
{
	unsigned n;

	for (n = 0; n < HIST_BUCKETS; n++)
		into->hi_bucket[n] += h->hi_bucket[n];
	into->hi_total += h->hi_total;
	if (h->hi_max > into->hi_max)
		into->hi_max = h->hi_max;
}

uint64_t
hist_quantile(const struct hist *h, double q)
{
	const uint64_t rank = (uint64_t)ceil(q * (double)h->hi_total);
	uint64_t seen = 0;
	unsigned n;

	for (n = 0; n < HIST_BUCKETS; n++) {
		seen += h->hi_bucket[n];
		if (seen != 0 && seen >= rank)
			return hist_top(n) < h->hi_max ? hist_top(n) :
							 h->hi_max;
	}
	return h->hi_max;
}
