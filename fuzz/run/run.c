/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One run of a program, and what it comes to.
 *
 * The program's strategy chooses, the oracles watch, the run stops at the
 * first finding.  What ends it otherwise is judged too: a CPU that waits for
 * ever is a deadlock, a run without end a livelock, and when all is quiet the
 * oracles look at who is still blocked.
 */

#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../prog/prog_exec.h"
#include "../strategy/coord.h"
#include "../strategy/plain.h"

#define RUN_TIME_STEPS 24    /* ticks that a schedule may choose to pass */
#define RUN_PROCS      12    /* two of the system, ten of the program */
#define RUN_FAIR_STEPS 20000 /* then only what must happen happens */

static struct {
	const struct prog *prog;
	const struct run_options *opt;
	const struct strategy *strategy;
	struct schedule schedule;
	struct coord coord; /* of the recorder */
	uint64_t plainleft; /* recorded: accesses until the strategy's next */
	unsigned lost;	    /* deviations that did not fit */
	int bootfail;
} rn;

struct run_totals run_totals;

void
run_options_init(struct run_options *opt)
{
	memset(opt, 0, sizeof(*opt));
	opt->ro_oracles = RUN_ALL_ORACLES;
}

void
run_init(void)
{
	sim_init();
	oracle_set_stop(sim_halt);
}

/*
 * run_note:
 *
 *	Record a deviation: what was chosen, at the coordinate of the CPU that
 *	had announced last.
 */
static struct deviation *
run_note(const struct sim_pending *sp, unsigned op, unsigned cell, unsigned nth,
    unsigned to)
{
	struct prog *out = rn.opt->ro_record;
	struct deviation *dv;

	if (out->pr_ndeviation == PROG_DEVIATIONS || nth == 0) {
		rn.lost++;
		return NULL;
	}
	dv = &out->pr_deviation[out->pr_ndeviation++];
	dv->dv_role = sp->sp_role;
	dv->dv_who = (uint8_t)sp->sp_who;
	dv->dv_userop = sp->sp_userop;
	dv->dv_op = (uint8_t)op;
	dv->dv_cell = (uint8_t)cell;
	dv->dv_nth = (uint16_t)nth;
	dv->dv_to = (uint8_t)to;
	dv->dv_access = ACCESS_none;
	dv->dv_field = 0;
	dv->dv_count = 0;
	return dv;
}

static unsigned
run_choose(void *arg, const struct sim_choice *sc)
{
	const struct sim_pending *sp = &sc->sc_pending[sc->sc_arrived];
	struct sim_choice left;
	unsigned source, nth;

	(void)arg;
	if (rn.schedule.sd_held != 0)
		sc = plain_hold(&rn.schedule, sc, &left);
	source = rn.strategy->st_choose(&rn.schedule, sc);
	if (rn.opt->ro_record != NULL) {
		nth = coord_arrive(&rn.coord, sc->sc_arrived, sp);
		if (source != sc->sc_default)
			(void)run_note(sp, sp->sp_op, sp->sp_cell, nth, source);
	}
	return source;
}

/*
 * run_plain:
 *
 *	The recorder counts all accesses, the strategy only wants some.
 */
static unsigned
run_plain(void *arg, const struct sim_plain *sa, uint64_t *next)
{
	const struct coord_point *cp = &rn.coord.co_cpu[sa->sa_cpu];
	struct deviation *dv;
	unsigned source, count;

	(void)arg;
	if (rn.opt->ro_record == NULL || !rn.prog->pr_memory)
		return rn.strategy->st_plain(&rn.schedule, sa, next);
	*next = 1;
	count = coord_access(&rn.coord, sa);
	if (--rn.plainleft != 0)
		return sa->sa_cpu;
	source = rn.strategy->st_plain(&rn.schedule, sa, &rn.plainleft);
	if (source == sa->sa_cpu)
		return source;
	dv = run_note(&cp->cp_point, cp->cp_point.sp_op, cp->cp_point.sp_cell,
	    cp->cp_nth, source);
	if (dv != NULL) {
		dv->dv_access = sa->sa_write ? ACCESS_write : ACCESS_read;
		dv->dv_field = sa->sa_field;
		dv->dv_count = (uint16_t)count;
		rn.opt->ro_record->pr_memory = true;
	}
	return source;
}

