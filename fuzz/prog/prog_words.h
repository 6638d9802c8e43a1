/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the forms of a program share: the range of everything and the name of
 * everything.  Parser, printer, decoder and mutator walk these tables, none
 * of them knows a name.  Internal to fuzz/prog.
 */

#ifndef PROG_WORDS_H
#define PROG_WORDS_H

#include <lwp/cell.h>
#include <lwp/machine.h>

#include "../../core/arch/sim/sim_name.h"
#include "prog.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* Rows of priorities, by context; see pr_rowlen. */
#define ROW_LWP	  0
#define ROW_IDLE  (ROW_LWP + PROG_BODIES + 1)
#define ROW_AGENT (ROW_IDLE + SIM_CPUS)
#define ROW_COUNT (ROW_AGENT + SIM_SOURCES - SIM_CPUS)
_Static_assert(ROW_COUNT <= PROG_ROWS, "a row for every context");

/* Names of the numbers 0 .. wd_count - 1. */
struct words {
	const char *wd_what; /* for "expected ..." */
	const char *const *wd_name;
	unsigned wd_count;
};
extern const struct words words_op;
extern const struct words words_strategy;
extern const struct words words_simop;
extern const struct words words_cell;
extern const struct words words_field;
extern const struct words words_grain;
extern const struct words words_perturbation;
extern const struct words words_runq;

/* Numbers in named stretches: "cpu 0" .. "cpu 7", "time". */
struct span {
	const char *sp_name;
	unsigned sp_base;
	unsigned sp_count; /* 1: the name alone */
};
struct spans {
	const char *ss_what;
	const struct span *ss_span;
	unsigned ss_count;
};
extern const struct spans spans_source;		    /* dv_to */
extern const struct spans spans_context;	    /* rows of priorities */
extern const struct span span_role[SIM_ROLE_COUNT]; /* dv_role, dv_who */

/* What an argument may be, and how it is written. */
struct arg_row {
	const char *ar_what;
	uint8_t ar_lo, ar_hi;
	const char *ar_zero;	       /* word for 0, or NULL */
	const char *ar_prefix;	       /* word before it; then 0 is left out */
	const struct words *ar_choice; /* names of the values, or NULL */
	const struct words *ar_flags;  /* names of the bits, or NULL */
};
extern const struct arg_row arg_table[ARG_KIND_COUNT];

/* May generators draw this operation (prog_set_groups)? */
bool op_in_groups(unsigned code);

/*
 * canon_value:
 *
 *	Any value that is out of range becomes one in range.
 */
static inline unsigned
canon_value(unsigned v, unsigned lo, unsigned hi)
{
	return v >= lo && v <= hi ? v : lo + v % (hi - lo + 1);
}

void canon_op(struct op *);
void canon_deviation(struct deviation *);
void canon_ops_order(struct prog *);

#endif /* PROG_WORDS_H */
