/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Gates: what a run must show, as ratios inside it.  A gate fails only if the
 * whole interval is outside its limits; if it reaches over a limit more rounds
 * would tell, and if others disturbed the samples a quieter host would: both
 * are said, and are no failure.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "driver.h"

enum gate_kind { GATE_ratio, GATE_best, GATE_median, GATE_law, GATE_growth };

static const struct gate {
	enum gate_kind kind;
	const char *bench, *config, *variant, *to;
	enum metric metric;
	double low, high;
	const char *what;
} gates[] = {
#define GATE(kind, bench, config, variant, to, metric, low, high, what)        \
	{ GATE_##kind, bench, config, variant, to, M_##metric, low, high,      \
		what },
#include "gate.def"
#undef GATE
};

#define NGATES (sizeof(gates) / sizeof(gates[0]))

/*
 * config_has:
 *
 *	Are all words of "words" words of the configuration?
 */
bool
config_has(const char *config, const char *words)
{
	char text[CONFIG_MAX + 2], word[CONFIG_MAX + 2];
	size_t n;

	(void)snprintf(text, sizeof(text), " %s ", config);
	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		(void)snprintf(word, sizeof(word), " %.*s ", (int)n, words);
		if (strstr(text, word) == NULL)
			return false;
	}
	return true;
}

static double
best(const struct records *rc, const struct bench_case *bc, unsigned v,
    enum metric m)
{
	bool busy;
	size_t n;
	double *x = analysis_values(rc, bc, v, m, &n, &busy);
	double r = stat_quantile(x, n, metrics[m].better > 0 ? 1 : 0);

	free(x);
	return r;
}

static double
case_best(const struct records *rc, const char *bench, const char *words,
    const char *variant, enum metric m)
{
	unsigned n;
	int v;

	for (n = 0; n < rc->rc_ncase; n++) {
		const struct bench_case *bc = rc->rc_case[n];

		if (strcmp(bc->bc_bench, bench) == 0 &&
		    config_has(bc->bc_config, words) &&
		    (v = analysis_variant(bc, variant)) >= 0)
			return best(rc, bc, (unsigned)v, m);
	}
	return NAN;
}

/*
 * law:
 *
 *	By samples, since who waits differs from one to the next.
 */
static struct interval
law(const struct records *rc, const struct bench_case *bc, unsigned v)
{
	double *x = xcalloc(rc->rc_nsample + 1, sizeof(*x));
	struct interval in;
	size_t i, n = 0;

	for (i = 0; i < rc->rc_nsample; i++) {
		const struct sample *sm = rc->rc_sample[i];

		if (sm->sm_case == bc && sm->sm_variant == v &&
		    sm->sm_value[M_waiters] > 0.05)
			x[n++] = sm->sm_value[M_retries_per_move] /
			    sm->sm_value[M_waiters];
	}
	in = stat_bootstrap(x, n, analysis_seed(rc));
	free(x);
	return in;
}

static struct interval
exactly(double x)
{
	return (struct interval) { x, x, x };
}

static struct interval
gate_value(const struct records *rc, const struct gate *g,
    const struct bench_case *bc, unsigned v)
{
	const int to = analysis_variant(bc, g->to);
	struct interval in;
	bool busy;
	size_t n;
	double *x;

	switch (g->kind) {
	case GATE_best:
		return to < 0 ? exactly(NAN) :
				exactly(best(rc, bc, v, g->metric) /
				    best(rc, bc, (unsigned)to, g->metric));
	case GATE_law:
		return law(rc, bc, v);
	case GATE_growth:
		return exactly(best(rc, bc, v, g->metric) /
		    case_best(rc, g->bench, g->to, g->variant, g->metric));
	case GATE_median:
		x = analysis_values(rc, bc, v, g->metric, &n, &busy);
		break;
	default:
		if (to < 0)
			return exactly(NAN);
		x = analysis_ratios(
		    rc, bc, v, (unsigned)to, g->metric, &n, &busy);
		break;
	}
	in = stat_bootstrap(x, n, analysis_seed(rc));
	free(x);
	return in;
}

/*
 * gate_disturbed:
 *
 *	Too few samples of the variant that nothing disturbed: then even counts
 *	say more about who else uses the host.
 */
static bool
gate_disturbed(const struct records *rc, const struct bench_case *bc,
    unsigned v, enum metric m)
{
	size_t n;
	bool busy;

	free(analysis_values(rc, bc, v, m, &n, &busy));
	return busy;
}

/*
 * gate_judge:
 *
 *	False if it fails.
 */
static bool
gate_judge(const struct records *rc, const struct gate *g,
    const struct bench_case *bc, unsigned v)
{
	const struct interval in = gate_value(rc, g, bc, v);
	const double high = g->high == 0 ? INFINITY : g->high;
	const bool fails = in.lo > high || in.hi < g->low;
	const bool holds = in.hi <= high && in.lo >= g->low;

	if (!isfinite(in.mid))
		return true;
	if (!holds && gate_disturbed(rc, bc, v, g->metric)) {
		(void)printf("disturbed    %8.3f  %s: %s\n", in.mid, g->what,
		    bc->bc_config);
		return true;
	}
	(void)printf("%-12s %8.3f [%.3f, %.3f]  limit",
	    fails     ? "FAILED" :
		holds ? "holds" :
			"underpowered",
	    in.mid, in.lo, in.hi);
	if (g->low != 0)
		(void)printf(" >= %g", g->low);
	if (g->high != 0)
		(void)printf(" <= %g", g->high);
	(void)printf("  %s: %s\n", g->what, bc->bc_config);
	return !fails;
}

unsigned
gate_all(const struct records *rc)
{
	unsigned n, i, failed = 0;
	int v;

	(void)printf("\nGates\n");
	for (n = 0; n < NGATES; n++) {
		for (i = 0; i < rc->rc_ncase; i++) {
			const struct bench_case *bc = rc->rc_case[i];

			if (strcmp(bc->bc_bench, gates[n].bench) != 0 ||
			    !config_has(bc->bc_config, gates[n].config))
				continue;
			v = analysis_variant(bc, gates[n].variant);
			if (v >= 0 &&
			    !gate_judge(rc, &gates[n], bc, (unsigned)v))
				failed++;
		}
	}
	return failed;
}

int
verb_gate(int argc, const char **argv)
{
	struct records rc;
	unsigned failed;

	if (argc != 2 || argv[1][0] == '-')
		return trouble("usage: lwpbench gate FILE");
	if (!records_read(&rc, argv[1])) {
		records_free(&rc);
		return 2;
	}
	failed = gate_all(&rc);
	records_free(&rc);
	return failed != 0;
}