static bool
run_perturb(void *arg, enum perturbation what, const struct sim_pending *sp)
{
	unsigned nth;
	bool yes;

	(void)arg;
	if (prog_exec_force(what))
		return true;
	yes = rn.strategy->st_perturb(&rn.schedule, what, sp);
	if (rn.opt->ro_record != NULL) {
		nth = coord_count(&rn.coord, sp, PROG_DEVIATION_PERTURB, what);
		if (yes)
			(void)run_note(
			    sp, PROG_DEVIATION_PERTURB, what, nth, 0);
	}
	return yes;
}

/*
 * run_feature:
 *
 *	Feedback beyond the interleaving: who changes state during which
 *	operation, and from what to what.
 */
static void
run_feature(const struct lwp *l, unsigned from, unsigned to)
{
	const struct sim_pending *sp = sim_pending(sim_current_cpu());
	uint32_t h;

	h = (from * LS_COUNT + to) * 4u + sp->sp_role;
	h = (h * 8 + (sp->sp_place != NULL ? sp->sp_place->pl_tag & 7 : 0)) *
		4u +
	    (l->l_cookie & 3);
	h *= 0x9e3779b1u;
	rn.opt->ro_counters[h >> 19] |= (uint8_t)(1u << (h >> 16 & 7));
}

static void
run_event(void *arg, enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	(void)arg;
	if (ev == EV_STATE && a < LS_COUNT && b < LS_COUNT) {
		run_totals.rt_transition[a][b]++;
		if (rn.opt->ro_counters != NULL)
			run_feature(l, (unsigned)a, (unsigned)b);
	}
	oracle_event(ev, l, a, b);
	if (rn.opt->ro_event != NULL)
		rn.opt->ro_event(rn.opt->ro_arg, ev, l, a, b);
}

static void
run_step(
    void *arg, unsigned source, const struct sim_pending *sp, uint32_t enabled)
{
	(void)arg;
	if (rn.opt->ro_step != NULL)
		rn.opt->ro_step(rn.opt->ro_arg, source, sp, enabled);
	if (rn.strategy->st_step != NULL)
		rn.strategy->st_step(&rn.schedule, source, sp);
}

/*
 * run_main:
 *
 *	What lwp0 does: boot, spawn the program, sleep.
 */
static void
run_main(void *arg)
{
	const struct prog *pr = rn.prog;
	const struct boot_params bp = {
		.bp_ncpu = pr->pr_ncpu,
		.bp_percpu_runq = pr->pr_percpu,
		.bp_preempt_kernel = pr->pr_preempt,
		.bp_maxlwp = PROG_BODIES + 16,
		.bp_maxlwp_proc = pr->pr_maxlwp != 0 ? pr->pr_maxlwp :
						       PROG_BODIES,
		.bp_maxproc = RUN_PROCS,
		.bp_maxkey = PROG_KEYS,
	};

	(void)arg;
	rn.bootfail = kernel_boot(&bp);
	if (rn.bootfail == 0)
		rn.bootfail = prog_exec_boot();
	if (rn.bootfail != 0)
		return;
	if (rn.opt->ro_live != NULL)
		rn.opt->ro_live();
	sim_live();
	kernel_main();
}

static void __attribute__((format(printf, 3, 4)))
verdict_set(struct verdict *vd, const char *signature, const char *fmt, ...)
{
	va_list ap;

	vd->vd_code = VERDICT_finding;
	(void)snprintf(
	    vd->vd_signature, sizeof(vd->vd_signature), "%s", signature);
	va_start(ap, fmt);
	(void)vsnprintf(vd->vd_detail, sizeof(vd->vd_detail), fmt, ap);
	va_end(ap);
}

/*
 * verdict_panic:
 *
 *	The core gave up.  The machine's own messages about memory, and the
 *	lock boxes', belong to other oracles.
 */
static void
verdict_panic(struct verdict *vd)
{
	const char *text = sim_panic_text(), *who = "panic: ";
	const struct place *pl = sim_panic_place();
	char sig[sizeof(vd->vd_signature)];

	if (strncmp(text, "memory: ", 8) == 0 ||
	    strncmp(text, "exclusion: ", 11) == 0)
		who = "";
	(void)snprintf(sig, sizeof(sig), "%s%s", who, text);
	verdict_set(vd, sig, "last step at %s:%u (%s)",
	    pl != NULL ? pl->pl_file : "?", pl != NULL ? pl->pl_line : 0,
	    pl != NULL ? pl->pl_func : "?");
}

