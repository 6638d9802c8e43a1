/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A lock alone, on the simulator's CPUs; see run_lock.h.
 *
 * There is no kernel: each CPU has one context, which takes the lock so many
 * times and then idles for ever.  When all do the run is quiet.  Inside a
 * section a CPU reads a word and stores one more, in two steps, so that whoever
 * should not be there has a chance to be seen.
 *
 * Who came when is told by the steps: with a fair algorithm the first step that
 * reads and writes its tail, or the number that comes next, is the arrival.
 *
 *	(J1) what is judged depends only on the order of steps that conflict: a
 *	     CPU is inside from its step on lw_word that says so to the one that
 *	     stores it, and about between two steps on lw_about.  Else the one
 *	     schedule of a class that is explored might pass where another one
 *	     of that class would not
 */

#include "run_lock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lwp/kernel.h>

#define LOCK_STEPS 20000 /* of a run that ends there are some hundred */
#define LOCK_QUEUE 16	 /* arrivals not served: at most one a CPU */

/* The simulator's side of cell_load() and cell_store(). */
void sim_point(unsigned, const void *, unsigned, unsigned);

/* What the CPUs share; in the arena. */
struct lock_world {
	union spin lw_spin[2];
	struct lwplock lw_lock;
	struct spin_pool lw_pool;
	struct spin_cpu lw_cpu[SIM_CPUS];
	struct spin_node lw_node[SPIN_NODES * SIM_CPUS + 2];
	struct lwp lw_lwp[SIM_CPUS];
	unsigned lw_word;  /* counted in two steps */
	unsigned lw_about; /* never changes; announced, where tries are */
	unsigned lw_idle;  /* never changes */
};

static struct {
	const struct lock_run *lr;
	const struct strategy *strategy;
	struct schedule schedule;
	struct lock_world *world;
	struct verdict *vd;

	unsigned inside;	/* 1 + the CPU in a section; 0: none */
	unsigned left;		/* CPUs not done */
	unsigned sections;	/* done */
	unsigned moves;		/* done */
	unsigned changes;	/* of the pointer that were seen by a look */
	unsigned begun, about;	/* CPUs that came; that are there now */
	bool wants[SIM_CPUS];	/* came, and has not arrived yet */
	bool locking[SIM_CPUS]; /* looks at the pointer to take the lock */
	bool trying[SIM_CPUS];
	const union spin *saw[SIM_CPUS]; /* the pointer, when it last did */
	uint8_t queue[LOCK_QUEUE];	 /* who arrived, in order */
	unsigned first, last;
} lk;

static struct prog lock_prog; /* nothing but a seed */

const char *
lock_move_name(enum lock_move move)
{
	static const char *const name[LOCK_MOVES] = { "unlock_to", "relock",
		"setlock" };

	return name[move];
}

/*
 * found:
 *
 *	The first finding is the verdict; the run ends.
 */
static void __attribute__((format(printf, 2, 3)))
found(const char *what, const char *fmt, ...)
{
	struct verdict *vd = lk.vd;
	va_list ap;

	if (vd->vd_code == VERDICT_finding)
		return;
	vd->vd_code = VERDICT_finding;
	(void)snprintf(
	    vd->vd_signature, sizeof(vd->vd_signature), "lock: %s", what);
	va_start(ap, fmt);
	(void)vsnprintf(vd->vd_detail, sizeof(vd->vd_detail), fmt, ap);
	va_end(ap);
	sim_halt();
}

/*
 * Order.
 */

static bool
lock_in_order(void)
{
	const uint32_t all = (1u << lk.lr->lr_ncpu) - 1;
	const uint32_t numa = lk.lr->lr_numa & all;

	/* CNA prefers its own NUMA node; with one it is MCS. */
	return lk.lr->lr_spin->sa_fair && lk.lr->lr_protocol == NULL &&
	    (numa == 0 || numa == all);
}

static void
lock_arrives(unsigned cpu)
{
	lk.wants[cpu] = false;
	lk.queue[lk.last++ % LOCK_QUEUE] = (uint8_t)cpu;
}

static void
lock_served(unsigned cpu)
{
	unsigned first;

	if (!lock_in_order())
		return;
	first = lk.queue[lk.first % LOCK_QUEUE];
	if (lk.first == lk.last || first != cpu)
		found("not first come, first served",
		    "cpu %u has it before cpu %u\n", cpu, first);
	lk.first++;
}

