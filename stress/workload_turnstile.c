/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Adaptive mutexes that lend priorities.
 *
 * Sections (section.h) count in two accesses what their mutex must make one,
 * so an exclusion that failed loses a count.  Workers take them alone, two in
 * order, by a try, and sleep for a token with another one held, so that owners
 * are blocked themselves and a priority is lent on.  Whoever has released all
 * it held has given back what it was lent.
 *
 * In between, inversion: on one section a low and a high LWP meet.  While the
 * high one wants it hogs of a priority between, one for each CPU and one more,
 * do not sleep before it got it: if the low one does not run meanwhile, nothing
 * moves any more.  No clock judges that.
 *
 * The row "bare-count" counts in a section that it did not enter.
 */

#include "stress.h"

#define MEETING	 (SECTIONS_PROC - 1) /* where low and high meet */
#define MEETINGS 8		     /* in a row */
#define REQUESTS 200		     /* of each worker in between */
#define WAITERS	 2
#define HOGS_MAX 65
#define PRI_HIGH (PUSER + 2)
#define PRI_HOG	 (PUSER + 10)
#define PRI_LOW	 (PUSER + 20)

static struct {
	bool bare;
	unsigned meeting;	       /* @: the high one is still there ... */
	unsigned wanted;	       /* @: ... and wants its mutex */
	unsigned steps[SECTION_COUNT]; /* @: made in each, as asked for */
} ts;

static void
turnstile_counted(unsigned section, unsigned steps)
{
	(void)__atomic_fetch_add(&ts.steps[section], steps, __ATOMIC_RELAXED);
}

/*
 * turnstile_back:
 *
 *	Nothing is held: nothing is lent.
 */
static void
turnstile_back(void)
{
	struct lwp *l = lwp_current();
	pri_t lent = __atomic_load_n(&l->l_inheritedprio, __ATOMIC_RELAXED);

	STRESS_CHECK(LIST_EMPTY(&l->l_pi_lenders) && lent == PRI_NONE,
	    "turnstile: LID %d holds nothing and is lent %d", l->l_lid, lent);
}

/*
 * turnstile_run:
 *
 *	One section, or two; what it must have counted.
 */
static void
turnstile_run(const struct section_request *sr)
{
	const bool wait = sr->sr_work == SECTION_WAIT;
	int error;

	error = sys_section(sr);
	STRESS_CHECK(error == 0 || (error == EBUSY && !wait) ||
		(error == EWOULDBLOCK && wait),
	    "turnstile: error %d", error);
	if (sr->sr_outer != SECTION_NONE)
		turnstile_counted(sr->sr_outer, 2);
	if (error == 0 &&
	    (sr->sr_work == SECTION_WORK || sr->sr_work == SECTION_TRY))
		turnstile_counted(sr->sr_section, sr->sr_number);
	turnstile_back();
	stress_count(TALLY_sections, 1);
}

/*
 * turnstile_draw:
 *
 *	Any request that ends by itself.
 */
static void
turnstile_draw(uint64_t *x)
{
	struct section_request sr = {
		.sr_outer = stress_below(x, SECTION_COUNT + 4),
		.sr_section = stress_below(x, SECTION_COUNT),
		.sr_work = SECTION_WORK,
		.sr_number = 1 + stress_below(x, 8),
	};

	if (sr.sr_outer >= SECTION_COUNT || sr.sr_outer == sr.sr_section)
		sr.sr_outer = SECTION_NONE;
	switch (stress_below(x, 8)) {
	case 0:
		sr.sr_work = SECTION_TRY;
		break;
	case 1:
		if (sr.sr_outer != SECTION_NONE && sr.sr_outer > sr.sr_section)
			sr.sr_outer = SECTION_NONE;
		sr.sr_work = SECTION_WAIT;
		sr.sr_timo = 1;
		break;
	case 2:
		sr.sr_work = SECTION_SIGNAL;
		sr.sr_number = stress_below(x, 2);
		break;
	default:
		break;
	}
	turnstile_run(&sr);
}

static bool
turnstile_meets(void)
{
	return __atomic_load_n(&ts.meeting, __ATOMIC_RELAXED) != 0;
}

/*
 * turnstile_low:
 *
 *	Holds the meeting place while it wakes those that wait for tokens,
 *	which is where a better LWP may take its CPU from it, if the machine
 *	was booted like that; or sleeps for a token itself.
 */
static void
turnstile_low(void *arg)
{
	uint64_t x = stress_seed((uintptr_t)arg);

	(void)sys_setpri(sys_lwp_self(), PRI_LOW);
	while (turnstile_meets()) {
		turnstile_run(&(struct section_request) { .sr_outer = MEETING,
		    .sr_section = MEETING + 1,
		    .sr_work = stress_below(&x, 8) == 0 ? SECTION_WAIT :
							  SECTION_SIGNAL,
		    .sr_timo = 1 });
	}
}

