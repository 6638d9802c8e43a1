/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE
#include "team.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"
#include "clock.h"
#include "place.h"

#define TEAM_MAX 1024
#define SPINS	 2000 /* looks at a word before the processor is given away */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t begin;
	pthread_t thread[TEAM_MAX];
	unsigned nthread; /* made so far, member 0 not counted */
	/* lock: the job. */
	unsigned long job; /* its number */
	unsigned size;
	const unsigned *place;
	void (*work)(void *, unsigned);
	void *arg;
	bool ending;
	bool urgent;  /* by member 0, between jobs */
	bool refused; /* @: SCHED_FIFO, to whoever asked */
	/* @: members that are ready, and done. */
	_Alignas(64) unsigned ready;
	_Alignas(64) unsigned done;
	_Alignas(64) long taken; /* @: involuntary switches */
} team = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.begin = PTHREAD_COND_INITIALIZER,
};

static void
team_await(const unsigned *word, unsigned n)
{
	unsigned spins = 0;

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < n) {
		clock_pause();
		if (++spins > SPINS)
			(void)sched_yield();
	}
}

static long
involuntary(void)
{
	struct rusage ru;

	return getrusage(RUSAGE_THREAD, &ru) == 0 ? ru.ru_nivcsw : 0;
}

long
team_switches(void)
{
	struct rusage ru;

	return getrusage(RUSAGE_SELF, &ru) == 0 ? ru.ru_nivcsw : 0;
}

/* Priority of a thread; it is kept until a job wants another one. */
static __thread bool above;

static void
team_priority(bool wanted)
{
	const struct sched_param sp = { .sched_priority = wanted ? 1 : 0 };

	if (above == wanted)
		return;
	if (pthread_setschedparam(
		pthread_self(), wanted ? SCHED_FIFO : SCHED_OTHER, &sp) == 0)
		above = wanted;
	else if (wanted)
		__atomic_store_n(&team.refused, true, __ATOMIC_RELAXED);
}

void
team_urgent(bool wanted)
{
	team.urgent = wanted && opt.op_fifo;
	team_priority(team.urgent && !team_crowded(2));
	if (__atomic_exchange_n(&team.refused, false, __ATOMIC_RELAXED)) {
		opt.op_fifo = false;
		warning("--fifo: this host does not allow SCHED_FIFO");
	}
}

/*
 * team_member:
 *
 *	One job.  The count of switches is taken when all are there: what
 *	brought them there does not matter.
 */
static void
team_member(unsigned me, unsigned size, const unsigned *place,
    void (*work)(void *, unsigned), void *arg)
{
	long before;

	team_priority(team.urgent && !team_crowded(size));
	place_bind(place != NULL ? place[me] : me);
	(void)__atomic_add_fetch(&team.ready, 1, __ATOMIC_ACQ_REL);
	team_await(&team.ready, size);
	before = involuntary();
	work(arg, me);
	(void)__atomic_add_fetch(
	    &team.taken, involuntary() - before, __ATOMIC_RELAXED);
	(void)__atomic_add_fetch(&team.done, 1, __ATOMIC_ACQ_REL);
}

static void *
team_thread(void *arg)
{
	const unsigned me = (unsigned)(uintptr_t)arg;
	unsigned long job = 0;
	const unsigned *place;
	void (*work)(void *, unsigned);
	unsigned size;
	void *what;

	(void)pthread_mutex_lock(&team.lock);
	for (;;) {
		while (!team.ending && (team.job == job || me >= team.size)) {
			job = team.job;
			(void)pthread_cond_wait(&team.begin, &team.lock);
		}
		if (team.ending)
			break;
		job = team.job;
		size = team.size;
		place = team.place;
		work = team.work;
		what = team.arg;
		(void)pthread_mutex_unlock(&team.lock);
		team_member(me, size, place, work, what);
		(void)pthread_mutex_lock(&team.lock);
	}
	(void)pthread_mutex_unlock(&team.lock);
	return NULL;
}

/*
 * team_grow:
 *
 *	lock held.
 */