/*
 * lock_step:
 *
 *	A step is about to be done.
 */
static void
lock_step(
    void *arg, unsigned cpu, const struct sim_pending *sp, uint32_t enabled)
{
	const union spin *now;

	(void)arg;
	(void)enabled;
	if (lk.lr->lr_step != NULL)
		lk.lr->lr_step(lk.lr->lr_arg, cpu, sp);
	if (lk.strategy->st_step != NULL)
		lk.strategy->st_step(&lk.schedule, cpu, sp);
	if (cpu >= SIM_CPUS)
		return;
	if (lk.wants[cpu] && sp->sp_op == SIM_OP_rmw &&
	    (sp->sp_cell == CELL_tk_next || sp->sp_cell == CELL_mcs_tail ||
		sp->sp_cell == CELL_clh_tail || sp->sp_cell == CELL_cna_tail))
		lock_arrives(cpu);
	if (lk.trying[cpu] && sp->sp_op == SIM_OP_poll)
		found("a try waits", "cpu %u\n", cpu);
	if (lk.locking[cpu] && sp->sp_op == SIM_OP_load &&
	    sp->sp_cell == CELL_ll_lock) {
		/* A pointer to a lock that nobody gets is none. */
		now = lk.world->lw_lock.ll_lock;
		lk.changes += lk.saw[cpu] != NULL && lk.saw[cpu] != now;
		lk.saw[cpu] = now == &lk.world->lw_spin[0] ||
			now == &lk.world->lw_spin[1] ?
		    now :
		    NULL;
	}
}

/*
 * What a CPU does.
 */

static void
lock_section(unsigned cpu)
{
	struct lock_world *lw = lk.world;
	unsigned value;

	/* As a write: two who come in conflict. */
	sim_point(SIM_OP_rmw, &lw->lw_word, CELL_ts_word, 0);
	lock_served(cpu);
	if (lk.inside != 0)
		found("two are inside", "cpu %u and cpu %u\n", cpu,
		    lk.inside - 1);
	lk.inside = cpu + 1;
	value = lw->lw_word;
	sim_point(SIM_OP_store, &lw->lw_word, CELL_ts_word, 0);
	lw->lw_word = value + 1;
	lk.inside = 0;
	lk.sections++;
}

/*
 * lock_about:
 *
 *	Who comes or goes is judged where somebody tries.
 */
static void
lock_about(void)
{
	if (lk.lr->lr_try)
		sim_point(SIM_OP_rmw, &lk.world->lw_about, CELL_ts_word, 0);
}

/*
 * lock_take:
 *
 *	By a try, or not.  False: the try failed.
 */
static bool
lock_take(unsigned cpu, bool try)
{
	struct lock_world *lw = lk.world;
	struct spin_cpu *sp = &lw->lw_cpu[cpu];
	const struct protocol *po = lk.lr->lr_protocol;
	unsigned begun;
	bool alone, got = true;

	lock_about();
	begun = ++lk.begun;
	alone = lk.about++ == 0;
	lk.locking[cpu] = po != NULL;
	lk.saw[cpu] = NULL;
	lk.trying[cpu] = try;
	lk.wants[cpu] = !try;
	if (try)
		got = po != NULL ?
		    po->po_trylock(&lw->lw_lock, sp) :
		    lk.lr->lr_spin->sa_tryacquire(&lw->lw_spin[0], sp);
	else if (po != NULL)
		po->po_lock(&lw->lw_lock, sp);
	else
		lk.lr->lr_spin->sa_acquire(&lw->lw_spin[0], sp);
	lk.locking[cpu] = lk.trying[cpu] = false;
	if (got) {
		if (try)
			lock_arrives(cpu);
		return true;
	}
	lock_about();
	if (alone && lk.begun == begun)
		found("a try fails where nobody is", "cpu %u\n", cpu);
	lk.about--;
	return false;
}

/*
 * lock_move:
 *
 *	From one spin lock to the other, and release.
 */