static void
turnstile_waiter(void *arg)
{
	(void)arg;
	(void)sys_setpri(sys_lwp_self(), PRI_HIGH);
	while (turnstile_meets()) {
		turnstile_run(
		    &(struct section_request) { .sr_outer = SECTION_NONE,
			.sr_section = MEETING + 1,
			.sr_work = SECTION_WAIT,
			.sr_timo = 1 });
	}
}

static void
turnstile_high(void *arg)
{
	unsigned n;

	(void)arg;
	(void)sys_setpri(sys_lwp_self(), PRI_HIGH);
	for (n = 0; n < MEETINGS && !stress_stopped(); n++) {
		(void)sys_lwp_park(1, 0);
		__atomic_store_n(&ts.wanted, 1, __ATOMIC_RELAXED);
		turnstile_run(
		    &(struct section_request) { .sr_outer = SECTION_NONE,
			.sr_section = MEETING,
			.sr_work = SECTION_WORK,
			.sr_number = 1 });
		__atomic_store_n(&ts.wanted, 0, __ATOMIC_RELAXED);
		stress_count(TALLY_operations, 1);
	}
	__atomic_store_n(&ts.meeting, 0, __ATOMIC_RELAXED);
}

static void
turnstile_hog(void *arg)
{
	(void)arg;
	(void)sys_setpri(sys_lwp_self(), PRI_HOG);
	while (turnstile_meets()) {
		while (__atomic_load_n(&ts.wanted, __ATOMIC_RELAXED) != 0)
			user_step();
		(void)sys_lwp_park(1, 0);
	}
}

/*
 * turnstile_meet:
 *
 *	Without a high one the others would not end.
 */
static void
turnstile_meet(void)
{
	lwpid_t lids[WAITERS + HOGS_MAX + 2];
	unsigned n = 0, i;

	__atomic_store_n(&ts.meeting, 1, __ATOMIC_RELAXED);
	lids[n++] = stress_create(turnstile_high, 0, 0);
	if (lids[0] == 0)
		return;
	lids[n++] = stress_create(turnstile_low, 1, 0);
	for (i = 0; i < WAITERS; i++)
		lids[n++] = stress_create(turnstile_waiter, 0, 0);
	for (i = 0; i <= stress.st_cpus && i < HOGS_MAX; i++)
		lids[n++] = stress_create(turnstile_hog, 0, 0);
	for (i = 0; i < n; i++) {
		if (lids[i] != 0)
			(void)sys_lwp_wait(lids[i], NULL);
	}
}

/*
 * turnstile_bare:
 *
 *	What a mutex is for.
 */
static void
turnstile_bare(void)
{
	struct section *sc = &lwp_current()->l_proc->p_section[0];
	unsigned count;

	count = __atomic_load_n(&sc->sc_count, __ATOMIC_RELAXED);
	sys_yield();
	__atomic_store_n(&sc->sc_count, count + 1, __ATOMIC_RELAXED);
	turnstile_counted(0, 1);
}

static void
turnstile_worker(void *arg)
{
	const unsigned range = stress.st_shared ? RUNQUEUE_PRIORITIES / 2 : 20;
	uint64_t x = stress_seed((uintptr_t)arg);
	unsigned n;

	for (n = 0; n < REQUESTS && !stress_stopped(); n++) {
		turnstile_draw(&x);
		if (ts.bare)
			turnstile_bare();
		if (stress_below(&x, 8) == 0)
			(void)sys_setpri(sys_lwp_self(),
			    PUSER + (pri_t)stress_below(&x, range));
		if (stress_below(&x, 8) == 0)
			sys_yield();
		stress_count(TALLY_operations, 1);
	}
}

/*
 * turnstile_balance:
 *
 *	What sections counted since this process began, and what they should.
 */
static void
turnstile_balance(void)
{
	const struct section *sc;
	unsigned n, counted;

	for (n = 0; n < SECTION_COUNT; n++) {
		sc = n < SECTIONS_PROC ? &lwp_current()->l_proc->p_section[n] :
					 &kernel.k_section[n - SECTIONS_PROC];
		counted = __atomic_load_n(&sc->sc_count, __ATOMIC_RELAXED);
		STRESS_CHECK(counted == ts.steps[n],
		    "turnstile: section %u: %u steps made, %u counted", n,
		    ts.steps[n], counted);
	}
}

static void
turnstile_first(void *arg)
{
	(void)arg;
	while (!stress_stopped()) {
		/* Among others the low one would not run, nor should it. */
		if (!stress.st_shared)
			turnstile_meet();
		stress_workers(turnstile_worker, stress.st_lwps);
	}
	turnstile_balance();
}

static int
turnstile_begin(bool bare)
{
	ts = (__typeof__(ts)) { .bare = bare };
	return stress_spawn(turnstile_first);
}

static int
turnstile_start(void)
{
	return turnstile_begin(false);
}

static int
bare_count_start(void)
{
	return turnstile_begin(true);
}

const struct workload workload_turnstile = {
	.wl_start = turnstile_start,
};

const struct workload workload_bare_count = {
	.wl_start = bare_count_start,
};
