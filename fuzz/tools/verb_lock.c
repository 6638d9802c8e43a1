/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim lock: the spin locks and LWP-lock protocols of core/lock, each by
 * itself on some CPUs (run_lock.h), under all schedules or drawn ones.
 */

#include <string.h>
#include <unistd.h>

#include "../run/run_lock.h"
#include "../strategy/explore.h"
#include "lwpsim.h"

#define SHOW_EVERY 0.2 /* seconds between two lines of progress */

static char *opt_spin, *opt_protocol, *opt_move, *opt_strategy;
static int opt_cpus, opt_sections, opt_runs, opt_json, opt_naive, opt_try,
    opt_numa, opt_near, opt_show;
static long opt_seed;

static const struct poptOption options[] = {
	{ "spin", 0, POPT_ARG_STRING, &opt_spin, 0,
	    "algorithm (all); see lwpsim list spins", "NAME" },
	{ "protocol", 0, POPT_ARG_STRING, &opt_protocol, 0,
	    "protocol over it, \"all\" or \"none\" (none); see lwpsim list "
	    "protocols",
	    "NAME" },
	{ "cpus", 0, POPT_ARG_INT, &opt_cpus, 0, "CPUs (2)", "N" },
	{ "sections", 0, POPT_ARG_INT, &opt_sections, 0,
	    "how often each CPU takes the lock (2)", "N" },
	{ "move", 0, POPT_ARG_STRING, &opt_move, 0,
	    "CPU 0 moves it by unlock_to, relock or setlock (unlock_to)",
	    "HOW" },
	{ "try", 0, POPT_ARG_NONE, &opt_try, 0, "the last CPU only tries",
	    NULL },
	{ "numa", 0, POPT_ARG_INT, &opt_numa, 0,
	    "mask of the CPUs that are of NUMA node 1 (0)", "MASK" },
	{ "near", 0, POPT_ARG_INT, &opt_near, 0,
	    "cna: times in a row that it stays near, at most", "N" },
	{ "strategy", 's', POPT_ARG_STRING, &opt_strategy, 0,
	    "schedules by this strategy (exhaustive)", "NAME" },
	{ "runs", 'n', POPT_ARG_INT, &opt_runs, 0,
	    "runs of each (1000); exhaustive: at most (all)", "N" },
	{ "seed", 0, POPT_ARG_LONG, &opt_seed, 0, "first seed (1)", "N" },
	{ "no-reduce", 0, POPT_ARG_NONE, &opt_naive, 0,
	    "exhaustive: all schedules, not one of each class", NULL },
	{ "show", 0, POPT_ARG_NONE, &opt_show, 0,
	    "print the steps of the first finding", NULL },
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

struct tally {
	uint64_t runs, findings;
	bool all;
	struct verdict first; /* finding */
	uint64_t seed;	      /* of it */
};

static struct {
	enum strategy_id strategy;
	enum lock_move move;
	json_t *rows;
	double shown;
} lv;

static void
show_step(void *arg, unsigned source, const struct sim_pending *sp)
{
	char name[32];

	(void)arg;
	(void)printf("  %-6s %-5s %-12s %s:%u (%s)\n",
	    sim_source_name(source, name, sizeof(name)), sim_op_name(sp->sp_op),
	    cell_name(sp->sp_cell),
	    sp->sp_place != NULL ? sp->sp_place->pl_file : "",
	    sp->sp_place != NULL ? sp->sp_place->pl_line : 0,
	    sp->sp_place != NULL ? sp->sp_place->pl_func : "");
}

static const char *
lock_name(const struct lock_run *lr)
{
	return lr->lr_protocol != NULL ? lr->lr_protocol->po_name : "-";
}

static void
lock_progress(const struct lock_run *lr, const struct tally *ta)
{
	double now;

	if (!isatty(STDERR_FILENO))
		return;
	now = lwpsim_seconds();
	if (now - lv.shown < SHOW_EVERY)
		return;
	lv.shown = now;
	(void)fprintf(stderr, "\r%s %s: %llu runs\033[K", lr->lr_spin->sa_name,
	    lock_name(lr), (unsigned long long)ta->runs);
}

/*
 * lock_judge:
 *
 *	One schedule.
 */
static void
lock_judge(struct lock_run *lr, struct tally *ta)
{
	struct verdict vd;

	run_lock(lr, &vd);
	if (vd.vd_code == VERDICT_pruned)
		return;
	ta->runs++;
	if (vd.vd_code != VERDICT_finding || ta->findings++ > 0)
		return;
	ta->first = vd;
	ta->seed = lr->lr_seed;
	if (opt_show && !opt_json) {
		lr->lr_step = show_step;
		run_lock(lr, &vd);
		lr->lr_step = NULL;
	}
}

static bool
lock_exhaustive(struct lock_run *lr, struct tally *ta)
{
	const struct explore_options eo = {
		.eo_bound = EXPLORE_NOBOUND,
		.eo_reduce = !opt_naive,
	};
	bool more = true;

	if (!explore_begin(&eo))
		return false;
	while (more && !lwpsim_interrupted &&
	    (opt_runs == 0 || ta->runs < (uint64_t)opt_runs)) {
		lock_judge(lr, ta);
		more = explore_next();
		lock_progress(lr, ta);
	}
	ta->all = !more && !explore_state()->es_cut &&
	    !explore_state()->es_drift;
	return true;
}

static void
lock_drawn(struct lock_run *lr, struct tally *ta)
{
	int n, runs = opt_runs != 0 ? opt_runs : 1000;

	for (n = 0; n < runs && !lwpsim_interrupted; n++) {
		lr->lr_seed = (uint64_t)opt_seed + (uint64_t)n;
		lock_judge(lr, ta);
		lock_progress(lr, ta);
	}
}

static void
lock_print(const struct lock_run *lr, const struct tally *ta)
{
	const struct explore_state *es = explore_state();
	const char *verdict = ta->findings != 0 ? ta->first.vd_signature :
						  "pass";
	char classes[24];

	if (lv.shown != 0)
		(void)fprintf(stderr, "\r\033[K");
	lv.shown = 0;
	(void)json_array_append_new(lv.rows,
	    json_pack("{s:s,s:s,s:I,s:I,s:b,s:I,s:b,s:I,s:s}", "spin",
		lr->lr_spin->sa_name, "protocol", lock_name(lr), "runs",
		(json_int_t)ta->runs, "classes", (json_int_t)es->es_classes,
		"uncounted", es->es_uncounted, "pruned",
		(json_int_t)es->es_pruned, "complete", ta->all, "findings",
		(json_int_t)ta->findings, "verdict", verdict));
	if (opt_json)
		return;
	(void)snprintf(classes, sizeof(classes), "%s%llu",
	    es->es_uncounted ? ">" : "", (unsigned long long)es->es_classes);
	(void)printf("%-7s %-9s %9llu %9s %9llu  %-4s %s\n",
	    lr->lr_spin->sa_name, lock_name(lr), (unsigned long long)ta->runs,
	    classes, (unsigned long long)es->es_pruned,
	    ta->all ? "all" : "some", verdict);
	if (ta->findings != 0)
		(void)printf("%s(seed %llu)\n", ta->first.vd_detail,
		    (unsigned long long)ta->seed);
}

static int
lock_one(const struct spin_algorithm *sa, const struct protocol *po)
{
	struct lock_run lr = {
		.lr_spin = sa,
		.lr_protocol = po,
		.lr_ncpu = (unsigned)opt_cpus,
		.lr_sections = (unsigned)opt_sections,
		.lr_move = lv.move,
		.lr_try = opt_try != 0,
		.lr_numa = (uint32_t)opt_numa,
		.lr_near = (unsigned)opt_near,
		.lr_strategy = lv.strategy,
	};
	struct tally ta = { 0 };
	bool drift;

	if (lv.strategy != STRATEGY_exhaustive)
		lock_drawn(&lr, &ta);
	else if (!lock_exhaustive(&lr, &ta))
		return trouble("lock: no memory");
	lock_print(&lr, &ta);
	drift = explore_state()->es_drift;
	explore_end();
	if (drift)
		return trouble("lock: %s %s: a run did not do again what it "
			       "did before",
		    sa->sa_name, lock_name(&lr));
	return ta.findings != 0 ? EXIT_FINDING : EXIT_PASS;
}

/*
 * lock_all:
 *
 *	The pairs that were asked for.
 */
static int
lock_all(int spin, int protocol)
{
	int s, p, rc, worst = EXIT_PASS;

	for (s = 0; s < SPIN_COUNT; s++) {
		if (spin >= 0 && s != spin)
			continue;
		/* -1: none, PROTOCOL_COUNT: all */
		for (p = -1; p < PROTOCOL_COUNT && !lwpsim_interrupted; p++) {
			if (p != protocol &&
			    (p < 0 || protocol != PROTOCOL_COUNT))
				continue;
			rc = lock_one(spin_table[s],
			    p < 0 ? NULL : &protocol_table[p][s]);
			worst = rc > worst ? rc : worst;
		}
	}
	return worst;
}

/*
 * lock_choose:
 *
 *	The index of a name in a table; -1: there is none, and it was said.
 */
static int
lock_choose(const char *what, const char *name, const char *const *table, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (strcmp(table[i], name) == 0)
			return i;
	}
	(void)trouble(
	    "lock: no %s \"%s\"; see lwpsim list %ss", what, name, what);
	return -1;
}

