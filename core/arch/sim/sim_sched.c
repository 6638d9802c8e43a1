/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Choice points and who goes on.
 *
 * A CPU that comes to a point writes down what it is about to do and calls
 * sim_wait().  There a source is chosen; unless it is the CPU itself, control
 * goes to the chosen one and comes back when this CPU is chosen.  Then the
 * caller does what was announced.  So between two announcements exactly one
 * CPU executes, and a run is the sequence of its choices.
 *
 *	(S1) what was announced is what is done next by that CPU, but for
 *	     interrupts, which announce again when they are over
 *	(S2) a source is chosen only if it is enabled: taking a word that is
 *	     free, polling a cell that changed since it was looked at, an idle
 *	     CPU whose word changed, an interrupt that the level allows
 *	(S3) everything that decides is a number that is the same in every
 *	     run: CPUs, contexts, offsets; never an address
 */

#include <machine/atomic.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_impl.h"

struct sim sim;
struct cpu_info *sim_curcpu;
const struct place *sim_here;

_Static_assert((int)SIM_POINT_acquire == (int)SIM_OP_acquire &&
	(int)SIM_POINT_try == (int)SIM_OP_try &&
	(int)SIM_POINT_release == (int)SIM_OP_release &&
	(int)SIM_POINT_load == (int)SIM_OP_load &&
	(int)SIM_POINT_store == (int)SIM_OP_store &&
	(int)SIM_POINT_rmw == (int)SIM_OP_rmw &&
	(int)SIM_POINT_poll == (int)SIM_OP_poll,
    "numbers of operations differ");

static const struct sim_op_row {
	const char *name;
	bool writes;
} sim_op_table[SIM_OP_COUNT] = {
#define SIM_OP(name, writes, what) { #name, writes },
#include "sim_op.def"
#undef SIM_OP
};

const char *
sim_op_name(enum sim_op op)
{
	return op < SIM_OP_COUNT ? sim_op_table[op].name : "?";
}

bool
sim_op_writes(enum sim_op op)
{
	return op < SIM_OP_COUNT && sim_op_table[op].writes;
}

void
sim_leave(enum sim_end end)
{
	struct fiber *from = &sim.cpu->sc_context->cx_fiber;

	sim.end = end;
	sim.live = false;
	fiber_switch(from, &sim.host);
	abort();
}

static inline uint32_t
sim_peek32(const void *p)
{
	return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
}

/*
 * sim_cpu_enabled:
 *
 *	May a CPU of the blocked mask do its announced step?
 */
static inline bool
sim_cpu_enabled(const struct simcpu *c)
{
	const struct sim_pending *sp = &sim.pending[c->sc_index];

	switch (sp->sp_op) {
	case SIM_OP_acquire:
		return sim_peek32(sp->sp_object) == 0;
	case SIM_OP_poll:
		return sim_peek32(c->sc_watch.sw_cell[0]) !=
		    c->sc_watch.sw_seen[0] ||
		    sim_peek32(c->sc_watch.sw_cell[1]) !=
		    c->sc_watch.sw_seen[1];
	case SIM_OP_idle:
		return sim_peek32(sp->sp_object) != c->sc_expected;
	default:
		return true;
	}
}

/*
 * sim_enabled:
 *
 *	CPUs and interrupts that may go on.  CPUs that wait are tested each
 *	time: there are few, and a test is a load.
 */
static inline uint32_t
sim_enabled(void)
{
	uint32_t enabled = sim.started & ~sim.blocked, wait;
	unsigned n;

	for (wait = sim.blocked; wait != 0; wait &= wait - 1) {
		n = (unsigned)__builtin_ctz(wait);
		if (sim_cpu_enabled(&sim.cpus[n]))
			enabled |= 1u << n;
	}
	if ((sim.clockpending | sim.softpending) != 0)
		enabled |= sim_intr_enabled();
	return enabled;
}

/*
 * sim_default:
 *
 *	Fair and non-preemptive: the CPU that arrived goes on until it waits,
 *	is between two steps of user code, or has had its share; then
 *	interrupts, then the next CPU in turn.
 */
