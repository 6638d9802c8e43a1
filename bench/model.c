/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A discrete-event model of coherence, driven by the code of core/lock.
 *
 * Each virtual processor is a coroutine that runs the same loop as the
 * benchmark's threads.  Whoever is earliest goes on.  An access waits until the
 * line is not on its way to somebody else, then costs nothing if the processor
 * has the line as it needs it, else a fraction of the time between the two.
 *
 *	(C1) a line has one owner, or any number of sharers; a load makes it
 *	     shared, a store or an exchange owned
 *	(C2) while a line moves to a new owner nobody else gets it; a load
 *	     occupies it for a while, so many that miss at once queue up
 *	(C3) a store waits in the processor's buffer and is seen when the line
 *	     has come; the processor goes on meanwhile.  Stores are seen in
 *	     order, and an exchange waits until all of them are
 *	(C4) who spins on lines that it has sleeps until one is taken away
 *
 * What is not modelled: the jitter between a release and the next try, which
 * lets one side capture a lock that is not fair; caches that are full; that
 * two threads share a core.
 */

#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "model_cell.h"
#include "stat.h"

#define PAIR	 ((size_t)2 * SPIN_LINE) /* lines are fetched in pairs */
#define STACK	 ((size_t)48 * 1024)
#define LINES	 16384	  /* of the table; a power of two */
#define STORES	 8	  /* of a buffer */
#define HIT	 0.5	  /* ns */
#define EVENTS	 6000000u /* it is given up then */
#define PER_CPU	 10	  /* acquisitions of each, about, and ... */
#define AT_LEAST 400	  /* ... of all together */
#define WORDS	 (MODEL_CPUS / 64)

struct line {
	uintptr_t ln_key; /* address / SPIN_LINE; 0: unused */
	int ln_owner;	  /* or -1 */
	uint64_t ln_sharer[WORDS];
	double ln_busy; /* until then it is on its way */
};

struct store {
	void *st_where;
	uint64_t st_value;
	size_t st_size;
	double st_when; /* it is seen */
};

struct vcpu {
	ucontext_t vc_context;
	char *vc_stack;
	double vc_now;
	bool vc_parked, vc_done;
	struct line *vc_watch[2];
	struct store vc_store[STORES];
	unsigned vc_stores;
	struct spin_cpu vc_spin;
	uint64_t vc_random;
	unsigned vc_acquired, vc_waits;
};

struct covering {
	_Alignas(2 * SPIN_LINE) union spin co_spin;
};

static struct {
	const struct model_params *mp;
	const struct lock_config *config;
	const struct protocol *protocol;
	struct vcpu *cpu;
	unsigned ncpu;
	int running; /* or -1: not inside */
	ucontext_t engine;
	struct line *line;
	struct lwplock lock;
	struct covering *covering;
	unsigned long events;
	unsigned goal, acquired, handovers, moves, waiters, since, next;
	int owner;
	_Alignas(SPIN_LINE) unsigned data;
	double ended;
} md;

enum nearness
model_nearness(const struct model_params *mp, unsigned a, unsigned b)
{
	if (mp->mp_where != NULL)
		return where_nearness(mp->mp_where[a], mp->mp_where[b]);
	return a == b				   ? NEAR_self :
	    a / MODEL_CLUSTER == b / MODEL_CLUSTER ? NEAR_cache :
						     NEAR_far;
}

static double
between(unsigned a, unsigned b)
{
	return md.mp->mp_ns[model_nearness(md.mp, a, b)];
}

static struct line *
line_of(const void *p)
{
	const uintptr_t key = (uintptr_t)p / SPIN_LINE;
	size_t n = (size_t)(key * 0x9e3779b97f4a7c15u >> 40) % LINES;

	while (md.line[n].ln_key != 0 && md.line[n].ln_key != key)
		n = (n + 1) % LINES;
	if (md.line[n].ln_key == 0) {
		md.line[n].ln_key = key;
		md.line[n].ln_owner = -1;
	}
	return &md.line[n];
}

static bool
shares(const struct line *ln, unsigned c)
{
	return (ln->ln_sharer[c / 64] >> c % 64 & 1) != 0;
}

/*
 * line_load, line_own:
 *
 *	What it takes from where it is.  Memory is as far as a far processor.
 */
static double
line_load(const struct line *ln, unsigned c)
{
	double ns = md.mp->mp_ns[NEAR_far];
	unsigned i;

	if (ln->ln_owner >= 0)
		return between((unsigned)ln->ln_owner, c);
	for (i = 0; i < md.ncpu; i++) {
		if (shares(ln, i) && between(i, c) < ns)
			ns = between(i, c);
	}
	return ns;
}

