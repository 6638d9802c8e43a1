/* SPDX-License-Identifier: BSD-2-Clause */

/* The figures, as gnuplot scripts. */

#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "plot.h"

#define PARTIAL	      "lwps=1 every=0 section=50 outside=200 place=policy"
#define SATURATED     "lwps=1 every=0 section=50 outside=0 place=policy"

#define RETRIES_LEAST 1e-4 /* for each acquisition */

/*
 * figure_text:
 *
 *	A string of the records, in single quotes: gnuplot runs commands that
 *	stand between others.
 */
static void
figure_text(FILE *f, const char *s)
{
	(void)fputc('\'', f);
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			(void)fputc('\'', f);
		(void)fputc((unsigned char)*s < ' ' ? ' ' : *s, f);
	}
	(void)fputc('\'', f);
}

/* case_next: the next case of a benchmark with these words, from *n on. */
static const struct bench_case *
case_next(
    const struct records *rc, const char *bench, const char *words, unsigned *n)
{
	while (*n < rc->rc_ncase) {
		const struct bench_case *bc = rc->rc_case[(*n)++];

		if (strcmp(bc->bc_bench, bench) == 0 &&
		    config_has(bc->bc_config, words))
			return bc;
	}
	return NULL;
}

/* case_largest: of those, the one with the most threads that have a processor
 * each. */
static const struct bench_case *
case_largest(const struct records *rc, const char *bench, const char *words)
{
	const struct bench_case *bc, *best = NULL;
	unsigned n = 0;

	while ((bc = case_next(rc, bench, words, &n)) != NULL) {
		if (bc->bc_threads <= analysis_processors(rc) &&
		    (best == NULL || bc->bc_threads > best->bc_threads))
			best = bc;
	}
	return best;
}

/*
 * by_threads_block:
 *
 *	Data of a variant: threads, rate, hand-overs.  How many points.
 */
static unsigned
by_threads_block(FILE *f, const struct records *rc, const char *words,
    const char *variant, unsigned number)
{
	const struct bench_case *bc;
	unsigned n = 0, points = 0;
	double rate;
	int v;

	(void)fprintf(f, "$d%u << EOD\n", number);
	while ((bc = case_next(rc, "lock", words, &n)) != NULL) {
		if (bc->bc_threads > analysis_processors(rc))
			continue;
		v = analysis_variant(bc, variant);
		rate = v < 0 ? NAN :
			       analysis_median(rc, bc, (unsigned)v, M_rate);
		if (!isfinite(rate))
			continue;
		(void)fprintf(f, "%u %g %g\n", bc->bc_threads, rate,
		    analysis_median(rc, bc, (unsigned)v, M_handover));
		points++;
	}
	(void)fprintf(f, "EOD\n");
	return points;
}

/*
 * series_drawn:
 *
 *	Not all pairs of a full run: those above the loop of 1.54, those below
 *	the plainest lock, the one for many cores, and what they are compared
 *	with.
 */
static bool
series_drawn(const struct bench_case *bc, unsigned v)
{
	const char *name = bc->bc_variant[v].va_name;
	const char *spin = strchr(name, '/');

	return spin == NULL || strncmp(name, "retry/", 6) == 0 ||
	    strcmp(spin, "/ttas") == 0 || strcmp(name, "queue/mcs") == 0;
}

/*
 * series:
 *
 *	The plot command for those variants that have points.
 */
static void
series(FILE *f, const struct bench_case *bc, const unsigned *points,
    const char *how)
{
	unsigned v, n = 0;

	(void)fprintf(f, "plot ");
	for (v = 0; v < bc->bc_nvariant; v++) {
		if (points[v] == 0)
			continue;
		/* There are eight colours. */
		(void)fprintf(f, "%s$d%u %s dt %u title ", n++ == 0 ? "" : ", ",
		    v, how, v / 8 + 1);
		figure_text(f, bc->bc_variant[v].va_name);
	}
	(void)fprintf(f, "\n");
}

