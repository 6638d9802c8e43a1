/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Changing programs at random, for engines that keep what reached something
 * new.
 *
 * A mutator changes one thing of a canonical program in place, leaves it
 * canonical and says whether it did: it may find nothing to change.  They
 * stand in one table with their weights.  None of them may disturb what it
 * is not about: the schedule of one LWP survives a change of another's
 * operations.
 *
 * A recorded schedule (replay) is changed only as such, by adding, dropping
 * and changing deviations; seldom it is dropped as a whole and the program
 * goes on with a strategy that draws.
 */

#include <string.h>

#include "prog_draw.h"

/*
 * Operations.
 */

/*
 * op_place:
 *
 *	A place in a body where an operation may be put.
 */
static unsigned
op_place(struct draw *dr, const struct prog *p, unsigned body)
{
	unsigned first, count;

	first = edit_body(p, body, &count);
	return first + draw_below(dr, count + 1);
}

static bool
mutate_op_insert(struct draw *dr, struct prog *p)
{
	uint64_t bodies = edit_bodies(p);
	struct op o;

	draw_op(dr, &o, bodies, draw_bit(dr, bodies) + 1);
	return edit_op_insert(p, op_place(dr, p, o.op_body), &o);
}

/*
 * mutate_op_spawn:
 *
 *	A new body with a few operations, and its creation by another one.
 */
static bool
mutate_op_spawn(struct draw *dr, struct prog *p)
{
	uint64_t bodies = edit_bodies(p);
	unsigned n, body;
	struct op o;

	if (~bodies == 0)
		return false;
	body = (unsigned)__builtin_ctzll(~bodies) + 1;
	memset(&o, 0, sizeof(o));
	o.op_body = (uint8_t)(draw_bit(dr, bodies) + 1);
	o.op_code = OP_create;
	o.op_arg[0] = (uint8_t)body;
	o.op_arg[1] = draw_arg(dr, ARG_crflags, bodies, o.op_body);
	if (!edit_op_insert(p, op_place(dr, p, o.op_body), &o))
		return false;
	for (n = draw_small(dr, 4); n > 0; n--) {
		draw_op(dr, &o, bodies, body);
		if (!edit_op_insert(p, op_place(dr, p, body), &o))
			break;
	}
	return true;
}

static bool
mutate_op_remove(struct draw *dr, struct prog *p)
{
	if (p->pr_nops == 0)
		return false;
	edit_op_remove(p, draw_below(dr, p->pr_nops));
	return true;
}

/*
 * mutate_op_cut:
 *
 *	Remove some that stand together in one body.
 */
static bool
mutate_op_cut(struct draw *dr, struct prog *p)
{
	unsigned at, n, body;

	if (p->pr_nops < 2)
		return false;
	at = draw_below(dr, p->pr_nops);
	body = p->pr_ops[at].op_body;
	for (n = 1 + draw_small(dr, 8); n > 0; n--) {
		if (at >= p->pr_nops || p->pr_ops[at].op_body != body)
			break;
		edit_op_remove(p, at);
	}
	return true;
}

static bool
mutate_op_duplicate(struct draw *dr, struct prog *p)
{
	unsigned at;

	if (p->pr_nops == 0)
		return false;
	at = draw_below(dr, p->pr_nops);
	return edit_op_insert(p, at, &p->pr_ops[at]);
}

/*
 * mutate_op_move:
 *
 *	To another place of the same or another body.
 */
static bool
mutate_op_move(struct draw *dr, struct prog *p)
{
	unsigned at;
	struct op o;

	if (p->pr_nops < 2)
		return false;
	at = draw_below(dr, p->pr_nops);
	o = p->pr_ops[at];
	edit_op_remove(p, at);
	if (draw_one_in(dr, 2))
		o.op_body = (uint8_t)(draw_bit(dr, edit_bodies(p)) + 1);
	return edit_op_insert(p, op_place(dr, p, o.op_body), &o);
}

static bool
mutate_op_code(struct draw *dr, struct prog *p)
{
	struct op *o;

	if (p->pr_nops == 0)
		return false;
	o = &p->pr_ops[draw_below(dr, p->pr_nops)];
	draw_op(dr, o, edit_bodies(p), o->op_body);
	return true;
}

