/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Counting what a path executes by single-stepping it: instructions, and the
 * atomic read-modify-writes among them, of the program as it was compiled.
 */

#ifndef STEP_H
#define STEP_H

#include <stdbool.h>
#include <stdint.h>

struct step_counts {
	uint64_t sc_instructions;
	uint64_t sc_atomics; /* locked, and exchanges with memory */
};

/* step_available: on this processor, in this build (no sanitizer). */
bool step_available(void);

/* step_begin, step_end: count in between; on one host thread, whatever stacks
 * it switches between. */
void step_begin(void);
void step_end(void);

/* step_round: a round begins; from the second on it ends one, whose counts are
 * kept if they are the least so far.  Inside step_begin() and step_end(). */
void step_round(void);

/* step_least: the round that executed least. */
struct step_counts step_least(void);

#endif /* STEP_H */