static bool
lock_names(int *spin, int *protocol)
{
	static const char *const spins[] = {
#define SPIN(name, fair, what) #name,
#include <lwp/spin.def>
#undef SPIN
	};
	static const char *const protocols[] = {
#define PROTOCOL(name, what) #name,
#include <lwp/protocol.def>
#undef PROTOCOL
		"all",
	};
	const char *moves[LOCK_MOVES], *strategies[STRATEGY_COUNT];
	int n, move, strategy;

	for (n = 0; n < LOCK_MOVES; n++)
		moves[n] = lock_move_name((enum lock_move)n);
	for (n = 0; n < STRATEGY_COUNT; n++)
		strategies[n] = strategy_table[n]->st_name;
	*spin = *protocol = -1;
	if (opt_spin != NULL)
		*spin = lock_choose("spin", opt_spin, spins, SPIN_COUNT);
	if (opt_protocol != NULL && strcmp(opt_protocol, "none") != 0) {
		*protocol = lock_choose(
		    "protocol", opt_protocol, protocols, PROTOCOL_COUNT + 1);
		if (*protocol < 0)
			return false;
	}
	move = opt_move == NULL ?
	    LOCK_UNLOCK_TO :
	    lock_choose("move", opt_move, moves, LOCK_MOVES);
	strategy = opt_strategy == NULL ?
	    STRATEGY_exhaustive :
	    lock_choose("strategy", opt_strategy, strategies, STRATEGY_COUNT);
	lv.move = (enum lock_move)move;
	lv.strategy = (enum strategy_id)strategy;
	return (opt_spin == NULL || *spin >= 0) && move >= 0 && strategy >= 0;
}

