/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The minimiser, on predicates of which the smallest program is known.
 */

#include "h_prog.h"

static struct prog p;

/* A predicate's memory. */
struct asked {
	unsigned as_count;
	unsigned as_wrong; /* candidates that were not canonical */
};

static void
ask(struct asked *as, const struct prog *c)
{
	as->as_count++;
	as->as_wrong += !h_canonical(c);
}

/*
 * find:
 *
 *	The index of the first such operation at or after one; pr_nops: none.
 */
static unsigned
find(const struct prog *c, unsigned from, unsigned body, unsigned code)
{
	while (from < c->pr_nops &&
	    (c->pr_ops[from].op_body != body ||
		c->pr_ops[from].op_code != code))
		from++;
	return from;
}

/*
 * lost_continue:
 *
 *	Some LWP suspends another one that there is, and later in the same
 *	body continues it; two CPUs; a certain deviation while it suspends.
 */
static bool
lost_continue(struct prog *c, void *arg)
{
	unsigned i, k, first, n, who;
	const struct op *o;

	ask(arg, c);
	if (c->pr_ncpu < 2)
		return false;
	for (i = 0; i < c->pr_nops; i++) {
		o = &c->pr_ops[i];
		if (o->op_code != OP_suspend)
			continue;
		who = o->op_arg[0];
		k = find(c, i, o->op_body, OP_continue);
		if (k == c->pr_nops || c->pr_ops[k].op_arg[0] != who)
			continue;
		first = edit_body(c, o->op_body, &n);
		for (n = 0; n < c->pr_ndeviation; n++) {
			if (c->pr_deviation[n].dv_who == o->op_body &&
			    c->pr_deviation[n].dv_role == SIM_ROLE_lwp &&
			    c->pr_deviation[n].dv_userop == i - first + 1 &&
			    c->pr_deviation[n].dv_to == 1)
				return true;
		}
	}
	return false;
}

/* Body 1 keeps its number, being the first LWP whatever it does. */
Test(prog_minimise, operations_setup_and_schedule_reach_the_known_minimum)
{
	struct asked as = { 0, 0 };
	unsigned tried;

	h_parse(&p,
	    "# kept\nlwp-program 1\n"
	    "machine cpus 6 runq percpu preempt maxlwp 9 perturb 20\n"
	    "lwp 1:\n create 2\n create 4 detached\n create 9\n wait any\n"
	    " user 200\n wait 4\n exit\n"
	    "lwp 2:\n yield\n park 5 unpark 4\n exit\n"
	    "lwp 4:\n user 3\n sleep 1 9 intr\n suspend 9\n yield\n"
	    " user 1\n continue 9\n wake 1 0\n exit\n"
	    "lwp 9:\n user 9\n user 9\n"
	    "schedule replay seed 0x99\n"
	    " prio lwp 1: 1 2 3\n prio rcu: 4\n"
	    " at lwp 1 op 2 user #1 -> cpu 1\n"
	    " at lwp 4 op 3 load l_stat #1 -> cpu 2\n"
	    " at lwp 4 op 3 acquire p_smutex #2 -> cpu 1\n"
	    " at lwp 4 op 5 acquire p_smutex #1 -> cpu 1\n"
	    " at idle 0 idle #4 -> time\n"
	    "expect pass\n");
	cr_assert(lost_continue(&p, &as));
	tried = prog_minimise(&p, lost_continue, &as, 100000);
	cr_assert_eq(tried + 1, as.as_count);
	cr_assert_eq(as.as_wrong, 0);
	cr_assert_lt(tried, 400);
	h_same_text(&p,
	    "# kept\nlwp-program 1\n"
	    "machine cpus 2 runq global\n"
	    "lwp 2:\n  suspend 3\n  continue 3\n"
	    "schedule replay seed 0x0\n"
	    "  at lwp 2 op 1 acquire p_smutex #2 -> cpu 1\n"
	    "expect pass\ndrift 0\n");
}

static bool
sum_is_large(struct prog *c, void *arg)
{
	unsigned i, sum = 0;

	ask(arg, c);
	for (i = 0; i < c->pr_nops; i++) {
		if (c->pr_ops[i].op_code == OP_user)
			sum += c->pr_ops[i].op_arg[0];
	}
	return sum >= 137;
}

Test(prog_minimise, arguments_go_down_to_the_exact_bound)
{
	struct asked as = { 0, 0 };

	h_parse(&p,
	    "lwp-program 1\nmachine cpus 1\nlwp 1:\n yield\n"
	    " user 30\n user 200\n wake 3 7\nschedule random seed 1\n");
	(void)prog_minimise(&p, sum_is_large, &as, 100000);
	cr_assert_eq(p.pr_nops, 1);
	cr_assert_eq(p.pr_ops[0].op_arg[0], 137);
	cr_assert_eq(p.pr_seed, 0);
}