/*
 * verdict_deadlock:
 *
 *	No CPU can go on: who waits for what.
 */
static void
verdict_deadlock(struct verdict *vd)
{
	char text[sizeof(vd->vd_detail)], name[48];
	size_t len = 0;
	unsigned n;

	text[0] = '\0';
	for (n = 0; n < rn.prog->pr_ncpu && len < sizeof(text); n++) {
		const struct sim_pending *sp = sim_pending(n);
		const struct cpu_info *ci = sim_cpu_info(n);
		const kmutex_t *mtx = sp->sp_object;
		int more;

		more = snprintf(text + len, sizeof(text) - len,
		    "cpu %u (%s) waits: %s %s %u", n,
		    oracle_lwp_name(ci->ci_curlwp, name, sizeof(name)),
		    sim_op_name(sp->sp_op), cell_name(sp->sp_cell),
		    sp->sp_ordinal);
		len += (size_t)more;
		if (len < sizeof(text) && sp->sp_op == SIM_OP_acquire &&
		    mtx->mtx_owner != NULL)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    ", held by cpu %u", mtx->mtx_owner->ci_index);
		if (len < sizeof(text))
			len += (size_t)snprintf(
			    text + len, sizeof(text) - len, "\n");
	}
	verdict_set(vd, "progress: deadlock", "%s", text);
}

static void
run_judge(struct verdict *vd, enum sim_end end)
{
	const struct finding *fi;
	char sig[sizeof(vd->vd_signature)];

	vd->vd_code = VERDICT_pass;
	(void)strcpy(vd->vd_signature, "pass");
	vd->vd_detail[0] = '\0';
	if (end == SIM_END_race) {
		vd->vd_code = VERDICT_finding;
		sim_race_signature(vd->vd_signature, sizeof(vd->vd_signature));
		sim_race_detail(vd->vd_detail, sizeof(vd->vd_detail));
		return;
	}
	if (end == SIM_END_quiet)
		oracle_finish();
	fi = oracle_finding();
	if (fi->fi_found) {
		(void)snprintf(sig, sizeof(sig), "%s: %s",
		    oracle_table[fi->fi_oracle]->or_name, fi->fi_what);
		verdict_set(vd, sig, "%s", fi->fi_detail);
	} else if (end == SIM_END_panic)
		verdict_panic(vd);
	else if (end == SIM_END_deadlock)
		verdict_deadlock(vd);
	else if (end == SIM_END_steps)
		verdict_set(vd, "progress: livelock", "no end after %llu steps",
		    (unsigned long long)sim_steps());
	else if (end == SIM_END_halted && rn.strategy->st_pruned != NULL &&
	    rn.strategy->st_pruned())
		vd->vd_code = VERDICT_pruned;
	else if (end == SIM_END_halted)
		verdict_set(
		    vd, "harness: boot failed", "errno %d", rn.bootfail);
}

static void
run_count(void)
{
	const uint8_t *probes = sim_probes();
	unsigned n;

	run_totals.rt_runs++;
	run_totals.rt_steps += sim_steps();
	run_totals.rt_plains += sim_plains();
	run_totals.rt_ops += prog_exec_ops();
	for (n = 0; n < PROBE_COUNT; n++)
		run_totals.rt_probe[n] += probes[n];
	for (n = 0; n < OP_COUNT; n++)
		run_totals.rt_op[n] += prog_exec_count((enum op_code)n);
}

