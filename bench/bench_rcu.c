/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rcu: look-ups against updates.
 *
 * The same table under the flavours of liburcu, under a spin lock, and as the
 * list of 1.54 that is walked under its mutex; and the core's own table of
 * LIDs, where an update is an LWP that is made, exits and is collected.
 */

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"
#include "life.h"
#include "life_core.h"
#include "rcu.h"
#include "stat.h"
#include "team.h"

#define BATCH  64
#define SPINS  200
#define LISTED 8 /* look-ups of a walk between two looks at the clock */

struct rcu_config {
	unsigned threads, objects;
	bool updates; /* by the last thread */
};

static struct {
	const struct rcu_way *way;
	struct rcu_job job;
	struct rcu_count *count;
	const struct rcu_config *config;
	uint64_t start;	       /* @: ticks: when member 0 began, or 0 */
	uint64_t length, took; /* ticks */
} ru;

bool
rcu_job_over(struct rcu_job *rj)
{
	const uint64_t start = __atomic_load_n(&ru.start, __ATOMIC_RELAXED);
	const uint64_t now = clock_ticks();

	if (start == 0 || now - start < ru.length)
		return false;
	if (__atomic_exchange_n(&rj->rj_stop, 1, __ATOMIC_RELAXED) == 0)
		ru.took = now - start;
	return true;
}

struct rcu_entry *
rcu_replace(struct rcu_table *rt, unsigned key)
{
	struct rcu_entry **link = rcu_head_of(rt, key), *old, *new;

	while ((old = *link)->re_key != key)
		link = &old->re_next;
	new = rt->rt_spare;
	rt->rt_spare = new->re_next;
	new->re_key = key;
	new->re_value = old->re_value + 1;
	new->re_next = old->re_next;
	__atomic_store_n(link, new, __ATOMIC_RELEASE);
	return old;
}

void
rcu_recycle(struct rcu_table *rt, struct rcu_entry *re)
{
	re->re_next = rt->rt_spare;
	rt->rt_spare = re;
}

static void
word_acquire(unsigned *word)
{
	unsigned spins = 0;

	while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE) != 0) {
		while (__atomic_load_n(word, __ATOMIC_RELAXED) != 0) {
			clock_pause();
			if (++spins % SPINS == 0)
				(void)sched_yield();
		}
	}
}

static void
locked_read(struct rcu_job *rj, struct rcu_count *rn)
{
	struct rcu_table *rt = rj->rj_table;
	const unsigned batch = rt->rt_list ? LISTED : BATCH;
	unsigned n, key;

	while (__atomic_load_n(&rj->rj_stop, __ATOMIC_RELAXED) == 0) {
		for (n = 0; n < batch; n++) {
			key = draw_below(&rn->rn_random, rt->rt_objects);
			word_acquire(&rt->rt_word);
			rn->rn_missed += rcu_look(rt, key) == NULL;
			__atomic_store_n(&rt->rt_word, 0, __ATOMIC_RELEASE);
		}
		rn->rn_ops += batch;
		if (rcu_job_over(rj))
			break;
	}
}

static void
locked_update(struct rcu_job *rj, struct rcu_count *rn)
{
	struct rcu_table *rt = rj->rj_table;
	unsigned key;

	while (__atomic_load_n(&rj->rj_stop, __ATOMIC_RELAXED) == 0) {
		key = draw_below(&rn->rn_random, rt->rt_objects);
		word_acquire(&rt->rt_word);
		rcu_recycle(rt, rcu_replace(rt, key));
		__atomic_store_n(&rt->rt_word, 0, __ATOMIC_RELEASE);
		rn->rn_ops++;
	}
}

static const struct rcu_way way_table = { "spin lock, table", false,
	locked_read, locked_update };
static const struct rcu_way way_list = { "spin lock, list walk", true,
	locked_read, locked_update };

