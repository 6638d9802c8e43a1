/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What this host is made of, in a few seconds: how long a line takes from each
 * processor to each other, the clock, the pause, and how far two copies of one
 * algorithm are apart (A/A).  The model is fitted to this.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "driver.h"
#include "lock.h"
#include "place.h"
#include "stat.h"
#include "team.h"

#define AA_ROUNDS 15
#define AA_SAMPLE 0.004
#define PAIRS	  4 /* of each nearness */

static bool
late(double until)
{
	return bench_interrupted() || driver_seconds() > until;
}

/* calibrate_where: the n-th of so many processors, spread over all. */
static unsigned
calibrate_where(unsigned n, unsigned of)
{
	return (unsigned)((uint64_t)n * place_count() / of);
}

/*
 * calibrate_pair:
 *
 *	One more pair, unless it is there.
 */
static void
calibrate_pair(json_t *pairs, unsigned a, unsigned b)
{
	const struct where x = place_where(a), y = place_where(b);
	const json_t *v;
	double ns;
	size_t n;

	json_array_foreach(pairs, n, v)
	{
		if (json_integer_value(json_object_get(v, "a")) == x.wh_os &&
		    json_integer_value(json_object_get(v, "b")) == y.wh_os)
			return;
	}
	team_urgent(true);
	ns = ping_pong(a, b, 1000);
	team_urgent(false);
	if (isfinite(ns))
		(void)json_array_append_new(pairs,
		    json_pack("{s:i,s:i,s:s,s:f}", "a", (int)x.wh_os, "b",
			(int)y.wh_os, "near",
			nearness_name[where_nearness(x, y)], "ns", ns));
}

/*
 * calibrate_matrix:
 *
 *	Some pairs of each nearness that there is, for the model; then each to
 *	each of so many processors.
 */
static json_t *
calibrate_matrix(unsigned most, double until)
{
	const unsigned all = place_count() < most ? place_count() : most;
	json_t *pairs = json_array();
	unsigned i, j, a, b;

	for (i = NEAR_smt; i < NEAR_COUNT; i++) {
		for (j = 0; j < PAIRS && !late(until); j++) {
			a = calibrate_where(j, PAIRS);
			if (place_pair((enum nearness)i, &a, &b))
				calibrate_pair(pairs, a, b);
		}
	}
	for (i = 0; i < all; i++) {
		for (j = i + 1; j < all && !late(until); j++)
			calibrate_pair(pairs, calibrate_where(i, all),
			    calibrate_where(j, all));
	}
	return pairs;
}

/*
 * calibrate_aa:
 *
 *	The loop of 1.54 from two copies, partial load, pairs.
 */
static struct interval
calibrate_aa(double until)
{
	const struct lock_config lc = { .lc_threads = team_crowded(2) ? 1 : 2,
		.lc_lwps = 1,
		.lc_mutexes = 1,
		.lc_section = 50,
		.lc_outside = 200 };
	struct lock_kind lk = { .lk_protocol = PROTOCOL_retry,
		.lk_spin = SPIN_ttas };
	const struct bench_case nowhere = { 0 };
	double ratio[AA_ROUNDS], rate[2];
	const double length = opt.op_sample;
	struct sample *sm;
	unsigned n, i, used = 0;

	opt.op_sample = AA_SAMPLE;
	for (n = 0; n < AA_ROUNDS && !late(until); n++) {
		for (i = 0; i < 2; i++) {
			lk.lk_copy = (n + i) % 2;
			sm = sample_new(&nowhere, 0);
			rate[lk.lk_copy] = lock_sample(&lc, &lk, sm) == 0 ?
			    sm->sm_value[M_rate] :
			    NAN;
			sample_free(sm);
		}
		if (isfinite(rate[0]) && isfinite(rate[1]))
			ratio[used++] = rate[1] / rate[0];
	}
	opt.op_sample = length;
	return stat_bootstrap(ratio, used, opt.op_seed);
}

json_t *
calibrate(unsigned most, double seconds)
{
	const double now = driver_seconds();
	struct interval aa;
	json_t *o = json_object();

	(void)json_object_set_new(o, "ghz", json_real(clock_ghz()));
	(void)json_object_set_new(o, "counter_ghz", json_real(clock_per_ns()));
	(void)json_object_set_new(o, "pause_ns", json_real(clock_pause_ns()));
	(void)json_object_set_new(
	    o, "matrix", calibrate_matrix(most, now + seconds * 0.6));
	aa = calibrate_aa(now + seconds);
	if (isfinite(aa.mid))
		(void)json_object_set_new(o, "aa",
		    json_pack("{s:f,s:f,s:f}", "low", aa.lo, "ratio", aa.mid,
			"high", aa.hi));
	return o;
}

double
calibrate_ping(const json_t *calibration, const char *near)
{
	const json_t *matrix = json_object_get(calibration, "matrix"), *v;
	double *ns = xcalloc(json_array_size(matrix) + 1, sizeof(*ns)), median;
	size_t i, n = 0;

	json_array_foreach(matrix, i, v)
	{
		const char *s = json_string_value(json_object_get(v, "near"));

		if (near == NULL || (s != NULL && strcmp(s, near) == 0))
			ns[n++] = json_number_value(json_object_get(v, "ns"));
	}
	median = stat_median(ns, n);
	free(ns);
	return median;
}

void
calibrate_print(const json_t *o)
{
	const json_t *aa = json_object_get(o, "aa"), *v;
	unsigned near;
	double ns;
	size_t n;

	(void)printf("processor %.2f GHz, counter %.2f GHz, pause %.1f ns\n",
	    json_number_value(json_object_get(o, "ghz")),
	    json_number_value(json_object_get(o, "counter_ghz")),
	    json_number_value(json_object_get(o, "pause_ns")));
	if (aa != NULL)
		(void)printf("A/A at partial load %.3f [%.3f, %.3f]\n",
		    json_number_value(json_object_get(aa, "ratio")),
		    json_number_value(json_object_get(aa, "low")),
		    json_number_value(json_object_get(aa, "high")));
	for (near = NEAR_smt; near < NEAR_COUNT; near++) {
		ns = calibrate_ping(o, nearness_name[near]);
		if (isfinite(ns))
			(void)printf("a line to another processor (%s): "
				     "%.0f ns\n",
			    nearness_name[near], ns);
	}
	json_array_foreach(json_object_get(o, "matrix"), n, v)(void)
	    printf("%5d %5d %8.1f ns\n",
		(int)json_integer_value(json_object_get(v, "a")),
		(int)json_integer_value(json_object_get(v, "b")),
		json_number_value(json_object_get(v, "ns")));
}