void
run(const struct prog *pr, const struct run_options *opt, struct verdict *vd)
{
	struct sim_config cf = {
		.cf_ncpu = pr->pr_ncpu,
		.cf_maxsteps = opt->ro_maxsteps != 0 ?
		    opt->ro_maxsteps :
		    RUN_MAXSTEPS + (uint64_t)RUN_OPSTEPS * pr->pr_nops,
		.cf_maxagents = RUN_TIME_STEPS,
		.cf_fairstep = RUN_FAIR_STEPS,
		.cf_choose = run_choose,
		.cf_plain = run_plain,
		.cf_perturb = run_perturb,
		.cf_step = opt->ro_step != NULL ||
			strategy_table[pr->pr_strategy]->st_step != NULL ?
		    run_step :
		    NULL,
		.cf_events = oracle_events(opt->ro_oracles) | 1ull << EV_STATE |
		    (opt->ro_event != NULL ? ~0ull : 0),
		.cf_event = run_event,
		.cf_counters = opt->ro_counters,
	};
	enum sim_end end;

	rn.prog = pr;
	rn.opt = opt;
	rn.strategy = strategy_table[pr->pr_strategy];
	rn.schedule.sd_prog = pr;
	rn.strategy->st_begin(&rn.schedule);
	plain_begin(&rn.schedule);
	rn.plainleft = 1;
	rn.lost = 0;
	rn.bootfail = 0;
	if (opt->ro_record != NULL)
		coord_begin(&rn.coord);
	prog_exec_begin(pr, sim_user_op);
	oracle_set_plain(pr->pr_memory);
	oracle_begin(opt->ro_oracles);
	end = sim_run(&cf, run_main, NULL);
	vd->vd_steps = sim_steps();
	vd->vd_hash = sim_trace_hash();
	run_judge(vd, end);
	vd->vd_drift = 0;
	if (rn.strategy->st_drift != NULL)
		vd->vd_drift = rn.strategy->st_drift(&rn.schedule);
	run_count();
}

bool
run_record(const struct prog *pr, const struct run_options *opt,
    struct prog *out, struct verdict *vd)
{
	struct run_options rec = *opt;

	*out = *pr;
	out->pr_strategy = STRATEGY_replay;
	out->pr_ndeviation = 0;
	out->pr_nprio = 0;
	memset(out->pr_rowlen, 0, sizeof(out->pr_rowlen));
	out->pr_perturb = 0;
	out->pr_memory = false;
	out->pr_drift = 0;
	rec.ro_record = out;
	run(pr, &rec, vd);
	(void)snprintf(
	    out->pr_expect, sizeof(out->pr_expect), "%s", vd->vd_signature);
	return rn.lost == 0;
}

/*
 * Minimising.
 */

struct minimise {
	const struct run_options *opt;
	const char *signature;
	struct prog out;
};

/* Once stopped no candidate is any good. */
static bool
minimise_stopped(const struct minimise *mi)
{
	return mi->opt->ro_stop != NULL && *mi->opt->ro_stop != 0;
}

/*
 * minimise_keep:
 *
 *	Does the candidate still show it?  What it really did replaces its
 *	schedule, so that deviations which found no match disappear.
 */
static bool
minimise_keep(struct prog *pr, void *arg)
{
	struct minimise *mi = arg;
	struct verdict vd;

	if (minimise_stopped(mi) || !run_record(pr, mi->opt, &mi->out, &vd) ||
	    strcmp(vd.vd_signature, mi->signature) != 0)
		return false;
	*pr = mi->out;
	return true;
}

/*
 * minimise_keep_schedule:
 *
 *	The same with the candidate's own schedule, for runs that are too long
 *	to be recorded.
 */
static bool
minimise_keep_schedule(struct prog *pr, void *arg)
{
	struct minimise *mi = arg;
	struct verdict vd;

	if (minimise_stopped(mi))
		return false;
	run(pr, mi->opt, &vd);
	return strcmp(vd.vd_signature, mi->signature) == 0;
}

unsigned
run_minimise(struct prog *pr, const struct run_options *opt,
    const char *signature, unsigned budget)
{
	static struct minimise mi;
	unsigned tried = 0;

	mi.opt = opt;
	mi.signature = signature;
	if (!minimise_keep(pr, &mi)) {
		tried = prog_minimise(pr, minimise_keep_schedule, &mi, budget);
		if (!minimise_keep(pr, &mi))
			return tried;
	}
	return tried + prog_minimise(pr, minimise_keep, &mi, budget);
}

/*
 * run_hash_random:
 *
 *	Programs of 4 to 27 operations, under the strategy that each drew.
 */
uint64_t
run_hash_random(uint64_t seed, unsigned n, const volatile int *stop)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	uint64_t all = 0;
	unsigned i;

	run_options_init(&opt);
	for (i = 0; i < n && !*stop; i++) {
		prog_random(&pr, seed + i, 4 + i % 24);
		run(&pr, &opt, &vd);
		all = (all ^ vd.vd_hash) * 0x9e3779b97f4a7c15u;
		all = (all ^ all >> 31 ^ vd.vd_steps) * 0x9e3779b97f4a7c15u;
		all ^= all >> 31;
	}
	return all;
}
