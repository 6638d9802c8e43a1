/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fitting the model, and what it says.
 *
 * Five parameters are fitted, by descent along one after the other, to the
 * rates of queue locks (ticket, MCS, CLH, under retry and queue) that the run
 * measured.  First to every other one of them, to predict the rest, which the
 * fit has not seen; then to all.  Locks that are not fair are predicted, and
 * never fitted to: what decides there is not modelled.
 *
 * How far it is from one processor to the other is not fitted but measured: for
 * each nearness (calibrate.c), and between two threads for each rate anew,
 * since a hypervisor moves virtual processors during a run.
 *
 * With many processors there are hundreds of rates, and those of many threads
 * take long to model.  It is fitted to some rates of few threads; what it says
 * of more is not fitted to them either, and is told apart (extrapolated).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "driver.h"
#include "model.h"

#define POINTS	    4096
#define FIT_POINTS  48	/* of them, at most, to fit to */
#define FIT_THREADS 16	/* and of so many threads at most */
#define ROUNDS	    4	/* of the descent */
#define MOST	    1e5 /* ns, or acquisitions a migration */
#define PING_SAME   1.5 /* as for the rejection of samples */

struct point {
	const struct bench_case *po_case;
	unsigned po_variant;
	struct lock_config po_config;
	struct lock_kind po_kind;
	double po_rate, po_predicted;
	double po_ping; /* ns, a line between the two; NAN: not measured */
	bool po_fair;	/* a queue */
	bool po_fitted; /* ... that is fitted to */
};

static double deadline; /* of the descent at work, or 0 */
static bool unfinished; /* a descent */

static struct point points[POINTS];
static unsigned npoints;

/* Where only some were measured: a line's way to one within a cache. */
static const double near_ratio[NEAR_COUNT] = { [NEAR_smt] = 0.5,
	[NEAR_cache] = 1,
	[NEAR_package] = 4.5,
	[NEAR_far] = 4.5 };
#define NEAR_NS 50 /* ... where none was */

static const struct {
	size_t where;
	double low, high;
	const char *name;
} knobs[] = {
	{ offsetof(struct model_params, mp_load), 0.1, 1.5, "load" },
	{ offsetof(struct model_params, mp_upgrade), 0.1, 1.5, "upgrade" },
	{ offsetof(struct model_params, mp_data), 0.1, 1.5, "data" },
	{ offsetof(struct model_params, mp_occupied), 1, 60, "occupied_ns" },
	{ offsetof(struct model_params, mp_own), 1, 80, "own_ns" },
};

#define NKNOBS (sizeof(knobs) / sizeof(knobs[0]))

static double *
knob(struct model_params *mp, unsigned n)
{
	return (double *)(void *)((char *)mp + knobs[n].where);
}

struct model_params
model_default(const json_t *calibration)
{
	struct model_params mp = { .mp_load = 0.42,
		.mp_upgrade = 0.41,
		.mp_data = 0.93,
		.mp_occupied = 10,
		.mp_own = 10,
		.mp_pause = 15,
		.mp_rmw = 2.5 };
	static const enum nearness order[] = { NEAR_cache, NEAR_far,
		NEAR_package, NEAR_smt };
	const double pause = json_number_value(
	    json_object_get(calibration, "pause_ns"));
	double base = NAN, ns;
	unsigned n;

	for (n = 0; n < sizeof(order) / sizeof(order[0]); n++) {
		ns = calibrate_ping(calibration, nearness_name[order[n]]);
		mp.mp_ns[order[n]] = ns;
		if (isfinite(ns) && !isfinite(base))
			base = ns / near_ratio[order[n]];
	}
	for (n = NEAR_smt; n < NEAR_COUNT; n++) {
		if (!isfinite(mp.mp_ns[n]))
			mp.mp_ns[n] = near_ratio[n] *
			    (isfinite(base) ? base : NEAR_NS);
	}
	if (pause > 0)
		mp.mp_pause = pause;
	return mp;
}

/*
 * point_kind:
 *
 *	"retry/ticket"; false for a reference.
 */
static bool
point_kind(const char *name, struct lock_kind *lk)
{
	char text[NAME_MAX_];
	unsigned p, s;

	memset(lk, 0, sizeof(*lk));
	for (p = 0; p < PROTOCOL_COUNT; p++) {
		for (s = 0; s < SPIN_COUNT; s++) {
			lk->lk_protocol = (enum protocol_id)p;
			lk->lk_spin = (enum spin_id)s;
			lock_name(lk, text, sizeof(text));
			if (strcmp(text, name) == 0)
				return true;
		}
	}
	return false;
}

