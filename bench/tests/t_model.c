/* SPDX-License-Identifier: BSD-2-Clause */

/* The model: what must hold whatever its parameters are, and that a fit finds
 * what was planted. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../driver.h"
#include "../model.h"

static const struct lock_config partial = { .lc_threads = 2,
	.lc_lwps = 1,
	.lc_mutexes = 2,
	.lc_every = 8,
	.lc_section = 50,
	.lc_outside = 50 };

static struct lock_kind
kind(enum protocol_id p, enum spin_id s)
{
	return (struct lock_kind) { .lk_protocol = p, .lk_spin = s };
}

static struct model_result
modelled(const struct model_params *mp, const struct lock_config *lc,
    enum protocol_id p, enum spin_id s)
{
	const struct lock_kind lk = kind(p, s);
	struct model_result mr;

	cr_assert(
	    model_run(mp, lc, &lk, &mr), "protocol %d, algorithm %d", p, s);
	return mr;
}

Test(bench_model, every_pair_ends_with_every_number_of_processors)
{
	const struct model_params mp = model_default(NULL);
	struct lock_config lc = partial;
	static const unsigned threads[] = { 1, 2, 3, 16 };
	struct model_result mr;
	unsigned t, p, s;

	for (t = 0; t < sizeof(threads) / sizeof(threads[0]); t++) {
		lc.lc_threads = threads[t];
		for (p = 0; p < PROTOCOL_COUNT; p++) {
			for (s = 0; s < SPIN_COUNT; s++) {
				mr = modelled(&mp, &lc, p, s);
				cr_assert(
				    mr.mr_rate > 0 && mr.mr_jain <= 1.000001);
			}
		}
	}
}

Test(bench_model, the_same_run_twice_is_the_same)
{
	const struct model_params mp = model_default(NULL);
	struct model_result a, b;

	a = modelled(&mp, &partial, PROTOCOL_backoff, SPIN_ttas);
	b = modelled(&mp, &partial, PROTOCOL_backoff, SPIN_ttas);
	cr_assert(memcmp(&a, &b, sizeof(a)) == 0);
}

Test(bench_model, who_waits_retries_once_for_each_migration)
{
	const struct model_params mp = model_default(NULL);
	struct lock_config lc = partial;
	struct model_result mr;

	lc.lc_outside = 0;
	mr = modelled(&mp, &lc, PROTOCOL_retry, SPIN_ticket);
	cr_assert_float_eq(mr.mr_retries / mr.mr_waiters, 1, 0.03);
	mr = modelled(&mp, &lc, PROTOCOL_retry, SPIN_mcs);
	cr_assert_float_eq(mr.mr_retries / mr.mr_waiters, 1, 0.03);
	lc.lc_threads = 8;
	mr = modelled(&mp, &lc, PROTOCOL_queue, SPIN_mcs);
	/* The head alone, however many wait. */
	cr_assert(mr.mr_retries <= 1.01, "%g", mr.mr_retries);
}

Test(bench_model, farther_lines_make_hand_overs_slower)
{
	struct model_params mp = model_default(NULL);
	struct model_result near, far;

	near = modelled(&mp, &partial, PROTOCOL_retry, SPIN_ticket);
	mp.mp_ns[NEAR_cache] *= 4;
	far = modelled(&mp, &partial, PROTOCOL_retry, SPIN_ticket);
	cr_assert(far.mr_rate < near.mr_rate * 0.7);
}

Test(bench_model, where_threads_are_decides_how_far_lines_go)
{
	static const struct where near[2] = { { 0, 0, 0, 0, 0 },
		{ 1, 1, 0, 0, 0 } };
	static const struct where far[2] = { { 0, 0, 0, 0, 0 },
		{ 9, 9, 3, 1, 1 } };
	struct model_params mp = model_default(NULL);
	double rate[3];

	rate[0] = modelled(&mp, &partial, PROTOCOL_retry, SPIN_ticket).mr_rate;
	mp.mp_where = near;
	rate[1] = modelled(&mp, &partial, PROTOCOL_retry, SPIN_ticket).mr_rate;
	mp.mp_where = far;
	rate[2] = modelled(&mp, &partial, PROTOCOL_retry, SPIN_ticket).mr_rate;
	cr_assert(rate[0] == rate[1]);
	cr_assert(rate[2] < rate[1] * 0.7);
}

Test(bench_model, what_was_not_measured_is_taken_from_what_was)
{
	json_t *only = json_pack("{s:[{s:i,s:i,s:s,s:f}]}", "matrix", "a", 0,
	    "b", 1, "near", "far", "ns", 450.0);
	const struct model_params mp = model_default(only);

	cr_assert_float_eq(mp.mp_ns[NEAR_far], 450, 1e-9);
	cr_assert_float_eq(mp.mp_ns[NEAR_package], 450, 1e-9);
	cr_assert_float_eq(mp.mp_ns[NEAR_cache], 100, 1e-9);
	cr_assert_float_eq(mp.mp_ns[NEAR_smt], 50, 1e-9);
	json_decref(only);
}

