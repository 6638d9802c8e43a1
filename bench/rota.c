/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The rounds.
 *
 * A round takes one sample of every variant of every case.  Who is first in a
 * case rotates, from where the seed says, so that what happens to the host in
 * the course of a round happens to each as often; every other time around the
 * order is the other one, so that none is always behind the same.  A sample
 * that something disturbed is taken again, twice at most, and all of them are
 * kept.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "driver.h"
#include "facts.h"
#include "stat.h"

#define AGAIN	    2  /* more tries for a sample that is rejected */
#define ROUNDS_WANT 15 /* the length of samples is chosen for so many */
#define SAMPLE_MIN  0.001
#define SAMPLE_MAX  0.020
#define SAMPLE_FIFO 0.004 /* nobody else runs meanwhile */
#define PING_LIMIT  1.5

static double until, length; /* of the benchmark at work */

static double
now(void)
{
	return (double)clock_ns() / 1e9;
}

/* rota_late: is its time up, so many times over? */
static bool
rota_late(double times)
{
	return now() > until + (times - 1) * length;
}

static void
rota_progress(
    const struct bench_case *bc, unsigned round, double left, bool last)
{
	static double said;
	const bool terminal = isatty(STDERR_FILENO) != 0;
	const double t = now();

	if (t - said < (terminal ? 0.2 : 5) && !last)
		return;
	said = t;
	(void)fprintf(stderr, "%s%3.0f s left  %-10s %-44.44s round %u%s",
	    terminal ? "\r" : "", left < 0 ? 0 : left, bc->bc_bench,
	    bc->bc_config, round + 1, terminal ? "\033[K" : "\n");
	if (terminal && last)
		(void)fprintf(stderr, "\r\033[K");
}

static unsigned
rota_judge(const struct sample *sm, uint64_t steal)
{
	const double before = sm->sm_value[M_ping_before];
	const double after = sm->sm_value[M_ping_after];
	unsigned reject = sm->sm_reject;
	uint64_t steal_now, all;

	facts_steal(&steal_now, &all);
	if (steal_now != steal)
		reject |= REJECT_STEAL;
	/* One that was given up is slower than any limit. */
	if (before > after * PING_LIMIT || after > before * PING_LIMIT ||
	    isfinite(before) != isfinite(after))
		reject |= REJECT_PING;
	if (sm->sm_case->bc_loose)
		reject &= ~(unsigned)(REJECT_SWITCH | REJECT_STEAL);
	return reject;
}

/*
 * rota_sample:
 *
 *	One sample that counts, with those that did not.
 */
static void
rota_sample(
    struct records *rc, struct bench_case *bc, unsigned v, unsigned round)
{
	struct variant *va = &bc->bc_variant[v];
	uint64_t steal, all;
	struct sample *sm;
	unsigned try;

	for (try = 0; try <= (rota_late(1) ? 0 : AGAIN) && !bench_interrupted();
	     try++) {
		sm = sample_new(bc, v);
		sm->sm_round = round;
		facts_steal(&steal, &all);
		va->va_error = va->va_run(bc, va, sm);
		if (va->va_error != 0) {
			sample_free(sm);
			/* What it runs may have got the signal too. */
			if (!bench_interrupted())
				records_skipped(rc, bc, v);
			return;
		}
		sm->sm_reject = rota_judge(sm, steal);
		records_sample(rc, sm);
		if (sm->sm_reject == 0)
			return;
	}
}

static void
rota_case(struct records *rc, struct bench_case *bc, unsigned round)
{
	const unsigned all = bc->bc_nvariant;
	uint64_t x = opt.op_seed + bc->bc_number;
	const unsigned first = (draw_below(&x, all) + round) % all;
	const bool back = round / all % 2 != 0;
	unsigned n, v;

	for (n = 0; n < all && !bench_interrupted() && !rota_late(2); n++) {
		v = (first + (back ? all - n : n)) % all;
		if (bc->bc_variant[v].va_error == 0)
			rota_sample(rc, bc, v, round);
	}
}

/*
 * rota_length:
 *
 *	How long a sample should take, so that ROUNDS_WANT rounds fit in.
 */
static double
rota_length(double seconds)
{
	unsigned n, samples = 0;
	double each;

	for (n = 0; n < plan.pl_ncase; n++)
		samples += plan.pl_case[n]->bc_nvariant;
	each = samples == 0 ? 0 : seconds / samples / ROUNDS_WANT / 1.5;
	return fmax(
	    SAMPLE_MIN, fmin(each, opt.op_fifo ? SAMPLE_FIFO : SAMPLE_MAX));
}

/*
 * rota_adapt:
 *
 *	Where others use the host too a short sample has a better chance: halve
 *	the length while most of a case's are rejected.
 */
static void
rota_adapt(const struct records *rc, struct bench_case *bc, size_t first)
{
	size_t n, kept = 0;

	for (n = first; n < rc->rc_nsample; n++)
		kept += rc->rc_sample[n]->sm_reject == 0;
	if (kept * 2 < rc->rc_nsample - first &&
	    bc->bc_sample >= 2 * SAMPLE_MIN)
		bc->bc_sample /= 2;
}

/*
 * rota_turn:
 *
 *	What a case does in a round.
 */
static void
rota_turn(struct records *rc, struct bench_case *bc, unsigned round)
{
	const size_t first = rc->rc_nsample;
	const double begin = now();

	opt.op_sample = bc->bc_sample;
	rota_case(rc, bc, round);
	rota_adapt(rc, bc, first);
	bc->bc_spent += now() - begin;
}

/*
 * rota_run:
 *
 *	The first round may take twice the time, without second tries; others
 *	begin a case only if there is time.  A case that has had twice its share
 *	(of very many threads, say) leaves the rest to others.
 */
void
rota_run(struct records *rc, double seconds, double left)
{
	struct bench_case *bc;
	unsigned n, round;
	size_t begun;

	if (plan.pl_ncase == 0)
		return;
	length = seconds;
	until = now() + seconds;
	for (n = 0; n < plan.pl_ncase; n++) {
		plan.pl_case[n]->bc_sample = rota_length(seconds);
		records_case(rc, plan.pl_case[n]);
	}
	for (round = 0; !bench_interrupted(); round++) {
		begun = rc->rc_nsample;
		for (n = 0; n < plan.pl_ncase && !bench_interrupted(); n++) {
			bc = plan.pl_case[n];
			if (rota_late(round > 0 ? 1 : 2))
				goto out;
			if (bc->bc_spent > 2 * seconds / plan.pl_ncase)
				continue;
			rota_progress(bc, round, until - now() + left, false);
			rota_turn(rc, bc, round);
		}
		/* Nothing can be done here. */
		if (rc->rc_nsample == begun)
			break;
	}
out:
	rota_progress(plan.pl_case[plan.pl_ncase - 1], round, left, true);
}
