/* SPDX-License-Identifier: BSD-2-Clause */

/* The summary. */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"

static const struct transition_row {
	uint8_t from, to;
	const char *name;
} transitions[] = {
#define TRANSITION(from, to, by, psmutex) { from, to, #from " " #to },
#include <lwp/transition.def>
#undef TRANSITION
};

#define NTRANSITIONS (sizeof(transitions) / sizeof(transitions[0]))

static const struct {
	const char *name, *what;
} tallies[TALLY_COUNT] = {
#define TALLY(name, what) { #name, what },
#include "tally.def"
#undef TALLY
};

struct figure {
	const char *name, *what;
	uint64_t value;
};

static uint64_t
transition_count(const struct host_stats *hs, unsigned n)
{
	return hs->hs_transition[transitions[n].from][transitions[n].to];
}

static void
report_text(const struct figure *f, size_t n, const struct host_stats *hs)
{
	unsigned i, reached = 0;

	for (i = 0; i < n; i++)
		(void)printf(
		    "%14llu  %s\n", (unsigned long long)f[i].value, f[i].what);
	if (!LWP_CHECKED) {
		(void)printf("without assertions the core counts nothing\n");
		return;
	}
	for (i = 0; i < NTRANSITIONS; i++)
		reached += transition_count(hs, i) != 0;
	(void)printf(
	    "%11u/%-2zu  legal transitions reached", reached, NTRANSITIONS);
	for (i = 0; i < NTRANSITIONS; i++) {
		if (transition_count(hs, i) == 0)
			(void)printf("%s %s", reached != 0 ? "; not" : ",",
			    transitions[i].name);
	}
	(void)printf("\n");
}

static void
report_json(const struct figure *f, size_t n, const struct host_stats *hs,
    double seconds)
{
	json_t *root = json_object(), *tr = json_object();
	unsigned i;

	(void)json_object_set_new(root, "seconds", json_real(seconds));
	(void)json_object_set_new(
	    root, "seed", json_integer((json_int_t)stress.st_seed));
	(void)json_object_set_new(root, "verdict",
	    json_string(stress_failed() ? stress_failure() : "pass"));
	for (i = 0; i < n; i++)
		(void)json_object_set_new(
		    root, f[i].name, json_integer((json_int_t)f[i].value));
	for (i = 0; i < NTRANSITIONS && LWP_CHECKED; i++)
		(void)json_object_set_new(tr, transitions[i].name,
		    json_integer((json_int_t)transition_count(hs, i)));
	(void)json_object_set_new(root, "transitions", tr);
	(void)json_dumpf(root, stdout, JSON_INDENT(2));
	(void)printf("\n");
	json_decref(root);
}

/*
 * report_core:
 *
 *	What the core counts, in a build that does.
 */
static size_t
report_core(struct figure *f, const struct host_stats *hs)
{
	size_t n = 0;

	f[n++] = (struct figure) { "locks", "lock acquisitions",
		hs->hs_event[EV_LOCK] };
	f[n++] = (struct figure) { "created", "LWPs created",
		hs->hs_event[EV_LINK] };
	f[n++] = (struct figure) { "reaped", "LWPs reaped",
		hs->hs_event[EV_UNLINK] };
	f[n++] = (struct figure) { "retries",
		"locks taken whose pointer had moved",
		hs->hs_probe[PROBE_LOCK_RETRY] };
	f[n++] = (struct figure) { "late",
		"timeouts that met a wake-up under way",
		hs->hs_probe[PROBE_TIMEOUT_LATE] };
	f[n++] = (struct figure) { "switches", "switches",
		hs->hs_event[EV_SWITCH] };
	return n;
}

void
driver_report(bool json, double seconds)
{
	const struct host_stats *hs = stress_totals();
	struct figure f[TALLY_COUNT + 8];
	size_t n = 0;

	for (; n < TALLY_COUNT; n++)
		f[n] = (struct figure) { tallies[n].name, tallies[n].what,
			stress_total((enum tally)n) };
	if (LWP_CHECKED)
		n += report_core(f + n, hs);
	f[n++] = (struct figure) { "grace", "grace periods", hs->hs_grace };
	f[n++] = (struct figure) { "yields", "slices that spinners gave away",
		hs->hs_yields };
	if (json)
		report_json(f, n, hs, seconds);
	else
		report_text(f, n, hs);
	if (stress_failed())
		(void)fprintf(
		    json ? stderr : stdout, "FAILED: %s\n", stress_failure());
	(void)fflush(stdout);
}