static bool
point_config(const struct bench_case *bc, struct lock_config *lc)
{
	double mutexes, every;

	memset(lc, 0, sizeof(*lc));
	if (strcmp(bc->bc_bench, "lock") != 0 || bc->bc_threads < 2 ||
	    bc->bc_threads > MODEL_CPUS || case_parameter(bc, "lwps") != 1 ||
	    !config_has(
		bc->bc_config, "by=lockers move=unlock_to place=policy"))
		return false;
	lc->lc_threads = bc->bc_threads;
	lc->lc_lwps = 1;
	mutexes = case_parameter(bc, "mutexes");
	every = case_parameter(bc, "every");
	lc->lc_section = case_parameter(bc, "section");
	lc->lc_outside = case_parameter(bc, "outside");
	/* A file may say anything. */
	if (!(mutexes >= 1 && mutexes <= MODEL_CPUS && every >= 0 &&
		every <= MOST && lc->lc_section >= 0 &&
		lc->lc_section <= MOST && lc->lc_outside >= 0 &&
		lc->lc_outside <= MOST))
		return false;
	lc->lc_mutexes = (unsigned)mutexes;
	lc->lc_every = (unsigned)every;
	return true;
}

/*
 * near_middle:
 *
 *	A metric of the undisturbed samples whose line took about so long; NAN:
 *	of all.  How many.
 */
static size_t
near_middle(const struct sample_list *sl, unsigned v, double middle,
    enum metric m, double *out)
{
	size_t i, n = 0;

	for (i = 0; i < sl->sl_n; i++) {
		const struct sample *sm = sl->sl_sample[i];
		const double ns = sm->sm_value[M_ping_before];

		if (sm->sm_variant == v && sm->sm_reject == 0 &&
		    isfinite(sm->sm_value[M_rate]) &&
		    !(ns > middle * PING_SAME || ns < middle / PING_SAME))
			out[n++] = sm->sm_value[m];
	}
	return n;
}

/*
 * point_rate:
 *
 *	The median of the undisturbed samples, NAN if those are few; and the
 *	line's time then.  Of samples at two distances those count that are at
 *	the one of the middle sample, the nearer if the two are as many.
 */
static double
point_rate(const struct records *rc, const struct bench_case *bc, unsigned v,
    double *ping)
{
	const struct sample_list *sl = &rc->rc_of[bc->bc_number];
	double *x = xcalloc(sl->sl_n + 1, sizeof(*x)), middle, rate;
	size_t n, before;
	bool busy;

	free(analysis_values(rc, bc, v, M_rate, &n, &busy));
	n = near_middle(sl, v, NAN, M_ping_before, x);
	before = n == 0 ? 0 : (n - 1) / 2;
	middle = stat_quantile(
	    x, n, n < 2 ? 0 : (double)before / (double)(n - 1));
	*ping = stat_median(x, near_middle(sl, v, middle, M_ping_before, x));
	rate = stat_median(x, near_middle(sl, v, middle, M_rate, x));
	free(x);
	return busy ? NAN : rate;
}

static void
points_gather(const struct records *rc)
{
	struct point po;
	unsigned n, v;

	npoints = 0;
	for (n = 0; n < rc->rc_ncase; n++) {
		memset(&po, 0, sizeof(po));
		po.po_case = rc->rc_case[n];
		if (!point_config(po.po_case, &po.po_config) ||
		    po.po_case->bc_threads > analysis_processors(rc))
			continue;
		for (v = 0; v < po.po_case->bc_nvariant; v++) {
			po.po_variant = v;
			if (npoints == POINTS ||
			    po.po_case->bc_variant[v].va_again ||
			    !point_kind(
				po.po_case->bc_variant[v].va_name, &po.po_kind))
				continue;
			po.po_rate = point_rate(rc, po.po_case, v, &po.po_ping);
			if (!isfinite(po.po_rate))
				continue;
			po.po_fair = model_zoo.zo_spin[po.po_kind.lk_spin]
					 ->sa_fair &&
			    po.po_kind.lk_spin != SPIN_cna &&
			    (po.po_kind.lk_protocol == PROTOCOL_retry ||
				po.po_kind.lk_protocol == PROTOCOL_queue);
			points[npoints++] = po;
		}
	}
}

/*
 * points_choose:
 *
 *	What is fitted to: of the queues with few threads all, or as many as
 *	there is time for, spread over them.  How many.
 */
