/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The byte form: every byte string is a program, and the canonical bytes of
 * a program are that program.
 */

#include "h_prog.h"

static struct prog p, q;
static uint8_t bytes[PROG_BYTES_MAX], again[PROG_BYTES_MAX];

static void
identities(const struct prog *a)
{
	size_t n, m;

	H_HOLDS(h_canonical(a), "not canonical");
	n = prog_encode(a, bytes, sizeof(bytes));
	H_HOLDS(n <= sizeof(bytes), "%zu bytes", n);
	prog_decode(&q, bytes, n);
	H_HOLDS(prog_equal(a, &q), "decode(encode(p)) is not p");
	m = prog_encode(&q, again, sizeof(again));
	H_HOLDS(n == m && memcmp(bytes, again, n) == 0, "other bytes");
}

Test(prog_bytes, any_bytes_are_a_program)
{
	static uint8_t b[PROG_BYTES_MAX + 100];
	struct draw dr = { 1 };
	unsigned i;
	size_t n;

	for (i = 0; i < 100000; i++) {
		n = draw_below(&dr, i % 1000 == 0 ? sizeof(b) : 300);
		h_bytes(&dr, b, n);
		if (n > 14 && i % 4 != 0) {
			b[13] = (uint8_t)(b[13] % 20);
			b[14] = 0;
		}
		prog_decode(&p, b, n);
		identities(&p);
	}
}

Test(prog_bytes, generated_programs_keep_their_identity)
{
	struct draw dr = { 2 };
	unsigned i;

	for (i = 0; i < 20000; i++) {
		h_any(&dr, &p, 2000);
		identities(&p);
	}
}

Test(prog_bytes, nothing_of_the_last_program_is_left)
{
	struct draw dr = { 3 };
	uint8_t b[400];
	unsigned i;
	size_t n;

	for (i = 0; i < 5000; i++) {
		n = draw_below(&dr, sizeof(b));
		h_bytes(&dr, b, n);
		memset(&p, 0xaa, sizeof(p));
		memset(&q, 0x55, sizeof(q));
		prog_decode(&p, b, n);
		prog_decode(&q, b, n);
		H_HOLDS(prog_equal(&p, &q), "depends on the past");
		H_HOLDS(p.pr_comment[0] == '\0' && p.pr_expect[0] == '\0' &&
			p.pr_defect[0] == '\0' && p.pr_drift == 0,
		    "words left");
	}
}

Test(prog_bytes, no_bytes_are_the_empty_program_on_one_cpu)
{
	prog_decode(&p, NULL, 0);
	cr_assert_eq(p.pr_ncpu, 1);
	cr_assert_eq(p.pr_nops, 0);
	cr_assert_eq(p.pr_nprio, 0);
	cr_assert_eq(p.pr_ndeviation, 0);
	identities(&p);
}

Test(prog_bytes, the_largest_program_fits)
{
	static const struct deviation d = { SIM_ROLE_lwp, PROG_BODIES,
		UINT16_MAX, SIM_OP_rmw, CELL_COUNT - 1, UINT16_MAX,
		SIM_SOURCES - 1, ACCESS_write, SIM_FIELD_COUNT - 1,
		UINT16_MAX };
	unsigned i;

	prog_init(&p);
	p.pr_nops = PROG_OPS;
	for (i = 0; i < PROG_OPS; i++) {
		p.pr_ops[i] = (struct op) { (uint8_t)(1 + i % PROG_BODIES),
			(uint8_t)(i % OP_COUNT), { 255, 255, 255 } };
	}
	/* Most bytes: each row with a few, the rest in the last one. */
	for (i = 0; i < ROW_COUNT; i++)
		p.pr_rowlen[i] = 1;
	p.pr_rowlen[ROW_COUNT - 1] = PROG_PRIOS - (ROW_COUNT - 1);
	p.pr_nprio = PROG_PRIOS;
	memset(p.pr_prio, 7, sizeof(p.pr_prio));
	p.pr_ndeviation = PROG_DEVIATIONS;
	for (i = 0; i < PROG_DEVIATIONS; i++)
		p.pr_deviation[i] = d;
	prog_canon(&p);
	cr_assert_eq(p.pr_nops, PROG_OPS);
	cr_assert_eq(p.pr_nprio, PROG_PRIOS);
	cr_assert_eq(p.pr_ndeviation, PROG_DEVIATIONS);
	identities(&p);
}

