/* SPDX-License-Identifier: BSD-2-Clause */

/* Mutating and crossing inputs of targets that are programs. */

#include "target.h"

size_t
target_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static struct prog pr;

	prog_decode(&pr, data, size);
	prog_mutate(&pr, seed);
	return prog_encode(&pr, data, max);
}

size_t
target_cross(const uint8_t *a, size_t an, const uint8_t *b, size_t bn,
    uint8_t *out, size_t max, unsigned seed)
{
	static struct prog pa, pb, po;

	prog_decode(&pa, a, an);
	prog_decode(&pb, b, bn);
	prog_cross(&po, &pa, &pb, seed);
	return prog_encode(&po, out, max);
}
