/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * fuzz: executions a second under libFuzzer, beside the empty target of the
 * same preset in the same round.  A target runs twice, for few inputs and for
 * many; the difference is what the inputs took, without the start, in time of
 * the processor, which others on the host do not lengthen much.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "process.h"

#define PATH_ROOM 4096
#define RUNS_FEW  200ul
#define TRIES	  4

static const char *const presets[] = { "fuzz", "asan" };

/* What runs, on which program, and how often next time. */
struct target {
	const char *preset, *name, *program;
	unsigned long runs;
};

static double fuzz_seconds; /* of a sample */

/*
 * fuzz_input:
 *
 *	The program as bytes, alone in a folder.
 */
static bool
fuzz_input(const struct target *ta, const char *folder)
{
	char sim[PATH_ROOM], program[PATH_ROOM], out[PATH_ROOM + 16];
	char name[PATH_ROOM], text[512];

	(void)snprintf(name, sizeof(name), "%s/fuzz/lwpsim", ta->preset);
	if (!process_path(sim, sizeof(sim), name))
		return false;
	(void)snprintf(name, sizeof(name), "../corpus/seeds/lifecycle/%s.lwp",
	    ta->program);
	if (!process_path(program, sizeof(program), name))
		return false;
	(void)snprintf(out, sizeof(out), "%s/%s", folder, ta->program);
	return process_run(
		   (char *[]) { sim, (char *)(uintptr_t) "conv",
		       (char *)(uintptr_t) "--to", (char *)(uintptr_t) "bytes",
		       (char *)(uintptr_t) "-o", out, program, NULL },
		   true, text, sizeof(text)) == 0;
}

static double
fuzz_timed(const struct target *ta, const char *folder, unsigned long runs)
{
	char path[PATH_ROOM], name[128], count[48], text[512];
	char prefix[PATH_ROOM + 32];

	(void)snprintf(
	    name, sizeof(name), "%s/fuzz/fuzz_%s", ta->preset, ta->name);
	(void)snprintf(count, sizeof(count), "-runs=%lu", runs);
	(void)snprintf(prefix, sizeof(prefix), "-artifact_prefix=%s/", folder);
	if (!process_path(path, sizeof(path), name))
		return NAN;
	if (process_run((char *[]) { path, count, prefix,
			    (char *)(uintptr_t)folder, NULL },
		true, text, sizeof(text)) != 0)
		return NAN;
	return process_seconds();
}

static int
run_target(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	struct target *ta = (struct target *)(uintptr_t)va->va_arg;
	char folder[PATH_ROOM];
	double few = NAN, took = NAN;
	unsigned try;
	int error = 0;

	(void)bc;
	if (!process_temporary(folder, sizeof(folder)))
		return EIO;
	if (fuzz_input(ta, folder))
		few = fuzz_timed(ta, folder, RUNS_FEW);
	/* Until there are enough of them. */
	for (try = 0; try < TRIES && !(took > fuzz_seconds / 2); try++) {
		took = fuzz_timed(ta, folder, RUNS_FEW + ta->runs) - few;
		if (!isfinite(took)) {
			error = EIO;
			break;
		}
		sample_done(sm, (double)ta->runs, fmax(took, 1e-6));
		ta->runs = (unsigned long)fmin(1e8,
		    fmax(1000,
			(double)ta->runs * fuzz_seconds / fmax(took, 0.002)));
	}
	process_remove(folder);
	return error;
}

static struct target *
target_keep(const char *preset, const char *name, const char *program)
{
	struct target *ta = plan_keep(sizeof(*ta));

	*ta = (struct target) { preset, name, program, 10000 };
	return ta;
}

void
bench_fuzz(void)
{
	char path[PATH_ROOM], name[128];
	struct bench_case *bc;
	unsigned n;

	/* One round more than a gate asks for. */
	fuzz_seconds = fmin(3, fmax(0.05, opt.op_budget / 8 / (PAIRS_MIN + 1)));
	for (n = 0; n < sizeof(presets) / sizeof(presets[0]); n++) {
		const char *preset = presets[n];

		(void)snprintf(
		    name, sizeof(name), "%s/fuzz/fuzz_empty", preset);
		if (!process_path(path, sizeof(path), name)) {
			warning(
			    "fuzz: %s/%s is not built", opt.op_binaries, name);
			continue;
		}
		bc = plan_case(M_rate, 1, "preset=%s", preset);
		bc->bc_loose = true;
		plan_variant(bc, "empty target", run_target,
		    target_keep(preset, "empty", "self"));
		plan_again(bc);
		bc->bc_variant[1].va_arg = target_keep(preset, "empty", "self");
		plan_variant(bc, "self, 143 points", run_target,
		    target_keep(preset, "fixed", "self"));
		plan_variant(bc, "mix-32, 1193 points", run_target,
		    target_keep(preset, "fixed", "mix-32"));
	}
}
