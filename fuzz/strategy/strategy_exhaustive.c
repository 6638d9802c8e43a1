/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * All schedules of a program, depth first.
 *
 * A node is a choice in a run: what could be chosen there, and what was
 * chosen.  The stack of nodes is the schedule of the run.  The next run
 * follows it to the deepest node that has a choice left, takes that choice,
 * and from there on the default.
 *
 * Reduction.  Two steps *conflict* if they are of one CPU, or are about the
 * same cell or lock and one of them writes; agents (interrupts, time, grace
 * periods) conflict with everything.  Two runs that differ only in the order
 * of steps which do not conflict are of one *class* and end alike.
 *
 *	(X1) sleep sets (Godefroid 1996): when all runs that take step s at a
 *	     node have been made, s *sleeps* in the other choices of that node
 *	     and everything below them, until a step that conflicts with it is
 *	     done.  A step that sleeps is not chosen.  So exactly one run of
 *	     each class goes to its end; a run in which all that is left
 *	     sleeps is broken off (pruned)
 *	(X2) a CPU that can go on from a poll only looks again and changes
 *	     nothing.  It conflicts with nobody, so it goes on at once and no
 *	     other choice is tried there.  The same holds for a CPU between
 *	     two steps of user code, if no agent can be chosen
 *
 * The reduction sees only what is announced.  Reading the clock and RCU read
 * sections are not announced.  Their order with time and grace periods is
 * still explored, since those conflict with everything; their order with the
 * deferring of a callback is not.  Programs in which an LWP exits or a value
 * of specific data dies defer callbacks: for these only exploring without
 * reduction is a proof.
 *
 * Bound (preemption bounding: Musuvathi and Qadeer, PLDI 2007).  A choice costs
 * 1 if it passes over a CPU that was running, could go on, and is not between
 * two steps of user code; or if it lets time pass or a grace period end where
 * the default would not; or if it makes a perturbation happen.  With a bound
 * only schedules are run whose choices cost no more in all.
 */

#include "explore.h"

#include <stdlib.h>
#include <string.h>

#include "strategy.h"

#define EXPLORE_DEPTH	20000	   /* choices: as many as are not fair */
#define EXPLORE_CLASSES (1u << 22) /* slots of the set; a power of two */
#define EXPLORE_OBJECTS 4096	   /* cells and locks of a run */
#define EXPLORE_WHO	256	   /* contexts of a role */

#define CPUS		((1u << SIM_CPUS) - 1)
#define AGENTS		(1u << SIM_SRC_TIME | 1u << SIM_SRC_RCU)

/* A choice.  For a rare event source 0 is no, 1 is yes. */
struct node {
	uint32_t nd_enabled; /* what could be chosen: to notice drift */
	uint32_t nd_sleep;   /* what slept when it was first come to */
	uint32_t nd_done;    /* chosen before, all below was run */
	uint32_t nd_left;    /* still to be chosen */
	uint32_t nd_cost;    /* before it */
	uint8_t nd_chosen;
	bool nd_local; /* X2 */
};

/* For classes: how often an object was written. */
struct object {
	const void *ob_object;
	uint32_t ob_run;
	uint32_t ob_writes;
};

static struct {
	struct explore_options opt;
	struct explore_state state;
	struct node *node; /* EXPLORE_DEPTH; NULL: nothing is explored */
	uint64_t *class;   /* EXPLORE_CLASSES; 0: free */
	unsigned depth;	   /* nodes of this schedule */
	unsigned at;	   /* the next one that this run comes to */
	uint32_t sleep;
	uint32_t cost;
	bool pruned;

	/* The class of this run. */
	uint64_t hash;
	uint64_t agents; /* steps of agents so far */
	uint32_t run;
	uint32_t step[SIM_ROLE_COUNT][EXPLORE_WHO];
	struct object object[EXPLORE_OBJECTS];
} ex;

bool
explore_begin(const struct explore_options *eo)
{
	explore_end();
	ex.node = calloc(EXPLORE_DEPTH, sizeof(*ex.node));
	ex.class = calloc(EXPLORE_CLASSES, sizeof(*ex.class));
	if (ex.node == NULL || ex.class == NULL) {
		explore_end();
		return false;
	}
	ex.opt = *eo;
	return true;
}

void
explore_end(void)
{
	free(ex.node);
	free(ex.class);
	ex.node = NULL;
	ex.class = NULL;
	ex.depth = 0;
	memset(&ex.state, 0, sizeof(ex.state));
	ex.pruned = false;
}

const struct explore_state *
explore_state(void)
{
	return &ex.state;
}

bool
explore_pruned(void)
{
	return ex.pruned;
}

/*
 * Classes.
 */

