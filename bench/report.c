/* SPDX-License-Identifier: BSD-2-Clause */

/* The table on the terminal: a block a case, a line a variant. */

#include <stdio.h>
#include <string.h>

#include "analysis.h"
#include "driver.h"
#include "model.h"

/* report_number: four digits and a prefix. */
static const char *
report_number(double x, char *room, size_t size)
{
	static const struct {
		double from;
		const char *prefix;
	} scale[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 0, "" } };
	unsigned n = 0;

	if (!isfinite(x))
		return "-";
	while (fabs(x) < scale[n].from)
		n++;
	if (scale[n].from > 0)
		x /= scale[n].from;
	(void)snprintf(room, size, "%.*f%s", fabs(x) < 10 ? 2 : fabs(x) < 100,
	    x, scale[n].prefix);
	return room;
}

/*
 * report_details:
 *
 *	The other figures of a variant that was measured, as medians.
 */
static void
report_details(
    const struct records *rc, const struct bench_case *bc, unsigned v)
{
	char room[32];
	double x;
	unsigned m;

	for (m = 0; m < METRIC_COUNT; m++) {
		if (m == bc->bc_metric || !metrics[m].shown)
			continue;
		x = analysis_median(rc, bc, v, (enum metric)m);
		if (isfinite(x))
			(void)printf("  %s %s", metrics[m].name,
			    report_number(x, room, sizeof(room)));
	}
}

/* report_predicted: what the model says, if it was asked. */
static void
report_predicted(
    const struct records *rc, const struct bench_case *bc, unsigned v)
{
	const json_t *po;
	char room[32];
	size_t n;

	json_array_foreach(json_object_get(rc->rc_model, "predictions"), n, po)
	{
		if (json_integer_value(json_object_get(po, "case")) ==
			bc->bc_number &&
		    strcmp(json_string_value(json_object_get(po, "variant")),
			bc->bc_variant[v].va_name) == 0)
			(void)printf("  model %s%s",
			    report_number(json_number_value(
					      json_object_get(po, "predicted")),
				room, sizeof(room)),
			    json_is_true(json_object_get(po, "fitted")) ?
				"" :
				" (not fitted)");
	}
}

static void
report_variant(
    const struct records *rc, const struct bench_case *bc, unsigned v)
{
	struct summary su;
	char value[32], best[32], ratio[48] = "";

	analysis_summary(rc, bc, v, analysis_seed(rc), &su);
	if (su.su_taken == 0) {
		(void)printf(
		    "  %-24s not measured\n", bc->bc_variant[v].va_name);
		return;
	}
	if (v != bc->bc_reference)
		(void)snprintf(ratio, sizeof(ratio), "%6.3f [%.3f, %.3f]",
		    su.su_ratio.mid, su.su_ratio.lo, su.su_ratio.hi);
	(void)printf("  %-24s %9s %9s  %-24s %3u/%-3u%s",
	    bc->bc_variant[v].va_name,
	    report_number(su.su_value.mid, value, sizeof(value)),
	    report_number(su.su_min, best, sizeof(best)), ratio, su.su_kept,
	    su.su_taken, su.su_busy ? "!" : " ");
	report_details(rc, bc, v);
	report_predicted(rc, bc, v);
	(void)printf("\n");
}

void
report_table(const struct records *rc)
{
	const struct bench_case *bc;
	unsigned n, v;

	for (n = 0; n < rc->rc_ncase; n++) {
		bc = rc->rc_case[n];
		(void)printf("\n%s %s: %s%s\n  %-24s %9s %9s  %-24s %s\n",
		    bc->bc_bench, bc->bc_config, metrics[bc->bc_metric].what,
		    bc->bc_threads > analysis_processors(rc) ?
			" (over-subscribed)" :
			"",
		    "", metrics[bc->bc_metric].unit, "best",
		    "ratio to the first, 95 %", "kept");
		for (v = 0; v < bc->bc_nvariant; v++)
			report_variant(rc, bc, v);
	}
	if (rc->rc_model != NULL)
		model_print(rc->rc_model);
	(void)printf("\n\"!\": fewer than %d undisturbed samples; the rejected "
		     "ones had to be used\n",
	    PAIRS_MIN);
}

int
verb_report(int argc, const char **argv)
{
	struct records rc;
	int error = 0;

	if (argc != 2 || argv[1][0] == '-')
		return trouble("usage: lwpbench report FILE");
	if (records_read(&rc, argv[1]))
		report_table(&rc);
	else
		error = 2;
	records_free(&rc);
	return error;
}