static bool
by_threads(FILE *f, const struct records *rc, const char *words)
{
	const struct bench_case *bc = case_largest(rc, "lock", words);
	unsigned v, points[VARIANT_MAX] = { 0 }, all = 0;

	for (v = 0; bc != NULL && v < bc->bc_nvariant; v++) {
		if (series_drawn(bc, v))
			all += points[v] = by_threads_block(
			    f, rc, words, bc->bc_variant[v].va_name, v);
	}
	if (all == 0)
		return false;
	(void)fprintf(f,
	    "set multiplot\nset xlabel 'threads'\nset logscale x 2\n"
	    "set xrange [1.5:%g]\nset key off\nset logscale y\n"
	    "set lmargin at screen 0.12\nset rmargin at screen 0.43\n"
	    "set ylabel 'acquisitions a second'\n",
	    bc->bc_threads * 1.3);
	series(f, bc, points, "using 1:2 with linespoints");
	(void)fprintf(f,
	    "unset logscale y\nset title 'hand-overs an acquisition'\n"
	    "set yrange [0:1.05]\nunset ylabel\n"
	    "set lmargin at screen 0.50\nset rmargin at screen 0.80\n"
	    "set key outside right noenhanced font ',9' maxrows 40\n");
	series(f, bc, points, "using 1:3 with linespoints");
	(void)fprintf(f, "unset multiplot\n");
	return true;
}

bool
figure_throughput(FILE *f, const struct records *rc)
{
	return by_threads(f, rc, PARTIAL);
}

bool
figure_saturated(FILE *f, const struct records *rc)
{
	return by_threads(f, rc, SATURATED);
}

/*
 * retries_block:
 *
 *	A point for each configuration and algorithm below a protocol: medians.
 *	Both axes are logarithmic, and what is next to nothing stands on them.
 */
static unsigned
retries_block(FILE *f, const struct records *rc, const char *protocol)
{
	const size_t length = strlen(protocol);
	const struct bench_case *bc;
	unsigned n = 0, v, points = 0;
	double x, y;

	(void)fprintf(f, "$%s << EOD\n", protocol);
	while ((bc = case_next(rc, "lock", "", &n)) != NULL) {
		for (v = 0; v < bc->bc_nvariant; v++) {
			const char *name = bc->bc_variant[v].va_name;

			if (strncmp(name, protocol, length) != 0 ||
			    name[length] != '/')
				continue;
			x = analysis_median(rc, bc, v, M_waiters) *
			    analysis_median(rc, bc, v, M_moves);
			y = analysis_median(rc, bc, v, M_retries_per_move) *
			    analysis_median(rc, bc, v, M_moves);
			if (!isfinite(x) || !isfinite(y))
				continue;
			(void)fprintf(f, "%g %g\n", fmax(x, RETRIES_LEAST),
			    fmax(y, RETRIES_LEAST));
			points++;
		}
	}
	(void)fprintf(f, "EOD\n");
	return points;
}

bool
figure_retries(FILE *f, const struct records *rc)
{
	static const char *const protocols[] = {
#define PROTOCOL(name, what) #name,
#include <lwp/protocol.def>
#undef PROTOCOL
	};
	const unsigned count = sizeof(protocols) / sizeof(protocols[0]);
	unsigned n, all = 0, points[sizeof(protocols) / sizeof(protocols[0])];

	for (n = 0; n < count; n++)
		all += points[n] = retries_block(f, rc, protocols[n]);
	if (all == 0)
		return false;
	(void)fprintf(f,
	    "set logscale xy\nset xrange [%g:]\nset yrange [%g:]\n"
	    "set xlabel 'waiters x migrations, for each acquisition'\n"
	    "set ylabel 'failed acquisitions and exits, for each "
	    "acquisition'\nset key inside left top noenhanced\n"
	    "plot x with lines lc rgb '#888888' title 'law'",
	    RETRIES_LEAST, RETRIES_LEAST);
	for (n = 0; n < count; n++) {
		if (points[n] != 0)
			(void)fprintf(f, ", $%s with points title \"%s\"",
			    protocols[n], protocols[n]);
	}
	(void)fprintf(f, "\n");
	return true;
}

/* latency_block: the complementary distribution of a variant. */
static unsigned
latency_block(
    FILE *f, const struct records *rc, const struct bench_case *bc, unsigned v)
{
	struct hist *h = analysis_latency(rc, bc, v);
	uint64_t above = h == NULL ? 0 : h->hi_total;
	unsigned n, points = 0;

	(void)fprintf(f, "$d%u << EOD\n", v);
	for (n = 0; above != 0 && n < HIST_BUCKETS; n++) {
		if (h->hi_bucket[n] == 0)
			continue;
		above -= h->hi_bucket[n];
		if (above == 0)
			break;
		(void)fprintf(f, "%llu %g\n",
		    (unsigned long long)hist_top(n) + 1,
		    (double)above / (double)h->hi_total);
		points++;
	}
	(void)fprintf(f, "EOD\n");
	free(h);
	return points;
}