static uint64_t
mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static struct object *
class_object(const void *object)
{
	unsigned i = (unsigned)(mix((uintptr_t)object) % EXPLORE_OBJECTS), n;

	for (n = 0; n < EXPLORE_OBJECTS; n++) {
		struct object *ob = &ex.object[i];

		if (ob->ob_run != ex.run)
			*ob = (struct object) { object, ex.run, 0 };
		if (ob->ob_object == object)
			return ob;
		i = (i + 1) % EXPLORE_OBJECTS;
	}
	return NULL;
}

/*
 * class_step:
 *
 *	The class is the sum over all steps of a number made of the context, how
 *	many steps it did before, what it does, and how many conflicting steps
 *	were done before: equal for runs that differ in nothing else.
 */
static void
class_step(unsigned source, const struct sim_pending *sp)
{
	struct object *ob;
	uint64_t v;

	if (source >= SIM_CPUS) {
		ex.hash += mix(++ex.agents << 32 | source);
		return;
	}
	if (sp->sp_op == SIM_OP_poll)
		return;
	v = (uint64_t)sp->sp_role << 56 | (uint64_t)sp->sp_who << 40 |
	    ex.step[sp->sp_role][sp->sp_who % EXPLORE_WHO]++;
	v = mix(v) ^ (uint64_t)sp->sp_op << 16 ^ sp->sp_cell ^ ex.agents << 32;
	if (sp->sp_object != NULL) {
		ob = class_object(sp->sp_object);
		if (ob == NULL) {
			ex.state.es_uncounted = true;
			return;
		}
		v = mix(v) ^ ob->ob_writes;
		ob->ob_writes += sim_op_writes(sp->sp_op);
	}
	ex.hash += mix(v);
}

static void
class_count(void)
{
	uint64_t h = ex.hash | 1;
	unsigned i = (unsigned)(mix(h) % EXPLORE_CLASSES);

	if (ex.state.es_classes > (uint64_t)EXPLORE_CLASSES / 4 * 3) {
		ex.state.es_uncounted = true;
		return;
	}
	while (ex.class[i] != 0 && ex.class[i] != h)
		i = (i + 1) % EXPLORE_CLASSES;
	ex.state.es_classes += ex.class[i] == 0;
	ex.class[i] = h;
}

/*
 * The tree.
 */

/*
 * explore_part:
 *
 *	How much of the tree is left of the schedule, if all choices of a node
 *	had as much below them.
 */
static double
explore_part(void)
{
	double width = 1, part = 0;
	unsigned n, done, all;

	for (n = 0; n < ex.depth && width > 1e-9; n++) {
		const struct node *nd = &ex.node[n];

		done = (unsigned)__builtin_popcount(nd->nd_done);
		all = done + 1 + (unsigned)__builtin_popcount(nd->nd_left);
		part += width * done / all;
		width /= all;
	}
	return part;
}

bool
explore_next(void)
{
	struct node *nd;

	if (ex.state.es_drift)
		return false;
	if (ex.pruned)
		ex.state.es_pruned++;
	else {
		ex.state.es_runs++;
		class_count();
	}
	if (ex.depth > ex.state.es_depth)
		ex.state.es_depth = ex.depth;
	while (ex.depth > 0) {
		nd = &ex.node[ex.depth - 1];
		if (nd->nd_left != 0) {
			nd->nd_done |= 1u << nd->nd_chosen;
			nd->nd_chosen = (uint8_t)__builtin_ctz(nd->nd_left);
			nd->nd_left &= nd->nd_left - 1;
			ex.state.es_part = explore_part();
			return true;
		}
		ex.depth--;
	}
	ex.state.es_part = 1;
	return false;
}

static void
exhaustive_begin(struct schedule *sd)
{
	(void)sd;
	ex.at = 0;
	ex.sleep = 0;
	ex.cost = 0;
	if (ex.node == NULL)
		return;
	ex.pruned = false;
	ex.hash = ex.agents = 0;
	ex.run++;
	memset(ex.step, 0, sizeof(ex.step));
}

/*
 * explore_stop:
 *
 *	Whatever follows was run before.  Does not return.
 */
static void
explore_stop(void)
{
	ex.pruned = true;
	sim_halt();
}

static uint32_t
choice_cost(const struct sim_choice *sc, unsigned source)
{
	const struct sim_pending *sp = &sc->sc_pending[sc->sc_arrived];

	if (source == sc->sc_default || source == sc->sc_arrived)
		return 0;
	if ((1u << source & AGENTS) != 0)
		return 1;
	return (sc->sc_enabled >> sc->sc_arrived & 1) != 0 &&
	    sp->sp_op != SIM_OP_user && sp->sp_op != SIM_OP_poll;
}

/*
 * choice_local:
 *
 *	A CPU whose step does nothing that others can notice (X2); or none.
 */
static unsigned
choice_local(const struct sim_choice *sc)
{
	uint32_t mask;
	unsigned n;

	for (mask = sc->sc_enabled & CPUS; mask != 0; mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (sc->sc_pending[n].sp_op == SIM_OP_poll ||
		    (sc->sc_pending[n].sp_op == SIM_OP_user &&
			(sc->sc_enabled & ~CPUS) == 0))
			return n;
	}
	return SIM_NOBODY;
}