static unsigned
points_choose(void)
{
	unsigned n, few = 0, seen = 0, fitted = 0;

	for (n = 0; n < npoints; n++)
		few += points[n].po_fair &&
		    points[n].po_config.lc_threads <= FIT_THREADS;
	for (n = 0; n < npoints; n++) {
		struct point *po = &points[n];

		if (!po->po_fair || po->po_config.lc_threads > FIT_THREADS)
			continue;
		/* So many of the first seen + 1. */
		po->po_fitted = few <= FIT_POINTS ||
		    (seen + 1) * FIT_POINTS / few > fitted;
		seen++;
		fitted += po->po_fitted;
	}
	return fitted;
}

/*
 * farther:
 *
 *	The same host with its processors as far apart as they were then: so
 *	long from the first thread to the second.
 */
static struct model_params
farther(const struct model_params *mp, double ping)
{
	struct model_params there = *mp;
	const double ratio = ping / mp->mp_ns[model_nearness(mp, 0, 1)];
	unsigned n;

	for (n = 0; isfinite(ratio) && n < NEAR_COUNT; n++)
		there.mp_ns[n] *= ratio;
	return there;
}

/*
 * point_run:
 *
 *	The model where its rate was measured.
 */
static bool
point_run(const struct point *po, const struct model_params *mp,
    struct model_result *mr)
{
	const struct model_params there = farther(mp, po->po_ping);

	return model_run(&there, &po->po_config, &po->po_kind, mr);
}

/*
 * error_of:
 *
 *	Root mean square of the logarithm over the points of a half (0, 1) or
 *	all (2).
 */
static double
error_of(const struct model_params *mp, unsigned half)
{
	double measured[POINTS], predicted[POINTS];
	struct model_result mr;
	unsigned n, seen = 0, used = 0;

	for (n = 0; n < npoints; n++) {
		struct point *po = &points[n];

		if (!po->po_fitted || (half != 2 && seen++ % 2 != half))
			continue;
		if (!point_run(po, mp, &mr))
			return INFINITY;
		po->po_predicted = mr.mr_rate;
		measured[used] = po->po_rate;
		predicted[used++] = mr.mr_rate;
	}
	return stat_rmslog(predicted, measured, used);
}

static bool
model_late(void)
{
	const bool late = bench_interrupted() ||
	    (deadline != 0 && driver_seconds() > deadline);

	unfinished = unfinished || late;
	return late;
}

static double
descend(struct model_params *mp, unsigned half)
{
	double best = error_of(mp, half), step = 1.6, error, old;
	unsigned round, n, way;

	for (round = 0; round < ROUNDS; round++) {
		for (n = 0; n < NKNOBS && !model_late(); n++) {
			for (way = 0; way < 2; way++) {
				old = *knob(mp, n);
				*knob(mp, n) = fmin(knobs[n].high,
				    fmax(knobs[n].low,
					way == 0 ? old * step : old / step));
				error = error_of(mp, half);
				if (error < best)
					best = error;
				else
					*knob(mp, n) = old;
			}
		}
		step = sqrt(step);
	}
	return best;
}

static json_t *
params_json(struct model_params *mp)
{
	json_t *o = json_object();
	unsigned n;

	for (n = 0; n < NKNOBS; n++)
		(void)json_object_set_new(
		    o, knobs[n].name, json_real(*knob(mp, n)));
	(void)json_object_set_new(o, "smt_ns", json_real(mp->mp_ns[NEAR_smt]));
	(void)json_object_set_new(
	    o, "near_ns", json_real(mp->mp_ns[NEAR_cache]));
	(void)json_object_set_new(
	    o, "package_ns", json_real(mp->mp_ns[NEAR_package]));
	(void)json_object_set_new(o, "far_ns", json_real(mp->mp_ns[NEAR_far]));
	(void)json_object_set_new(o, "cluster", json_integer(MODEL_CLUSTER));
	(void)json_object_set_new(o, "pause_ns", json_real(mp->mp_pause));
	return o;
}

/*
 * points_json:
 *
 *	Predictions of all, as far as there is time; how far off those are, rms
 *	of the logarithm, that are of queues with more threads than fitted.
 */
