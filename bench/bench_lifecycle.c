/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lifecycle: operations on LWPs beside what a user has otherwise.
 *
 * On a machine of N CPUs N workers do rounds at once; a sample is the time from
 * the first one's begin to the last one's end.  The number of rounds follows
 * from what they took last time.  The floor of an operation is what its locks,
 * switches and cleared bytes cost by themselves; a run of its own, whose events
 * are counted and whose time is not used, tells how many there are.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "bench.h"
#include "life.h"
#include "life_core.h"
#include "place.h"
#include "team.h"

#define ROUNDS_MIN     200u
#define ROUNDS_MAX     200000u
#define ROUNDS_COUNT   500u /* of the run whose events are counted */

#define PROCESSES_ELSE 8 /* that are no workers, and to spare */

struct life {
	const char *name, *what;
	unsigned per;
	size_t cleared;
	unsigned together;
	void (*run)(unsigned w, unsigned rounds, struct span *);
};

/* What a variant runs, and how many rounds next time. */
struct pace {
	void (*run)(unsigned w, unsigned rounds, struct span *);
	const struct life *life;
	unsigned cpus, rounds;
	bool percpu; /* run queues */
	bool apart;  /* each worker is a process */
	bool warm;
	bool counted;
	double floor, locks, switches;
};

static struct {
	void (*run)(unsigned w, unsigned rounds, struct span *);
	unsigned workers, rounds;
	unsigned ready; /* @: workers that are, or never will be */
	struct span span[LIFE_WORKERS];
} job;

bool life_apart;

static struct host_costs costs;

