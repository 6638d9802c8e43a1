/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpbench compare OLD NEW: did anything get better or worse?
 *
 * Cases are matched by benchmark and configuration, variants by name.  What is
 * compared is the ratio to the reference, which was taken in the same rounds:
 * the clocks of two runs, or hosts, have nothing to do with each other.  The
 * reference itself has no ratio; with --absolute plain values are compared, of
 * all variants.
 *
 * Two builds differ at least by where their code stands, and that can be much:
 * what one may trust is said by the A/A pairs.  So the margin of a case is as
 * wide as how far these are from 1 in either run.
 */

#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "driver.h"

static struct {
	double margin;
	int absolute, quiet;
	unsigned count[4];
	unsigned lonely; /* what one file has and the other has not */
} co;

static const struct poptOption options[] = {
	{ "margin", 'm', POPT_ARG_DOUBLE, &co.margin, 0,
	    "per cent that nobody cares about (5)", "P" },
	{ "absolute", 'a', POPT_ARG_NONE, &co.absolute, 0,
	    "compare values and not ratios to the reference", NULL },
	{ "quiet", 'q', POPT_ARG_NONE, &co.quiet, 0,
	    "only what is better or worse", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static double *
compare_values(const struct records *rc, const struct bench_case *bc,
    unsigned v, size_t *n)
{
	bool busy;

	return co.absolute ?
	    analysis_values(rc, bc, v, bc->bc_metric, n, &busy) :
	    analysis_ratios(
		rc, bc, v, bc->bc_reference, bc->bc_metric, n, &busy);
}

/*
 * case_margin:
 *
 *	What nobody cares about, or how far apart two copies of one thing were.
 */
static double
case_margin(const struct records *rc, const struct bench_case *bc)
{
	double margin = co.margin / 100, *x, m;
	unsigned v;
	size_t n;
	bool busy;

	for (v = 0; v < bc->bc_nvariant; v++) {
		if (!bc->bc_variant[v].va_again)
			continue;
		x = analysis_ratios(
		    rc, bc, v, bc->bc_reference, bc->bc_metric, &n, &busy);
		m = stat_median(x, n);
		if (m > 0)
			margin = fmax(margin, fmax(m, 1 / m) - 1);
		free(x);
	}
	return margin;
}

static void
compare_variant(const struct records *a, const struct bench_case *ac,
    unsigned av, const struct records *b, const struct bench_case *bc,
    unsigned bv)
{
	size_t na, nb;
	double *x = compare_values(a, ac, av, &na);
	double *y = compare_values(b, bc, bv, &nb);
	const struct interval in = stat_compare(x, na, y, nb, analysis_seed(b));
	enum verdict vd;

	vd = na < PAIRS_MIN || nb < PAIRS_MIN ?
	    VERDICT_underpowered :
	    stat_verdict(in, fmax(case_margin(a, ac), case_margin(b, bc)),
		metrics[bc->bc_metric].better);
	co.count[vd]++;
	if (!co.quiet || vd == VERDICT_better || vd == VERDICT_worse)
		(void)printf("%-12s %7.3f [%.3f, %.3f]  %s %s: %s\n",
		    verdict_name[vd], in.mid, in.lo, in.hi, bc->bc_bench,
		    bc->bc_config, bc->bc_variant[bv].va_name);
	free(x);
	free(y);
}

static const char *
reference_name(const struct bench_case *bc)
{
	return bc->bc_variant[bc->bc_reference].va_name;
}

/* case_like: the same, divided by the same. */
static const struct bench_case *
case_like(const struct records *rc, const struct bench_case *like)
{
	unsigned n;

	for (n = 0; n < rc->rc_ncase; n++) {
		if (strcmp(rc->rc_case[n]->bc_bench, like->bc_bench) == 0 &&
		    strcmp(rc->rc_case[n]->bc_config, like->bc_config) == 0 &&
		    rc->rc_case[n]->bc_metric == like->bc_metric &&
		    (co.absolute ||
			strcmp(reference_name(rc->rc_case[n]),
			    reference_name(like)) == 0))
			return rc->rc_case[n];
	}
	return NULL;
}

/*
 * compares:
 *
 *	Is there something of this variant to compare?
 */
static bool
compares(const struct records *rc, const struct bench_case *bc, unsigned v)
{
	size_t n;

	if (bc->bc_variant[v].va_again ||
	    (!co.absolute && v == bc->bc_reference))
		return false;
	free(compare_values(rc, bc, v, &n));
	return n != 0;
}

/*
 * lonely:
 *
 *	A variant that only one file has, or a case whole.
 */
static void
lonely(const struct bench_case *bc, const char *variant, const char *file)
{
	co.lonely++;
	if (!co.quiet)
		(void)printf("only in %s  %s %s%s%s\n", file, bc->bc_bench,
		    bc->bc_config, variant != NULL ? ": " : "",
		    variant != NULL ? variant : "");
}

/*
 * each_variant:
 *
 *	Compare what the other file has too, if they are in order (b is NEW);
 *	say what only this one has.
 */
static unsigned
each_variant(const struct records *b, const struct records *a, bool compare)
{
	const char *file = compare ? "NEW" : "OLD";
	const struct bench_case *ac, *bc;
	unsigned n, v, matched = 0;
	int av;

	for (n = 0; n < b->rc_ncase; n++) {
		bc = b->rc_case[n];
		ac = case_like(a, bc);
		if (ac == NULL) {
			lonely(bc, NULL, file);
			continue;
		}
		for (v = 0; v < bc->bc_nvariant; v++) {
			if (!compares(b, bc, v))
				continue;
			av = analysis_variant(ac, bc->bc_variant[v].va_name);
			if (av < 0 || !compares(a, ac, (unsigned)av)) {
				lonely(bc, bc->bc_variant[v].va_name, file);
				continue;
			}
			matched++;
			if (compare)
				compare_variant(a, ac, (unsigned)av, b, bc, v);
		}
	}
	return matched;
}

static int
compare_files(const char *old, const char *new)
{
	struct records a = { 0 }, b = { 0 };
	int rc = 2;
	unsigned n;

	if (records_read(&a, old) && records_read(&b, new)) {
		if (each_variant(&b, &a, true) == 0)
			(void)trouble(
			    "%s and %s have nothing in common", old, new);
		else {
			(void)each_variant(&a, &b, false);
			for (n = 0; n < 4; n++)
				(void)printf("%s%u %s", n == 0 ? "" : ", ",
				    co.count[n], verdict_name[n]);
			(void)printf("; %u in one file only; margin %g %%\n",
			    co.lonely, co.margin);
			rc = co.count[VERDICT_worse] != 0;
		}
	}
	records_free(&a);
	records_free(&b);
	return rc;
}

int
verb_compare(int argc, const char **argv)
{
	poptContext pc;
	const char *old, *new;
	int rc;

	memset(&co, 0, sizeof(co));
	co.margin = 5;
	pc = poptGetContext("lwpbench compare", argc, argv, options, 0);
	poptSetOtherOptionHelp(pc, "[OPTIONS] OLD NEW");
	rc = poptGetNextOpt(pc);
	if (rc < -1) {
		rc = trouble("compare: %s: %s",
		    poptBadOption(pc, POPT_BADOPTION_NOALIAS),
		    poptStrerror(rc));
		poptFreeContext(pc);
		return rc;
	}
	old = poptGetArg(pc);
	new = poptGetArg(pc);
	if (old == NULL || new == NULL || poptPeekArg(pc) != NULL)
		rc = trouble("usage: lwpbench compare [OPTIONS] OLD NEW");
	else if (!(co.margin >= 0 && co.margin < 1000))
		rc = trouble("compare: --margin: from 0 to 1000 per cent");
	else
		rc = compare_files(old, new);
	poptFreeContext(pc);
	return rc;
}