static bool
team_grow(unsigned n)
{
	while (team.nthread + 1 < n) {
		if (n > TEAM_MAX ||
		    pthread_create(&team.thread[team.nthread], NULL,
			team_thread,
			(void *)(uintptr_t)(team.nthread + 1)) != 0)
			return false;
		team.nthread++;
	}
	return true;
}

long
team_run(unsigned n, const unsigned *place, void (*work)(void *, unsigned),
    void *arg)
{
	(void)pthread_mutex_lock(&team.lock);
	if (!team_grow(n)) {
		(void)pthread_mutex_unlock(&team.lock);
		return -1;
	}
	team.size = n;
	team.place = place;
	team.work = work;
	team.arg = arg;
	team.ready = team.done = 0;
	team.taken = 0;
	team.job++;
	(void)pthread_cond_broadcast(&team.begin);
	(void)pthread_mutex_unlock(&team.lock);
	team_member(0, n, place, work, arg);
	team_await(&team.done, n);
	place_unbind();
	return team.taken;
}

unsigned
team_room(void)
{
	const unsigned real = place_real(), named = place_count();

	/* A list may name fewer than there are; a synthetic topology more. */
	return real < named ? real : named;
}

bool
team_crowded(unsigned n)
{
	return n > team_room();
}

void
team_end(void)
{
	unsigned n;

	(void)pthread_mutex_lock(&team.lock);
	team.ending = true;
	(void)pthread_cond_broadcast(&team.begin);
	(void)pthread_mutex_unlock(&team.lock);
	for (n = 0; n < team.nthread; n++)
		(void)pthread_join(team.thread[n], NULL);
	team.nthread = 0;
	team.ending = false;
}

#define BURSTS	  4
#define PING_LONG 5e6 /* ns: then it is given up */

static struct {
	_Alignas(64) unsigned turn; /* @ */
	_Alignas(64) unsigned over; /* @ */
	unsigned rounds;
	double best;
} ball;

static bool
ping_await(unsigned turn)
{
	unsigned spins = 0;

	while (__atomic_load_n(&ball.turn, __ATOMIC_ACQUIRE) != turn) {
		if (++spins <= SPINS)
			continue;
		if (__atomic_load_n(&ball.over, __ATOMIC_RELAXED) != 0)
			return false;
		(void)sched_yield();
	}
	return true;
}

/*
 * ping_burst:
 *
 *	So many times there and back, or until it takes too long.  What one
 *	way took, in ns.
 */
static double
ping_burst(unsigned *turn, uint64_t begin)
{
	const uint64_t start = clock_ticks();
	unsigned n;

	for (n = 0; n < ball.rounds; n++, *turn += 2) {
		if (clock_ticks_ns(clock_ticks() - begin) > PING_LONG)
			__atomic_store_n(&ball.over, 1, __ATOMIC_RELAXED);
		if (!ping_await(*turn))
			break;
		__atomic_store_n(&ball.turn, *turn + 1, __ATOMIC_RELEASE);
	}
	return clock_ticks_ns(clock_ticks() - start) / (2.0 * ball.rounds);
}

static void
ping_work(void *arg, unsigned me)
{
	const uint64_t begin = clock_ticks();
	unsigned burst, turn = me;
	double ns;

	(void)arg;
	for (burst = 0; burst < BURSTS &&
	     __atomic_load_n(&ball.over, __ATOMIC_RELAXED) == 0;
	     burst++) {
		ns = ping_burst(&turn, begin);
		/* Not one that was given up: somebody had no processor. */
		if (me == 0 && ns < ball.best &&
		    __atomic_load_n(&ball.over, __ATOMIC_RELAXED) == 0)
			ball.best = ns;
	}
	/* The other one may wait for its turn. */
	__atomic_store_n(&ball.over, 1, __ATOMIC_RELAXED);
}

double
ping_pong(unsigned a, unsigned b, unsigned rounds)
{
	const unsigned where[2] = { a, b };

	if (a == b || team_crowded(2))
		return NAN;
	ball.turn = ball.over = 0;
	ball.rounds = rounds;
	ball.best = INFINITY;
	return team_run(2, where, ping_work, NULL) < 0 || !isfinite(ball.best) ?
	    NAN :
	    ball.best;
}