static bool
mutate_op_arg(struct draw *dr, struct prog *p)
{
	const enum arg_kind *kind;
	unsigned i, n = 0, old, tries;
	struct op *o;

	if (p->pr_nops == 0)
		return false;
	o = &p->pr_ops[draw_below(dr, p->pr_nops)];
	kind = op_table[o->op_code].or_arg;
	while (n < PROG_OPARGS && kind[n] != ARG_none)
		n++;
	if (n == 0)
		return false;
	i = draw_below(dr, n);
	old = o->op_arg[i];
	for (tries = 0; tries < 4 && o->op_arg[i] == old; tries++)
		o->op_arg[i] = draw_arg(
		    dr, kind[i], edit_bodies(p), o->op_body);
	return true;
}

/*
 * mutate_op_splice:
 *
 *	Copy some operations of a body into another.
 */
static bool
mutate_op_splice(struct draw *dr, struct prog *p)
{
	struct op some[8];
	unsigned from, n, i, at, body;

	if (p->pr_nops == 0)
		return false;
	from = draw_below(dr, p->pr_nops);
	body = draw_body(dr, edit_bodies(p));
	n = 1 + draw_below(dr, NITEMS(some));
	for (i = 0; i < n && from + i < p->pr_nops; i++) {
		if (p->pr_ops[from + i].op_body != p->pr_ops[from].op_body)
			break;
		some[i] = p->pr_ops[from + i];
		some[i].op_body = (uint8_t)body;
	}
	n = i;
	at = op_place(dr, p, body);
	for (i = 0; i < n; i++) {
		if (!edit_op_insert(p, at + i, &some[i]))
			return i > 0;
	}
	return true;
}

/*
 * mutate_op_swap:
 *
 *	Two bodies change their operations, not who creates them and not their
 *	schedules.
 */
static bool
mutate_op_swap(struct draw *dr, struct prog *p)
{
	uint64_t bodies = edit_bodies(p);
	unsigned a = draw_bit(dr, bodies) + 1, b = draw_bit(dr, bodies) + 1;
	unsigned i;
	uint8_t *body;

	if (a == b)
		return false;
	for (i = 0; i < p->pr_nops; i++) {
		body = &p->pr_ops[i].op_body;
		if (*body == a)
			*body = (uint8_t)b;
		else if (*body == b)
			*body = (uint8_t)a;
	}
	canon_ops_order(p);
	return true;
}

/*
 * Set-up.
 */

static bool
mutate_machine(struct draw *dr, struct prog *p)
{
	static const uint8_t rates[] = { 0, 1, 4, 16, 64, 255 };

	switch (draw_below(dr, 5)) {
	case 0:
		p->pr_ncpu = (uint8_t)(1 +
		    draw_below(dr, draw_one_in(dr, 4) ? SIM_CPUS : 4));
		break;
	case 1:
		p->pr_percpu = !p->pr_percpu;
		break;
	case 2:
		p->pr_preempt = !p->pr_preempt;
		break;
	case 3:
		p->pr_maxlwp = (uint8_t)(draw_one_in(dr, 2) ?
			0 :
			draw_below(dr, 9));
		break;
	default:
		p->pr_perturb = rates[draw_below(dr, NITEMS(rates))];
		break;
	}
	return true;
}

/*
 * Schedules that are drawn.
 */

static bool
mutate_seed(struct draw *dr, struct prog *p)
{
	if (p->pr_strategy == STRATEGY_replay)
		return false;
	p->pr_seed = draw_next(dr);
	return true;
}

static bool
mutate_strategy(struct draw *dr, struct prog *p)
{
	if (p->pr_strategy == STRATEGY_replay) {
		if (!draw_one_in(dr, 4))
			return false;
		p->pr_ndeviation = 0;
	}
	if (p->pr_strategy == STRATEGY_bytes)
		p->pr_strategy = STRATEGY_random;
	else
		p->pr_strategy = STRATEGY_bytes;
	return true;
}

