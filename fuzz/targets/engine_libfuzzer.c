/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * libFuzzer, and no engine at all (replay_NAME).
 *
 * The engine pays some 20 ns for each edge that a run covers, which is more
 * than a choice point costs, so it is told only what differs from the run of
 * the empty program: no news is lost, since the empty program is in every
 * corpus.
 */

#include <stdlib.h>
#include <string.h>

#include "../run/run.h"
#include "engine.h"

#ifdef TARGET_ENGINE
/* The engine's own main() leaks a string, so leaks are looked for by the tests
 * under AddressSanitizer, not here; ASAN_OPTIONS has the last word. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

/* libFuzzer takes this section for coverage, and clears it before a run. */
static uint8_t counters[SIM_COUNTERS]
    __attribute__((section("__libfuzzer_extra_counters")));

/* The compiler's counters of the core's edges, where it keeps any. */
extern uint8_t edges[] __asm__("__start___sancov_cntrs") __attribute__((weak));
extern uint8_t edges_end[] __asm__("__stop___sancov_cntrs")
    __attribute__((weak));

/* What the empty program covers, in the order of the counters above. */
static uint8_t *baseline;

void
engine_init(void)
{
	static struct prog empty;
	const size_t n = (size_t)(edges_end - edges);
	struct run_options opt;
	struct verdict vd;

	baseline = calloc(n + 1, 1);
	if (baseline == NULL) {
		(void)fprintf(stderr, "lwp: no memory\n");
		exit(2);
	}
	prog_init(&empty);
	run_options_init(&opt);
	opt.ro_live = engine_live;
	run(&empty, &opt, &vd);
	if (n != 0)
		memcpy(baseline, edges, n);
}

uint8_t *
engine_counters(void)
{
	return counters;
}

void
engine_live(void)
{
	if (&edges[0] != &edges_end[0])
		memset(edges, 0, (size_t)(edges_end - edges));
}

/*
 * engine_ran:
 *
 *	Some ten thousand bytes after each run, of which few are set: eight at
 *	a time, and where an eight is as it was in the empty program, it goes.
 *	Not by AddressSanitizer, which would look at each: the compiler's
 *	section ends where the loop does.
 */
__attribute__((no_sanitize("address", "undefined"))) void
engine_ran(void)
{
	const size_t n = (size_t)(edges_end - edges);
	uint64_t eight, base;
	size_t i, k;

	for (i = 0; i + 8 <= n; i += 8) {
		__builtin_memcpy(&eight, edges + i, 8);
		if (eight == 0)
			continue;
		__builtin_memcpy(&base, baseline + i, 8);
		if (eight != base) {
			for (k = i; k < i + 8; k++)
				edges[k] = edges[k] == baseline[k] ? 0 :
								     edges[k];
			continue;
		}
		eight = 0;
		__builtin_memcpy(edges + i, &eight, 8);
	}
	for (; i < n; i++)
		edges[i] = edges[i] == baseline[i] ? 0 : edges[i];
}

void
engine_done(void)
{
	/* The engine looks for itself. */
}

void
engine_figures(unsigned *edges_covered, unsigned *features)
{
	*edges_covered = 0;
	*features = 0;
}
