/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Threads that take locks that move.
 *
 * What is counted is counted where it costs least: in lines of the thread
 * itself, or in the line that the lock protects (who had it last, acquisitions
 * since the last migration).
 *
 * A sample is up to three bursts.  The first looks at no clock but now and
 * then, for rates and counts.  In the second, if LWPs move, who waits says so
 * in a line of its own, and whoever moves an LWP looks at all of these: W is
 * measured at the moment that the law is about, and what that costs with many
 * threads slows no rate.  The third times each acquisition, for latency, wasted
 * spin and fairness by windows.
 */

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "lock.h"
#include "place.h"
#include "stat.h"
#include "team.h"

#define LINE	   128	  /* two lines: they are fetched in pairs */
#define LOOKS	   16	  /* acquisitions between two looks at the clock */
#define SWITCHED   64	  /* one switch for so many threads is not too many */
#define WAITERS	   0.15	  /* share of the second burst, if there is one */
#define TIMED	   0.4	  /* share of the third */
#define TIMED_MIN  0.0011 /* s: a window of 1 ms is to be in it */
#define THREAD_MIN 10e-6  /* s: for each thread */
#define WINDOW	   100e3  /* ns */
#define WINDOWS	   256

/* An LWP, as far as locks are concerned, and what the lock protects. */
struct subject {
	_Alignas(LINE) struct lwplock su_lock;
	_Alignas(LINE) unsigned su_owner; /* its lock: last one, plus 1 */
	unsigned su_since;		  /* its lock: since it moved */
	uint64_t su_count;		  /* its lock: acquisitions */
	_Alignas(LINE) char su_reference[LOCK_REFERENCE_SIZE];
};

struct covering {
	_Alignas(LINE) union spin co_spin;
};

struct member {
	_Alignas(LINE) struct spin_cpu me_cpu;
	_Alignas(LINE) unsigned me_waits; /* @: for which subject, plus 1 */
	_Alignas(LINE) uint64_t me_random;
	uint64_t me_acquired, me_handovers, me_moves, me_waiters;
	uint64_t me_waited, me_total; /* ticks */
	uint64_t me_longest;
	unsigned me_next; /* covering lock that its next migration goes to */
	struct hist me_hist;
	uint32_t me_window[WINDOWS];
	_Alignas(LINE) char me_place[LOCK_REFERENCE_SIZE];
};

enum burst { BURST_RATES, BURST_WAITERS, BURST_TIMED };

static struct {
	const struct lock_config *config;
	const struct lock_reference *reference;
	const struct protocol *protocol;
	bool uncounted;
	const struct spin_algorithm *spin;
	struct subject *subject;
	struct covering *covering;
	struct member *member;
	unsigned *zipf;		   /* table to draw from */
	unsigned section, outside; /* rounds of clock_spin() */
	enum burst burst;
	uint64_t length;	      /* ticks */
	uint64_t start;		      /* @: of the burst, by member 0 */
	_Alignas(LINE) unsigned stop; /* @ */
} lo;

#define ZIPF_TABLE 4096

/*
 * zipf_table:
 *
 *	LWP n as often as 1/(n+1) says.
 */
static unsigned *
zipf_table(unsigned lwps)
{
	unsigned *t = xcalloc(ZIPF_TABLE, sizeof(*t)), i, n = 0;
	double all = 0, sum;

	for (i = 0; i < lwps; i++)
		all += 1.0 / (i + 1);
	sum = 1;
	for (i = 0; i < ZIPF_TABLE; i++) {
		while (n + 1 < lwps && (i + 0.5) / ZIPF_TABLE > sum / all) {
			n++;
			sum += 1.0 / (n + 1);
		}
		t[i] = n;
	}
	return t;
}

static unsigned
subject_pick(struct member *me)
{
	const unsigned lwps = lo.config->lc_lwps;

	if (lwps == 1)
		return 0;
	return lo.zipf != NULL ? lo.zipf[draw(&me->me_random) % ZIPF_TABLE] :
				 draw_below(&me->me_random, lwps);
}

static void
subject_enter(struct subject *su, struct member *me)
{
	if (lo.reference != NULL)
		lo.reference->lr_acquire(su->su_reference, me->me_place);
	else
		lo.protocol->po_lock(&su->su_lock, &me->me_cpu);
}

static void
subject_exit(struct subject *su, struct member *me)
{
	if (lo.reference != NULL)
		lo.reference->lr_release(su->su_reference, me->me_place);
	else
		lo.protocol->po_unlock(&su->su_lock, &me->me_cpu);
}