static inline unsigned
sim_default(uint32_t enabled, unsigned arrived)
{
	const uint32_t cpus = (1u << SIM_CPUS) - 1;
	uint32_t intr = enabled & ~cpus &
	    ~(1u << SIM_SRC_TIME | 1u << SIM_SRC_RCU);
	uint32_t later;

	if ((enabled & 1u << arrived) != 0 && sim.streak < SIM_STREAK &&
	    sim.pending[arrived].sp_op != SIM_OP_user &&
	    sim.pending[arrived].sp_op != SIM_OP_poll)
		return arrived;
	if (intr != 0) /* soft interrupts have the higher numbers */
		return 31 - (unsigned)__builtin_clz(intr);
	later = enabled & cpus & ~((2u << arrived) - 1);
	if (later != 0)
		return (unsigned)__builtin_ctz(later);
	if ((enabled & cpus) != 0)
		return (unsigned)__builtin_ctz(enabled & cpus);
	if ((enabled & 1u << SIM_SRC_RCU) != 0)
		return SIM_SRC_RCU;
	return SIM_SRC_TIME;
}

/*
 * sim_nothing:
 *
 *	No CPU and no interrupt can go on: grace periods end, then time jumps
 *	to the next callout, else the run is over.
 */
static uint32_t
sim_nothing(void)
{
	uint32_t cpus;
	unsigned n;

	if (sim_rcu_ready())
		return 1u << SIM_SRC_RCU;
	for (cpus = sim.started; cpus != 0; cpus &= cpus - 1) {
		n = (unsigned)__builtin_ctz(cpus);
		if (sim.pending[n].sp_op != SIM_OP_idle)
			break;
	}
	if (sim.timer != UINT64_MAX &&
	    (sim.clockpending & sim.started) != sim.started)
		return 1u << SIM_SRC_TIME;
	sim_leave(cpus == 0 ? SIM_END_quiet : SIM_END_deadlock);
}

/*
 * sim_account:
 *
 *	A source was chosen: count, hash, tell.
 */
static inline void
sim_account(unsigned source, uint32_t enabled)
{
	static const struct sim_pending none;
	const struct sim_pending *sp = source < SIM_CPUS ?
	    &sim.pending[source] :
	    &none;
	uint64_t v;

	v = (uint64_t)source << 56 | (uint64_t)sp->sp_op << 48 |
	    (uint64_t)sp->sp_cell << 40 | (uint64_t)sp->sp_ordinal << 24 |
	    (uint64_t)sp->sp_who << 10 | sp->sp_userop << 2 | sp->sp_role;
	sim.hash = (sim.hash ^ v) * 0x9e3779b97f4a7c15u;
	sim.hash ^= sim.hash >> 29;
	if (sim.cf.cf_counters != NULL && source < SIM_CPUS)
		sim_feedback_step(sp, source);
	if (sim.cf.cf_step != NULL)
		sim.cf.cf_step(sim.cf.cf_arg, source, sp, enabled);
	if (++sim.steps >= sim.cf.cf_maxsteps)
		sim_leave(SIM_END_steps);
	if (sim.steps >= sim.cf.cf_fairstep)
		sim.fair = true;
}

/*
 * sim_choose:
 *
 *	Who goes on, now that "arrived" has announced.
 */
static inline unsigned
sim_choose(unsigned arrived)
{
	uint32_t enabled = sim_enabled();
	struct sim_choice ch;
	unsigned source;

	if (enabled == 0)
		enabled = sim_nothing();
	else if (!sim.fair) {
		if (sim.agents < sim.cf.cf_maxagents)
			enabled |= 1u << SIM_SRC_TIME;
		if (sim.nrcu != 0 && sim_rcu_ready())
			enabled |= 1u << SIM_SRC_RCU;
	}
	source = sim_default(enabled, arrived);
	if ((enabled & (enabled - 1)) != 0 && !sim.fair) {
		ch.sc_enabled = enabled;
		ch.sc_arrived = arrived;
		ch.sc_default = source;
		ch.sc_step = sim.steps;
		ch.sc_pending = sim.pending;
		source = sim.cf.cf_choose(sim.cf.cf_arg, &ch);
	}
	sim_account(source, enabled);
	return source;
}