static double
line_own(const struct line *ln, unsigned c)
{
	double ns = 0;
	unsigned i;

	if (ln->ln_owner >= 0)
		return (unsigned)ln->ln_owner == c ?
		    0 :
		    between((unsigned)ln->ln_owner, c);
	for (i = 0; i < md.ncpu; i++) {
		if (i != c && shares(ln, i) && between(i, c) > ns)
			ns = between(i, c);
	}
	return ns;
}

/*
 * line_taken:
 *
 *	It was taken away at that time: who watches it looks, somewhere within
 *	its pause.
 */
static void
line_taken(struct line *ln, unsigned by, double when)
{
	unsigned i;

	for (i = 0; i < md.ncpu; i++) {
		struct vcpu *vc = &md.cpu[i];

		if (!vc->vc_parked || i == by ||
		    (vc->vc_watch[0] != ln && vc->vc_watch[1] != ln))
			continue;
		vc->vc_parked = false;
		if (vc->vc_now < when)
			vc->vc_now = when;
		vc->vc_now += md.mp->mp_pause *
		    (double)draw_below(&vc->vc_random, 1024) / 1024;
	}
	memset(ln->ln_sharer, 0, sizeof(ln->ln_sharer));
	ln->ln_sharer[by / 64] = 1ull << by % 64;
	ln->ln_owner = (int)by;
}

/* first_event: when something happens that is not up to this processor. */
static double
first_event(int but)
{
	double when = INFINITY;
	unsigned i;

	for (i = 0; i < md.ncpu; i++) {
		const struct vcpu *vc = &md.cpu[i];

		if (vc->vc_stores != 0 && vc->vc_store[0].st_when < when)
			when = vc->vc_store[0].st_when;
		if ((int)i != but && !vc->vc_done && !vc->vc_parked &&
		    vc->vc_now < when)
			when = vc->vc_now;
	}
	return when;
}

/* model_yield: let those go on who are earlier. */
static void
model_yield(void)
{
	struct vcpu *vc = &md.cpu[md.running];

	if (!vc->vc_parked && !vc->vc_done &&
	    vc->vc_now < first_event(md.running))
		return;
	(void)swapcontext(&vc->vc_context, &md.engine);
}

/* model_until: it is then. */
static void
model_until(double when)
{
	struct vcpu *vc = &md.cpu[md.running];

	if (when > vc->vc_now)
		vc->vc_now = when;
	model_yield();
}

/*
 * model_line:
 *
 *	Wait until the line is not on its way; the event is now.
 */
static struct line *
model_line(const void *p)
{
	struct vcpu *vc = &md.cpu[md.running];
	struct line *ln = line_of(p);

	do
		model_until(ln->ln_busy);
	while (ln->ln_busy > vc->vc_now);
	return ln;
}

static bool
buffered(const struct vcpu *vc, const struct line *ln)
{
	unsigned n;

	for (n = 0; n < vc->vc_stores; n++) {
		if (line_of(vc->vc_store[n].st_where) == ln)
			return true;
	}
	return false;
}

void
model_drain(void)
{
	struct vcpu *vc;

	if (md.running < 0)
		return;
	vc = &md.cpu[md.running];
	while (vc->vc_stores != 0)
		model_until(vc->vc_store[vc->vc_stores - 1].st_when);
}

/*
 * model_touch:
 *
 *	A load that misses, at this fraction.
 */
static void
model_touch(const void *p, double fraction)
{
	struct vcpu *vc = &md.cpu[md.running];
	const unsigned c = (unsigned)md.running;
	struct line *ln;
	double ns;

	if (buffered(vc, line_of(p)))
		model_drain();
	ln = line_of(p);
	if (shares(ln, c)) {
		vc->vc_now += HIT;
		model_yield();
		if (shares(ln, c))
			return;
	}
	ln = model_line(p);
	ns = fraction * line_load(ln, c);
	ln->ln_busy = vc->vc_now + md.mp->mp_occupied;
	ln->ln_sharer[c / 64] |= 1ull << c % 64;
	ln->ln_owner = -1;
	/* What is read is what is there when it arrives. */
	model_until(vc->vc_now + ns);
}

void
model_load(const void *p)
{
	if (md.running >= 0)
		model_touch(p, md.mp->mp_load);
}