/*
 * move_counts:
 *
 *	It moves; who waits for it now?  The lock is held.
 */
static void
move_counts(unsigned n, struct member *me)
{
	unsigned i;

	me->me_moves++;
	if (lo.burst != BURST_WAITERS)
		return;
	for (i = 0; i < lo.config->lc_threads; i++) {
		if (__atomic_load_n(&lo.member[i].me_waits, __ATOMIC_RELAXED) ==
		    n + 1)
			me->me_waiters++;
	}
}

/*
 * subject_move:
 *
 *	Move it to another covering lock and release it.  Upwards in order of
 *	the locks where both are held; downwards by a try, and not if it fails.
 */
static bool
subject_move(unsigned n, struct member *me)
{
	struct subject *su = &lo.subject[n];
	union spin *from = su->su_lock.ll_lock, *to;

	do
		to = &lo.covering[me->me_next++ % lo.config->lc_mutexes]
			  .co_spin;
	while (to == from);
	if (lo.config->lc_move == MOVE_unlock_to) {
		move_counts(n, me);
		lo.protocol->po_unlock_to(&su->su_lock, to, &me->me_cpu);
		return true;
	}
	if (lo.config->lc_move == MOVE_relock && to > from) {
		move_counts(n, me);
		lo.protocol->po_relock(&su->su_lock, to, &me->me_cpu);
		lo.protocol->po_unlock(&su->su_lock, &me->me_cpu);
		return true;
	}
	if (to > from)
		lo.spin->sa_acquire(to, &me->me_cpu);
	else if (!lo.spin->sa_tryacquire(to, &me->me_cpu))
		return false;
	move_counts(n, me);
	lo.protocol->po_setlock(&su->su_lock, to, &me->me_cpu);
	lo.spin->sa_release(from, &me->me_cpu);
	lo.spin->sa_release(to, &me->me_cpu);
	return true;
}

/*
 * moves:
 *
 *	Do LWPs move at all?
 */
static bool
moves(void)
{
	return lo.config->lc_every != 0 && lo.config->lc_mutexes > 1 &&
	    lo.reference == NULL;
}

static bool
moves_now(const struct subject *su)
{
	return moves() && su->su_since >= lo.config->lc_every;
}

/*
 * member_section:
 *
 *	With the lock held: the books, the work, the release.
 */
static void
member_section(unsigned n, unsigned self, struct member *me)
{
	struct subject *su = &lo.subject[n];

	me->me_handovers += su->su_owner != self + 1;
	su->su_owner = self + 1;
	su->su_since++;
	su->su_count++;
	clock_spin(lo.section);
	if (lo.config->lc_mover == MOVER_lockers && moves_now(su)) {
		su->su_since = 0;
		if (subject_move(n, me))
			return;
	}
	subject_exit(su, me);
}

/*
 * member_take:
 *
 *	Take the lock of one and release it.
 */
static void
member_take(unsigned self, struct member *me)
{
	const unsigned n = subject_pick(me);
	uint64_t before = 0, after, window;

	if (lo.burst == BURST_TIMED)
		before = clock_ticks();
	else if (lo.burst == BURST_WAITERS)
		__atomic_store_n(&me->me_waits, n + 1, __ATOMIC_RELAXED);
	subject_enter(&lo.subject[n], me);
	if (lo.burst == BURST_WAITERS)
		__atomic_store_n(&me->me_waits, 0, __ATOMIC_RELAXED);
	else if (lo.burst == BURST_TIMED) {
		after = clock_ticks();
		me->me_waited += after - before;
		if (after - before > me->me_longest)
			me->me_longest = after - before;
		hist_record(
		    &me->me_hist, (uint64_t)clock_ticks_ns(after - before));
		window = (uint64_t)(clock_ticks_ns(after - lo.start) / WINDOW);
		if (window < WINDOWS)
			me->me_window[window]++;
	}
	me->me_acquired++;
	member_section(n, self, me);
}

/*
 * mover_step:
 *
 *	The dedicated mover: has somebody been acquired often enough?
 */
static void
mover_step(unsigned self, struct member *me)
{
	const unsigned n = subject_pick(me);
	struct subject *su = &lo.subject[n];

	subject_enter(su, me);
	su->su_owner = self + 1;
	if (!moves_now(su)) {
		subject_exit(su, me);
		return;
	}
	su->su_since = 0;
	if (!subject_move(n, me))
		subject_exit(su, me);
}

