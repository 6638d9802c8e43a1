/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The operations on the core.  Each worker is an LWP and has a partner, which
 * is another one; what they share stands in pair[].
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lwp/section.h>

#include "clock.h"
#include "bench.h"
#include "life.h"
#include "life_core.h"

#define SPAWN_TRIES 100000000u /* yields, before it is no use */

static struct pair {
	_Alignas(64) unsigned rounds;
	unsigned stop; /* @ */
	lwpid_t self, partner;
	unsigned long handled;
} pair[LIFE_WORKERS];

lwpid_t
life_spawn(void (*body)(void *), void *arg, int flags)
{
	struct usercontext uc = { .uc_entry = body, .uc_arg = arg };
	unsigned tries = 0;
	lwpid_t lid;
	int error;

	/* What the dead had comes back a little later. */
	while (((error = sys_lwp_create(&uc, flags, &lid)) == ENOMEM ||
		   error == EAGAIN) &&
	    tries++ < SPAWN_TRIES)
		sys_yield();
	return error == 0 ? lid : 0;
}

/*
 * life_partner:
 *
 *	Make it; false with the error noted.
 */
static struct pair *
life_partner(unsigned w, unsigned rounds, struct span *sp, void (*body)(void *))
{
	struct pair *pr = &pair[w];

	memset(pr, 0, sizeof(*pr));
	pr->rounds = rounds;
	pr->self = sys_lwp_self();
	pr->partner = life_spawn(body, (void *)(uintptr_t)w, 0);
	if (pr->partner == 0) {
		sp->sp_error = ENOMEM;
		return NULL;
	}
	return pr;
}

static void
life_stop(struct pair *pr)
{
	__atomic_store_n(&pr->stop, 1, __ATOMIC_RELAXED);
	(void)sys_lwp_wait(pr->partner, NULL);
}

static void
nothing(void *arg)
{
	(void)arg;
}

void
life_create(unsigned w, unsigned rounds, struct span *sp)
{
	lwpid_t departed;
	unsigned n;

	(void)w;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds && sp->sp_error == 0; n++)
		sp->sp_error = sys_lwp_wait(
		    life_spawn(nothing, NULL, 0), &departed);
	sp->sp_end = clock_ticks();
}

static void
yields(void *arg)
{
	struct pair *pr = &pair[(uintptr_t)arg];

	while (__atomic_load_n(&pr->stop, __ATOMIC_RELAXED) == 0)
		sys_yield();
}

void
life_suspend(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = life_partner(w, rounds, sp, yields);
	unsigned n;

	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		(void)sys_lwp_suspend(pr->partner);
		(void)sys_lwp_continue(pr->partner);
	}
	sp->sp_end = clock_ticks();
	life_stop(pr);
}

void
life_switch(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = life_partner(w, rounds, sp, yields);
	unsigned n;

	if (pr == NULL)
		return;
	sys_yield();
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++)
		sys_yield();
	sp->sp_end = clock_ticks();
	life_stop(pr);
}

/*
 * Sleep and wake: each wakes the other by a token and waits for one.  A pair
 * has two sections; those of its process will do if that is its own.
 */

static unsigned
token_section(unsigned w)
{
	CTASSERT(2 * LIFE_SLEEPERS <= SECTION_COUNT);
	return life_apart ? 0 : 2 * w;
}

static int
token_give(unsigned section)
{
	return sys_section(&(struct section_request) { .sr_outer = SECTION_NONE,
	    .sr_section = section,
	    .sr_work = SECTION_SIGNAL,
	    .sr_number = 1 });
}

static int
token_take(unsigned section)
{
	return sys_section(&(struct section_request) { .sr_outer = SECTION_NONE,
	    .sr_section = section,
	    .sr_work = SECTION_WAIT,
	    .sr_intr = true });
}

static void
sleeps(void *arg)
{
	const unsigned w = (unsigned)(uintptr_t)arg, s = token_section(w);
	unsigned n;

	for (n = 0; n < pair[w].rounds; n++) {
		if (token_take(s) != 0 || token_give(s + 1) != 0)
			host_halt();
	}
}

void
life_sleep(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = life_partner(w, rounds, sp, sleeps);
	const unsigned s = token_section(w);
	unsigned n;

	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		if (token_give(s) != 0 || token_take(s + 1) != 0)
			host_halt();
	}
	sp->sp_end = clock_ticks();
	(void)sys_lwp_wait(pr->partner, NULL);
}

static void
parks(void *arg)
{
	struct pair *pr = &pair[(uintptr_t)arg];
	unsigned n;

	for (n = 0; n < pr->rounds; n++) {
		(void)sys_lwp_park(0, 0);
		(void)sys_lwp_unpark(pr->self);
	}
}

void
life_park(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = life_partner(w, rounds, sp, parks);
	unsigned n;

	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		(void)sys_lwp_unpark(pr->partner);
		(void)sys_lwp_park(0, 0);
	}
	sp->sp_end = clock_ticks();
	(void)sys_lwp_wait(pr->partner, NULL);
}

#define LIFE_SIGNAL KSIG_USR1

static void
handled(int sig, void *arg)
{
	(void)sig;
	((struct pair *)arg)->handled++;
}

/*
 * life_signal:
 *
 *	The handler is the process': of several workers in one, it counts for
 *	whoever set it last.
 */
void
life_signal(unsigned w, unsigned rounds, struct span *sp)
{
	const lwpid_t self = sys_lwp_self();
	unsigned long all = 0;
	unsigned n;

	pair[w].handled = 0;
	if (sys_sigaction(LIFE_SIGNAL, SIGACT_HANDLER, handled, &pair[w]) !=
	    0) {
		sp->sp_error = EINVAL;
		return;
	}
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++)
		(void)sys_lwp_kill(self, LIFE_SIGNAL);
	sp->sp_end = clock_ticks();
	for (n = 0; n < LIFE_WORKERS; n++)
		all += pair[n].handled;
	if (all == 0)
		sp->sp_error = EINVAL;
}

static const ksigset_t wanted = SIGBIT(LIFE_SIGNAL);

static void
sigwaits(void *arg)
{
	struct pair *pr = &pair[(uintptr_t)arg];
	struct ksiginfo info;
	unsigned n;

	for (n = 0; n < pr->rounds; n++) {
		(void)sys_sigwait(wanted, 0, &info);
		(void)sys_lwp_kill(pr->self, LIFE_SIGNAL);
	}
}

void
life_sigwait(unsigned w, unsigned rounds, struct span *sp)
{
	struct ksiginfo info;
	struct pair *pr;
	unsigned n;

	/* The partner inherits the mask. */
	(void)sys_sigprocmask(SIGMASK_BLOCK, wanted);
	pr = life_partner(w, rounds, sp, sigwaits);
	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		(void)sys_lwp_kill(pr->partner, LIFE_SIGNAL);
		(void)sys_sigwait(wanted, 0, &info);
	}
	sp->sp_end = clock_ticks();
	(void)sys_lwp_wait(pr->partner, NULL);
}