static void
table_open(struct rcu_table *rt, unsigned objects, bool list)
{
	unsigned n, chains = 1;

	while (chains < objects)
		chains *= 2;
	memset(rt, 0, sizeof(*rt));
	rt->rt_objects = objects;
	rt->rt_mask = chains - 1;
	rt->rt_list = list;
	rt->rt_chain = xcalloc(chains, sizeof(*rt->rt_chain));
	rt->rt_entry = aligned_alloc(
	    64, (objects + RCU_SPARE) * sizeof(*rt->rt_entry));
	if (rt->rt_entry == NULL)
		abort();
	for (n = 0; n < objects + RCU_SPARE; n++) {
		struct rcu_entry *re = &rt->rt_entry[n];
		struct rcu_entry **link = n < objects ? rcu_head_of(rt, n) :
							&rt->rt_spare;

		re->re_key = n;
		re->re_value = 0;
		re->re_next = *link;
		*link = re;
	}
}

static void
table_close(struct rcu_table *rt)
{
	free(rt->rt_chain);
	free(rt->rt_entry);
}

static bool
updates(unsigned self)
{
	return ru.config->updates && self + 1 == ru.config->threads;
}

static void
rcu_member(void *arg, unsigned self)
{
	const uint64_t start = clock_ticks();

	(void)arg;
	if (self == 0)
		__atomic_store_n(&ru.start, start, __ATOMIC_RELAXED);
	if (updates(self))
		ru.way->rw_update(&ru.job, &ru.count[self]);
	else
		ru.way->rw_read(&ru.job, &ru.count[self]);
	ru.count[self].rn_ticks = clock_ticks() - start;
}

/*
 * rcu_done:
 *
 *	The readers' rates together; each goes by its own time.
 */
static int
rcu_done(struct sample *sm)
{
	double rate = 0, ops, seconds;
	unsigned n;

	for (n = 0; n < ru.config->threads; n++) {
		if (ru.count[n].rn_missed != 0)
			return ESRCH;
		ops = (double)ru.count[n].rn_ops;
		seconds = clock_ticks_ns(ru.count[n].rn_ticks) / 1e9;
		if (!updates(n))
			rate += ops / seconds;
		else if (ops > 0) {
			sm->sm_value[M_updates] = ops / seconds;
			sm->sm_value[M_grace] = seconds * 1e9 / ops;
		}
	}
	seconds = clock_ticks_ns(ru.took) / 1e9;
	sample_done(sm, rate * seconds, seconds);
	return 0;
}

static void
rcu_open(const struct rcu_config *config)
{
	unsigned n;

	memset(&ru, 0, sizeof(ru));
	ru.config = config;
	ru.length = (uint64_t)(opt.op_sample * 1e9 * clock_per_ns());
	ru.count = aligned_alloc(128, config->threads * sizeof(*ru.count));
	if (ru.count == NULL)
		abort();
	memset(ru.count, 0, config->threads * sizeof(*ru.count));
	for (n = 0; n < config->threads; n++)
		ru.count[n].rn_random = opt.op_seed + n;
}

static int
run_way(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	const struct rcu_config *config = bc->bc_arg;
	struct rcu_table rt;
	long taken;
	int error;

	rcu_open(config);
	ru.way = va->va_arg;
	table_open(&rt, config->objects, ru.way->rw_list);
	ru.job.rj_table = &rt;
	team_urgent(true);
	taken = team_run(config->threads, NULL, rcu_member, NULL);
	team_urgent(false);
	error = taken < 0 ? EAGAIN : rcu_done(sm);
	if (taken > 0 && !team_crowded(config->threads))
		sm->sm_reject |= REJECT_SWITCH;
	table_close(&rt);
	free(ru.count);
	return error;
}

/*
 * The core's own table.  The LIDs of the live LWPs follow each other; those
 * of the updater come after them.
 */

static struct {
	lwpid_t first;
	struct proc *proc;
	unsigned ready; /* @ */
	long taken;	/* off their processors, by member 0 */
} core;

static void
nothing(void *arg)
{
	(void)arg;
}

