/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Gates: what a run must show, as ratios inside it.  A gate fails only if the
 * whole interval is outside its limits, and is of PAIRS_MIN rounds at least;
 * else more rounds would tell, and if others disturbed the samples a quieter
 * host would: both are said, and are no failure.  Nor is one that nothing was
 * measured for, but it is said too: a gate must not vanish with a name.  More
 * threads than processors are not judged.
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

enum outcome {
	OUTCOME_holds,
	OUTCOME_failed,
	OUTCOME_underpowered,
	OUTCOME_disturbed,
	OUTCOME_unmeasured
};

static const char *const outcome_name[] = { "holds", "FAILED", "underpowered",
	"disturbed", "not measured" };

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

/* What a gate looks at: an interval, or one figure if there is none. */
struct evidence {
	struct interval in;
	size_t n;   /* values that the interval is of */
	bool exact; /* no interval: best to best */
	bool busy;  /* too few that nothing disturbed */
};

/*
 * law:
 *
 *	By samples, since who waits differs from one to the next.
 */
static double *
law(const struct records *rc, const struct bench_case *bc, unsigned v,
    size_t *n)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	double *x = xcalloc(sl->sl_n + 1, sizeof(*x));
	size_t i;

	for (i = 0, *n = 0; i < sl->sl_n; i++) {
		const struct sample *sm = sl->sl_sample[i];

		if (sm->sm_variant == v && sm->sm_value[M_waiters] > 0.05 &&
		    isfinite(sm->sm_value[M_retries_per_move]))
			x[(*n)++] = sm->sm_value[M_retries_per_move] /
			    sm->sm_value[M_waiters];
	}
	return x;
}

/*
 * values_busy:
 *
 *	Too few samples of the variant that nothing disturbed: then even counts
 *	say more about who else uses the host.
 */
static bool
values_busy(const struct records *rc, const struct bench_case *bc, unsigned v,
    enum metric m)
{
	size_t n;
	bool busy;

	free(analysis_values(rc, bc, v, m, &n, &busy));
	return busy;
}

static struct evidence
evidence_best(const struct records *rc, const struct gate *g,
    const struct bench_case *bc, unsigned v, int to)
{
	struct evidence ev = { .exact = true };
	double x;

	if (g->kind == GATE_growth)
		x = case_best(rc, g->bench, g->to, g->variant, g->metric);
	else
		x = to < 0 ? NAN : best(rc, bc, (unsigned)to, g->metric);
	x = best(rc, bc, v, g->metric) / x;
	ev.in = (struct interval) { x, x, x };
	ev.busy = values_busy(rc, bc, v, g->metric) ||
	    (to >= 0 && values_busy(rc, bc, (unsigned)to, g->metric));
	return ev;
}

static struct evidence
gate_evidence(const struct records *rc, const struct gate *g,
    const struct bench_case *bc, unsigned v)
{
	const int to = analysis_variant(bc, g->to);
	struct evidence ev = { .exact = false };
	double *x = NULL;

	switch (g->kind) {
	case GATE_best:
	case GATE_growth:
		return evidence_best(rc, g, bc, v, to);
	case GATE_law:
		x = law(rc, bc, v, &ev.n);
		ev.busy = values_busy(rc, bc, v, g->metric);
		break;
	case GATE_median:
		x = analysis_values(rc, bc, v, g->metric, &ev.n, &ev.busy);
		break;
	case GATE_ratio:
		if (to >= 0)
			x = analysis_ratios(rc, bc, v, (unsigned)to, g->metric,
			    &ev.n, &ev.busy);
		break;
	}
	ev.in = stat_bootstrap(x, ev.n, analysis_seed(rc));
	free(x);
	return ev;
}

/*
 * gate_judge:
 *
 *	What comes of it.
 */
static enum outcome
gate_judge(const struct gate *g, const struct evidence *ev)
{
	const double high = g->high == 0 ? INFINITY : g->high;

	if (!isfinite(ev->in.mid))
		return OUTCOME_unmeasured;
	if (ev->in.hi <= high && ev->in.lo >= g->low)
		return OUTCOME_holds;
	if (ev->busy)
		return OUTCOME_disturbed;
	if ((ev->in.lo > high || ev->in.hi < g->low) &&
	    (ev->exact || ev->n >= PAIRS_MIN))
		return OUTCOME_failed;
	return OUTCOME_underpowered;
}

static void
gate_print(const struct gate *g, enum outcome oc, const struct interval *in,
    const char *config)
{
	(void)printf("%-12s ", outcome_name[oc]);
	if (oc != OUTCOME_unmeasured)
		(void)printf(
		    "%8.3f [%.3f, %.3f]  limit", in->mid, in->lo, in->hi);
	if (oc != OUTCOME_unmeasured && g->low != 0)
		(void)printf(" >= %g", g->low);
	if (oc != OUTCOME_unmeasured && g->high != 0)
		(void)printf(" <= %g", g->high);
	(void)printf("  %s: %s\n", g->what, config);
}

/*
 * gate_one:
 *
 *	In each case that it is about.  How many fail.
 */
static unsigned
gate_one(const struct records *rc, const struct gate *g)
{
	unsigned i, seen = 0, failed = 0;
	int v;

	for (i = 0; i < rc->rc_ncase; i++) {
		const struct bench_case *bc = rc->rc_case[i];
		struct evidence ev;
		enum outcome oc;

		if (strcmp(bc->bc_bench, g->bench) != 0 ||
		    !config_has(bc->bc_config, g->config) ||
		    bc->bc_threads > analysis_processors(rc) ||
		    (v = analysis_variant(bc, g->variant)) < 0)
			continue;
		ev = gate_evidence(rc, g, bc, (unsigned)v);
		oc = gate_judge(g, &ev);
		gate_print(g, oc, &ev.in, bc->bc_config);
		failed += oc == OUTCOME_failed;
		seen++;
	}
	if (seen == 0)
		gate_print(g, OUTCOME_unmeasured, NULL, g->config);
	return failed;
}

unsigned
gate_all(const struct records *rc)
{
	unsigned n, failed = 0;

	(void)printf("\nGates\n");
	for (n = 0; n < NGATES; n++)
		failed += gate_one(rc, &gates[n]);
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
