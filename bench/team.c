/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE
#include "team.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"
#include "clock.h"
#include "place.h"

#define TEAM_MAX 1024
#define SPINS	 2000 /* looks at a word before the processor is given away */

/* A thread; it sleeps on a line of its own, and only a job of its is a reason
 * to wake it. */
struct teammate {
	_Alignas(64) sem_t begin;
	pthread_t thread;
};

static struct {
	struct teammate mate[TEAM_MAX]; /* [0]: the caller, not used */
	unsigned nmate;			/* made so far, with the caller */
	/* The job: by the caller while nobody works, before it posts. */
	unsigned size;
	const unsigned *place;
	void (*work)(void *, unsigned);
	void *arg;
	bool ending;
	bool urgent;  /* by member 0, between jobs */
	bool fifo;    /* this job is at SCHED_FIFO */
	bool refused; /* @: SCHED_FIFO, to whoever asked */
	/* @: members that are ready, and done. */
	_Alignas(64) unsigned ready;
	_Alignas(64) unsigned go; /* @: 1: all are ready */
	_Alignas(64) unsigned done;
	_Alignas(64) long taken; /* @: involuntary switches */
} team = { .nmate = 1 };

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

/* Where a thread is bound, plus 1; 0: nowhere. */
static __thread unsigned bound;

static void
team_bind(unsigned n)
{
	if (bound == n + 1)
		return;
	place_bind(n);
	bound = n + 1;
}

/*
 * team_member:
 *
 *	One job.  The count of switches is taken when all are there: what
 *	brought them there does not matter.
 */
static void
team_member(unsigned me)
{
	unsigned next = 2 * me + 1;
	long before;

	/* A tree: with hundreds one would be long at it. */
	for (; next <= 2 * me + 2 && next < team.size; next++)
		(void)sem_post(&team.mate[next].begin);
	team_priority(team.fifo);
	team_bind(team.place != NULL ? team.place[me] : me);
	if (__atomic_add_fetch(&team.ready, 1, __ATOMIC_ACQ_REL) == team.size)
		__atomic_store_n(&team.go, 1, __ATOMIC_RELEASE);
	team_await(&team.go, 1);
	before = involuntary();
	team.work(team.arg, me);
	(void)__atomic_add_fetch(
	    &team.taken, involuntary() - before, __ATOMIC_RELAXED);
	(void)__atomic_add_fetch(&team.done, 1, __ATOMIC_ACQ_REL);
}

static void *
team_thread(void *arg)
{
	struct teammate *tm = arg;

	for (;;) {
		while (sem_wait(&tm->begin) != 0)
			continue;
		if (team.ending)
			break;
		team_member((unsigned)(tm - team.mate));
	}
	return NULL;
}

static bool
team_grow(unsigned n)
{
	struct teammate *tm;

	if (n > TEAM_MAX)
		return false;
	for (; team.nmate < n; team.nmate++) {
		tm = &team.mate[team.nmate];
		if (sem_init(&tm->begin, 0, 0) != 0 ||
		    pthread_create(&tm->thread, NULL, team_thread, tm) != 0)
			return false;
	}
	return true;
}

long
team_run(unsigned n, const unsigned *place, void (*work)(void *, unsigned),
    void *arg)
{
	if (!team_grow(n))
		return -1;
	/* Asked while nobody but the caller is bound. */
	team.fifo = team.urgent && !team_crowded(n);
	team.size = n;
	team.place = place;
	team.work = work;
	team.arg = arg;
	team.ready = team.go = team.done = 0;
	team.taken = 0;
	team_member(0);
	team_await(&team.done, n);
	place_unbind();
	bound = 0;
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

	team.ending = true;
	for (n = 1; n < team.nmate; n++)
		(void)sem_post(&team.mate[n].begin);
	for (n = 1; n < team.nmate; n++) {
		(void)pthread_join(team.mate[n].thread, NULL);
		(void)sem_destroy(&team.mate[n].begin);
	}
	team.nmate = 1;
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