static unsigned
jittered(struct member *me, unsigned rounds)
{
	/* Three to five quarters. */
	return rounds / 4 * 3 +
	    (rounds < 2 ? rounds : draw_below(&me->me_random, rounds / 2));
}

/*
 * member_begin:
 *
 *	Windows are counted from one moment for all: member 0's begin.
 */
static uint64_t
member_begin(unsigned self)
{
	if (self == 0)
		__atomic_store_n(&lo.start, clock_ticks(), __ATOMIC_RELEASE);
	while (__atomic_load_n(&lo.start, __ATOMIC_ACQUIRE) == 0) {
		clock_pause();
		if (native_yields)
			native_yield();
	}
	return clock_ticks();
}

static void
member_work(void *arg, unsigned self)
{
	struct member *me = &lo.member[self];
	const bool mover = lo.config->lc_mover == MOVER_one &&
	    self + 1 == lo.config->lc_threads && self > 0;
	uint64_t begin;
	unsigned n;

	(void)arg;
	begin = member_begin(self);
	for (n = 1; __atomic_load_n(&lo.stop, __ATOMIC_RELAXED) == 0; n++) {
		if (mover)
			mover_step(self, me);
		else
			member_take(self, me);
		if (lo.outside != 0)
			clock_spin(jittered(me, lo.outside));
		/* Whoever gets the lock may be the one who sees the end. */
		if ((n + self) % LOOKS == 0 &&
		    clock_ticks() - begin > lo.length &&
		    __atomic_load_n(&lo.stop, __ATOMIC_RELAXED) == 0)
			__atomic_store_n(&lo.stop, 1, __ATOMIC_RELAXED);
	}
	me->me_total += clock_ticks() - begin;
}

/* What all bursts need; the arrays are made for one sample. */
static struct spin_pool pool;

static void *
lines(size_t n, size_t size)
{
	void *p = aligned_alloc(LINE, (n * size + LINE - 1) / LINE * LINE);

	if (p == NULL) {
		(void)trouble("out of memory");
		_Exit(2);
	}
	memset(p, 0, n * size);
	return p;
}

/*
 * pages:
 *
 *	Memory, zero, that nobody has touched: it will be near to who does
 *	first.
 */
static void *
pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		(void)trouble("out of memory");
		_Exit(2);
	}
	return p;
}

static void
member_touch(void *arg, unsigned self)
{
	struct spin_node *node = arg;

	memset(&node[(size_t)self * SPIN_NODES], 0, SPIN_NODES * sizeof(*node));
	memset(&lo.member[self], 0, sizeof(*lo.member));
}

static const unsigned *
member_places(void)
{
	return lo.config->lc_placed ? lo.config->lc_place : NULL;
}

static size_t
node_count(const struct lock_config *lc)
{
	return (size_t)lc->lc_threads * SPIN_NODES + lc->lc_mutexes;
}

static void
loop_reset(void)
{
	const struct lock_config *lc = lo.config;
	unsigned n;

	for (n = 0; n < lc->lc_threads; n++) {
		struct member *me = &lo.member[n];

		me->me_acquired = me->me_handovers = me->me_moves = 0;
		me->me_waiters = me->me_waited = me->me_total = 0;
		memset(&me->me_cpu.sp_counts, 0, sizeof(struct spin_counts));
	}
	lo.start = 0;
	lo.stop = 0;
}

static struct spin_node *
loop_open(const struct lock_config *lc, const struct lock_kind *lk)
{
	const struct zoo *zo = zoos[lk->lk_copy];
	struct spin_node *node = pages(node_count(lc) * sizeof(*node));
	unsigned n;

	lo.config = lc;
	lo.reference = lk->lk_reference;
	lo.spin = zo->zo_spin[lk->lk_spin];
	lo.uncounted = lk->lk_uncounted;
	lo.protocol = &(lo.uncounted ?
		zo->zo_uncounted :
		zo->zo_protocol)[lk->lk_protocol][lk->lk_spin];
	lo.section = clock_work_rounds(lc->lc_section);
	lo.outside = clock_work_rounds(lc->lc_outside);
	lo.zipf = lc->lc_zipf ? zipf_table(lc->lc_lwps) : NULL;
	lo.subject = lines(lc->lc_lwps, sizeof(*lo.subject));
	lo.covering = lines(lc->lc_mutexes, sizeof(*lo.covering));
	lo.member = pages(lc->lc_threads * sizeof(*lo.member));
	(void)team_run(lc->lc_threads, member_places(), member_touch, node);
	zo->zo_pool_init(&pool, node, (unsigned)node_count(lc));
	for (n = 0; n < lc->lc_mutexes; n++)
		lo.spin->sa_init(&lo.covering[n].co_spin, &pool);
	for (n = 0; n < lc->lc_lwps; n++) {
		zo->zo_lock_init(&lo.subject[n].su_lock,
		    &lo.covering[n % lc->lc_mutexes].co_spin);
		if (lo.reference != NULL)
			lo.reference->lr_init(lo.subject[n].su_reference);
	}
	for (n = 0; n < lc->lc_threads; n++) {
		struct member *me = &lo.member[n];

		zo->zo_cpu_init(&me->me_cpu, &pool,
		    place_where(lc->lc_placed ? lc->lc_place[n] : n).wh_node);
		me->me_random = opt.op_seed + n;
		me->me_next = n;
	}
	return node;
}