static const struct life lives[] = {
#define LIFE(name, per, cleared, together, what)                               \
	{ #name, what, per, cleared, together, life_##name },
#include "life.def"
};

static const struct {
	const char *life, *label;
	void (*run)(unsigned w, unsigned rounds, struct span *);
} others[] = {
#define OTHER(name, function, label) { #name, label, posix_##function },
#include "life.def"
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct host_params
life_machine(unsigned cpus, unsigned lwps)
{
	/* CPUs where the threads of the others are. */
	return (struct host_params) {
		.hp_boot = { .bp_ncpu = cpus, .bp_maxlwp = lwps },
		.hp_bind = team_crowded(cpus) ? NULL : place_bind,
	};
}

int
life_run(const struct host_params *hp, void (*first)(void *), void *arg)
{
	struct host_result hr;

	switch (host_run(hp, first, arg, &hr)) {
	case HOST_END_quiet:
		return 0;
	case HOST_END_boot:
		return hr.hr_error;
	default:
		warning("a machine did not end quietly: %s", hr.hr_text);
		return EIO;
	}
}

/*
 * lwp_worker:
 *
 *	They begin together, as a team does.
 */
static void
lwp_worker(void *arg)
{
	const unsigned w = (unsigned)(uintptr_t)arg;

	(void)__atomic_add_fetch(&job.ready, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&job.ready, __ATOMIC_ACQUIRE) < job.workers)
		sys_yield();
	job.run(w, job.rounds, &job.span[w]);
}

/*
 * processes_first:
 *
 *	Workers that share no more than the kernel.
 */
static void
processes_first(void)
{
	struct usercontext uc = { .uc_entry = lwp_worker };
	pid_t_ pid[LIFE_WORKERS] = { 0 };
	unsigned w;
	int error;

	for (w = 0; w < job.workers; w++) {
		uc.uc_arg = (void *)(uintptr_t)w;
		error = sys_fork(&uc, 0, &pid[w]);
		if (error == 0) /* the span is the child's */
			continue;
		job.span[w].sp_error = error;
		(void)__atomic_add_fetch(&job.ready, 1, __ATOMIC_ACQ_REL);
	}
	for (w = 0; w < job.workers; w++) {
		if (pid[w] != 0)
			(void)sys_wait4(pid[w], 0, NULL, NULL);
	}
}

static void
lwp_first(void *arg)
{
	lwpid_t lid[LIFE_WORKERS] = { 0 };
	unsigned w;

	(void)arg;
	if (life_apart) {
		processes_first();
		return;
	}
	for (w = 0; w < job.workers; w++) {
		lid[w] = life_spawn(lwp_worker, (void *)(uintptr_t)w, 0);
		if (lid[w] == 0)
			(void)__atomic_add_fetch(
			    &job.ready, 1, __ATOMIC_ACQ_REL);
	}
	for (w = 0; w < job.workers; w++)
		(void)sys_lwp_wait(lid[w], NULL);
}

static void
posix_worker(void *arg, unsigned w)
{
	(void)arg;
	job.run(w, job.rounds, &job.span[w]);
}

static void
job_set(const struct pace *pc, unsigned rounds)
{
	memset(&job, 0, sizeof(job));
	job.run = pc->run;
	job.workers = pc->cpus;
	job.rounds = rounds;
	life_apart = pc->apart;
}

/*
 * job_done:
 *
 *	Time of the whole, and the next number of rounds.
 */
static int
job_done(struct pace *pc, struct sample *sm)
{
	uint64_t begin = UINT64_MAX, end = 0;
	double seconds;
	unsigned w;

	for (w = 0; w < job.workers; w++) {
		if (job.span[w].sp_error != 0)
			return job.span[w].sp_error;
		if (job.span[w].sp_end == 0) /* it was never made */
			return EAGAIN;
		if (job.span[w].sp_begin < begin)
			begin = job.span[w].sp_begin;
		if (job.span[w].sp_end > end)
			end = job.span[w].sp_end;
	}
	seconds = clock_ticks_ns(end - begin) / 1e9;
	sample_done(
	    sm, (double)job.rounds * pc->life->per * job.workers, seconds);
	seconds = opt.op_sample / seconds * job.rounds;
	pc->rounds = seconds < ROUNDS_MIN ? ROUNDS_MIN :
	    seconds > ROUNDS_MAX	  ? ROUNDS_MAX :
					    (unsigned)seconds;
	return 0;
}

static void
event_counted(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	(void)ev;
	(void)l;
	(void)a;
	(void)b;
}

static struct host_params
machine_of(const struct pace *pc)
{
	/* Each worker may have a partner, and what dies comes back later. */
	struct host_params hp = life_machine(
	    pc->cpus, (pc->life->cleared != 0 ? 4096 : 1024) + 4 * pc->cpus);

	hp.hp_boot.bp_percpu_runq = pc->percpu;
	if (pc->apart)
		hp.hp_boot.bp_maxproc = pc->cpus + PROCESSES_ELSE;
	return hp;
}

/*
 * count_events:
 *
 *	What an operation is made of.  The making of the worker is counted with
 *	it, and is little.
 */
static int
count_events(struct pace *pc)
{
	const double ops = (double)ROUNDS_COUNT * pc->life->per;
	struct host_params hp = machine_of(pc);
	struct host_stats hs;
	int error;

	hp.hp_events = 1ull << EV_LOCK | 1ull << EV_SWITCH;
	hp.hp_event = event_counted;
	job_set(pc, ROUNDS_COUNT);
	error = life_run(&hp, lwp_first, NULL);
	if (error != 0)
		return error;
	host_stats(&hs);
	pc->locks = (double)hs.hs_event[EV_LOCK] / ops;
	pc->switches = (double)hs.hs_event[EV_SWITCH] / ops;
	pc->floor = pc->locks * costs.hc_lock + pc->switches * costs.hc_switch +
	    (double)pc->life->cleared / 1024 * costs.hc_kib;
	pc->counted = true;
	return 0;
}

static int
lwp_once(struct pace *pc, struct sample *sm)
{
	struct host_params hp = machine_of(pc);
	int error;

	job_set(pc, pc->rounds);
	error = life_run(&hp, lwp_first, NULL);
	return error != 0 ? error : job_done(pc, sm);
}

static int
posix_once(struct pace *pc, struct sample *sm)
{
	job_set(pc, pc->rounds);
	if (team_run(pc->cpus, NULL, posix_worker, NULL) < 0)
		return EAGAIN;
	return job_done(pc, sm);
}

/*
 * paced:
 *
 *	The first time is for warmth and pace only.
 */
static int
paced(struct pace *pc, struct sample *sm,
    int (*once)(struct pace *, struct sample *))
{
	int error = 0;

	if (!pc->warm)
		error = once(pc, sm);
	pc->warm = true;
	return error != 0 ? error : once(pc, sm);
}

static int
run_lwp(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	struct pace *pc = (struct pace *)(uintptr_t)va->va_arg;
	int error = 0;

	(void)bc;
	if (pc->cpus == 1 && !pc->counted)
		error = count_events(pc);
	if (error == 0)
		error = paced(pc, sm, lwp_once);
	if (error == 0 && pc->counted) {
		sm->sm_value[M_floor_ns] = pc->floor;
		sm->sm_value[M_locks] = pc->locks;
		sm->sm_value[M_switches] = pc->switches;
	}
	return error;
}

static int
run_posix(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	struct pace *pc = (struct pace *)(uintptr_t)va->va_arg;

	(void)bc;
	return paced(pc, sm, posix_once);
}

static struct pace *
pace_of(const struct life *li, unsigned cpus,
    void (*run)(unsigned w, unsigned rounds, struct span *))
{
	struct pace *pc = plan_keep(sizeof(*pc));

	pc->run = run;
	pc->life = li;
	pc->cpus = cpus;
	pc->rounds = ROUNDS_MIN;
	return pc;
}

/*
 * costs_best:
 *
 *	Of a few tries, since others use this host too.
 */
static void
costs_best(void)
{
	struct host_costs hc;
	unsigned n;

	costs = (struct host_costs) { INFINITY, INFINITY, INFINITY };
	for (n = 0; n < 5; n++) {
		host_calibrate(&hc);
		costs.hc_lock = fmin(costs.hc_lock, hc.hc_lock);
		costs.hc_switch = fmin(costs.hc_switch, hc.hc_switch);
		costs.hc_kib = fmin(costs.hc_kib, hc.hc_kib);
	}
}

static void
plan_life(const struct life *li, unsigned cpus)
{
	struct bench_case *bc = plan_case(
	    M_ns, cpus, "op=%s cpus=%u", li->name, cpus);
	struct pace *pc;
	unsigned n;

	/* LWPs and threads that give the processor away are switched. */
	bc->bc_loose = true;
	if (li->together == 0 || cpus <= li->together) {
		plan_variant(bc, "lwp", run_lwp, pace_of(li, cpus, li->run));
		plan_again(bc);
		if (cpus > 1) {
			pc = pace_of(li, cpus, li->run);
			pc->percpu = true;
			plan_variant(bc, "lwp, run queue a CPU", run_lwp, pc);
		}
	}
	if (cpus > 1) {
		pc = pace_of(li, cpus, li->run);
		pc->percpu = pc->apart = true;
		plan_variant(bc, "lwp, process a CPU", run_lwp, pc);
		if (bc->bc_nvariant == 1)
			plan_again(bc);
	}
	for (n = 0; n < COUNT(others); n++) {
		if (strcmp(others[n].life, li->name) == 0)
			plan_variant(bc, others[n].label, run_posix,
			    pace_of(li, cpus, others[n].run));
	}
}

void
bench_lifecycle(void)
{
	unsigned n, t;

	costs_best();
	for (t = 0; t < opt.op_nthreads; t++) {
		if (team_crowded(opt.op_threads[t]))
			continue;
		if (opt.op_threads[t] > LIFE_WORKERS) {
			warning("lifecycle: a machine has no %u CPUs",
			    opt.op_threads[t]);
			continue;
		}
		for (n = 0; n < COUNT(lives); n++)
			plan_life(&lives[n], opt.op_threads[t]);
	}
}