static bool
always(struct prog *c, void *arg)
{
	ask(arg, c);
	return true;
}

static bool
never(struct prog *c, void *arg)
{
	ask(arg, c);
	return false;
}

Test(prog_minimise, what_needs_nothing_becomes_the_empty_program)
{
	struct asked as = { 0, 0 };
	static struct prog empty;
	unsigned i;

	for (i = 0; i < 50; i++) {
		prog_random(&p, i, 60);
		(void)prog_minimise(&p, always, &as, 100000);
		prog_init(&empty);
		empty.pr_strategy = p.pr_strategy;
		H_HOLDS(prog_equal(&p, &empty), "%u", i);
	}
}

Test(prog_minimise, what_needs_everything_stays)
{
	struct asked as = { 0, 0 };
	static struct prog before;
	unsigned tried;

	prog_random(&p, 7, 100);
	before = p;
	tried = prog_minimise(&p, never, &as, 100000);
	cr_assert(prog_equal(&p, &before));
	cr_assert_eq(as.as_count, tried);
	cr_assert_lt(tried, 3000);
	/* Nothing is offered twice. */
	cr_assert_gt(tried, 100);
}

Test(prog_minimise, the_budget_is_kept)
{
	struct asked as = { 0, 0 };
	unsigned budget;

	for (budget = 0; budget < 60; budget += 7) {
		as.as_count = 0;
		prog_random(&p, 8, 100);
		cr_assert_eq(prog_minimise(&p, never, &as, budget), budget);
		cr_assert_eq(as.as_count, budget);
	}
}

/*
 * records_anew:
 *
 *	As the run room does: a candidate that still fails gets the schedule
 *	of its own run, which may be a longer one.
 */
static bool
records_anew(struct prog *c, void *arg)
{
	static const struct deviation d = { SIM_ROLE_lwp, 1, 1, SIM_OP_user,
		CELL_none, 1, 1, ACCESS_none, 0, 0 };
	unsigned i;

	ask(arg, c);
	if (find(c, 0, 2, OP_exit) == c->pr_nops)
		return false;
	c->pr_strategy = STRATEGY_replay;
	c->pr_ndeviation = (uint16_t)(3 + c->pr_nops);
	for (i = 0; i < c->pr_ndeviation; i++)
		c->pr_deviation[i] = d;
	return true;
}

Test(prog_minimise, a_predicate_that_grows_the_schedule_does_not_go_on_for_ever)
{
	struct asked as = { 0, 0 };
	unsigned tried;

	prog_random(&p, 9, 60);
	p.pr_ops[p.pr_nops - 1] = (struct op) { 2, OP_exit, { 0, 0, 0 } };
	prog_canon(&p);
	cr_assert(records_anew(&p, &as));
	tried = prog_minimise(&p, records_anew, &as, 1000000);
	cr_assert_lt(tried, 10000);
	cr_assert_eq(as.as_wrong, 0);
	cr_assert_eq(p.pr_nops, 1);
	cr_assert_eq(p.pr_ndeviation, 4);
}

/*
 * two_of_many:
 *
 *	Two deviations far apart are needed together.
 */
static bool
two_of_many(struct prog *c, void *arg)
{
	unsigned i, seen = 0;

	ask(arg, c);
	for (i = 0; i < c->pr_ndeviation; i++) {
		seen |= (c->pr_deviation[i].dv_nth == 3) |
		    (c->pr_deviation[i].dv_nth == 490) << 1;
	}
	return seen == 3;
}

Test(prog_minimise, a_pair_of_deviations_is_found_among_500)
{
	struct asked as = { 0, 0 };
	unsigned i, tried;

	prog_init(&p);
	p.pr_strategy = STRATEGY_replay;
	p.pr_ndeviation = 500;
	for (i = 0; i < 500; i++) {
		p.pr_deviation[i] = (struct deviation) { SIM_ROLE_lwp, 1, 1,
			SIM_OP_user, CELL_none, (uint16_t)(i + 1), 1,
			ACCESS_none, 0, 0 };
	}
	tried = prog_minimise(&p, two_of_many, &as, 100000);
	cr_assert_eq(p.pr_ndeviation, 2);
	cr_assert_eq(p.pr_deviation[0].dv_nth, 3);
	cr_assert_eq(p.pr_deviation[1].dv_nth, 490);
	cr_assert_lt(tried, 150);
}
