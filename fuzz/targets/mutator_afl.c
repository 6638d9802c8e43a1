/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A target's mutator as a library for AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY).
 *
 * All that it does follows from AFL's seed and the inputs that it is given.
 * Buffers that it hands out are its own and are good until the next call.
 *
 * Trimming is done on the program (prog_trim.c), where taking something away
 * leaves the rest in step; AFL's own cuts bytes out and only shifts records.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../prog/prog_draw.h"
#include "../prog/prog_trim.h"
#include "target.h"

#define CROSS_ONE_IN 8 /* mutations that begin with a cross-over */

struct mutator {
	struct draw mu_draw;
	bool mu_crossed; /* what the last input was made by */
	struct trim mu_trim;
	uint8_t mu_out[PROG_BYTES_MAX];
	char mu_what[32];
};

/* What AFL looks up by name. */
void *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(void *);
size_t afl_custom_fuzz(void *, uint8_t *, size_t, uint8_t **out, uint8_t *other,
    size_t othersize, size_t max);
const char *afl_custom_describe(void *, size_t max);
int32_t afl_custom_init_trim(void *, uint8_t *, size_t);
size_t afl_custom_trim(void *, uint8_t **out);
int32_t afl_custom_post_trim(void *, unsigned char success);

void *
afl_custom_init(void *afl, unsigned seed)
{
	struct mutator *mu = calloc(1, sizeof(*mu));

	(void)afl;
	if (mu == NULL)
		return NULL;
	prog_set_groups(TARGET_GROUPS);
	mu->mu_draw.dr_state = seed;
	return mu;
}

void
afl_custom_deinit(void *data)
{
	free(data);
}

size_t
afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out,
    uint8_t *other, size_t othersize, size_t max)
{
	struct mutator *mu = data;
	unsigned seed = (unsigned)draw_next(&mu->mu_draw);

	if (max > sizeof(mu->mu_out))
		max = sizeof(mu->mu_out);
	mu->mu_crossed = other != NULL &&
	    draw_one_in(&mu->mu_draw, CROSS_ONE_IN);
	*out = mu->mu_out;
	if (mu->mu_crossed)
		return target_cross(
		    buf, size, other, othersize, mu->mu_out, max, seed);
	if (size > max)
		size = max;
	memcpy(mu->mu_out, buf, size);
	return target_mutate(mu->mu_out, size, max, seed);
}

/*
 * afl_custom_describe:
 *
 *	For the name of a file in the queue.
 */
const char *
afl_custom_describe(void *data, size_t max)
{
	struct mutator *mu = data;

	(void)snprintf(mu->mu_what,
	    max < sizeof(mu->mu_what) ? max : sizeof(mu->mu_what), "%s",
	    mu->mu_crossed ? "program-cross" : "program-mutate");
	return mu->mu_what;
}

/*
 * The three of a trim: how many steps there are; the next candidate; whether
 * AFL saw the same coverage, and the step reached.
 */

int32_t
afl_custom_init_trim(void *data, uint8_t *buf, size_t size)
{
	struct mutator *mu = data;

	return (int32_t)trim_begin(&mu->mu_trim, buf, size);
}

size_t
afl_custom_trim(void *data, uint8_t **out)
{
	struct mutator *mu = data;

	*out = mu->mu_out;
	return trim_next(&mu->mu_trim, mu->mu_out, sizeof(mu->mu_out));
}

int32_t
afl_custom_post_trim(void *data, unsigned char success)
{
	struct mutator *mu = data;

	return (int32_t)trim_result(&mu->mu_trim, success != 0);
}
