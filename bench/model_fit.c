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
 * How far it is from one processor to the other is not fitted but measured, for
 * each rate anew: a hypervisor moves virtual processors during a run.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "driver.h"
#include "model.h"

#define POINTS	  256
#define ROUNDS	  4   /* of the descent */
#define FAR_RATIO 4.5 /* far to near, where the host has one kind only */
#define CLUSTER	  8
#define MOST	  1e5 /* ns, or acquisitions a migration */
#define PING_SAME 1.5 /* as for the rejection of samples */

struct point {
	const struct bench_case *po_case;
	unsigned po_variant;
	struct lock_config po_config;
	struct lock_kind po_kind;
	double po_rate, po_predicted;
	double po_ping; /* ns, a line between the two; NAN: not measured */
	bool po_fitted; /* a queue */
};

static double deadline; /* of the descent at work, or 0 */
static bool unfinished; /* a descent */

static struct point points[POINTS];
static unsigned npoints;

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
		.mp_cluster = CLUSTER,
		.mp_near = 50,
		.mp_pause = 15,
		.mp_rmw = 2.5 };
	const double near = calibrate_ping(calibration, "cache");
	const double far = calibrate_ping(calibration, "far");
	const double pause = json_number_value(
	    json_object_get(calibration, "pause_ns"));

	if (isfinite(near))
		mp.mp_near = near;
	mp.mp_far = isfinite(far) ? far : mp.mp_near * FAR_RATIO;
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
	size_t n;
	bool busy;

	free(analysis_values(rc, bc, v, M_rate, &n, &busy));
	n = near_middle(sl, v, NAN, M_ping_before, x);
	middle = stat_quantile(
	    x, n, n < 2 ? 0 : (double)((n - 1) / 2) / (double)(n - 1));
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
			po.po_fitted = model_zoo.zo_spin[po.po_kind.lk_spin]
					   ->sa_fair &&
			    po.po_kind.lk_spin != SPIN_cna &&
			    (po.po_kind.lk_protocol == PROTOCOL_retry ||
				po.po_kind.lk_protocol == PROTOCOL_queue);
			points[npoints++] = po;
		}
	}
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
	struct model_params there = *mp;

	if (isfinite(po->po_ping)) {
		there.mp_near = po->po_ping;
		there.mp_far *= po->po_ping / mp->mp_near;
	}
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
	(void)json_object_set_new(o, "near_ns", json_real(mp->mp_near));
	(void)json_object_set_new(o, "far_ns", json_real(mp->mp_far));
	(void)json_object_set_new(o, "cluster", json_integer(mp->mp_cluster));
	(void)json_object_set_new(o, "pause_ns", json_real(mp->mp_pause));
	return o;
}

static json_t *
points_json(const struct model_params *mp)
{
	json_t *a = json_array();
	struct model_result mr;
	unsigned n;

	for (n = 0; n < npoints; n++) {
		const struct point *po = &points[n];

		if (!point_run(po, mp, &mr))
			continue;
		(void)json_array_append_new(a,
		    json_pack("{s:i,s:s,s:b,s:f,s:f}", "case",
			po->po_case->bc_number, "variant",
			po->po_case->bc_variant[po->po_variant].va_name,
			"fitted", po->po_fitted, "measured", po->po_rate,
			"predicted", mr.mr_rate));
	}
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
			if (bench_interrupted() || !point_kind(names[n], &lk) ||
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
 *	Between the two processors that the lock samples ran on, at that time;
 *	NAN if there were none.
 */
static double
measured_ping(const struct records *rc)
{
	double *x = xcalloc(rc->rc_nsample + 1, sizeof(*x)), ns;
	size_t i, n = 0;

	for (i = 0; i < rc->rc_nsample; i++) {
		const struct sample *sm = rc->rc_sample[i];

		if (sm->sm_reject == 0 && isfinite(sm->sm_value[M_ping_before]))
			x[n++] = sm->sm_value[M_ping_before];
	}
	ns = stat_median(x, n);
	free(x);
	return ns;
}

json_t *
model_fit(const struct records *rc, double seconds)
{
	const double begin = driver_seconds();
	const double ping = measured_ping(rc);
	struct model_params half = model_default(rc->rc_calibration), all;
	double train, test, fit;
	unsigned n, fitted = 0;

	if (isfinite(ping)) {
		half.mp_far *= ping / half.mp_near;
		half.mp_near = ping;
	}
	points_gather(rc);
	for (n = 0; n < npoints; n++)
		fitted += points[n].po_fitted;
	if (fitted < 4)
		return NULL;
	unfinished = false;
	deadline = seconds == 0 ? 0 : begin + seconds / 2;
	train = descend(&half, 0);
	test = error_of(&half, 1);
	all = half;
	deadline = seconds == 0 ? 0 : begin + seconds;
	fit = descend(&all, 2);
	return json_pack("{s:s,s:i,s:b,s:f,s:f,s:f,s:o,s:o,s:o,s:o}", "type",
	    "model", "points", fitted, "finished", !unfinished, "train", train,
	    "holdout", test, "fit", fit, "params", params_json(&all),
	    "params_half", params_json(&half), "predictions", points_json(&all),
	    "beyond", beyond_json(&all));
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
