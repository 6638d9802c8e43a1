/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * scale: what operations cost with 10, 1000 and 100 000 live LWPs.
 *
 * Those that are only there were created suspended: they have no stack yet.
 * Ten thousands of stacks are given a canary and no guard page, since each
 * guard page is two of the 65 530 mappings that Linux allows a process.  One
 * machine of one CPU for each sample.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "bench.h"
#include "life.h"
#include "life_core.h"
#include "place.h"
#include "stat.h"
#include "team.h"

#define FINDS	20000u /* look-ups of a sample */
#define CREATES 2000u
#define WALKED	4e6 /* links that the list walk of a sample follows */
#define GUARDED 1000
#define SPARE	4096 /* LWPs whose memory may be on its way back */
#define LIDS	4096 /* drawn beforehand, a power of two */
#define THREADS 1000 /* blocked ones, for their memory */

struct scale_op {
	const char *name;
	void (*first)(void *);
};

static struct {
	unsigned live;
	double ops, seconds, bytes;
	int error;
	long taken;   /* off its processor meanwhile, that often */
	unsigned ran; /* @: LWPs that began */
	lwpid_t lid[LIDS];
} sc;

static uint64_t
scale_begin(void)
{
	sc.taken = team_switches();
	return clock_ticks();
}

static void
scale_took(double ops, uint64_t start)
{
	sc.ops = ops;
	sc.seconds = clock_ticks_ns(clock_ticks() - start) / 1e9;
	sc.taken = team_switches() - sc.taken;
}

static void
nothing(void *arg)
{
	(void)arg;
	(void)__atomic_add_fetch(&sc.ran, 1, __ATOMIC_RELAXED);
}

/*
 * scale_fill:
 *
 *	So many that are only there.
 */
static bool
scale_fill(int flags)
{
	unsigned n;

	for (n = 0; n < sc.live; n++) {
		if (life_spawn(nothing, NULL, flags) == 0) {
			sc.error = ENOMEM;
			return false;
		}
	}
	return true;
}

static void
scale_draw(void)
{
	const lwpid_t self = sys_lwp_self();
	uint64_t x = opt.op_seed;
	unsigned n;

	for (n = 0; n < LIDS; n++)
		sc.lid[n] = self + 1 + (lwpid_t)draw_below(&x, sc.live);
}

static void
first_find(void *arg)
{
	struct proc *p = lwp_current()->l_proc;
	unsigned n, found = 0;
	uint64_t start;

	(void)arg;
	if (!scale_fill(LWP_SUSPENDED))
		return;
	scale_draw();
	mutex_enter(&p->p_smutex);
	for (n = 0; n < LIDS; n++)
		found += lwp_find(p, sc.lid[n]) != NULL;
	start = scale_begin();
	for (n = 0; n < FINDS; n++)
		found += lwp_find(p, sc.lid[n % LIDS]) != NULL;
	scale_took(FINDS, start);
	mutex_exit(&p->p_smutex);
	if (found != FINDS + LIDS)
		sc.error = ESRCH;
}

/* walk: as 1.54 looks for an LWP. */
static struct lwp *
walk(struct proc *p, lwpid_t lid)
{
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid && l->l_stat != LSZOMB)
			return l;
	}
	return NULL;
}

static void
first_walk(void *arg)
{
	struct proc *p = lwp_current()->l_proc;
	unsigned n, found = 0, count;
	uint64_t start;

	(void)arg;
	if (!scale_fill(LWP_SUSPENDED))
		return;
	scale_draw();
	count = (unsigned)fmin(FINDS, fmax(20, WALKED / sc.live));
	mutex_enter(&p->p_smutex);
	start = scale_begin();
	for (n = 0; n < count; n++)
		found += walk(p, sc.lid[n % LIDS]) != NULL;
	scale_took(count, start);
	mutex_exit(&p->p_smutex);
	if (found != count)
		sc.error = ESRCH;
}

static void
first_create(void *arg)
{
	lwpid_t departed;
	uint64_t start;
	unsigned n;

	(void)arg;
	if (!scale_fill(LWP_SUSPENDED))
		return;
	start = scale_begin();
	for (n = 0; n < CREATES && sc.error == 0; n++)
		sc.error = sys_lwp_wait(
		    life_spawn(nothing, NULL, 0), &departed);
	scale_took(CREATES, start);
}

/*
 * first_wait:
 *
 *	All of them are zombies when the first is collected.
 */
static void
first_wait(void *arg)
{
	lwpid_t departed;
	uint64_t start;
	unsigned n;

	(void)arg;
	if (!scale_fill(0))
		return;
	while (__atomic_load_n(&sc.ran, __ATOMIC_RELAXED) < sc.live)
		sys_yield();
	sys_yield();
	start = scale_begin();
	for (n = 0; n < sc.live; n++) {
		if (sys_lwp_wait(0, &departed) != 0)
			sc.error = ESRCH;
	}
	scale_took(sc.live, start);
}

static uint64_t exit_began;

static void
exiting(void *arg)
{
	(void)arg;
	if (!scale_fill(LWP_SUSPENDED))
		return;
	exit_began = scale_begin();
	sys_exit(0);
}