static json_t *
points_json(const struct model_params *mp, double *extrapolated)
{
	static double measured[POINTS], predicted[POINTS];
	json_t *a = json_array();
	struct model_result mr;
	unsigned n, used = 0;

	for (n = 0; n < npoints && !model_late(); n++) {
		const struct point *po = &points[n];

		if (!point_run(po, mp, &mr))
			continue;
		if (po->po_fair && po->po_config.lc_threads > FIT_THREADS) {
			measured[used] = po->po_rate;
			predicted[used++] = mr.mr_rate;
		}
		(void)json_array_append_new(a,
		    json_pack("{s:i,s:s,s:b,s:f,s:f}", "case",
			po->po_case->bc_number, "variant",
			po->po_case->bc_variant[po->po_variant].va_name,
			"fitted", po->po_fitted, "measured", po->po_rate,
			"predicted", mr.mr_rate));
	}
	*extrapolated = stat_rmslog(predicted, measured, used);
	return a;
}

/*
 * beyond_json:
 *
 *	What it says of more processors than there are, in clusters.
 */
static json_t *
beyond_json(const struct model_params *mp)
{
	static const unsigned threads[] = { 2, 8, 16, 64, 256 };
	static const char *const names[] = { "retry/ttas", "retry/ticket",
		"retry/mcs", "retry/cna", "backoff/ttas", "queue/ttas",
		"queue/mcs" };
	struct lock_config lc = { .lc_lwps = 1,
		.lc_mutexes = 2,
		.lc_every = 8,
		.lc_section = 30,
		.lc_outside = 60 };
	json_t *a = json_array(), *o;
	struct model_result mr;
	struct lock_kind lk;
	unsigned n, t;

	for (n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		for (t = 0; t < sizeof(threads) / sizeof(threads[0]); t++) {
			lc.lc_threads = threads[t];
			if (model_late() || !point_kind(names[n], &lk) ||
			    !model_run(mp, &lc, &lk, &mr))
				continue;
			o = json_pack("{s:s,s:i,s:f,s:f,s:f}", "variant",
			    names[n], "threads", threads[t], "rate", mr.mr_rate,
			    "handover", mr.mr_handover, "jain", mr.mr_jain);
			if (isfinite(mr.mr_retries)) {
				(void)json_object_set_new(o, "retries_per_move",
				    json_real(mr.mr_retries));
				(void)json_object_set_new(
				    o, "waiters", json_real(mr.mr_waiters));
			}
			(void)json_array_append_new(a, o);
		}
	}
	return a;
}

/*
 * measured_ping:
 *
 *	From the first thread to the second, all points together; NAN if it was
 *	not measured.
 */
static double
measured_ping(void)
{
	static double x[POINTS];
	size_t n, used = 0;

	for (n = 0; n < npoints; n++) {
		if (isfinite(points[n].po_ping))
			x[used++] = points[n].po_ping;
	}
	return stat_median(x, used);
}

/*
 * places_read:
 *
 *	Where the threads were, if the file tells of all of them.
 */
static struct where *
places_read(const struct records *rc)
{
	const json_t *list = json_object_get(rc->rc_head, "places"), *v;
	struct where *wh;
	json_int_t os, core, cache, package, node;
	size_t n;

	if (json_array_size(list) < analysis_processors(rc))
		return NULL;
	wh = xcalloc(json_array_size(list), sizeof(*wh));
	json_array_foreach(list, n, v)
	{
		if (json_unpack((json_t *)(uintptr_t)v, "[I,I,I,I,I]", &os,
			&core, &cache, &package, &node) != 0) {
			free(wh);
			return NULL;
		}
		wh[n] = (struct where) { (unsigned)os, (unsigned)core,
			(unsigned)cache, (unsigned)package, (unsigned)node };
	}
	return wh;
}

json_t *
model_fit(const struct records *rc, double seconds)
{
	const double begin = driver_seconds();
	struct model_params half = model_default(rc->rc_calibration), all;
	double train, test, fit, extrapolated;
	json_t *o, *predictions;
	struct where *places = places_read(rc);
	unsigned fitted;

	points_gather(rc);
	fitted = points_choose();
	if (fitted < 4) {
		free(places);
		return NULL;
	}
	half.mp_where = places;
	half = farther(&half, measured_ping());
	unfinished = false;
	deadline = seconds == 0 ? 0 : begin + seconds * 0.4;
	train = descend(&half, 0);
	test = error_of(&half, 1);
	all = half;
	deadline = seconds == 0 ? 0 : begin + seconds * 0.8;
	fit = descend(&all, 2);
	deadline = seconds == 0 ? 0 : begin + seconds;
	predictions = points_json(&all, &extrapolated);
	/* Beyond this host there are clusters. */
	all.mp_where = NULL;
	o = json_pack("{s:s,s:i,s:b,s:f,s:f,s:f,s:o,s:o,s:o,s:o}", "type",
	    "model", "points", (int)fitted, "finished", !unfinished, "train",
	    train, "holdout", test, "fit", fit, "params", params_json(&all),
	    "params_half", params_json(&half), "predictions", predictions,
	    "beyond", beyond_json(&all));
	if (isfinite(extrapolated))
		(void)json_object_set_new(
		    o, "extrapolated", json_real(extrapolated));
	free(places);
	return o;
}

