/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim hunt: how long a strategy takes to find something.
 *
 * A repeat is a search of its own, from its own start seed: each execution
 * takes one of the seed programs, mutates every other one, and runs it under
 * the strategy with a fresh schedule, until the verdict appears or the budget
 * is spent.  Executions are a function of the start seed alone.
 *
 * The estimate.  Executions of a search are taken for independent trials that
 * hit with probability p.  A search that spent its budget is censored: all we
 * know is that it takes longer, so it counts with what it spent and without a
 * find.  With k finds in T executions of all repeats p is k/T, and the mean to
 * a find T/k, which is not biased by where the budget was set.  The 95 %
 * interval takes k for a Poisson number with mean Tp, whose exact interval
 * (Garwood's) is where either tail has 2.5 %.  Without a find there is only a
 * lower bound.  Seconds are executions at the measured rate.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwpsim.h"

#define REPEATS_MAX 1000
#define SEEDS_MAX   1024
#define TAIL	    0.025
#define SHOW_EVERY  0.2 /* seconds between two lines of progress */

static char *opt_strategy, *opt_verdict;
static int opt_repeats, opt_budget, opt_json;
static long opt_seed;

static const struct poptOption options[] = {
	{ "strategy", 's', POPT_ARG_STRING, &opt_strategy, 0,
	    "measure this strategy (all that draw at random)", "NAME" },
	{ "repeats", 'n', POPT_ARG_INT, &opt_repeats, 0,
	    "number of searches (10)", "N" },
	{ "budget", 0, POPT_ARG_INT, &opt_budget, 0,
	    "executions in each search, at most (10000)", "N" },
	{ "verdict", 0, POPT_ARG_STRING, &opt_verdict, 0,
	    "verdict to look for (any but pass)", "SIGNATURE" },
	{ "seed", 0, POPT_ARG_LONG, &opt_seed, 0,
	    "start seed of the first search (1)", "N" },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

static struct {
	struct prog *seed[SEEDS_MAX];
	unsigned nseeds;
	double shown; /* when the progress was last told */
} hu;

struct repeat {
	unsigned long runs;
	double seconds;
	bool found;
};

struct estimate {
	unsigned found;
	double runs, seconds;	/* of all repeats */
	double mean, low, high; /* executions to a find; < 0: no bound */
};

/*
 * hunt_draw:
 *
 *	The next of a sequence of numbers (splitmix64).
 */
static uint64_t
hunt_draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static int
hunt_load(const char *path, void *arg)
{
	struct prog *pr;
	int rc;

	(void)arg;
	if (hu.nseeds == SEEDS_MAX)
		return trouble("hunt: more than %d programs", SEEDS_MAX);
	pr = malloc(sizeof(*pr));
	if (pr == NULL)
		return trouble("hunt: no memory");
	rc = lwpsim_read(pr, path);
	if (rc != EXIT_PASS) {
		free(pr);
		return rc;
	}
	hu.seed[hu.nseeds++] = pr;
	return EXIT_PASS;
}

static void
hunt_unload(void)
{
	while (hu.nseeds > 0)
		free(hu.seed[--hu.nseeds]);
}

/*
 * hunt_progress:
 *
 *	A line that is written over, on a terminal only.
 */
static void
hunt_progress(unsigned strategy, int repeat, unsigned long runs)
{
	double now;

	if (!isatty(STDERR_FILENO))
		return;
	now = lwpsim_seconds();
	if (now - hu.shown < SHOW_EVERY)
		return;
	hu.shown = now;
	(void)fprintf(stderr, "\r%s: search %d of %d, %lu executions\033[K",
	    strategy_table[strategy]->st_name, repeat + 1, opt_repeats, runs);
}

static void
hunt_progress_end(void)
{
	if (hu.shown != 0)
		(void)fprintf(stderr, "\r\033[K");
	hu.shown = 0;
}

static bool
hunt_hit(const struct verdict *vd)
{
	if (opt_verdict == NULL)
		return vd->vd_code != VERDICT_pass;
	return strcmp(vd->vd_signature, opt_verdict) == 0;
}

static void
hunt_search(unsigned strategy, int repeat, struct repeat *rp)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	uint64_t state = (uint64_t)opt_seed + (uint64_t)repeat;
	double start = lwpsim_seconds();

	(void)memset(rp, 0, sizeof(*rp));
	state = hunt_draw(&state);
	run_options_init(&opt);
	while (!rp->found && rp->runs < (unsigned long)opt_budget &&
	    !lwpsim_interrupted) {
		pr = *hu.seed[hunt_draw(&state) % hu.nseeds];
		if ((hunt_draw(&state) & 1) != 0)
			prog_mutate(&pr, hunt_draw(&state));
		pr.pr_strategy = (uint8_t)strategy;
		pr.pr_seed = hunt_draw(&state);
		pr.pr_memory = sim_memory_grain();
		run(&pr, &opt, &vd);
		rp->runs++;
		rp->found = hunt_hit(&vd);
		hunt_progress(strategy, repeat, rp->runs);
	}
	rp->seconds = lwpsim_seconds() - start;
}

/*
 * poisson_below:
 *
 *	The probability of k or fewer where "mean" are expected.
 */
static double
poisson_below(unsigned k, double mean)
{
	double logterm = -mean, sum = 0;
	unsigned n;

	for (n = 0; n <= k; n++) {
		if (n > 0)
			logterm += log(mean / n);
		sum += exp(logterm);
	}
	return sum;
}

/*
 * poisson_mean:
 *
 *	The mean with which k or fewer come with this probability.
 */
static double
poisson_mean(unsigned k, double probability)
{
	double low = 1e-9, high = 2.0 * k + 20, middle;
	int n;

	for (n = 0; n < 100; n++) {
		middle = (low + high) / 2;
		if (poisson_below(k, middle) > probability)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void
hunt_estimate(const struct repeat *rp, int n, struct estimate *es)
{
	(void)memset(es, 0, sizeof(*es));
	for (; n > 0; n--, rp++) {
		es->found += rp->found;
		es->runs += (double)rp->runs;
		es->seconds += rp->seconds;
	}
	es->mean = es->high = -1;
	es->low = es->runs / poisson_mean(es->found, TAIL);
	if (es->found == 0)
		return;
	es->mean = es->runs / es->found;
	es->high = es->runs / poisson_mean(es->found - 1, 1 - TAIL);
}

/*
 * hunt_bound:
 *
 *	A number, or that there is none; "per" of them are one unit.
 */
static void
hunt_bound(double value, double per, int digits)
{
	if (value < 0)
		(void)printf(" %11s", "-");
	else
		(void)printf(" %11.*f", digits, value * per);
}

static void
hunt_print(unsigned strategy, const struct repeat *rp, int n,
    const struct estimate *es)
{
	const double rate = es->runs > 0 ? es->seconds / es->runs : 0;
	int i;

	for (i = 0; i < n; i++)
		(void)printf("%-8s search %3d: %s%lu executions, %.4f s\n",
		    strategy_table[strategy]->st_name, i + 1,
		    rp[i].found ? "" : "not in ", rp[i].runs, rp[i].seconds);
	(void)printf(
	    "%-8s %4u/%-4d", strategy_table[strategy]->st_name, es->found, n);
	hunt_bound(es->mean, 1, 1);
	hunt_bound(es->low, 1, 1);
	hunt_bound(es->high, 1, 1);
	hunt_bound(es->mean, rate, 4);
	hunt_bound(es->low, rate, 4);
	hunt_bound(es->high, rate, 4);
	(void)printf("\n");
}

static json_t *
hunt_number(double value)
{
	return value < 0 ? json_null() : json_real(value);
}

static json_t *
hunt_row(unsigned strategy, const struct repeat *rp, int n,
    const struct estimate *es)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(list,
		    json_pack("{s:b,s:I,s:f}", "found", rp[i].found,
			"executions", (json_int_t)rp[i].runs, "seconds",
			rp[i].seconds));
	return json_pack("{s:s,s:i,s:f,s:f,s:o,s:o,s:o,s:o}", "strategy",
	    strategy_table[strategy]->st_name, "found", (int)es->found,
	    "executions", es->runs, "seconds", es->seconds, "mean",
	    hunt_number(es->mean), "low", hunt_number(es->low), "high",
	    hunt_number(es->high), "repeats", list);
}

/*
 * hunt_strategy:
 *
 *	All searches of one strategy.  An interrupted one counts as far as it
 *	came.
 */
static bool
hunt_strategy(unsigned strategy, json_t *rows)
{
	static struct repeat repeats[REPEATS_MAX];
	struct estimate es;
	int n = 0;

	while (n < opt_repeats && !lwpsim_interrupted) {
		hunt_search(strategy, n, &repeats[n]);
		n++;
	}
	hunt_progress_end();
	hunt_estimate(repeats, n, &es);
	if (opt_json)
		(void)json_array_append_new(
		    rows, hunt_row(strategy, repeats, n, &es));
	else
		hunt_print(strategy, repeats, n, &es);
	return es.found != 0;
}

/*
 * hunt_wanted:
 *
 *	Is the strategy one to measure?  A replay follows a file, and what is
 *	exhaustive goes on where it was: neither begins a search with a seed.
 */
static bool
hunt_wanted(unsigned strategy)
{
	if (!strategy_table[strategy]->st_draws)
		return false;
	return opt_strategy == NULL || strcmp(opt_strategy, "all") == 0 ||
	    strcmp(opt_strategy, strategy_table[strategy]->st_name) == 0;
}

static int
hunt_check(void)
{
	unsigned n, wanted = 0;

	for (n = 0; n < STRATEGY_COUNT; n++)
		wanted += hunt_wanted(n);
	if (wanted == 0)
		return trouble(
		    "hunt: no strategy \"%s\" that draws; see lwpsim "
		    "list strategies",
		    opt_strategy);
	if (!lwpsim_in_range("hunt", "repeats", opt_repeats, 1, REPEATS_MAX) ||
	    !lwpsim_in_range("hunt", "budget", opt_budget, 1, 1e9))
		return EXIT_TROUBLE;
	return EXIT_PASS;
}

int
verb_hunt(int argc, const char **argv)
{
	json_t *rows;
	poptContext pc;
	unsigned n;
	bool found = false;

	opt_repeats = 10;
	opt_budget = 10000;
	opt_seed = 1;
	pc = lwpsim_options("hunt", argc, argv, options);
	if (pc == NULL || hunt_check() != EXIT_PASS)
		return EXIT_TROUBLE;
	if (lwpsim_files(pc, hunt_load, NULL) != EXIT_PASS) {
		hunt_unload();
		return EXIT_TROUBLE;
	}
	rows = json_array();
	if (!opt_json)
		(void)printf("%-8s %-9s %11s %11s %11s %11s %11s %11s\n",
		    "strategy", "found", "executions", "95 % from", "to",
		    "seconds", "95 % from", "to");
	for (n = 0; n < STRATEGY_COUNT && !lwpsim_interrupted; n++) {
		if (hunt_wanted(n))
			found = hunt_strategy(n, rows) || found;
	}
	hunt_unload();
	if (opt_json)
		lwpsim_json(json_pack("{s:s,s:b,s:o}", "verdict",
		    opt_verdict != NULL ? opt_verdict : "", "interrupted",
		    (int)lwpsim_interrupted, "strategies", rows));
	else {
		json_decref(rows);
		if (lwpsim_interrupted)
			(void)printf("interrupted\n");
	}
	return found ? EXIT_FINDING : EXIT_PASS;
}
