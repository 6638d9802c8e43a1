/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the fuzz targets share.
 *
 * A finding does not end the process: each new signature is written once, as a
 * minimised .lwp file that replays it, to the folder that LWP_FINDINGS names,
 * and the run goes on, so that one known bug does not hide the next.  Totals
 * are kept in the file that LWP_STATS names, as JSON.
 */

#ifndef TARGET_H
#define TARGET_H

#include "../run/run.h"

/* What the engines call; each target defines the first. */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int LLVMFuzzerInitialize(int *, char ***);
size_t LLVMFuzzerCustomMutator(uint8_t *, size_t, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *, size_t, const uint8_t *,
    size_t, uint8_t *, size_t max, unsigned seed);

/* A target's name, and the groups of operations that its mutator draws from;
 * NULL: all. */
extern const char target_name[];
extern const char *const target_groups;

/* target_run: decode and run; a finding is noted. */
void target_run(const uint8_t *, size_t, struct verdict *);

/* target_found: note a signature; the program, if there is one, is written.
 * True if it is new. */
bool target_found(
    const char *signature, const char *detail, const struct prog *);

/* target_findings: signatures so far. */
unsigned target_findings(void);

/* target_count: one more execution begins, for targets that run no program;
 * such a target calls engine_done() (engine.h) at the end of each. */
void target_count(void);

/* Mutator and cross-over that keep programs well formed (target_mutate.c). */
size_t target_mutate(uint8_t *, size_t, size_t max, unsigned seed);
size_t target_cross(const uint8_t *, size_t, const uint8_t *, size_t, uint8_t *,
    size_t max, unsigned seed);

#define TARGET_PROGRAM(name, groups)                                           \
	const char target_name[] = name;                                       \
	const char *const target_groups = groups;                              \
	size_t LLVMFuzzerCustomMutator(                                        \
	    uint8_t *data, size_t size, size_t max, unsigned seed)             \
	{                                                                      \
		return target_mutate(data, size, max, seed);                   \
	}                                                                      \
	size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t an,          \
	    const uint8_t *b, size_t bn, uint8_t *out, size_t max,             \
	    unsigned seed)                                                     \
	{                                                                      \
		return target_cross(a, an, b, bn, out, max, seed);             \
	}

#endif /* TARGET_H */