Test(prog_bytes, what_has_no_room_is_left_out_and_the_rest_stays)
{
	struct draw dr = { 4 };
	unsigned i, k;
	size_t n, max;

	for (i = 0; i < 200; i++) {
		h_any(&dr, &p, 400);
		n = prog_encode(&p, bytes, sizeof(bytes));
		for (max = 0; max < n; max++) {
			memset(again, 0xee, max + 1);
			H_HOLDS(prog_encode(&p, again, max) <= max, "over");
			H_HOLDS(again[max] == 0xee, "wrote past the end");
			prog_decode(&q, again, max);
			H_HOLDS(h_canonical(&q), "not canonical");
			for (k = 0; k < q.pr_nops; k++)
				H_HOLDS(memcmp(&q.pr_ops[k], &p.pr_ops[k],
					    sizeof(struct op)) == 0,
				    "operation");
		}
	}
}

Test(prog_bytes, an_operation_more_moves_no_other_record)
{
	static const char
	    *before = "lwp-program 1\nmachine cpus 2\n"
		      "lwp 1:\n create 2\n wait any\nlwp 2:\n exit\n"
		      "schedule bytes seed 0x5\n prio lwp 2: 9 8 7\n";
	static const char
	    *after = "lwp-program 1\nmachine cpus 2\n"
		     "lwp 1:\n create 2\n yield\n wait any\nlwp 2:\n exit\n"
		     "schedule bytes seed 0x5\n prio lwp 2: 9 8 7\n";
	size_t n, m;

	h_parse(&p, before);
	n = prog_encode(&p, bytes, sizeof(bytes));
	h_parse(&p, after);
	m = prog_encode(&p, again, sizeof(again));
	cr_assert_eq(m, n + 5);
	/* Header but for the count, then all but the new record. */
	cr_assert_eq(memcmp(bytes, again, 13), 0);
	cr_assert_eq(memcmp(bytes + 16, again + 16, 5), 0);
	cr_assert_eq(memcmp(bytes + 21, again + 26, n - 21), 0);
}

Test(prog_bytes, records_may_stand_in_any_order)
{
	static const uint8_t tail[][16] = {
		{ 2, 3, 9, 8, 7, 1, 2, 5, 6, 70, 1, 4, 1, 1, 3 },
		{ 1, 2, 5, 6, 1, 1, 3, 2, 3, 9, 8, 7, 70, 1, 4 },
		{ 70, 1, 4, 1, 2, 5, 6, 2, 3, 9, 8, 7, 1, 1, 3 },
	};
	unsigned i;

	memset(bytes, 0, 16);
	for (i = 0; i < NITEMS(tail); i++) {
		memcpy(bytes + 16, tail[i], 15);
		prog_decode(i == 0 ? &p : &q, bytes, 16 + 15);
		if (i > 0)
			H_HOLDS(prog_equal(&p, &q), "order %u", i);
	}
	cr_assert_eq(p.pr_rowlen[1], 3);
	cr_assert_eq(memcmp(p.pr_prio, "\5\6\3\11\10\7\4", 7), 0);
}

Test(prog_bytes, operations_are_sorted_by_body_and_keep_their_order)
{
	static const uint8_t body[] = { 3, 1, 3, 2, 1, 3 };
	unsigned i;

	prog_init(&p);
	p.pr_nops = NITEMS(body);
	for (i = 0; i < NITEMS(body); i++)
		p.pr_ops[i] = (struct op) { body[i], OP_user, { i, 0, 0 } };
	prog_canon(&p);
	h_same_text(&p,
	    "lwp-program 1\nmachine cpus 1 runq global\n"
	    "lwp 1:\n  user 1\n  user 4\nlwp 2:\n  user 3\n"
	    "lwp 3:\n  user 0\n  user 2\n  user 5\n"
	    "schedule random seed 0x0\n");
}