static void
core_read(struct rcu_count *rn)
{
	unsigned n;
	lwpid_t lid;

	while (__atomic_load_n(&ru.job.rj_stop, __ATOMIC_RELAXED) == 0) {
		for (n = 0; n < BATCH; n++) {
			lid = core.first +
			    (lwpid_t)draw_below(
				&rn->rn_random, ru.config->objects);
			machine_rcu_read_enter();
			rn->rn_missed += lid_lookup(core.proc, lid) == NULL;
			machine_rcu_read_exit();
		}
		rn->rn_ops += BATCH;
		user_step();
		if (rcu_job_over(&ru.job))
			break;
	}
}

static void
core_update(struct rcu_count *rn)
{
	lwpid_t departed;

	while (__atomic_load_n(&ru.job.rj_stop, __ATOMIC_RELAXED) == 0) {
		(void)sys_lwp_wait(life_spawn(nothing, NULL, 0), &departed);
		rn->rn_ops++;
	}
}

static void
core_member(void *arg)
{
	const unsigned self = (unsigned)(uintptr_t)arg;
	uint64_t start;

	(void)__atomic_add_fetch(&core.ready, 1, __ATOMIC_ACQ_REL);
	while (
	    __atomic_load_n(&core.ready, __ATOMIC_ACQUIRE) < ru.config->threads)
		sys_yield();
	if (self == 0)
		core.taken = team_switches();
	start = clock_ticks();
	if (self == 0)
		__atomic_store_n(&ru.start, start, __ATOMIC_RELAXED);
	if (updates(self))
		core_update(&ru.count[self]);
	else
		core_read(&ru.count[self]);
	ru.count[self].rn_ticks = clock_ticks() - start;
	if (self == 0)
		core.taken = team_switches() - core.taken;
}

static void
core_first(void *arg)
{
	lwpid_t lid[LIFE_WORKERS] = { 0 }, departed;
	unsigned n;

	(void)arg;
	core.proc = lwp_current()->l_proc;
	core.first = sys_lwp_self() + 1;
	for (n = 0; n < ru.config->objects; n++)
		(void)life_spawn(nothing, NULL, LWP_SUSPENDED);
	for (n = 0; n < ru.config->threads; n++)
		lid[n] = life_spawn(core_member, (void *)(uintptr_t)n, 0);
	for (n = 0; n < ru.config->threads; n++)
		(void)sys_lwp_wait(lid[n], &departed);
}

static int
run_core(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	const struct rcu_config *config = bc->bc_arg;
	struct host_params hp = life_machine(
	    config->threads, config->objects + 4096);
	int error;

	(void)va;
	rcu_open(config);
	memset(&core, 0, sizeof(core));
	hp.hp_boot.bp_maxlwp_proc = config->objects + 4096;
	error = life_run(&hp, core_first, NULL);
	host_fini();
	if (error == 0)
		error = rcu_done(sm);
	if (core.taken != 0)
		sm->sm_reject |= REJECT_SWITCH;
	free(ru.count);
	return error;
}

static void
rcu_case(unsigned threads, unsigned objects, bool update)
{
	static const struct rcu_way *const ways[] = { &rcu_way_memb,
		&rcu_way_mb, &way_table, &way_list };
	struct rcu_config *rg = plan_keep(sizeof(*rg));
	struct bench_case *bc = plan_case(M_rate, threads,
	    "threads=%u objects=%u updates=%d", threads, objects, update);
	unsigned n;

	*rg = (struct rcu_config) { threads, objects, update };
	bc->bc_arg = rg;
	plan_variant(bc, rcu_way_qsbr.rw_name, run_way, &rcu_way_qsbr);
	plan_again(bc);
	for (n = 0; n < sizeof(ways) / sizeof(ways[0]); n++)
		plan_variant(bc, ways[n]->rw_name, run_way, ways[n]);
	if (threads <= LIFE_WORKERS && !team_crowded(threads))
		plan_variant(bc, "core, table of LIDs", run_core, NULL);
}

void
bench_rcu(void)
{
	unsigned t;

	for (t = 0; t < opt.op_nthreads; t++) {
		rcu_case(opt.op_threads[t], 1000, false);
		if (opt.op_threads[t] > 1)
			rcu_case(opt.op_threads[t], 1000, true);
		if (opt.op_full)
			rcu_case(
			    opt.op_threads[t], 100000, opt.op_threads[t] > 1);
	}
}