int
verb_lock(int argc, const char **argv)
{
	int spin, protocol, rc;
	poptContext pc;

	opt_cpus = opt_sections = 2;
	opt_seed = 1;
	pc = lwpsim_options("lock", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	if (!lwpsim_no_more("lock", pc) ||
	    !lwpsim_in_range("lock", "cpus", opt_cpus, 1, SIM_CPUS) ||
	    !lwpsim_in_range("lock", "sections", opt_sections, 1, 100) ||
	    !lwpsim_in_range("lock", "runs", opt_runs, 0, 2e9) ||
	    !lwpsim_in_range("lock", "numa", opt_numa, 0, 255) ||
	    !lwpsim_in_range("lock", "near", opt_near, 0, 1e6) ||
	    !lock_names(&spin, &protocol))
		return EXIT_TROUBLE;
	lv.rows = json_array();
	if (!opt_json)
		(void)printf("%-7s %-9s %9s %9s %9s  %-4s %s\n", "spin",
		    "protocol", "runs", "classes", "cut short", "done",
		    "verdict");
	rc = lock_all(spin, protocol);
	if (opt_json)
		lwpsim_json(json_pack("{s:i,s:i,s:s,s:b,s:o}", "cpus", opt_cpus,
		    "sections", opt_sections, "strategy",
		    strategy_table[lv.strategy]->st_name, "interrupted",
		    (int)lwpsim_interrupted, "locks", lv.rows));
	else {
		json_decref(lv.rows);
		if (lwpsim_interrupted)
			(void)printf("interrupted\n");
	}
	return rc;
}
