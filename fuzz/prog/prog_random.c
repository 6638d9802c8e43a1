/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Programs at random.
 *
 * What a uniform draw gives is of little use: of 64 bodies nearly none would
 * exist, and LWPs that never name each other do not race.  So bodies are few,
 * they are created before they are named, arguments are small enough to
 * collide, and the first LWP gets everybody going.
 */

#include "prog_draw.h"

/*
 * draw_bit:
 *
 *	The number of one of the bits of a set that is not empty.
 */
unsigned
draw_bit(struct draw *dr, uint64_t set)
{
	unsigned n;

	for (n = draw_below(dr, (unsigned)__builtin_popcountll(set)); n > 0;
	     n--)
		set &= set - 1;
	return (unsigned)__builtin_ctzll(set);
}

/*
 * draw_body:
 *
 *	One of the bodies; seldom one that is not there.
 */
unsigned
draw_body(struct draw *dr, uint64_t bodies)
{
	uint64_t others = ~bodies;

	if (draw_one_in(dr, 24) && others != 0)
		return (unsigned)__builtin_ctzll(others) + 1;
	return draw_bit(dr, bodies) + 1;
}

unsigned
draw_small(struct draw *dr, unsigned max)
{
	unsigned n = 1;

	while (n < max && !draw_one_in(dr, 2))
		n++;
	return n;
}

/*
 * draw_target:
 *
 *	A body to name: mostly another one.
 */
static uint8_t
draw_target(struct draw *dr, uint64_t bodies, unsigned self)
{
	uint64_t others = bodies & ~(UINT64_C(1) << (self - 1));

	if (others != 0 && !draw_one_in(dr, 12))
		bodies = others;
	return (uint8_t)draw_body(dr, bodies);
}

static uint8_t
draw_number(struct draw *dr)
{
	return (uint8_t)draw_below(dr, draw_one_in(dr, 16) ? 256 : 5);
}

/*
 * draw_arg:
 *
 *	An argument of this kind for an operation of the body "self".
 */
uint8_t
draw_arg(struct draw *dr, enum arg_kind kind, uint64_t bodies, unsigned self)
{
	const struct arg_row *ar = &arg_table[kind];
	unsigned span = ar->ar_hi - ar->ar_lo + 1u;

	switch (kind) {
	case ARG_lwp:
		return draw_target(dr, bodies, self);
	case ARG_lwpany:
	case ARG_unpark:
		if (draw_one_in(dr, 2))
			return 0;
		return draw_target(dr, bodies, self);
	case ARG_ticks:
		return draw_one_in(dr, 2) ? 0 : draw_number(dr);
	case ARG_number:
		return draw_number(dr);
	case ARG_crflags:
		/* Without an entry there is no LWP. */
		return (
		    uint8_t)(draw_below(dr, 4) | (draw_one_in(dr, 32) ? 4 : 0));
	case ARG_channel:
	case ARG_box:
	case ARG_lend:
	case ARG_key:
		/* Low ones, so that programs meet on them. */
		return (uint8_t)(draw_small(dr, span) - 1);
	default:
		return (uint8_t)(ar->ar_lo + draw_below(dr, span));
	}
}

void
draw_args(struct draw *dr, struct op *o, uint64_t bodies)
{
	unsigned i;

	for (i = 0; i < PROG_OPARGS; i++) {
		o->op_arg[i] = draw_arg(
		    dr, op_table[o->op_code].or_arg[i], bodies, o->op_body);
	}
}

/*
 * draw_op:
 *
 *	An operation for this body, by the weights of ops.def.
 */
void
draw_op(struct draw *dr, struct op *o, uint64_t bodies, unsigned self)
{
	unsigned code, total = 0, n;

	for (code = 0; code < OP_COUNT; code++) {
		if (op_in_groups(code))
			total += op_table[code].or_weight;
	}
	n = draw_below(dr, total);
	for (code = 0;; code++) {
		if (!op_in_groups(code))
			continue;
		if (n < op_table[code].or_weight)
			break;
		n -= op_table[code].or_weight;
	}
	o->op_body = (uint8_t)self;
	o->op_code = (uint8_t)code;
	draw_args(dr, o, bodies);
}

/*
 * draw_prio:
 *
 *	Extremes are what orders two LWPs whatever the others draw.
 */
uint8_t
draw_prio(struct draw *dr)
{
	switch (draw_below(dr, 4)) {
	case 0:
		return 0;
	case 1:
		return 255;
	default:
		return (uint8_t)draw_below(dr, 256);
	}
}

