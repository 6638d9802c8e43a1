/* SPDX-License-Identifier: BSD-2-Clause */

/* lock: the plan.  What is measured stands in lock_loop.c and lock_solo.c. */

#include <stdio.h>
#include <string.h>

#include "lock.h"
#include "place.h"
#include "team.h"

enum { EACH_THREAD = 0, EACH_L3 = -1 }; /* mutexes of a configuration */

struct row {
	bool full;
	struct lock_config config;
};

static const struct row configs[] = {
#define CONFIG(                                                                \
    full, lwps, zipf, mutexes, every, mover, move, section, outside)           \
	{ full,                                                                \
		{ 0, lwps, (unsigned)mutexes, every, MOVER_##mover,            \
		    MOVE_##move, zipf, section, outside, false, { 0, 0 } } },
#include "lock_config.def"
#undef CONFIG
};

static const struct lock_kind kinds[] = {
#define KIND(protocol, spin, counts)                                           \
	{ 0, PROTOCOL_##protocol, SPIN_##spin, (counts) == 0, NULL },
#include "lock_kind.def"
#undef KIND
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
run_lock(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	return lock_sample(bc->bc_arg, va->va_arg, sm);
}

static const struct lock_kind *
kind_keep(struct lock_kind lk)
{
	struct lock_kind *kept = plan_keep(sizeof(*kept));

	*kept = lk;
	return kept;
}

static void
add_kind(struct bench_case *bc, struct lock_kind lk)
{
	char name[NAME_MAX_];

	lock_name(&lk, name, sizeof(name));
	plan_variant(bc, name, run_lock, kind_keep(lk));
}

static bool
kind_is_quick(unsigned p, unsigned s)
{
	unsigned n;

	for (n = 0; n < COUNT(kinds); n++) {
		if (kinds[n].lk_protocol == p && kinds[n].lk_spin == s)
			return true;
	}
	return false;
}

/*
 * add_kinds:
 *
 *	The reference comes first, and once more from another copy: the A/A
 *	pair.
 */
static void
add_kinds(struct bench_case *bc)
{
	struct lock_kind again = kinds[0];
	unsigned n, p, s;

	for (n = 0; n < COUNT(kinds); n++)
		add_kind(bc, kinds[n]);
	plan_again(bc);
	again.lk_copy = 1;
	bc->bc_variant[bc->bc_nvariant - 1].va_arg = kind_keep(again);
	for (p = 0; p < PROTOCOL_COUNT && opt.op_full; p++) {
		for (s = 0; s < SPIN_COUNT; s++) {
			if (!kind_is_quick(p, s) &&
			    bc->bc_nvariant + 6 < VARIANT_MAX)
				add_kind(bc,
				    (struct lock_kind) {
					0, p, s, false, NULL });
		}
	}
	for (n = 0; lock_references[n].lr_name != NULL; n++)
		add_kind(bc,
		    (struct lock_kind) { .lk_reference = &lock_references[n] });
}

static struct bench_case *
add_case(struct lock_config lc, const char *where)
{
	static const char *const movers[] = { "lockers", "one" };
	static const char *const moves[] = { "unlock_to", "setlock", "relock" };
	struct lock_config *kept = plan_keep(sizeof(*kept));
	struct bench_case *bc;

	*kept = lc;
	bc = plan_case(M_rate, lc.lc_threads,
	    "threads=%u lwps=%u%s mutexes=%u every=%u by=%s move=%s "
	    "section=%.0f outside=%.0f place=%s",
	    lc.lc_threads, lc.lc_lwps, lc.lc_zipf ? " zipf=1" : "",
	    lc.lc_mutexes, lc.lc_every, movers[lc.lc_mover], moves[lc.lc_move],
	    lc.lc_section, lc.lc_outside, where);
	bc->bc_arg = kept;
	return bc;
}

/*
 * mutexes_count:
 *
 *	How many "each" makes; false if an L3 has all of the threads, or each
 *	thread one of its own.
 */
static bool
mutexes_count(struct lock_config *lc)
{
	if (lc->lc_mutexes == EACH_THREAD)
		lc->lc_mutexes = lc->lc_threads;
	else if (lc->lc_mutexes == (unsigned)EACH_L3) {
		lc->lc_mutexes = place_l3s(lc->lc_threads);
		return lc->lc_mutexes > 1 && lc->lc_mutexes < lc->lc_threads;
	}
	return true;
}

/*
 * add_alone:
 *
 *	One thread with nobody beside it, in the sections of the saturated
 *	case: what no lock can do more of than that, however many want it.
 */
static void
add_alone(void)
{
	struct lock_config lc = configs[0].config;
	struct bench_case *bc;

	lc.lc_threads = 1;
	bc = add_case(lc, "alone");
	add_kind(bc, kinds[0]);
	plan_again(bc);
	add_kind(bc, kinds[2]);
}

/*
 * add_placed:
 *
 *	Two threads, as near to each other as there is on this host.
 */
static void
add_placed(struct lock_config lc)
{
	unsigned near;

	lc.lc_threads = 2;
	lc.lc_placed = true;
	for (near = NEAR_smt; near < NEAR_COUNT; near++) {
		lc.lc_place[0] = 0;
		if (place_pair(
			(enum nearness)near, &lc.lc_place[0], &lc.lc_place[1]))
			add_kinds(add_case(lc, nearness_name[near]));
	}
}

/*
 * add_copies:
 *
 *	Saturation is steered by where code stands: the loop of 1.54 and the
 *	default, from each copy.
 */
static void
add_copies(void)
{
	struct lock_config lc = configs[0].config;
	struct lock_kind seed = kinds[0], lk = kinds[2];
	struct bench_case *bc;
	char where[32];

	lc.lc_threads = 2;
	for (; seed.lk_copy < ZOO_COPIES; seed.lk_copy++) {
		lk.lk_copy = seed.lk_copy;
		(void)snprintf(where, sizeof(where), "copy%u", seed.lk_copy);
		bc = add_case(lc, where);
		add_kind(bc, seed);
		plan_again(bc);
		add_kind(bc, lk);
	}
}

void
bench_lock(void)
{
	unsigned n, t;
	struct lock_config lc;

	lock_plan_solo();
	/* What a short run does not come to should be the many threads of some
	 * configurations, not some configurations. */
	for (t = 0; t < opt.op_nthreads; t++) {
		for (n = 0; n < COUNT(configs); n++) {
			lc = configs[n].config;
			lc.lc_threads = opt.op_threads[t];
			if ((!configs[n].full ||
				(opt.op_full &&
				    lc.lc_threads <= place_count())) &&
			    lc.lc_threads > 1 && mutexes_count(&lc))
				add_kinds(add_case(lc, "policy"));
		}
	}
	add_alone();
	if (team_crowded(2))
		return;
	add_copies();
	if (opt.op_full) {
		add_placed(configs[1].config);
		add_placed(configs[4].config);
	}
}