static void
model_own(const void *p, double fraction)
{
	struct vcpu *vc = &md.cpu[md.running];
	const unsigned c = (unsigned)md.running;
	struct line *ln = model_line(p);
	double ns = fraction * line_own(ln, c);

	ln->ln_busy = vc->vc_now + ns;
	line_taken(ln, c, ln->ln_busy);
	if (ns > 0)
		model_until(vc->vc_now + ns);
}

void
model_rmw(const void *p)
{
	if (md.running < 0)
		return;
	model_drain();
	model_own(p, md.mp->mp_upgrade);
	md.cpu[md.running].vc_now += md.mp->mp_rmw;
}

void
model_store(void *p, const void *value, size_t size)
{
	struct vcpu *vc;
	struct line *ln;
	struct store *st;
	double start, ns;

	if (md.running < 0) {
		memcpy(p, value, size);
		return;
	}
	vc = &md.cpu[md.running];
	if (vc->vc_stores == STORES)
		model_drain();
	vc->vc_now += HIT;
	model_yield();
	ln = line_of(p);
	start = fmax(vc->vc_now, ln->ln_busy);
	if (vc->vc_stores != 0)
		start = fmax(start, vc->vc_store[vc->vc_stores - 1].st_when);
	ns = md.mp->mp_upgrade * line_own(ln, (unsigned)md.running);
	ln->ln_busy = start + ns;
	st = &vc->vc_store[vc->vc_stores++];
	st->st_where = p;
	st->st_value = 0;
	memcpy(&st->st_value, value, size);
	st->st_size = size;
	st->st_when = start + ns;
}

void
model_pauses(unsigned n)
{
	if (md.running >= 0)
		md.cpu[md.running].vc_now += md.mp->mp_pause * n;
}

void
model_spinwait(const void *p, const void *q)
{
	struct vcpu *vc;
	struct line *a, *b;
	unsigned c;

	if (md.running < 0)
		return;
	c = (unsigned)md.running;
	vc = &md.cpu[c];
	model_drain();
	vc->vc_now += md.mp->mp_pause;
	a = line_of(p);
	b = line_of(q);
	vc->vc_watch[0] = a;
	vc->vc_watch[1] = b;
	vc->vc_parked = shares(a, c) && shares(b, c);
	model_yield();
}

/*
 * The loop that runs on it: that of lock_loop.c.
 */

static bool
moves_now(void)
{
	return md.config->lc_every != 0 && md.config->lc_mutexes > 1 &&
	    md.since >= md.config->lc_every;
}

static void
vcpu_move(struct vcpu *vc)
{
	union spin *to;
	unsigned i;

	do
		to = &md.covering[md.next++ % md.config->lc_mutexes].co_spin;
	while (to == md.lock.ll_lock);
	md.since = 0;
	md.moves++;
	for (i = 0; i < md.ncpu; i++)
		md.waiters += md.cpu[i].vc_waits;
	md.protocol->po_unlock_to(&md.lock, to, &vc->vc_spin);
}

static void
vcpu_section(struct vcpu *vc)
{
	md.handovers += md.owner != md.running;
	md.owner = md.running;
	model_own(&md.data, md.mp->mp_data);
	vc->vc_now += md.config->lc_section;
	md.acquired++;
	vc->vc_acquired++;
	md.since++;
	if (moves_now())
		vcpu_move(vc);
	else
		md.protocol->po_unlock(&md.lock, &vc->vc_spin);
}

static void
vcpu_work(void)
{
	const struct lock_config *lc = md.config;
	struct vcpu *vc = &md.cpu[md.running];

	while (md.acquired < md.goal) {
		vc->vc_waits = 1;
		md.protocol->po_lock(&md.lock, &vc->vc_spin);
		vc->vc_waits = 0;
		vcpu_section(vc);
		vc->vc_now += md.mp->mp_own +
		    lc->lc_outside *
			(0.75 +
			    (double)draw_below(&vc->vc_random, 1024) / 2048);
	}
	model_drain();
	md.ended = fmax(md.ended, vc->vc_now);
	vc->vc_done = true;
	model_yield();
}

/*
 * Who is earliest: a processor, or the first store of a buffer.
 */
