/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Generating, mutating and crossing programs.
 */

#include "h_prog.h"

static struct prog p, q, r, s;
static uint8_t bytes[PROG_BYTES_MAX];

static const char recorded[] =
    "lwp-program 1\nmachine cpus 2\n"
    "lwp 1:\n create 2\n yield\n wait 2\nlwp 2:\n user 1\n exit\n"
    "schedule replay seed 0\n"
    " prio lwp 1: 1 1\n prio lwp 2: 2 2 2\n prio idle 0: 9\n"
    " at lwp 1 op 1 user #1 -> cpu 1\n at lwp 1 op 2 user #1 -> cpu 1\n"
    " at lwp 1 op 3 user #1 -> cpu 1\n at lwp 2 op 2 user #1 -> cpu 0\n"
    " at idle 0 idle #1 -> time\n";

Test(prog_mutate, mutants_are_canonical)
{
	struct draw dr = { 21 };
	unsigned i, k;

	for (i = 0; i < 2000; i++) {
		h_any(&dr, &p, 600);
		for (k = 0; k < 30; k++) {
			prog_mutate(&p, draw_next(&dr));
			H_HOLDS(h_canonical(&p), "not canonical");
		}
		prog_decode(&q, bytes, prog_encode(&p, bytes, sizeof(bytes)));
		H_HOLDS(prog_equal(&p, &q), "bytes");
	}
}

Test(prog_mutate, a_full_program_stays_within_its_limits)
{
	struct draw dr = { 22 };
	unsigned i;

	for (i = 0; i < 3; i++) {
		prog_random(&p, i, PROG_OPS);
		p.pr_strategy = (uint8_t)i;
		p.pr_ndeviation = PROG_DEVIATIONS;
		memset(p.pr_deviation, 1, sizeof(p.pr_deviation));
		p.pr_rowlen[ROW_COUNT - 1] += PROG_PRIOS - p.pr_nprio;
		p.pr_nprio = PROG_PRIOS;
		prog_canon(&p);
		cr_assert_eq(p.pr_nprio, PROG_PRIOS);
		for (unsigned k = 0; k < 3000; k++) {
			prog_mutate(&p, draw_next(&dr));
			H_HOLDS(h_canonical(&p), "not canonical");
		}
	}
}

Test(prog_mutate, the_empty_program_grows)
{
	unsigned i;

	prog_init(&p);
	for (i = 0; i < 100; i++)
		prog_mutate(&p, i);
	cr_assert_gt(p.pr_nops, 3);
}

Test(prog_mutate, the_seed_decides)
{
	struct draw dr = { 23 };
	unsigned i;
	uint64_t seed;

	for (i = 0; i < 1000; i++) {
		seed = draw_next(&dr);
		prog_random(&p, seed, 20);
		memset(&q, 0x77, sizeof(q));
		prog_random(&q, seed, 20);
		H_HOLDS(prog_equal(&p, &q), "random");
		prog_mutate(&p, seed);
		prog_mutate(&q, seed);
		H_HOLDS(prog_equal(&p, &q), "mutate");
		prog_random(&r, seed + 1, 20);
		prog_cross(&p, &q, &r, seed);
		s = p;
		prog_cross(&p, &q, &r, seed);
		H_HOLDS(prog_equal(&p, &s), "cross");
	}
}

Test(prog_mutate, mutants_mostly_differ)
{
	unsigned i, same = 0;

	for (i = 0; i < 2000; i++) {
		prog_random(&p, i, 12);
		q = p;
		prog_mutate(&q, i);
		same += prog_equal(&p, &q);
	}
	cr_assert_lt(same, 100, "%u", same);
}

Test(prog_mutate, every_operation_is_drawn_and_few_bodies)
{
	static bool seen[OP_COUNT];
	unsigned i, k, bodies = 0;

	for (i = 0; i < 2000; i++) {
		prog_random(&p, i, 30);
		cr_assert_eq(p.pr_nops, 30);
		cr_assert_eq(p.pr_ops[0].op_code, OP_create);
		for (k = 0; k < p.pr_nops; k++)
			seen[p.pr_ops[k].op_code] = true;
		bodies += (unsigned)__builtin_popcountll(edit_bodies(&p));
	}
	for (i = 0; i < OP_COUNT; i++)
		cr_assert(seen[i], "%s", op_table[i].or_name);
	cr_assert_lt(bodies, 6 * 2000);
	cr_assert_gt(bodies, 2 * 2000);
}

Test(prog_mutate, a_recorded_schedule_is_not_turned_into_another_kind_often)
{
	unsigned i, still = 0;

	for (i = 0; i < 1000; i++) {
		h_parse(&p, recorded);
		prog_mutate(&p, i);
		still += p.pr_strategy == STRATEGY_replay;
	}
	cr_assert_gt(still, 950);
	cr_assert_lt(still, 1000);
}