static void
loop_close(struct spin_node *node)
{
	(void)munmap(node, node_count(lo.config) * sizeof(*node));
	(void)munmap(lo.member, lo.config->lc_threads * sizeof(*lo.member));
	free(lo.covering);
	free(lo.subject);
	free(lo.zipf);
}

static long
loop_burst(double share, enum burst burst)
{
	double seconds = fmax(
	    opt.op_sample * share, burst == BURST_TIMED ? TIMED_MIN : 0);

	/* Many threads need time to come by. */
	seconds = fmax(seconds, lo.config->lc_threads * THREAD_MIN);
	loop_reset();
	lo.burst = burst;
	lo.length = (uint64_t)(seconds * 1e9 * clock_per_ns());
	return team_run(
	    lo.config->lc_threads, member_places(), member_work, NULL);
}

/* lockers: members that are not the dedicated mover. */
static unsigned
lockers(void)
{
	return lo.config->lc_threads - (lo.config->lc_mover == MOVER_one);
}

/*
 * loop_rates:
 *
 *	What the first burst says.
 */
static void
loop_rates(struct sample *sm)
{
	double acquired = 0, handovers = 0, moved = 0, failed = 0, exits = 0;
	double polls = 0, ticks = 0, *v = sm->sm_value;
	unsigned n;

	sm->sm_threads = lo.config->lc_threads;
	sm->sm_ops = xcalloc(sm->sm_threads, sizeof(double));
	for (n = 0; n < sm->sm_threads; n++) {
		const struct member *me = &lo.member[n];
		const struct spin_counts *sk = &me->me_cpu.sp_counts;

		sm->sm_ops[n] = (double)me->me_acquired;
		acquired += (double)me->me_acquired;
		handovers += (double)me->me_handovers;
		moved += (double)me->me_moves;
		failed += (double)sk->sk_failed;
		exits += (double)sk->sk_exits;
		polls += (double)sk->sk_polls;
		ticks = fmax(ticks, (double)me->me_total);
	}
	sample_done(sm, acquired, clock_ticks_ns((uint64_t)ticks) / 1e9);
	v[M_jain] = stat_jain(sm->sm_ops, lockers());
	v[M_handover] = handovers / acquired;
	if (handovers > 0)
		v[M_handover_ns] = v[M_seconds] * 1e9 / handovers;
	if (lo.reference == NULL)
		v[M_moves] = moved / acquired;
	if (lo.reference != NULL || lo.uncounted)
		return;
	v[M_failed] = failed / acquired;
	v[M_exits] = exits / acquired;
	v[M_polls] = polls / acquired;
	if (moved != 0)
		v[M_failed_per_move] = failed / moved;
}

/*
 * loop_law:
 *
 *	What the second says: both sides of the law of retries.
 */
static void
loop_law(struct sample *sm)
{
	double moved = 0, waiters = 0, retries = 0;
	unsigned n;

	for (n = 0; n < sm->sm_threads; n++) {
		const struct member *me = &lo.member[n];
		const struct spin_counts *sk = &me->me_cpu.sp_counts;

		moved += (double)me->me_moves;
		waiters += (double)me->me_waiters;
		retries += (double)(sk->sk_failed + sk->sk_exits);
	}
	if (moved == 0)
		return;
	sm->sm_value[M_waiters] = waiters / moved;
	if (!lo.uncounted)
		sm->sm_value[M_retries_per_move] = retries / moved;
}

/*
 * windows_jain:
 *
 *	Fairness in windows of so many small ones, over those in which somebody
 *	got the lock, to the best that can be; NAN if the burst had no room for
 *	one.
 */