static void
lock_move(unsigned cpu)
{
	struct lock_world *lw = lk.world;
	struct spin_cpu *sp = &lw->lw_cpu[cpu];
	const struct protocol *po = lk.lr->lr_protocol;
	union spin *old = lw->lw_lock.ll_lock;
	union spin *to = &lw->lw_spin[old == &lw->lw_spin[0]];

	lk.moves++;
	switch (lk.lr->lr_move) {
	case LOCK_RELOCK:
		po->po_relock(&lw->lw_lock, to, sp);
		lock_section(cpu);
		po->po_unlock(&lw->lw_lock, sp);
		break;
	case LOCK_SETLOCK:
		lk.lr->lr_spin->sa_acquire(to, sp);
		po->po_setlock(&lw->lw_lock, to, sp);
		lk.lr->lr_spin->sa_release(old, sp);
		lock_section(cpu);
		po->po_unlock(&lw->lw_lock, sp);
		break;
	default:
		po->po_unlock_to(&lw->lw_lock, to, sp);
	}
}

static void
lock_drop(unsigned cpu)
{
	struct lock_world *lw = lk.world;
	struct spin_cpu *sp = &lw->lw_cpu[cpu];

	if (lk.lr->lr_protocol == NULL)
		lk.lr->lr_spin->sa_release(&lw->lw_spin[0], sp);
	else if (cpu == 0)
		lock_move(cpu);
	else
		lk.lr->lr_protocol->po_unlock(&lw->lw_lock, sp);
	lock_about();
	lk.about--;
}

/*
 * lock_counts:
 *
 *	What the CPUs counted, in all, is what happened; or nothing.
 */
static void
lock_counts(const struct spin_counts *sum)
{
	if (lk.lr->lr_uncounted) {
		if (sum->sk_acquired + sum->sk_failed + sum->sk_exits +
			sum->sk_moves + sum->sk_polls !=
		    0)
			found("wrong counts", "there should be none\n");
		return;
	}
	if (lk.lr->lr_move != LOCK_UNLOCK_TO) /* two sections a hold */
		lk.sections -= lk.moves;
	if (sum->sk_acquired != lk.sections || sum->sk_moves != lk.moves)
		found("wrong counts", "%u locks, counted %u; %u moves, %u\n",
		    lk.sections, (unsigned)sum->sk_acquired, lk.moves,
		    (unsigned)sum->sk_moves);
	/* A sequence is looked at in place of the pointer. */
	if (sum->sk_failed + sum->sk_exits != lk.changes &&
	    strcmp(lk.lr->lr_protocol->po_name, "sequence") != 0)
		found("wrong counts",
		    "%u moves seen, counted %u failed and %u left\n",
		    lk.changes, (unsigned)sum->sk_failed,
		    (unsigned)sum->sk_exits);
}

/*
 * lock_end:
 *
 *	Everybody is done: nothing may be missing.
 */
static void
lock_end(void)
{
	struct lock_world *lw = lk.world;
	const struct spin_node *sn;
	struct spin_counts sum = { 0 };
	unsigned cpu, n;

	for (cpu = 0; cpu < lk.lr->lr_ncpu; cpu++) {
		const struct spin_counts *sk = &lw->lw_cpu[cpu].sp_counts;

		for (n = 0, sn = lw->lw_cpu[cpu].sp_free; sn != NULL; n++)
			sn = sn->sn_free;
		if (n != SPIN_NODES)
			found("a place in a queue is lost",
			    "cpu %u has %u of %u\n", cpu, n, SPIN_NODES);
		sum.sk_acquired += sk->sk_acquired;
		sum.sk_failed += sk->sk_failed;
		sum.sk_exits += sk->sk_exits;
		sum.sk_moves += sk->sk_moves;
		sum.sk_polls += sk->sk_polls;
	}
	for (n = 0; n < 2; n++)
		lk.lr->lr_spin->sa_fini(&lw->lw_spin[n], &lw->lw_pool);
	if (lw->lw_word != lk.sections)
		found("an update is lost", "%u of %u\n", lw->lw_word,
		    lk.sections);
	if (lk.lr->lr_protocol != NULL)
		lock_counts(&sum);
}

static void
lock_cpu(unsigned cpu)
{
	const bool try = lk.lr->lr_try && cpu == lk.lr->lr_ncpu - 1;
	unsigned n;

	for (n = 0; n < lk.lr->lr_sections; n++) {
		if (!lock_take(cpu, try))
			continue;
		lock_section(cpu);
		lock_drop(cpu);
	}
	if (--lk.left == 0)
		lock_end();
	for (;;)
		machine_idle(&lk.world->lw_idle, 0);
}