/*
 * draw_row:
 *
 *	A row of a context that the program may well have.
 */
unsigned
draw_row(struct draw *dr, const struct prog *p)
{
	unsigned cpu = draw_below(dr, p->pr_ncpu);
	unsigned agent = SIM_SRC_TIME;

	switch (draw_below(dr, 10)) {
	case 0:
		return ROW_IDLE + cpu;
	case 1:
		agent = draw_one_in(dr, 2) ? SIM_SRC_TIME : SIM_SRC_RCU;
		break;
	case 2:
		agent = draw_one_in(dr, 2) ? SIM_SRC_CLOCK(cpu) :
					     SIM_SRC_SOFT(cpu);
		break;
	case 3:
		return ROW_LWP;
	default:
		return ROW_LWP + draw_body(dr, edit_bodies(p));
	}
	return ROW_AGENT + agent - SIM_CPUS;
}

/*
 * random_machine:
 *
 *	Mostly two or three CPUs: enough for nearly every race.
 */
static void
random_machine(struct draw *dr, struct prog *p)
{
	static const uint8_t cpus[] = { 1, 2, 2, 2, 2, 2, 3, 3, 3, 4 };
	static const uint8_t rates[] = { 0, 0, 0, 4, 16, 64 };

	p->pr_ncpu = cpus[draw_below(dr, NITEMS(cpus))];
	if (draw_one_in(dr, 32))
		p->pr_ncpu = (uint8_t)(1 + draw_below(dr, SIM_CPUS));
	p->pr_percpu = draw_one_in(dr, 2);
	p->pr_preempt = draw_one_in(dr, 2);
	if (draw_one_in(dr, 12))
		p->pr_maxlwp = (uint8_t)(1 + draw_below(dr, 8));
	p->pr_perturb = rates[draw_below(dr, NITEMS(rates))];
}

static void
random_schedule(struct draw *dr, struct prog *p)
{
	unsigned rows, n, i, row;
	uint8_t prio[32];

	p->pr_seed = draw_next(dr);
	if (draw_one_in(dr, 2)) {
		p->pr_strategy = STRATEGY_random;
		return;
	}
	p->pr_strategy = STRATEGY_bytes;
	for (rows = draw_below(dr, 6); rows > 0; rows--) {
		row = draw_row(dr, p);
		n = 1 + draw_below(dr, sizeof(prio));
		for (i = 0; i < n; i++)
			prio[i] = draw_prio(dr);
		(void)edit_row_insert(p, row, p->pr_rowlen[row], prio, n);
	}
}

/*
 * random_create:
 *
 *	The next new body is created, by any that is there, mostly the first.
 *	That it runs its operations in time for this is not certain, which is
 *	a test as well.
 */
static void
random_create(struct draw *dr, struct op *o, uint64_t bodies)
{
	unsigned parent = draw_one_in(dr, 4) ? draw_bit(dr, bodies) + 1 : 1;

	o->op_body = (uint8_t)parent;
	o->op_code = OP_create;
	o->op_arg[0] = (uint8_t)(__builtin_ctzll(~bodies) + 1);
	o->op_arg[1] = draw_one_in(dr, 2) ?
	    0 :
	    draw_arg(dr, ARG_crflags, bodies, parent);
	o->op_arg[2] = 0;
}

/*
 * prog_random:
 *
 *	Creations stand among the operations, not only before them, since a
 *	creation races as well.  They are not a matter of groups: without them
 *	there is one LWP.
 */
void
prog_random(struct prog *p, uint64_t seed, unsigned nops)
{
	struct draw dr = { seed };
	unsigned i, want, have = 1;
	uint64_t bodies = 1;
	struct op *o;

	prog_init(p);
	random_machine(&dr, p);
	if (nops > PROG_OPS)
		nops = PROG_OPS;
	want = 1 + draw_small(&dr, 7);
	if (draw_one_in(&dr, 24))
		want = 2 + draw_below(&dr, PROG_BODIES - 1);
	if (want > 1 + nops / 3)
		want = 1 + nops / 3;
	for (i = 0; i < nops; i++) {
		o = &p->pr_ops[i];
		if (have < want && (have == 1 || draw_one_in(&dr, 3))) {
			random_create(&dr, o, bodies);
			bodies |= UINT64_C(1) << have++;
		} else
			draw_op(&dr, o, bodies, draw_bit(&dr, bodies) + 1);
	}
	p->pr_nops = (uint16_t)nops;
	canon_ops_order(p);
	random_schedule(&dr, p);
}