Test(prog_mutate, deviations_are_added_only_for_replay)
{
	unsigned i;

	for (i = 0; i < 3000; i++) {
		prog_random(&p, i, 10);
		prog_mutate(&p, i);
		H_HOLDS(p.pr_ndeviation == 0, "%u", i);
	}
}

Test(prog_mutate, crossing_takes_bodies_whole)
{
	unsigned i, body, na, nb, n, of[2] = { 0, 0 };
	unsigned fa, fb, f;

	for (i = 0; i < 500; i++) {
		prog_random(&p, 2 * i, 20);
		prog_random(&q, 2 * i + 1, 20);
		prog_cross(&r, &p, &q, i);
		H_HOLDS(h_canonical(&r), "not canonical");
		for (body = 1; body <= PROG_BODIES; body++) {
			fa = edit_body(&p, body, &na);
			fb = edit_body(&q, body, &nb);
			f = edit_body(&r, body, &n);
			if (n == na &&
			    memcmp(&r.pr_ops[f], &p.pr_ops[fa],
				n * sizeof(struct op)) == 0)
				of[0] += n > 0;
			else if (n == nb &&
			    memcmp(&r.pr_ops[f], &q.pr_ops[fb],
				n * sizeof(struct op)) == 0)
				of[1] += n > 0;
			else
				cr_assert_fail("body %u is of neither", body);
		}
	}
	cr_assert_gt(of[0], 300);
	cr_assert_gt(of[1], 300);
}

Test(prog_mutate, crossing_with_itself_changes_nothing)
{
	unsigned i;

	for (i = 0; i < 100; i++) {
		prog_random(&p, i, 20);
		prog_cross(&r, &p, &p, i);
		H_HOLDS(prog_equal(&p, &r), "%u", i);
	}
	h_parse(&p, recorded);
	for (i = 1; i <= 2; i++) /* rows are a matter of another strategy */
		edit_row_remove(&p, ROW_LWP + i, 0, p.pr_rowlen[ROW_LWP + i]);
	edit_row_remove(&p, ROW_IDLE, 0, 1);
	prog_cross(&r, &p, &p, 5);
	cr_assert_eq(r.pr_ndeviation, p.pr_ndeviation);
}

/*
 * What mutators and the minimiser are made of.
 */

Test(prog_edit, deviations_go_with_their_operations)
{
	static const struct op yield = { 1, OP_yield, { 0, 0, 0 } };

	h_parse(&p, recorded);
	cr_assert(edit_op_insert(&p, 1, &yield));
	cr_assert_eq(p.pr_deviation[0].dv_userop, 1);
	cr_assert_eq(p.pr_deviation[1].dv_userop, 3);
	cr_assert_eq(p.pr_deviation[2].dv_userop, 4);
	cr_assert_eq(p.pr_deviation[3].dv_userop, 2);
	edit_op_remove(&p, 1);
	h_parse(&q, recorded);
	cr_assert(prog_equal(&p, &q));
	edit_op_remove(&p, 1);
	cr_assert_eq(p.pr_ndeviation, 4);
	cr_assert_eq(p.pr_deviation[1].dv_userop, 2);
	cr_assert_eq(p.pr_deviation[2].dv_userop, 2);
	cr_assert_eq(p.pr_deviation[2].dv_who, 2);
}

Test(prog_edit, a_renamed_body_is_renamed_everywhere)
{
	uint8_t to[PROG_BODIES + 1];
	unsigned i;

	for (i = 0; i <= PROG_BODIES; i++)
		to[i] = (uint8_t)i;
	to[1] = 64;
	to[2] = 1;
	to[64] = 2;
	h_parse(&p, recorded);
	edit_rename(&p, to);
	h_same_text(&p,
	    "lwp-program 1\nmachine cpus 2 runq global\n"
	    "lwp 1:\n  user 1\n  exit\n"
	    "lwp 64:\n  create 1\n  yield\n  wait 1\n"
	    "schedule replay seed 0x0\n"
	    "  prio lwp 1: 2 2 2\n  prio lwp 64: 1 1\n  prio idle 0: 9\n"
	    "  at lwp 64 op 1 user #1 -> cpu 1\n"
	    "  at lwp 64 op 2 user #1 -> cpu 1\n"
	    "  at lwp 64 op 3 user #1 -> cpu 1\n"
	    "  at lwp 1 op 2 user #1 -> cpu 0\n"
	    "  at idle 0 idle #1 -> time\n");
}

Test(prog_edit, priorities_of_one_row_move_no_other_row)
{
	static const uint8_t more[] = { 7, 8 };

	h_parse(&p, recorded);
	cr_assert(edit_row_insert(&p, ROW_LWP + 1, 1, more, 2));
	edit_row_remove(&p, ROW_LWP + 2, 0, 2);
	cr_assert_eq(p.pr_nprio, 6);
	cr_assert_eq(memcmp(p.pr_prio, "\1\7\10\1\2\11", 6), 0);
	cr_assert(h_canonical(&p));
}
