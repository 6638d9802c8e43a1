/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Small changes of a canonical program that keep the rest of it in step:
 * what mutators, the minimiser and the parser are made of.  Internal to
 * fuzz/prog.
 */

#ifndef PROG_EDIT_H
#define PROG_EDIT_H

#include "prog_words.h"

/*
 * Operations, by index in pr_ops.  The deviations of the body move with its
 * operations; those of a removed one are removed.
 */
bool edit_op_insert(struct prog *, unsigned at, const struct op *);
void edit_op_remove(struct prog *, unsigned at);
/* edit_body: where a body's operations stand: the first; how many. */
unsigned edit_body(const struct prog *, unsigned body, unsigned *count);
/* edit_bodies: bit b - 1: body b has operations or is created. */
uint64_t edit_bodies(const struct prog *);
/* edit_rename: body b becomes to[b] wherever it is named; to[] maps 1 ..
 * PROG_BODIES one to one. */
void edit_rename(struct prog *, const uint8_t to[PROG_BODIES + 1]);

/* Priorities of a row. */
unsigned edit_row(const struct prog *, unsigned row);
bool edit_row_insert(
    struct prog *, unsigned row, unsigned at, const uint8_t *, unsigned n);
void edit_row_remove(struct prog *, unsigned row, unsigned at, unsigned n);

/* Deviations. */
bool edit_deviation_insert(
    struct prog *, unsigned at, const struct deviation *);
void edit_deviation_remove(struct prog *, unsigned at, unsigned n);

/* Lists: anything of which stretches can be taken away. */
struct edit_list {
	unsigned (*el_count)(const struct prog *);
	void (*el_remove)(struct prog *, unsigned at, unsigned n);
};
extern const struct edit_list edit_ops, edit_prios, edit_deviations;

#endif /* PROG_EDIT_H */