/*
 * plant:
 *
 *	Records whose rates the model made, with parameters of its own.  The
 *	processors are "farther" from each other in the second half of the run,
 *	and for half of it in the first.  The last case has "most" threads.
 */
static unsigned most = 2;

static void
plant(struct records *rc, const struct model_params *mp, double farther)
{
	struct model_params there;
	static const unsigned outside[] = { 0, 100, 200, 400 };
	static const enum spin_id spins[] = { SPIN_ticket, SPIN_mcs, SPIN_clh };
	struct lock_config lc = partial;
	struct bench_case *bc;
	struct sample *sm;
	unsigned n, v, round;
	json_t *places = json_array();

	for (n = 0; n < most && mp->mp_where != NULL; n++)
		(void)json_array_append_new(places,
		    json_pack("[i,i,i,i,i]", (int)mp->mp_where[n].wh_os,
			(int)mp->mp_where[n].wh_core,
			(int)mp->mp_where[n].wh_cache,
			(int)mp->mp_where[n].wh_package,
			(int)mp->mp_where[n].wh_node));
	cr_assert(records_start(rc, NULL,
	    json_pack("{s:s,s:i,s:i,s:o}", "type", "run", "processors",
		(int)most, "seed", 1, "places", places)));
	for (n = 0; n < 4; n++) {
		bc = xcalloc(1, sizeof(*bc));
		lc.lc_threads = n == 3 ? most : 2;
		lc.lc_outside = outside[n];
		(void)strcpy(bc->bc_bench, "lock");
		(void)snprintf(bc->bc_config, sizeof(bc->bc_config),
		    "threads=%u lwps=1 mutexes=2 every=8 by=lockers "
		    "move=unlock_to section=50 outside=%u place=policy",
		    lc.lc_threads, outside[n]);
		bc->bc_threads = lc.lc_threads;
		bc->bc_metric = M_rate;
		bc->bc_nvariant = 3;
		for (v = 0; v < 3; v++) {
			const struct lock_kind lk = kind(
			    PROTOCOL_retry, spins[v]);

			lock_name(&lk, bc->bc_variant[v].va_name, NAME_MAX_);
		}
		records_case(rc, bc);
		for (v = 0; v < 3; v++) {
			for (round = 0; round < 6; round++) {
				sm = sample_new(bc, v);
				sm->sm_round = round;
				there = *mp;
				if (n >= 2 || round % 2 != 0)
					there.mp_ns[NEAR_cache] *= farther;
				sm->sm_value[M_ping_before] =
				    there.mp_ns[NEAR_cache];
				sm->sm_value[M_rate] = modelled(
				    &there, &lc, PROTOCOL_retry, spins[v])
							   .mr_rate;
				records_sample(rc, sm);
			}
		}
	}
}

static void
finds(double farther)
{
	struct model_params mp = model_default(NULL);
	struct records rc;
	json_t *model;
	double fit, holdout;

	mp.mp_load = 0.8;
	mp.mp_upgrade = 0.6;
	mp.mp_own = 25;
	plant(&rc, &mp, farther);
	model = model_fit(&rc, 0);
	cr_assert(model != NULL);
	fit = json_number_value(json_object_get(model, "fit"));
	holdout = json_number_value(json_object_get(model, "holdout"));
	cr_assert(fit < 0.08, "fit %g", fit);
	cr_assert(json_is_true(json_object_get(model, "finished")));
	cr_assert(holdout < 0.15, "hold-out %g", holdout);
	json_decref(model);
	records_free(&rc);
}

Test(bench_model, a_fit_finds_what_was_planted_and_predicts_the_rest)
{
	finds(1);
}

Test(bench_model, processors_may_move_apart_during_a_run)
{
	finds(5);
}

/* In caches of four, which the records tell of. */
Test(bench_model, more_threads_are_predicted_from_their_places)
{
	struct where where[20];
	struct model_params mp = model_default(NULL);
	struct records rc;
	json_t *model;
	double extrapolated;
	unsigned n;

	for (n = 0; n < 20; n++)
		where[n] = (struct where) { n, n, n / 4, n / 8, n / 8 };
	mp.mp_where = where;
	mp.mp_load = 0.8;
	mp.mp_upgrade = 0.6;
	most = 20;
	plant(&rc, &mp, 1);
	model = model_fit(&rc, 0);
	cr_assert(model != NULL);
	cr_expect_eq(json_integer_value(json_object_get(model, "points")), 9);
	extrapolated = json_number_value(
	    json_object_get(model, "extrapolated"));
	cr_expect(extrapolated > 0 && extrapolated < 0.1, "%g", extrapolated);
	json_decref(model);
	records_free(&rc);
}