static void
lock_entry(void *arg)
{
	lock_cpu(((const struct lwp *)arg)->l_cookie);
}

/*
 * lock_boot:
 *
 *	CPUs and contexts, and none of what a kernel would add.
 */
static bool
lock_boot(void)
{
	const struct lock_run *lr = lk.lr;
	struct lock_world *lw = machine_alloc(sizeof(*lw));
	unsigned n;

	kernel.k_cpu = machine_alloc(lr->lr_ncpu * sizeof(*kernel.k_cpu));
	if (lw == NULL || kernel.k_cpu == NULL)
		return false;
	lk.world = lw;
	spin_pool_init(&lw->lw_pool, lw->lw_node,
	    sizeof(lw->lw_node) / sizeof(lw->lw_node[0]));
	for (n = 0; n < 2; n++) {
		lr->lr_spin->sa_init(&lw->lw_spin[n], &lw->lw_pool);
		if (lr->lr_near != 0)
			lw->lw_spin[n].cna.cna_bound = lr->lr_near;
	}
	lwplock_init(&lw->lw_lock, &lw->lw_spin[0]);
	for (n = 0; n < lr->lr_ncpu; n++) {
		spin_cpu_init(
		    &lw->lw_cpu[n], &lw->lw_pool, lr->lr_numa >> n & 1);
		lw->lw_lwp[n].l_cookie = n;
		kernel.k_cpu[n].ci_index = n;
		kernel.k_cpu[n].ci_curlwp = &lw->lw_lwp[n];
		if (n > 0 &&
		    machine_context_init(
			&lw->lw_lwp[n], lock_entry, &lw->lw_lwp[n]) != 0)
			return false;
	}
	machine_cpu_boot(&kernel.k_cpu[0]);
	return true;
}

static void
lock_main(void *arg)
{
	(void)arg;
	if (!lock_boot()) {
		found("no memory", "%zu bytes\n", sizeof(struct lock_world));
		return;
	}
	sim_live();
	lock_cpu(0);
}

static unsigned
lock_choose(void *arg, const struct sim_choice *sc)
{
	(void)arg;
	return lk.strategy->st_choose(&lk.schedule, sc);
}

/*
 * lock_stuck:
 *
 *	Nobody can go on: who waits for what.
 */
static void
lock_stuck(void)
{
	char text[256];
	size_t len = 0;
	unsigned n;

	for (n = 0; n < lk.lr->lr_ncpu && len < sizeof(text); n++) {
		const struct sim_pending *sp = sim_pending(n);

		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "cpu %u: %s %s\n", n, sim_op_name(sp->sp_op),
		    cell_name(sp->sp_cell));
	}
	found("somebody waits for ever", "%s", text);
}

void
run_lock(const struct lock_run *lr, struct verdict *vd)
{
	struct sim_config cf = {
		.cf_ncpu = lr->lr_ncpu,
		.cf_maxsteps = LOCK_STEPS,
		.cf_fairstep = UINT64_MAX,
		.cf_choose = lock_choose,
		.cf_step = lock_step,
	};
	enum sim_end end;

	memset(&lk, 0, sizeof(lk));
	lk.lr = lr;
	lk.vd = vd;
	lk.left = lr->lr_ncpu;
	lk.strategy = strategy_table[lr->lr_strategy];
	lock_prog.pr_seed = lr->lr_seed;
	lk.schedule.sd_prog = &lock_prog;
	lk.strategy->st_begin(&lk.schedule);
	vd->vd_code = VERDICT_pass;
	(void)strcpy(vd->vd_signature, "pass");
	vd->vd_detail[0] = '\0';
	end = sim_run(&cf, lock_main, NULL);
	vd->vd_steps = sim_steps();
	vd->vd_hash = sim_trace_hash();
	vd->vd_drift = 0;
	if (vd->vd_code == VERDICT_finding)
		return;
	if (end == SIM_END_panic)
		found(sim_panic_text(), "panic\n");
	else if (end == SIM_END_deadlock)
		lock_stuck();
	else if (end == SIM_END_steps)
		found("no end", "after %u steps\n", LOCK_STEPS);
	else if (end == SIM_END_halted && lk.strategy->st_pruned != NULL &&
	    lk.strategy->st_pruned())
		vd->vd_code = VERDICT_pruned;
}