/*
 * row_with:
 *
 *	A row that has priorities, each priority being as likely; ROW_COUNT if
 *	there is none.
 */
static unsigned
row_with(struct draw *dr, const struct prog *p, unsigned *at)
{
	unsigned n, r;

	if (p->pr_strategy != STRATEGY_bytes || p->pr_nprio == 0)
		return ROW_COUNT;
	n = draw_below(dr, p->pr_nprio);
	for (r = 0; n >= p->pr_rowlen[r]; r++)
		n -= p->pr_rowlen[r];
	*at = n;
	return r;
}

/*
 * mutate_prio_change:
 *
 *	One step gets another priority, mostly an extreme one.
 */
static bool
mutate_prio_change(struct draw *dr, struct prog *p)
{
	unsigned at, row = row_with(dr, p, &at);

	if (row == ROW_COUNT)
		return false;
	p->pr_prio[edit_row(p, row) + at] = draw_prio(dr);
	return true;
}

/*
 * mutate_prio_stretch:
 *
 *	Some steps together become fast or slow.
 */
static bool
mutate_prio_stretch(struct draw *dr, struct prog *p)
{
	unsigned at, n, row = row_with(dr, p, &at);
	uint8_t prio = draw_prio(dr);

	if (row == ROW_COUNT)
		return false;
	n = 1 + draw_small(dr, 16);
	if (n > p->pr_rowlen[row] - at)
		n = p->pr_rowlen[row] - at;
	memset(p->pr_prio + edit_row(p, row) + at, prio, n);
	return true;
}

static bool
mutate_prio_insert(struct draw *dr, struct prog *p)
{
	unsigned at, row = row_with(dr, p, &at);
	uint8_t prio = draw_prio(dr);

	return row != ROW_COUNT && edit_row_insert(p, row, at, &prio, 1);
}

static bool
mutate_prio_remove(struct draw *dr, struct prog *p)
{
	unsigned at, row = row_with(dr, p, &at);

	if (row == ROW_COUNT)
		return false;
	edit_row_remove(p, row, at, 1);
	return true;
}

/*
 * mutate_row_cut:
 *
 *	The generator goes on from here.
 */
static bool
mutate_row_cut(struct draw *dr, struct prog *p)
{
	unsigned at, row = row_with(dr, p, &at);

	if (row == ROW_COUNT)
		return false;
	edit_row_remove(p, row, at, p->pr_rowlen[row] - at);
	return true;
}

/*
 * mutate_row_extend:
 *
 *	A row goes on, or begins.
 */
static bool
mutate_row_extend(struct draw *dr, struct prog *p)
{
	unsigned row, i, n;
	uint8_t prio[24];

	if (p->pr_strategy != STRATEGY_bytes)
		return false;
	row = draw_row(dr, p);
	n = 1 + draw_below(dr, sizeof(prio));
	memset(prio, draw_prio(dr), n);
	if (!draw_one_in(dr, 3)) {
		for (i = 0; i < n; i++)
			prio[i] = draw_prio(dr);
	}
	return edit_row_insert(p, row, p->pr_rowlen[row], prio, n);
}

/*
 * Recorded schedules.
 */

/*
 * draw_label:
 *
 *	Something that may be announced, and a cell that fits.
 */
static void
draw_label(struct draw *dr, struct deviation *d)
{
	/* Those of plain accesses come last. */
	d->dv_op = (uint8_t)draw_below(dr, SIM_OP_read);
	switch (d->dv_op) {
	case SIM_OP_acquire:
	case SIM_OP_try:
	case SIM_OP_release:
		d->dv_cell = (uint8_t)(1 + draw_below(dr, CELL_LAST_LOCKCLASS));
		break;
	case SIM_OP_load:
	case SIM_OP_store:
	case SIM_OP_rmw:
	case SIM_OP_poll:
		d->dv_cell = (uint8_t)(CELL_LAST_LOCKCLASS + 1 +
		    draw_below(dr, CELL_COUNT - CELL_LAST_LOCKCLASS - 1));
		break;
	default:
		d->dv_cell = CELL_none;
		break;
	}
}

