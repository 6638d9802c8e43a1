/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * AFL++.
 *
 * It knows no extra counters, only a map with a byte for each guard that the
 * instrumentation asked for.  So the feedback map is SIM_COUNTERS guards of
 * our own, asked for in one piece: they stand side by side in AFL's map, and
 * the simulator writes there at no cost.  Nothing has to be folded: AFL sorts
 * a byte's value into the same eight buckets as libFuzzer does.  Some 8 000
 * bytes more to scan cost it about a microsecond, and passing an input to the
 * target and back costs it thirty and more.
 *
 * The target runs in children of a fork server, which come and go, so what
 * was ever covered is kept in memory that they share.
 *
 * This file is compiled without AFL's instrumentation, which would rename
 * __afl_area_ptr.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../run/run.h"
#include "engine.h"

/* Of AFL's runtime: the map, and who hands out places in it. */
extern uint8_t *__afl_area_ptr;
extern uint32_t __afl_final_loc; /* the last place handed out */
void __sanitizer_cov_trace_pc_guard_init(uint32_t *, uint32_t *);

/* The guards of the core's edges; the runtime numbers them in one piece. */
extern uint32_t edges[] __asm__("__start___sancov_guards")
    __attribute__((weak));
extern uint32_t edges_end[] __asm__("__stop___sancov_guards")
    __attribute__((weak));

static uint32_t guards[SIM_COUNTERS];

/* Buckets ever seen, a bit each, for every byte of the map. */
static uint8_t *seen;

static void __attribute__((constructor)) guards_ask(void)
{
	__sanitizer_cov_trace_pc_guard_init(guards, guards + SIM_COUNTERS);
}

void
engine_init(void)
{
	if (guards[SIM_COUNTERS - 1] - guards[0] != SIM_COUNTERS - 1 ||
	    guards[0] == 0) {
		(void)fprintf(stderr,
		    "lwp: AFL++ did not number the guards in one piece; is "
		    "AFL_INST_RATIO set?\n");
		exit(2);
	}
	seen = mmap(NULL, __afl_final_loc + 1, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED) {
		(void)fprintf(stderr, "lwp: no memory\n");
		exit(2);
	}
}

uint8_t *
engine_counters(void)
{
	return __afl_area_ptr + guards[0];
}

/*
 * engine_live:
 *
 *	The first bytes of the map are AFL's own.
 */
void
engine_live(void)
{
	const uint32_t first = &edges[0] != &edges_end[0] &&
		edges[0] < guards[0] ?
	    edges[0] :
	    guards[0];

	memset(__afl_area_ptr + first, 0, __afl_final_loc + 1 - first);
}

void
engine_ran(void)
{
	/* AFL does not pay by the edge: it is told all of it. */
}

/*
 * bucket:
 *
 *	As AFL sorts a byte: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255.
 */
static uint8_t
bucket(uint8_t n)
{
	if (n < 4)
		return (uint8_t)(1u << n >> 1);
	if (n < 32)
		return n < 8 ? 8 : n < 16 ? 16 : 32;
	return n < 128 ? 64 : 128;
}

void
engine_done(void)
{
	const uint32_t last = __afl_final_loc;
	uint32_t i, k;
	uint64_t eight;

	/* Most of the map is 0: eight bytes at a time. */
	for (i = 0; i + 8 <= last + 1; i += 8) {
		memcpy(&eight, __afl_area_ptr + i, 8);
		for (k = i; eight != 0; k++, eight >>= 8)
			seen[k] |= bucket((uint8_t)eight);
	}
	for (; i <= last; i++)
		seen[i] |= bucket(__afl_area_ptr[i]);
}

void
engine_figures(unsigned *edges_covered, unsigned *features)
{
	uint32_t i;

	*edges_covered = 0;
	*features = 0;
	for (i = 1; i <= __afl_final_loc; i++) {
		*features += (unsigned)__builtin_popcount(seen[i]);
		*edges_covered += seen[i] != 0 &&
		    (i < guards[0] || i > guards[SIM_COUNTERS - 1]);
	}
}
