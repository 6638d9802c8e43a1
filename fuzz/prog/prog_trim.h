/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Trimming: taking away what an engine does not see the effect of, in steps
 * that the engine runs and judges.
 */

#ifndef PROG_TRIM_H
#define PROG_TRIM_H

#include "prog_edit.h"

#define TRIM_STEPS 96 /* runs that one input may cost */

struct trim {
	struct prog tr_best; /* smallest that the engine accepted */
	struct prog tr_try;  /* the candidate */
	unsigned tr_list;    /* what is taken away now ... */
	unsigned tr_size;    /* ... so many at a time; 0: list not begun ... */
	unsigned tr_end;     /* ... before this one */
	unsigned tr_step;
};

/* trim_begin: 0 if nothing can go, else TRIM_STEPS: a bound on the steps. */
unsigned trim_begin(struct trim *, const uint8_t *, size_t);

/* trim_next: the bytes of the candidate. */
size_t trim_next(struct trim *, uint8_t *, size_t max);

/* trim_result: did the candidate cover the same?  Returns the step reached;
 * TRIM_STEPS: that was all. */
unsigned trim_result(struct trim *, bool same);

#endif /* PROG_TRIM_H */