bool
figure_latency(FILE *f, const struct records *rc)
{
	const struct bench_case *bc = case_largest(rc, "lock", PARTIAL);
	unsigned v, points[VARIANT_MAX] = { 0 }, all = 0;

	for (v = 0; bc != NULL && v < bc->bc_nvariant; v++) {
		if (series_drawn(bc, v))
			all += points[v] = latency_block(f, rc, bc, v);
	}
	if (all == 0)
		return false;
	(void)fprintf(f,
	    "set logscale xy\nset xlabel 'ns'\nset ylabel 'share that took "
	    "longer'\nset format y '10^{%%L}'\n");
	series(f, bc, points, "with steps");
	return true;
}

/* fairness_block: Jain by length of the window. */
static unsigned
fairness_block(
    FILE *f, const struct records *rc, const struct bench_case *bc, unsigned v)
{
	const double whole = 1e6 * analysis_median(rc, bc, v, M_seconds);
	/* The burst that looks at no clock, and it may be a short one. */
	const bool brief = whole < 1000;
	const double window[] = { 100, brief ? whole : 1000,
		brief ? 1000 : whole };
	const enum metric metric[] = { M_jain_100us,
		brief ? M_jain : M_jain_1ms, brief ? M_jain_1ms : M_jain };
	unsigned n, points = 0;
	double x;

	(void)fprintf(f, "$d%u << EOD\n", v);
	for (n = 0; n < 3; n++) {
		x = analysis_median(rc, bc, v, metric[n]);
		if (!isfinite(x) || !isfinite(window[n]))
			continue;
		(void)fprintf(f, "%g %g\n", window[n], x);
		points++;
	}
	(void)fprintf(f, "EOD\n");
	return points;
}

bool
figure_fairness(FILE *f, const struct records *rc)
{
	const struct bench_case *bc = case_largest(rc, "lock", SATURATED);
	unsigned v, points[VARIANT_MAX] = { 0 }, all = 0;

	for (v = 0; bc != NULL && v < bc->bc_nvariant; v++) {
		if (series_drawn(bc, v))
			all += points[v] = fairness_block(f, rc, bc, v);
	}
	if (all == 0)
		return false;
	(void)fprintf(f,
	    "set logscale x\nset xlabel 'window, us'\nset ylabel 'Jain index'\n"
	    "set yrange [0:1.05]\n");
	series(f, bc, points, "with linespoints");
	return true;
}

/*
 * ratios:
 *
 *	A row for each variant, with its interval; a band as wide as the A/A
 *	pair of the case.
 */
static bool
ratios(FILE *f, const struct records *rc, const struct bench_case *bc)
{
	struct summary su;
	unsigned v, row = 0;

	(void)fprintf(f, "set ytics noenhanced (");
	for (v = 0; v < bc->bc_nvariant; v++) {
		(void)fprintf(f, "%s", v == 0 ? "" : ", ");
		figure_text(f, bc->bc_variant[v].va_name);
		(void)fprintf(f, " %u", v);
	}
	(void)fprintf(f, ")\n");
	for (v = 0; v < bc->bc_nvariant; v++) {
		analysis_summary(rc, bc, v, analysis_seed(rc), &su);
		if (bc->bc_variant[v].va_again && isfinite(su.su_ratio.mid))
			(void)fprintf(f,
			    "set object rectangle from %g, graph 0 to %g, "
			    "graph 1 behind fc rgb '#dde8f5' lw 0\n",
			    fmin(su.su_ratio.lo, 1), fmax(su.su_ratio.hi, 1));
	}
	(void)fprintf(f, "$d << EOD\n");
	for (v = 0; v < bc->bc_nvariant; v++) {
		analysis_summary(rc, bc, v, analysis_seed(rc), &su);
		if (!isfinite(su.su_ratio.mid))
			continue;
		(void)fprintf(f, "%g %u %g %g\n", su.su_ratio.mid, v,
		    su.su_ratio.lo, su.su_ratio.hi);
		row++;
	}
	(void)fprintf(f,
	    "EOD\nset key off\nset yrange [%u.5:-0.5]\n"
	    "set logscale x\nset xlabel 'ratio to the first (%s)'\n"
	    "plot $d using 1:2:3:4 with xerrorbars pt 7 ps 0.6\n",
	    bc->bc_nvariant - 1, metrics[bc->bc_metric].what);
	return row != 0;
}