static bool
engine_step(void)
{
	double when = INFINITY;
	int cpu = -1, buffer = -1;
	unsigned i;

	for (i = 0; i < md.ncpu; i++) {
		const struct vcpu *vc = &md.cpu[i];

		if (vc->vc_stores != 0 && vc->vc_store[0].st_when <= when) {
			when = vc->vc_store[0].st_when;
			buffer = (int)i;
			cpu = -1;
		}
		if (!vc->vc_done && !vc->vc_parked && vc->vc_now < when) {
			when = vc->vc_now;
			cpu = (int)i;
			buffer = -1;
		}
	}
	if (buffer >= 0) {
		struct vcpu *vc = &md.cpu[buffer];
		const struct store st = vc->vc_store[0];

		memmove(&vc->vc_store[0], &vc->vc_store[1],
		    --vc->vc_stores * sizeof(st));
		memcpy(st.st_where, &st.st_value, st.st_size);
		line_taken(line_of(st.st_where), (unsigned)buffer, st.st_when);
		return true;
	}
	if (cpu < 0 || md.events++ > EVENTS)
		return false;
	md.running = cpu;
	(void)swapcontext(&md.engine, &md.cpu[cpu].vc_context);
	md.running = -1;
	return true;
}

static void
engine_open(const struct lock_kind *lk, struct spin_pool *pool,
    struct spin_node *node, unsigned nodes)
{
	const struct spin_algorithm *sa = model_zoo.zo_spin[lk->lk_spin];
	unsigned n;

	model_zoo.zo_pool_init(pool, node, nodes);
	for (n = 0; n < md.config->lc_mutexes; n++)
		sa->sa_init(&md.covering[n].co_spin, pool);
	model_zoo.zo_lock_init(&md.lock, &md.covering[0].co_spin);
	md.protocol = &model_zoo.zo_protocol[lk->lk_protocol][lk->lk_spin];
	for (n = 0; n < md.ncpu; n++) {
		struct vcpu *vc = &md.cpu[n];

		vc->vc_random = n + 1;
		vc->vc_now = n;
		vc->vc_stack = xcalloc(1, STACK);
		model_zoo.zo_cpu_init(&vc->vc_spin, pool,
		    md.mp->mp_where != NULL ? md.mp->mp_where[n].wh_node :
					      n / MODEL_CLUSTER);
		(void)getcontext(&vc->vc_context);
		vc->vc_context.uc_stack.ss_sp = vc->vc_stack;
		vc->vc_context.uc_stack.ss_size = STACK;
		vc->vc_context.uc_link = NULL;
		makecontext(&vc->vc_context, vcpu_work, 0);
	}
}

static void
engine_result(struct model_result *mr)
{
	double share[MODEL_CPUS], retries = 0;
	unsigned n;

	for (n = 0; n < md.ncpu; n++) {
		const struct spin_counts *sk = &md.cpu[n].vc_spin.sp_counts;

		retries += (double)(sk->sk_failed + sk->sk_exits);
		share[n] = md.cpu[n].vc_acquired;
	}
	mr->mr_rate = md.acquired / md.ended * 1e9;
	mr->mr_handover = (double)md.handovers / md.acquired;
	mr->mr_moves = (double)md.moves / md.acquired;
	mr->mr_waiters = md.moves == 0 ? NAN : (double)md.waiters / md.moves;
	mr->mr_retries = md.moves == 0 ? NAN : retries / md.moves;
	mr->mr_jain = stat_jain(share, md.ncpu);
}

static void *
lines(size_t n, size_t size)
{
	void *p = aligned_alloc(PAIR, (n * size + PAIR - 1) / PAIR * PAIR);

	if (p == NULL)
		abort();
	return memset(p, 0, n * size);
}

bool
model_run(const struct model_params *mp, const struct lock_config *lc,
    const struct lock_kind *lk, struct model_result *mr)
{
	const unsigned nodes = lc->lc_threads * SPIN_NODES + lc->lc_mutexes;
	struct spin_node *node = lines(nodes, sizeof(*node));
	struct spin_pool pool;
	unsigned n;

	memset(&md, 0, sizeof(md));
	md.running = md.owner = -1;
	md.mp = mp;
	md.config = lc;
	md.ncpu = lc->lc_threads;
	md.goal = AT_LEAST + PER_CPU * md.ncpu;
	md.cpu = lines(md.ncpu, sizeof(*md.cpu));
	md.line = xcalloc(LINES, sizeof(*md.line));
	md.covering = lines(lc->lc_mutexes, sizeof(*md.covering));
	engine_open(lk, &pool, node, nodes);
	while (engine_step())
		continue;
	if (md.acquired >= md.goal)
		engine_result(mr);
	for (n = 0; n < md.ncpu; n++)
		free(md.cpu[n].vc_stack);
	free(md.cpu);
	free(md.line);
	free(md.covering);
	free(node);
	return md.acquired >= md.goal;
}
