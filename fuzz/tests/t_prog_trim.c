/* SPDX-License-Identifier: BSD-2-Clause */

/* Trimming, with an engine that sees certain operations only. */

#include "../prog/prog_trim.h"

#include "h_prog.h"

static uint8_t in[PROG_BYTES_MAX], out[PROG_BYTES_MAX];
static struct trim tr;
static struct prog p;

static unsigned
exits(const struct prog *c)
{
	unsigned i, n = 0;

	for (i = 0; i < c->pr_nops; i++)
		n += c->pr_ops[i].op_code == OP_exit;
	return n;
}

Test(prog_trim, ends_and_keeps_what_the_engine_sees)
{
	struct draw dr = { 7 };
	unsigned i, want, step, steps;
	size_t size, n;

	for (i = 0; i < 300; i++) {
		h_any(&dr, &p, 3000);
		want = exits(&p);
		size = prog_encode(&p, in, sizeof(in));
		steps = trim_begin(&tr, in, size);
		for (step = 0; step < steps;) {
			n = trim_next(&tr, out, sizeof(out));
			H_HOLDS(n <= size, "a candidate is longer");
			prog_decode(&p, out, n);
			H_HOLDS(h_canonical(&p), "not canonical");
			step = trim_result(&tr, exits(&p) == want);
		}
		cr_assert_eq(exits(&tr.tr_best), want);
	}
}

Test(prog_trim, takes_away_all_that_has_no_effect)
{
	struct draw dr = { 9 };
	unsigned step, steps;

	do
		h_any(&dr, &p, 3000);
	while (p.pr_nops < 8 || p.pr_nprio < 8);
	steps = trim_begin(&tr, in, prog_encode(&p, in, sizeof(in)));
	for (step = 0; step < steps;)
		step = trim_result(&tr, true);
	cr_assert_eq(tr.tr_best.pr_nops, 0);
	cr_assert_eq(tr.tr_best.pr_nprio, 0);
	cr_assert_eq(tr.tr_best.pr_ndeviation, 0);
}

Test(prog_trim, leaves_an_input_alone_that_is_shorter_than_its_form)
{
	cr_assert_eq(trim_begin(&tr, in, 1), 0);
}
