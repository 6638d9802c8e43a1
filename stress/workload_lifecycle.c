/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Random programs of fuzz/prog, each on a machine of its own with rare events
 * by chance.  When it is quiet the oracles that judge an end look at what is
 * left: counters, and whether everybody finished or blocks for a reason.
 *
 * These oracles learn from events, which real CPUs would tell all at once.  So
 * what they need to know is told to them at the end, from what the core's own
 * structures say: who is inside a wait and for whom, who holds which claim.
 *
 * A program that fails is written to a file, with the command that looks for
 * the same failure in the simulator, where it replays.
 */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../fuzz/oracle/oracle.h"
#include "../fuzz/prog/prog_exec.h"
#include "stress.h"

#define JUDGES                                                                 \
	(1u << ORACLE_counters | 1u << ORACLE_progress | 1u << ORACLE_wait)
#define SLOTS 256

static struct prog program;
/* By slot of the pool: the last call of an LWP; it alone writes. */
static struct {
	uint64_t serial;
	uintptr_t call, lid;
} calls[SLOTS];

static void
lifecycle_event(enum event ev, struct lwp *l, uintptr_t call, uintptr_t lid)
{
	if (ev != EV_CALL || l->l_slot >= SLOTS)
		return;
	calls[l->l_slot].serial = l->l_serial;
	calls[l->l_slot].call = call;
	calls[l->l_slot].lid = lid;
}

static bool
lifecycle_perturbed(enum perturbation what)
{
	return prog_exec_force(what);
}

/*
 * lifecycle_tell:
 *
 *	What the oracles would have heard of one LWP that is left.
 */
static void
lifecycle_tell(struct lwp *l)
{
	const unsigned slot = l->l_slot;

	if (slot < SLOTS && calls[slot].serial == l->l_serial)
		oracle_event(EV_CALL, l, calls[slot].call, calls[slot].lid);
	if (l->l_waitfor == WAITFOR_NOBODY)
		return;
	oracle_event(EV_WAITENTER, l, (uintptr_t)l->l_waitfor, 0);
}

static void
lifecycle_judge(void)
{
	const struct finding *fi;
	struct proc *p;
	struct lwp *l;

	oracle_begin(JUDGES);
	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
		{
			lifecycle_tell(l);
		}
	}
	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		oracle_event(EV_UNLOCK, NULL, (uintptr_t)&p->p_smutex, 0);
	}
	oracle_finish();
	fi = oracle_finding();
	if (fi->fi_found)
		stress_fail("%s: %s\n%s", oracle_table[fi->fi_oracle]->or_name,
		    fi->fi_what, fi->fi_detail);
}

/*
 * lifecycle_save:
 *
 *	The program as text.
 */
static void
lifecycle_save(uint64_t seed)
{
	static char text[65536];
	char path[256];
	FILE *fp;

	(void)mkdir(stress.st_save, 0777);
	(void)snprintf(path, sizeof(path), "%s/stress-%016llx.lwp",
	    stress.st_save, (unsigned long long)seed);
	(void)prog_print(&program, text, sizeof(text));
	fp = fopen(path, "w");
	if (fp == NULL || fputs(text, fp) == EOF) {
		(void)fprintf(stderr, "lwpstress: cannot write %s\n", path);
	} else
		(void)printf("lwpstress: the program is %s; look for it in the "
			     "simulator with\n  build/dev/fuzz/lwpsim run "
			     "--strategy random "
			     "--runs 100000 %s\n",
		    path, path);
	if (fp != NULL)
		(void)fclose(fp);
}

static void
lifecycle_one(uint64_t seed)
{
	struct host_params hp = {
		.hp_warp = true,
		.hp_tick_us = 200,
		.hp_seed = seed,
		.hp_start = prog_exec_boot,
		.hp_perturbed = lifecycle_perturbed,
		.hp_events = 1ull << EV_CALL,
		.hp_event = lifecycle_event,
	};

	prog_random(&program, seed, 4 + (unsigned)(seed % 40));
	program.pr_strategy = STRATEGY_random;
	hp.hp_boot.bp_ncpu = stress.st_cpus;
	hp.hp_boot.bp_percpu_runq = program.pr_percpu;
	hp.hp_boot.bp_preempt_kernel = program.pr_preempt;
	hp.hp_boot.bp_maxlwp = PROG_BODIES + 16;
	hp.hp_boot.bp_maxlwp_proc = program.pr_maxlwp != 0 ? program.pr_maxlwp :
							     PROG_BODIES;
	hp.hp_boot.bp_maxproc = 4;
	hp.hp_perturb = program.pr_perturb;
	memset(calls, 0, sizeof(calls));
	prog_exec_begin(&program, NULL);
	if (stress_machine(&hp))
		lifecycle_judge();
	stress_count(TALLY_programs, 1);
	stress_count(TALLY_operations, prog_exec_ops());
}

static void
lifecycle_run(void)
{
	uint64_t seed = stress_seed(0);

	while (!stress_stopped()) {
		lifecycle_one(seed);
		if (stress_failed())
			lifecycle_save(seed);
		(void)stress_draw(&seed);
	}
}

const struct workload workload_lifecycle = {
	.wl_run = lifecycle_run,
};