static void
first_exit(void *arg)
{
	struct usercontext uc = { .uc_entry = exiting };
	pid_t_ pid;
	int status;

	(void)arg;
	sc.error = sys_fork(&uc, 0, &pid);
	if (sc.error == 0)
		sc.error = sys_wait4(pid, 0, &pid, &status);
	scale_took(sc.live + 1, exit_began);
}

/*
 * resident:
 *
 *	Memory of this process, in bytes.
 */
static double
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long all = 0, pages = 0;

	if (f == NULL)
		return NAN;
	if (fscanf(f, "%lu %lu", &all, &pages) != 2)
		pages = 0;
	(void)fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void
first_suspended(void *arg)
{
	const double before = resident();

	(void)arg;
	(void)scale_fill(LWP_SUSPENDED);
	sc.bytes = (resident() - before) / sc.live;
}

static void
parks(void *arg)
{
	nothing(arg);
	(void)sys_lwp_park(0, 0);
}

static void
first_parked(void *arg)
{
	const double before = resident();
	unsigned n;

	(void)arg;
	for (n = 0; n < sc.live; n++)
		(void)life_spawn(parks, NULL, 0);
	while (__atomic_load_n(&sc.ran, __ATOMIC_RELAXED) < sc.live)
		sys_yield();
	sys_yield();
	sc.bytes = (resident() - before) / sc.live;
}

static int
run_scale(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	const unsigned live = *(const unsigned *)bc->bc_arg;
	const struct scale_op *op = va->va_arg;
	struct host_params hp = life_machine(1, live + SPARE);
	int error;

	memset(&sc, 0, sizeof(sc));
	sc.live = live;
	sc.bytes = NAN;
	hp.hp_boot.bp_maxlwp_proc = live + SPARE;
	hp.hp_stacksize = 16384;
	hp.hp_guarded = GUARDED;
	error = life_run(&hp, op->first, NULL);
	host_fini();
	if (error == 0)
		error = sc.error;
	if (error != 0)
		return error;
	if (sc.ops > 0)
		sample_done(sm, sc.ops, sc.seconds);
	if (sc.ops > 0 && sc.taken != 0)
		sm->sm_reject |= REJECT_SWITCH;
	sm->sm_value[M_bytes] = sc.bytes;
	return 0;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static unsigned waiting; /* @ */

static void *
blocked(void *arg)
{
	(void)__atomic_add_fetch(&waiting, 1, __ATOMIC_RELEASE);
	(void)pthread_mutex_lock(&gate);
	(void)pthread_mutex_unlock(&gate);
	return arg;
}

/*
 * run_threads:
 *
 *	What the process sees of them; the kernel's own part (a stack of 16 KiB
 *	and more) is not in it.
 */
static int
run_threads(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	static pthread_t thread[THREADS];
	const double before = resident();
	unsigned n, made;

	(void)bc;
	(void)va;
	waiting = 0;
	(void)pthread_mutex_lock(&gate);
	for (made = 0; made < THREADS; made++) {
		if (pthread_create(&thread[made], NULL, blocked, NULL) != 0)
			break;
	}
	while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE) < made)
		(void)sched_yield();
	sm->sm_value[M_bytes] = (resident() - before) / THREADS;
	(void)pthread_mutex_unlock(&gate);
	for (n = 0; n < made; n++)
		(void)pthread_join(thread[n], NULL);
	return made == THREADS ? 0 : EAGAIN;
}

static const struct scale_op op_find = { "find", first_find };
static const struct scale_op op_walk = { "walk", first_walk };
static const struct scale_op op_create = { "create", first_create };
static const struct scale_op op_wait = { "wait", first_wait };
static const struct scale_op op_exit = { "exit", first_exit };
static const struct scale_op op_suspended = { "suspended", first_suspended };
static const struct scale_op op_parked = { "parked", first_parked };

static struct bench_case *
scale_case(const struct scale_op *op, unsigned live, const char *name)
{
	unsigned *kept = plan_keep(sizeof(*kept));
	struct bench_case *bc = plan_case(
	    M_ns, 1, "op=%s live=%u", op->name, live);

	*kept = live;
	bc->bc_arg = kept;
	bc->bc_loose = live > 1000;
	plan_variant(bc, name, run_scale, op);
	plan_again(bc);
	return bc;
}

void
bench_scale(void)
{
	static const unsigned lives[] = { 10, 1000, 100000 };
	static const unsigned some = THREADS;
	struct bench_case *bc;
	unsigned n;

	for (n = 0; n < sizeof(lives) / sizeof(lives[0]); n++) {
		bc = scale_case(&op_find, lives[n], "lwp_find");
		plan_variant(bc, "list walk", run_scale, &op_walk);
		(void)scale_case(&op_create, lives[n], "lwp");
		(void)scale_case(&op_wait, lives[n], "lwp");
		(void)scale_case(&op_exit, lives[n], "lwp");
	}
	bc = plan_case(M_bytes, 1, "op=memory live=%u", some);
	bc->bc_arg = &some;
	bc->bc_loose = true;
	plan_variant(bc, "lwp, parked", run_scale, &op_parked);
	plan_variant(bc, "lwp, suspended", run_scale, &op_suspended);
	plan_variant(bc, "pthread, blocked", run_threads, NULL);
}