bool
figure_ratio(FILE *f, const struct records *rc)
{
	const struct bench_case *bc = case_largest(rc, "lock", PARTIAL);

	return bc != NULL && ratios(f, rc, bc);
}

bool
figure_lifecycle(FILE *f, const struct records *rc)
{
	const struct bench_case *bc;
	unsigned n = 0, v, row = 0;
	struct summary su;
	char *data = NULL, *tics = NULL, name[CONFIG_MAX + NAME_MAX_];
	size_t size;
	FILE *d = open_memstream(&data, &size);
	FILE *t = open_memstream(&tics, &size);

	while ((bc = case_next(rc, "lifecycle", "cpus=1", &n)) != NULL) {
		for (v = 0; v < bc->bc_nvariant; v++) {
			if (v == bc->bc_reference)
				continue;
			analysis_summary(rc, bc, v, analysis_seed(rc), &su);
			if (!isfinite(su.su_ratio.mid))
				continue;
			(void)fprintf(d, "%g %u %g %g\n", su.su_ratio.mid, row,
			    su.su_ratio.lo, su.su_ratio.hi);
			(void)snprintf(name, sizeof(name), "%.*s: %s",
			    (int)strcspn(bc->bc_config + 3, " "),
			    bc->bc_config + 3, bc->bc_variant[v].va_name);
			(void)fprintf(t, "%s", row == 0 ? "" : ", ");
			figure_text(t, name);
			(void)fprintf(t, " %u", row);
			row++;
		}
	}
	(void)fclose(d);
	(void)fclose(t);
	if (row != 0)
		(void)fprintf(f,
		    "$d << EOD\n%sEOD\nset ytics noenhanced (%s)\n"
		    "set key off\nset logscale x\nset yrange [%u.5:-0.5]\n"
		    "set xlabel 'time, LWPs = 1'\nset arrow from 1, graph 0 "
		    "to 1, graph 1 nohead lc rgb '#888888'\n"
		    "plot $d using 1:2:3:4 with xerrorbars pt 7 ps 0.6\n",
		    data, tics, row - 1);
	free(data);
	free(tics);
	return row != 0;
}

bool
figure_model(FILE *f, const struct records *rc)
{
	const json_t *points = json_object_get(rc->rc_model, "predictions"), *v;
	unsigned pass;
	size_t n;

	if (json_array_size(points) == 0)
		return false;
	for (pass = 0; pass < 2; pass++) {
		(void)fprintf(f, "$d%u << EOD\n", pass);
		json_array_foreach(points, n, v)
		{
			if (json_is_true(json_object_get(v, "fitted")) ==
			    (pass == 0))
				(void)fprintf(f, "%g %g\n",
				    json_number_value(
					json_object_get(v, "measured")),
				    json_number_value(
					json_object_get(v, "predicted")));
		}
		(void)fprintf(f, "EOD\n");
	}
	(void)fprintf(f,
	    "set logscale xy\nset xlabel 'measured'\nset ylabel 'predicted'\n"
	    "set key inside left top\nplot x with lines lc rgb '#888888' "
	    "notitle, $d0 with points pt 7 title 'queue locks (fitted)', "
	    "$d1 with points pt 6 title 'others (not fitted)'\n");
	return true;
}

/*
 * figure_beyond:
 *
 *	A line for each variant, in the order of the record.
 */
bool
figure_beyond(FILE *f, const struct records *rc)
{
	const json_t *all = json_object_get(rc->rc_model, "beyond"), *v;
	char *plot = NULL;
	const char *last = "", *name;
	unsigned block = 0;
	size_t n, size;
	FILE *p;

	if (json_array_size(all) == 0)
		return false;
	p = open_memstream(&plot, &size);
	json_array_foreach(all, n, v)
	{
		name = json_string_value(json_object_get(v, "variant"));
		if (strcmp(name, last) != 0) {
			(void)fprintf(f, "%s$d%u << EOD\n",
			    block == 0 ? "" : "EOD\n", block);
			(void)fprintf(p, "%s$d%u with linespoints title ",
			    block == 0 ? "" : ", ", block);
			figure_text(p, name);
			block++;
		}
		last = name;
		(void)fprintf(f, "%g %g\n",
		    json_number_value(json_object_get(v, "threads")),
		    json_number_value(json_object_get(v, "rate")));
	}
	(void)fclose(p);
	(void)fprintf(f,
	    "EOD\nset logscale xy\nset xlabel 'processors'\n"
	    "set ylabel 'acquisitions a second'\nplot %s\n",
	    plot);
	free(plot);
	return true;
}