static void
draw_place(struct draw *dr, const struct prog *p, struct deviation *d)
{
	unsigned count;

	d->dv_role = SIM_ROLE_lwp;
	d->dv_who = (uint8_t)draw_body(dr, edit_bodies(p));
	(void)edit_body(p, d->dv_who, &count);
	d->dv_userop = (uint16_t)draw_below(dr, count + 2);
	if (draw_one_in(dr, 8)) {
		d->dv_role = draw_one_in(dr, 2) ? SIM_ROLE_idle : SIM_ROLE_intr;
		d->dv_who = (uint8_t)draw_below(dr, p->pr_ncpu);
		d->dv_userop = 0;
	}
}

static uint8_t
draw_source(struct draw *dr, const struct prog *p)
{
	unsigned cpu = draw_below(dr, p->pr_ncpu);

	switch (draw_below(dr, 12)) {
	case 0:
		return SIM_SRC_TIME;
	case 1:
		return SIM_SRC_RCU;
	case 2:
		return (uint8_t)SIM_SRC_CLOCK(cpu);
	case 3:
		return (uint8_t)SIM_SRC_SOFT(cpu);
	default:
		return (uint8_t)SIM_SRC_CPU(cpu);
	}
}

/*
 * draw_access:
 *
 *	A plain access after that point, where such are choices.
 */
static void
draw_access(struct draw *dr, const struct prog *p, struct deviation *d)
{
	if (!p->pr_memory || draw_one_in(dr, 2))
		return;
	d->dv_access = draw_one_in(dr, 2) ? ACCESS_read : ACCESS_write;
	d->dv_field = (uint16_t)draw_below(dr, SIM_FIELD_COUNT);
	d->dv_count = (uint16_t)draw_small(dr, 8);
}

static bool
mutate_deviation_add(struct draw *dr, struct prog *p)
{
	struct deviation d;

	if (p->pr_strategy != STRATEGY_replay)
		return false;
	memset(&d, 0, sizeof(d));
	draw_place(dr, p, &d);
	d.dv_nth = (uint16_t)draw_small(dr, 8);
	if (draw_one_in(dr, 6)) {
		d.dv_op = PROG_DEVIATION_PERTURB;
		d.dv_cell = (uint8_t)draw_below(dr, PERTURB_COUNT);
	} else {
		draw_label(dr, &d);
		d.dv_to = draw_source(dr, p);
		draw_access(dr, p, &d);
	}
	return edit_deviation_insert(
	    p, draw_below(dr, p->pr_ndeviation + 1u), &d);
}

static bool
mutate_deviation_drop(struct draw *dr, struct prog *p)
{
	if (p->pr_strategy != STRATEGY_replay || p->pr_ndeviation == 0)
		return false;
	edit_deviation_remove(p, draw_below(dr, p->pr_ndeviation), 1);
	return true;
}

static bool
mutate_deviation_change(struct draw *dr, struct prog *p)
{
	struct deviation *d;

	if (p->pr_strategy != STRATEGY_replay || p->pr_ndeviation == 0)
		return false;
	d = &p->pr_deviation[draw_below(dr, p->pr_ndeviation)];
	switch (draw_below(dr, 3)) {
	case 0:
		draw_place(dr, p, d);
		break;
	case 1:
		d->dv_nth = (uint16_t)draw_small(dr, 8);
		break;
	default:
		if (d->dv_op == PROG_DEVIATION_PERTURB)
			d->dv_cell = (uint8_t)draw_below(dr, PERTURB_COUNT);
		else
			d->dv_to = draw_source(dr, p);
		break;
	}
	return true;
}

/*
 * The table.
 */