static double
number(const json_t *o, const char *name)
{
	return json_number_value(json_object_get(o, name));
}

/*
 * print_range:
 *
 *	How far off the fitted ones are, at both ends.
 */
static void
print_range(const json_t *model)
{
	const json_t *v, *low = NULL, *high = NULL;
	double ratio, least = INFINITY, most = 0;
	size_t n;

	json_array_foreach(json_object_get(model, "predictions"), n, v)
	{
		if (!json_is_true(json_object_get(v, "fitted")))
			continue;
		ratio = number(v, "predicted") / number(v, "measured");
		if (ratio < least) {
			least = ratio;
			low = v;
		}
		if (ratio > most) {
			most = ratio;
			high = v;
		}
	}
	if (low != NULL && high != NULL)
		(void)printf("\n  predicted to measured: %.2f (%s, case %.0f) "
			     "to %.2f (%s, case %.0f)\n",
		    least, json_string_value(json_object_get(low, "variant")),
		    number(low, "case"), most,
		    json_string_value(json_object_get(high, "variant")),
		    number(high, "case"));
}

void
model_print(const json_t *model)
{
	const json_t *v;
	const char *last = "", *name;
	const json_t *params = json_object_get(model, "params");
	unsigned k;
	size_t n;

	(void)printf("\nmodel, fitted to %d rates of queue locks: off by "
		     "%.1f %% (rms)\n  fitted to half of them: %.1f %%, the "
		     "other half predicted: %.1f %%\n ",
	    (int)number(model, "points"), 100 * number(model, "fit"),
	    100 * number(model, "train"), 100 * number(model, "holdout"));
	for (k = 0; k < NKNOBS; k++)
		(void)printf(
		    " %s %.2f", knobs[k].name, number(params, knobs[k].name));
	(void)printf(" near_ns %.0f far_ns %.0f cluster %.0f\n",
	    number(params, "near_ns"), number(params, "far_ns"),
	    number(params, "cluster"));
	if (json_object_get(model, "extrapolated") != NULL)
		(void)printf("  of more than %d threads, not fitted: off by "
			     "%.1f %%\n",
		    FIT_THREADS, 100 * number(model, "extrapolated"));
	print_range(model);
	if (json_is_false(json_object_get(model, "finished")))
		(void)printf("\n  the fit had no time to end; \"lwpbench "
			     "fit\" takes what it needs\n");
	(void)printf("\n  beyond this host (section 30 ns, outside 60 ns, "
		     "moving every 8): M/s, hand-overs, Jain, retries a "
		     "move of waiters\n");
	json_array_foreach(json_object_get(model, "beyond"), n, v)
	{
		name = json_string_value(json_object_get(v, "variant"));
		(void)printf("  %-14s %4.0f %8.2f %6.2f %6.2f %8.1f of %.1f\n",
		    strcmp(name, last) == 0 ? "" : name, number(v, "threads"),
		    number(v, "rate") / 1e6, number(v, "handover"),
		    number(v, "jain"), number(v, "retries_per_move"),
		    number(v, "waiters"));
		last = name;
	}
}

int
verb_fit(int argc, const char **argv)
{
	struct records rc = { 0 };
	json_t *model;
	int error = 0;

	if (argc != 2 || argv[1][0] == '-')
		return trouble("usage: lwpbench fit FILE");
	if (!records_read(&rc, argv[1]))
		error = 2;
	else if ((model = model_fit(&rc, 0)) == NULL)
		error = trouble("%s: too few undisturbed rates of queue locks "
				"to fit to",
		    argv[1]);
	else {
		model_print(model);
		json_decref(model);
	}
	records_free(&rc);
	return error;
}

/*
 * bench_model:
 *
 *	No cases of its own: what "lock" measured before it in the same run.
 */
void
bench_model(void)
{
	struct records *rc = driver_records();
	json_t *model;

	model = model_fit(rc, opt.op_budget);
	if (bench_interrupted())
		json_decref(model); /* half a fit */
	else if (model == NULL)
		warning("model: too few undisturbed rates of queue locks to "
			"fit to (it needs \"lock\" and two processors)");
	else
		records_model(rc, model);
}