/*
 * sim_wait:
 *
 *	The CPU that executes has announced; return when it is chosen.
 */
static void
sim_goon(struct simcpu *c)
{
	unsigned arrived = c->sc_index, source;
	struct sim_context *from;

	for (;;) {
		source = sim_choose(arrived);
		if (source == c->sc_index)
			break;
		if (source == SIM_SRC_TIME) {
			sim.agents++;
			sim_tick(sim.timer != UINT64_MAX &&
				    sim_enabled() == 0 &&
				    sim.timer > sim.ticks ?
				sim.timer :
				sim.ticks + 1);
			continue;
		}
		struct simcpu *to;

		if (source == SIM_SRC_RCU)
			to = &sim.cpus[sim_rcu_cpu()];
		else
			to = &sim.cpus[source % SIM_CPUS];
		to->sc_deliver = source >= SIM_CPUS;
		to->sc_source = source;
		if (to != c) {
			sim.switches++;
			sim.streak = 0;
			sim.cpu = to;
			sim_curcpu = to->sc_info;
			from = c->sc_context;
			fiber_switch(
			    &from->cx_fiber, &to->sc_context->cx_fiber);
			/* Chosen: on the CPU that set sim.cpu. */
			c = sim.cpu;
		}
		if (!c->sc_deliver)
			break;
		c->sc_deliver = false;
		sim_intr_deliver(c, c->sc_source);
		if (sim.pending[c->sc_index].sp_op == SIM_OP_idle)
			break;
		arrived = c->sc_index;
	}
	sim.streak++;
	sim.blocked &= ~(1u << c->sc_index);
	/* Further steps of the same call have the place of the caller. */
	sim_here = sim.pending[c->sc_index].sp_place;
}

static inline void
sim_announce(struct simcpu *c, unsigned op, const void *object, unsigned cell,
    unsigned ordinal)
{
	struct sim_pending *sp = &sim.pending[c->sc_index];

	sp->sp_object = object;
	sp->sp_place = sim_here;
	sp->sp_cell = (uint16_t)cell;
	sp->sp_ordinal = (uint16_t)ordinal;
	sp->sp_op = (uint8_t)op;
	sp->sp_role = c->sc_role;
	if (c->sc_role == SIM_ROLE_lwp) {
		sp->sp_who = c->sc_context->cx_who;
		sp->sp_userop = c->sc_context->cx_userop;
	} else {
		sp->sp_who = c->sc_index;
		sp->sp_userop = 0;
	}
	if (op == SIM_OP_acquire || op == SIM_OP_poll || op == SIM_OP_idle)
		sim.blocked |= 1u << c->sc_index;
}

void
sim_wait(unsigned op, const void *object, unsigned cell, unsigned ordinal)
{
	sim_announce(sim.cpu, op, object, cell, ordinal);
	sim_goon(sim.cpu);
}

/*
 * sim_point:
 *
 *	Called by every access of <machine/atomic.h>.
 */
void
sim_point(unsigned op, const void *object, unsigned cell, unsigned ordinal)
{
	struct simcpu *c;

	if (!sim.live)
		return;
	sim_wait(op, object, cell, ordinal);
	c = sim.cpu;
	if (sim_memory_poisoned(object))
		machine_panic(
		    "memory: access to freed %s", cell_name((enum cell)cell));
	if (op == SIM_OP_load) {
		struct sim_loads *sl = &c->sc_loads;

		sl->sl_cell[sl->sl_next] = object;
		sl->sl_value[sl->sl_next] = sim_peek32(object);
		sl->sl_next ^= 1;
	}
}

/*
 * sim_seen:
 *
 *	What the CPU saw in a cell when it last looked.  If that is not known
 *	any more the cell may have changed since, so the poll must end at once
 *	and let the loop look again: with the value now a change in between
 *	would be missed, and the CPU parked for ever.
 */
