/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sim: the simulator, through "lwpsim speed --json": runs and choice points a
 * second, and what each oracle costs: with it alone, beside none.
 */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "process.h"

#define PATH_ROOM 4096

struct program {
	const char *name; /* for the configuration */
	const char *path; /* from the build folders on, or NULL: random ones */
};

static const struct program programs[] = {
	{ "random", NULL },
	{ "self", "../corpus/seeds/lifecycle/self.lwp" },
	{ "mix-32", "../corpus/seeds/lifecycle/mix-32.lwp" },
};

static double sim_seconds; /* of a sample */

static double
number(const json_t *o, const char *name)
{
	return json_number_value(json_object_get(o, name));
}

/* va_arg: NULL, "" for no oracle, or its name. */
static int
run_sim(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	const struct program *pg = bc->bc_arg;
	const char *oracle = va->va_arg;
	char sim[PATH_ROOM], program[PATH_ROOM], length[32], text[4096];
	char *argv[10];
	double seconds, share;
	unsigned n = 0;
	json_t *o;

	if (!process_path(sim, sizeof(sim), "speed/fuzz/lwpsim") ||
	    (pg->path != NULL &&
		!process_path(program, sizeof(program), pg->path)))
		return ENOENT;
	(void)snprintf(length, sizeof(length), "%.3f", sim_seconds);
	argv[n++] = sim;
	argv[n++] = (char *)(uintptr_t) "speed";
	argv[n++] = (char *)(uintptr_t) "--json";
	argv[n++] = (char *)(uintptr_t) "--seconds";
	argv[n++] = length;
	if (oracle != NULL)
		argv[n++] = (char *)(uintptr_t)(oracle[0] == '\0' ?
			"--no-oracles" :
			"--oracle");
	if (oracle != NULL && oracle[0] != '\0')
		argv[n++] = (char *)(uintptr_t)oracle;
	if (pg->path != NULL)
		argv[n++] = program;
	argv[n] = NULL;
	if (process_run(argv, false, text, sizeof(text)) != 0 ||
	    (o = json_loads(text, 0, NULL)) == NULL)
		return EIO;
	/* What it had of a processor; the clock counts others' time too. */
	seconds = number(o, "seconds");
	share = fmin(1, process_seconds() / seconds);
	sample_done(
	    sm, number(o, "runs_per_second") * seconds, seconds * share);
	sm->sm_value[M_ns] = number(o, "ns_per_point") * share;
	sm->sm_value[M_points] = number(o, "points_per_second") / share;
	sm->sm_value[M_points_run] = number(o, "points_per_run");
	sm->sm_value[M_switches_point] = number(o, "switches_per_point");
	json_decref(o);
	return 0;
}

/*
 * plan_oracles:
 *
 *	A variant for each that lwpsim lists: the first word of a line.
 */
static unsigned
plan_oracles(struct bench_case *bc, char *sim)
{
	char text[8192], *line, *rest = text, *name;
	unsigned count = 0;
	size_t n;

	if (process_run((char *[]) { sim, (char *)(uintptr_t) "list",
			    (char *)(uintptr_t) "oracles", NULL },
		false, text, sizeof(text)) != 0)
		return 0;
	while ((line = strsep(&rest, "\n")) != NULL) {
		n = strcspn(line, " \t");
		if (n == 0 || bc->bc_nvariant == VARIANT_MAX)
			continue;
		name = plan_keep(n + 1);
		memcpy(name, line, n);
		plan_variant(bc, name, run_sim, name);
		count++;
	}
	return count;
}

void
bench_sim(void)
{
	unsigned n, samples = 0;
	struct bench_case *bc;
	char sim[PATH_ROOM];

	if (!process_path(sim, sizeof(sim), "speed/fuzz/lwpsim")) {
		warning(
		    "sim: %s/speed/fuzz/lwpsim is not built", opt.op_binaries);
		return;
	}
	for (n = 0; n < sizeof(programs) / sizeof(programs[0]); n++) {
		bc = plan_case(M_ns, 1, "program=%s", programs[n].name);
		bc->bc_arg = &programs[n];
		bc->bc_loose = true;
		plan_variant(bc, "no oracles", run_sim, "");
		plan_again(bc);
		plan_variant(bc, "all oracles", run_sim, NULL);
		samples += 3;
		if (n == 0)
			samples += plan_oracles(bc, sim);
	}
	sim_seconds = fmin(2, fmax(0.05, opt.op_budget / samples / 3));
}