static double
windows_jain(unsigned width)
{
	const unsigned threads = lockers();
	/* The burst was at least as long as this; no window reaches over. */
	const unsigned whole = (unsigned)fmin(
	    WINDOWS, floor(clock_ticks_ns(lo.length) / WINDOW));
	double *share = xcalloc(threads, sizeof(*share)), sum = 0, all;
	unsigned w, i, n, used = 0;

	for (w = 0; w + width <= whole; w += width) {
		for (n = 0, all = 0; n < threads; n++) {
			for (i = 0, share[n] = 0; i < width; i++)
				share[n] += lo.member[n].me_window[w + i];
			all += share[n];
		}
		if (all == 0)
			continue;
		/* Fewer acquisitions than threads: one each is fair. */
		sum += stat_jain(share, threads) / fmin(1, all / threads);
		used++;
	}
	free(share);
	return used == 0 ? NAN : sum / used;
}

static void
loop_latency(struct sample *sm)
{
	double waited = 0, total = 0, *v = sm->sm_value;
	unsigned n;

	sm->sm_latency = xcalloc(1, sizeof(*sm->sm_latency));
	sm->sm_longest = xcalloc(sm->sm_threads, sizeof(double));
	for (n = 0; n < sm->sm_threads; n++) {
		const struct member *me = &lo.member[n];

		hist_merge(sm->sm_latency, &me->me_hist);
		sm->sm_longest[n] = clock_ticks_ns(me->me_longest);
		waited += (double)me->me_waited;
		/* The dedicated mover's waits are not timed. */
		total += n < lockers() ? (double)me->me_total : 0;
	}
	v[M_p50] = (double)hist_quantile(sm->sm_latency, 0.5);
	v[M_p90] = (double)hist_quantile(sm->sm_latency, 0.9);
	v[M_p99] = (double)hist_quantile(sm->sm_latency, 0.99);
	v[M_p999] = (double)hist_quantile(sm->sm_latency, 0.999);
	v[M_longest] = (double)sm->sm_latency->hi_max;
	v[M_wasted] = waited / total;
	v[M_jain_100us] = windows_jain(1);
	v[M_jain_1ms] = windows_jain(10);
}

static double
loop_ping(const struct lock_config *lc)
{
	if (lc->lc_threads < 2 || team_crowded(lc->lc_threads))
		return NAN;
	return lc->lc_placed ?
	    ping_pong(lc->lc_place[0], lc->lc_place[1], 200) :
	    ping_pong(0, 1, 200);
}

/*
 * loop_bursts:
 *
 *	All of a sample.  How often a thread of it was taken off its processor,
 *	or -1 if there are no threads to be had.
 */
static long
loop_bursts(struct sample *sm)
{
	const double waiters = moves() ? WAITERS : 0;
	long taken;

	taken = loop_burst(1 - waiters - TIMED, BURST_RATES);
	if (taken < 0)
		return -1;
	loop_rates(sm);
	if (waiters != 0) {
		taken += loop_burst(waiters, BURST_WAITERS);
		loop_law(sm);
	}
	taken += loop_burst(TIMED, BURST_TIMED);
	loop_latency(sm);
	return taken;
}

int
lock_sample(
    const struct lock_config *lc, const struct lock_kind *lk, struct sample *sm)
{
	const bool crowded = team_crowded(lc->lc_threads);
	struct spin_node *node;
	long taken;

	/* Who is next may wait long for a processor, and cannot yield. */
	if (crowded && lk->lk_reference != NULL && lk->lk_reference->lr_queues)
		return EBUSY;
	native_yields = crowded;
	team_urgent(true);
	node = loop_open(lc, lk);
	sm->sm_value[M_ping_before] = loop_ping(lc);
	taken = loop_bursts(sm);
	sm->sm_value[M_ping_after] = loop_ping(lc);
	loop_close(node);
	team_urgent(false);
	native_yields = false;
	if (taken < 0)
		return EAGAIN;
	/* Of very many one is always taken off for a moment. */
	if (taken * SWITCHED > lc->lc_threads && !crowded)
		sm->sm_reject |= REJECT_SWITCH;
	return 0;
}

void
lock_name(const struct lock_kind *lk, char *name, size_t size)
{
	if (lk->lk_reference != NULL)
		(void)snprintf(name, size, "%s", lk->lk_reference->lr_name);
	else
		(void)snprintf(name, size, "%s/%s%s",
		    zoos[0]->zo_protocol[lk->lk_protocol][lk->lk_spin].po_name,
		    zoos[0]->zo_spin[lk->lk_spin]->sa_name,
		    lk->lk_uncounted ? ", no counts" : "");
}