static uint32_t
sim_seen(const struct simcpu *c, const void *cell)
{
	const struct sim_loads *sl = &c->sc_loads;
	unsigned last = sl->sl_next ^ 1u;

	if (sl->sl_cell[last] == cell)
		return sl->sl_value[last];
	if (sl->sl_cell[last ^ 1] == cell)
		return sl->sl_value[last ^ 1];
	return ~sim_peek32(cell);
}

/*
 * sim_poll:
 *
 *	cell_spinwait(): parked until one of two cells differs from what this
 *	CPU saw in it.
 */
void
sim_poll(const void *a, unsigned cell, const void *b)
{
	struct simcpu *c = sim.cpu;

	if (!sim.live)
		return;
	c->sc_watch.sw_cell[0] = a;
	c->sc_watch.sw_cell[1] = b;
	c->sc_watch.sw_seen[0] = sim_seen(c, a);
	c->sc_watch.sw_seen[1] = sim_seen(c, b);
	sim_wait(SIM_OP_poll, a, cell, 0);
}

void
machine_idle(const unsigned *word, unsigned expected)
{
	sim.cpu->sc_expected = expected;
	sim_wait(SIM_OP_idle, word, CELL_ci_idle, sim.cpu->sc_index);
}

void
machine_user_point(void)
{
	if (sim.live)
		sim_wait(SIM_OP_user, NULL, CELL_none, 0);
}

/*
 * sim_bind:
 *
 *	A CPU executes another LWP from here on.
 */
static void
sim_bind(struct simcpu *c, struct lwp *l)
{
	c->sc_context = l->l_machine;
	c->sc_role = l == c->sc_info->ci_idlelwp ? SIM_ROLE_idle : SIM_ROLE_lwp;
}

struct lwp *
machine_switch(struct lwp *from, struct lwp *to)
{
	struct simcpu *c = sim.cpu;
	struct sim_context *old = c->sc_context;

	if (c->sc_rcunest != 0)
		machine_panic("rcu: a switch inside a read section");
	sim_bind(c, to);
	c->sc_context->cx_prev = from;
	fiber_switch(&old->cx_fiber, &c->sc_context->cx_fiber);
	return sim.cpu->sc_context->cx_prev;
}

struct lwp *
machine_switched_from(void)
{
	return sim.cpu->sc_context->cx_prev;
}

int
machine_context_init(struct lwp *l, void (*entry)(void *), void *arg)
{
	struct sim_context *cx = sim.freecontexts;

	if (cx != NULL)
		sim.freecontexts = cx->cx_next;
	else if (sim.usedcontexts < SIM_CONTEXTS)
		cx = &sim.contexts[sim.usedcontexts++];
	else
		return 12; /* ENOMEM */
	cx->cx_who = (uint16_t)l->l_cookie;
	cx->cx_userop = 0;
	cx->cx_prev = NULL;
	fiber_start(&cx->cx_fiber, entry, arg);
	l->l_machine = cx;
	return 0;
}

void
machine_context_free(struct lwp *l)
{
	struct sim_context *cx = l->l_machine;

	if (cx == NULL)
		return;
	cx->cx_next = sim.freecontexts;
	sim.freecontexts = cx;
	l->l_machine = NULL;
}

void
sim_user_op(unsigned index)
{
	sim.cpu->sc_context->cx_userop = (uint16_t)index;
}

/*
 * sim_live:
 *
 *	The machine is booted: the other CPUs begin, in their idle contexts.
 */
void
sim_live(void)
{
	unsigned n;

	for (n = 0; n < sim.cf.cf_ncpu; n++) {
		struct simcpu *c = &sim.cpus[n];

		c->sc_info = &kernel.k_cpu[n];
		sim.started |= 1u << n;
		if (n == 0)
			continue;
		sim_bind(c, c->sc_info->ci_curlwp);
		sim.pending[n] = (struct sim_pending) {
			.sp_op = SIM_OP_user,
			.sp_role = SIM_ROLE_idle,
			.sp_who = (uint16_t)n,
		};
	}
	sim.live = true;
}

void
machine_panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sim.panic, sizeof(sim.panic), fmt, ap);
	va_end(ap);
	sim.panicplace = sim_here;
	sim_leave(SIM_END_panic);
}

