/* SPDX-License-Identifier: BSD-2-Clause */

/* The page: what ran, on what, and every figure as a number. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

static void
page_fact(FILE *page, const char *name, const json_t *v)
{
	char *text;

	if (v == NULL)
		return;
	(void)fprintf(page, "<tr><th>%s</th><td>", name);
	if (json_is_string(v))
		page_text(page, json_string_value(v));
	else if ((text = json_dumps(
		      v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(4))) != NULL) {
		page_text(page, text);
		free(text);
	}
	(void)fprintf(page, "</td></tr>\n");
}

void
page_head(FILE *page, const struct records *rc)
{
	static const char *const facts[] = { "time", "commit", "compiler",
		"flags", "assertions", "seed", "topology", "processors", "pin",
		"ghz", "host" };
	const json_t *warning;
	size_t n;

	(void)fprintf(page,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
	    "charset=\"utf-8\">\n<title>lwpbench</title>\n<style>\n"
	    "body { font: 15px/1.45 sans-serif; max-width: 64rem; "
	    "margin: 2rem auto; padding: 0 1rem; color: #222; }\n"
	    "table { border-collapse: collapse; margin: .5rem 0 1.5rem; }\n"
	    "th, td { text-align: left; padding: .15rem .7rem; "
	    "border-bottom: 1px solid #ddd; font-weight: normal; }\n"
	    "td.n { text-align: right; font-variant-numeric: tabular-nums; }\n"
	    "figure { margin: 1.5rem 0; } svg { max-width: 100%%; "
	    "height: auto; }\n.warning { color: #a33; }\n"
	    "</style>\n</head>\n<body>\n<h1>lwpbench</h1>\n<table>\n");
	for (n = 0; n < sizeof(facts) / sizeof(facts[0]); n++)
		page_fact(
		    page, facts[n], json_object_get(rc->rc_head, facts[n]));
	(void)fprintf(page, "</table>\n");
	json_array_foreach(rc->rc_warning, n, warning)
	{
		(void)fprintf(page, "<p class=\"warning\">");
		page_text(page, json_string_value(warning));
		(void)fprintf(page, "</p>\n");
	}
	if (rc->rc_end == NULL ||
	    json_is_true(json_object_get(rc->rc_end, "interrupted")))
		(void)fprintf(page,
		    "<p class=\"warning\">The run was "
		    "interrupted.</p>\n");
}

static void
page_variant(FILE *page, const struct records *rc, const struct bench_case *bc,
    unsigned v)
{
	struct summary su;

	analysis_summary(rc, bc, v, analysis_seed(rc), &su);
	(void)fprintf(page, "<tr><td>");
	page_text(page, bc->bc_variant[v].va_name);
	(void)fprintf(page,
	    "</td><td class=\"n\">%.4g</td><td class=\"n\">%.4g</td>"
	    "<td class=\"n\">%.3f</td><td class=\"n\">[%.3f, %.3f]</td>"
	    "<td class=\"n\">%u of %u</td></tr>\n",
	    su.su_value.mid, su.su_min, su.su_ratio.mid, su.su_ratio.lo,
	    su.su_ratio.hi, su.su_kept, su.su_taken);
}

void
page_tables(FILE *page, const struct records *rc)
{
	unsigned n, v;

	for (n = 0; n < rc->rc_ncase; n++) {
		const struct bench_case *bc = rc->rc_case[n];

		(void)fprintf(page, "<h2>%s</h2>\n<p>", bc->bc_bench);
		page_text(page, bc->bc_config);
		(void)fprintf(page,
		    "</p>\n<table>\n<tr><th></th><th>%s, %s</th><th>best</th>"
		    "<th>ratio</th><th>95 %%</th><th>kept</th></tr>\n",
		    metrics[bc->bc_metric].what, metrics[bc->bc_metric].unit);
		for (v = 0; v < bc->bc_nvariant; v++)
			page_variant(page, rc, bc, v);
		(void)fprintf(page, "</table>\n");
	}
	(void)fprintf(page, "</body>\n</html>\n");
}
