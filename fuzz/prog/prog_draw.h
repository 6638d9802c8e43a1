/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Drawing parts of programs at random: shared by the generator and the
 * mutators.  Internal to fuzz/prog.
 */

#ifndef PROG_DRAW_H
#define PROG_DRAW_H

#include "prog_edit.h"

/* Splitmix64: any seed will do, also 0 and small ones. */
struct draw {
	uint64_t dr_state;
};

static inline uint64_t
draw_next(struct draw *dr)
{
	uint64_t z = dr->dr_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* draw_below: 0 .. n - 1; n > 0. */
static inline unsigned
draw_below(struct draw *dr, unsigned n)
{
	return (unsigned)((draw_next(dr) >> 32) * n >> 32);
}

/* draw_one_in: true once in n times. */
static inline bool
draw_one_in(struct draw *dr, unsigned n)
{
	return draw_below(dr, n) == 0;
}

unsigned draw_bit(struct draw *, uint64_t set); /* number of a set bit */
unsigned draw_body(struct draw *, uint64_t bodies);
uint8_t draw_arg(struct draw *, enum arg_kind, uint64_t bodies, unsigned self);
void draw_args(struct draw *, struct op *, uint64_t bodies);
void draw_op(struct draw *, struct op *, uint64_t bodies, unsigned self);
uint8_t draw_prio(struct draw *);
unsigned draw_row(struct draw *, const struct prog *);
unsigned draw_small(struct draw *, unsigned max); /* 1 .. max, mostly low */

#endif /* PROG_DRAW_H */