void
sim_halt(void)
{
	if (sim.cpu != NULL)
		sim_leave(SIM_END_halted);
}

/*
 * sim_init, sim_run: see sim.h.
 */
void
sim_init(void)
{
	unsigned n;

	if (sim.arena != NULL)
		return;
	sim_memory_init();
	for (n = 0; n < SIM_CONTEXTS; n++) {
		if (fiber_alloc(&sim.contexts[n].cx_fiber, SIM_STACK_SIZE) !=
		    0) {
			(void)fprintf(stderr,
			    "lwp: no memory for the simulator's stacks\n");
			exit(2);
		}
		sim.allocations++;
	}
}

static struct {
	void (*main)(void *);
	void *arg;
} sim_boot;

static void
sim_boot_entry(void *arg)
{
	(void)arg;
	sim_boot.main(sim_boot.arg);
	sim_leave(SIM_END_halted);
}

static void
sim_reset(const struct sim_config *cf)
{
	unsigned n;

	sim.cf = *cf;
	for (n = 0; n < cf->cf_ncpu; n++)
		sim.cpus[n] = (struct simcpu) { .sc_index = (uint16_t)n };
	sim.freecontexts = NULL;
	sim.usedcontexts = 1;
	sim.started = sim.blocked = 0;
	sim.clockpending = sim.softpending = 0;
	sim.agents = sim.streak = 0;
	sim.live = sim.fair = false;
	sim.steps = sim.switches = 0;
	sim.hash = 0xcbf29ce484222325u;
	sim.ticks = 1;
	sim.timer = UINT64_MAX;
	sim.nrcu = 0;
	sim.panic[0] = '\0';
	sim.panicplace = NULL;
	/* Feedback looks at them before the first is announced. */
	memset(sim.pending, 0, sizeof(sim.pending));
	memset(sim.probes, 0, sizeof(sim.probes));
	sim_memory_reset();
	sim_here = NULL;
	if (cf->cf_counters != NULL)
		sim_feedback_reset();
}

enum sim_end
sim_run(const struct sim_config *cf, void (*main)(void *), void *arg)
{
	struct sim_context *cx = &sim.contexts[0];

	sim_reset(cf);
	sim_boot.main = main;
	sim_boot.arg = arg;
	sim.cpu = &sim.cpus[0];
	cx->cx_who = 0;
	cx->cx_userop = 0;
	sim.cpu->sc_context = cx;
	fiber_host(&sim.host);
	fiber_start(&cx->cx_fiber, sim_boot_entry, NULL);
	fiber_switch(&sim.host, &cx->cx_fiber);
	sim.cpu = NULL;
	return sim.end;
}

void
sim_fair(void)
{
	sim.fair = true;
}

bool
sim_in_fair_phase(void)
{
	return sim.fair;
}

uint64_t
sim_steps(void)
{
	return sim.steps;
}

uint64_t
sim_switches(void)
{
	return sim.switches;
}

uint64_t
sim_trace_hash(void)
{
	return sim.hash;
}

const char *
sim_panic_text(void)
{
	return sim.panic;
}

const struct place *
sim_panic_place(void)
{
	return sim.panicplace;
}

const uint8_t *
sim_probes(void)
{
	return sim.probes;
}

const struct sim_pending *
sim_pending(unsigned cpu)
{
	return &sim.pending[cpu];
}

unsigned
sim_current_cpu(void)
{
	return sim.cpu != NULL ? sim.cpu->sc_index : 0;
}

struct cpu_info *
sim_cpu_info(unsigned cpu)
{
	return sim.cpus[cpu].sc_info;
}

uint64_t
sim_allocations(void)
{
	return sim.allocations;
}

const char *
sim_source_name(unsigned source, char *buf, size_t size)
{
	static const char *const kind[] = { "cpu", "clock", "soft" };

	if (source == SIM_SRC_TIME)
		(void)snprintf(buf, size, "time");
	else if (source == SIM_SRC_RCU)
		(void)snprintf(buf, size, "rcu");
	else
		(void)snprintf(buf, size, "%s %u", kind[source / SIM_CPUS],
		    source % SIM_CPUS);
	return buf;
}