/*
 * choice_new:
 *
 *	A choice nobody came to before: what there is to choose.
 */
static void
choice_new(struct node *nd, const struct sim_choice *sc)
{
	uint32_t mask, may = 0;
	unsigned n;

	*nd = (struct node) {
		.nd_enabled = sc->sc_enabled,
		.nd_sleep = ex.sleep,
		.nd_cost = ex.cost,
	};
	if (ex.opt.eo_reduce) {
		n = choice_local(sc);
		if (n != SIM_NOBODY) {
			nd->nd_local = true;
			nd->nd_chosen = (uint8_t)n;
			return;
		}
	}
	for (mask = sc->sc_enabled & ~ex.sleep; mask != 0; mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (ex.opt.eo_bound == EXPLORE_NOBOUND ||
		    ex.cost + choice_cost(sc, n) <= ex.opt.eo_bound)
			may |= 1u << n;
	}
	if (may == 0) {
		explore_stop();
		may = 1u << sc->sc_default;
	}
	n = (may >> sc->sc_default & 1) != 0 ? sc->sc_default :
					       (unsigned)__builtin_ctz(may);
	nd->nd_chosen = (uint8_t)n;
	nd->nd_left = may & ~(1u << n);
}

static unsigned
exhaustive_choose(struct schedule *sd, const struct sim_choice *sc)
{
	struct node *nd;

	(void)sd;
	if (ex.node == NULL || ex.state.es_drift)
		return sc->sc_default;
	if (ex.at == EXPLORE_DEPTH) {
		ex.state.es_cut = true;
		ex.sleep = 0;
		return sc->sc_default;
	}
	nd = &ex.node[ex.at++];
	if (ex.at > ex.depth) {
		choice_new(nd, sc);
		ex.depth = ex.at;
	} else if (nd->nd_enabled != sc->sc_enabled) {
		ex.state.es_drift = true;
		return sc->sc_default;
	}
	if (ex.opt.eo_reduce && !nd->nd_local)
		ex.sleep = nd->nd_sleep | nd->nd_done;
	ex.cost = nd->nd_cost + choice_cost(sc, nd->nd_chosen);
	return nd->nd_chosen;
}

/*
 * exhaustive_perturb:
 *
 *	A rare event, if the program wants any: both, no first.
 */
static bool
exhaustive_perturb(
    struct schedule *sd, enum perturbation what, const struct sim_pending *sp)
{
	struct node *nd;

	(void)what;
	(void)sp;
	if (ex.node == NULL || ex.state.es_drift ||
	    sd->sd_prog->pr_perturb == 0)
		return false;
	if (ex.at == EXPLORE_DEPTH) {
		ex.state.es_cut = true;
		return false;
	}
	nd = &ex.node[ex.at++];
	if (ex.at > ex.depth) {
		*nd = (struct node) { .nd_cost = ex.cost };
		if (ex.opt.eo_bound == EXPLORE_NOBOUND ||
		    ex.cost < ex.opt.eo_bound)
			nd->nd_left = 1u << 1;
		ex.depth = ex.at;
	} else if (nd->nd_enabled != 0) {
		ex.state.es_drift = true;
		return false;
	}
	ex.cost = nd->nd_cost + nd->nd_chosen;
	return nd->nd_chosen != 0;
}

static bool
steps_conflict(const struct sim_pending *a, const struct sim_pending *b)
{
	return a->sp_object != NULL && a->sp_object == b->sp_object &&
	    a->sp_op != SIM_OP_poll && b->sp_op != SIM_OP_poll &&
	    (sim_op_writes(a->sp_op) || sim_op_writes(b->sp_op));
}

/*
 * exhaustive_step:
 *
 *	A step is about to be done, chosen here or not: what conflicts with it
 *	wakes up.
 */
static void
exhaustive_step(
    struct schedule *sd, unsigned source, const struct sim_pending *sp)
{
	uint32_t mask;
	unsigned n;

	(void)sd;
	if (ex.node == NULL)
		return;
	if (sim_in_fair_phase()) {
		ex.state.es_cut = true;
		ex.sleep = 0;
	}
	if ((ex.sleep >> source & 1) != 0)
		explore_stop();
	class_step(source, sp);
	if (source >= SIM_CPUS) {
		ex.sleep = 0;
		return;
	}
	ex.sleep &= CPUS;
	for (mask = ex.sleep; mask != 0; mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (n == source || steps_conflict(sim_pending(n), sp))
			ex.sleep &= ~(1u << n);
	}
}

const struct strategy strategy_exhaustive = {
	.st_name = "exhaustive",
	.st_begin = exhaustive_begin,
	.st_choose = exhaustive_choose,
	.st_perturb = exhaustive_perturb,
	.st_step = exhaustive_step,
	.st_pruned = explore_pruned,
};