static const struct mutator {
	bool (*mu_change)(struct draw *, struct prog *);
	unsigned mu_weight;
} mutator_table[] = {
	{ mutate_op_insert, 20 },
	{ mutate_op_spawn, 6 },
	{ mutate_op_remove, 10 },
	{ mutate_op_cut, 2 },
	{ mutate_op_duplicate, 5 },
	{ mutate_op_move, 8 },
	{ mutate_op_code, 6 },
	{ mutate_op_arg, 16 },
	{ mutate_op_splice, 4 },
	{ mutate_op_swap, 2 },
	{ mutate_machine, 6 },
	{ mutate_seed, 10 },
	{ mutate_strategy, 3 },
	{ mutate_prio_change, 14 },
	{ mutate_prio_stretch, 8 },
	{ mutate_prio_insert, 4 },
	{ mutate_prio_remove, 4 },
	{ mutate_row_cut, 3 },
	{ mutate_row_extend, 6 },
	{ mutate_deviation_add, 8 },
	{ mutate_deviation_drop, 8 },
	{ mutate_deviation_change, 8 },
};

static bool
mutate_once(struct draw *dr, struct prog *p)
{
	unsigned i, n, total = 0;

	for (i = 0; i < NITEMS(mutator_table); i++)
		total += mutator_table[i].mu_weight;
	n = draw_below(dr, total);
	for (i = 0; n >= mutator_table[i].mu_weight; i++)
		n -= mutator_table[i].mu_weight;
	return mutator_table[i].mu_change(dr, p);
}

/*
 * prog_mutate:
 *
 *	One to four changes, of a program that is canonical.
 */
void
prog_mutate(struct prog *p, uint64_t seed)
{
	struct draw dr = { seed };
	unsigned n, tries = 64;

	for (n = draw_small(&dr, 4); n > 0 && tries > 0; tries--)
		n -= mutate_once(&dr, p);
}

/*
 * Crossing.
 */

/*
 * cross_row:
 *
 *	A row of priorities, if the strategy looks at it.
 */
static void
cross_row(struct prog *out, const struct prog *from, unsigned row)
{
	if (out->pr_strategy != STRATEGY_bytes)
		return;
	(void)edit_row_insert(out, row, 0, from->pr_prio + edit_row(from, row),
	    from->pr_rowlen[row]);
}

/*
 * cross_deviations:
 *
 *	Those of this parent's share of the contexts.
 */
static void
cross_deviations(
    struct prog *out, const struct prog *from, uint64_t bodies, bool others)
{
	const struct deviation *d;
	unsigned i;
	bool ours;

	if (out->pr_strategy != STRATEGY_replay)
		return;
	for (i = 0; i < from->pr_ndeviation; i++) {
		d = &from->pr_deviation[i];
		if (d->dv_role == SIM_ROLE_lwp && d->dv_who != 0)
			ours = (bodies >> (d->dv_who - 1) & 1) != 0;
		else
			ours = others;
		if (ours)
			(void)edit_deviation_insert(out, out->pr_ndeviation, d);
	}
}

/*
 * prog_cross:
 *
 *	Each body, with its row of priorities and its deviations, from either
 *	parent; the rest from one of them.
 */
void
prog_cross(
    struct prog *out, const struct prog *a, const struct prog *b, uint64_t seed)
{
	struct draw dr = { seed };
	const struct prog *rest, *from;
	uint64_t of_b;
	bool rest_b;
	unsigned body, row, first, count, i;

	of_b = draw_next(&dr);
	rest_b = draw_one_in(&dr, 2);
	rest = rest_b ? b : a;
	prog_init(out);
	out->pr_ncpu = rest->pr_ncpu;
	out->pr_percpu = rest->pr_percpu;
	out->pr_preempt = rest->pr_preempt;
	out->pr_maxlwp = rest->pr_maxlwp;
	out->pr_perturb = rest->pr_perturb;
	out->pr_strategy = rest->pr_strategy;
	out->pr_seed = rest->pr_seed;
	cross_row(out, rest, ROW_LWP);
	for (body = 1; body <= PROG_BODIES; body++) {
		from = of_b >> (body - 1) & 1 ? b : a;
		first = edit_body(from, body, &count);
		for (i = 0; i < count && out->pr_nops < PROG_OPS; i++)
			out->pr_ops[out->pr_nops++] = from->pr_ops[first + i];
		cross_row(out, from, ROW_LWP + body);
	}
	for (row = ROW_IDLE; row < ROW_COUNT; row++)
		cross_row(out, rest, row);
	cross_deviations(out, a, ~of_b, !rest_b);
	cross_deviations(out, b, of_b, rest_b);
}
