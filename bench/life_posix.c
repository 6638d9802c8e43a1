/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a user has otherwise: POSIX threads, futexes, ucontext.  Worker and
 * partner are threads on one processor, which is where the kernel switches
 * between them fastest, and is what the LWPs of one CPU do.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "clock.h"
#include "life.h"

static struct pair {
	_Alignas(64) unsigned rounds;
	unsigned stop; /* @ */
	unsigned word; /* @: futex: whose turn it is */
	unsigned held; /* @: futex: 1 while suspended, 2 when it is */
	pthread_t partner, self;
	pthread_mutex_t lock;
	pthread_cond_t cond[2];
	unsigned tokens[2]; /* lock: */
	ucontext_t here, there;
} pair[LIFE_WORKERS];

static __thread unsigned long handled; /* signals of this thread */

static long
futex(unsigned *word, int op, unsigned value)
{
	return syscall(
	    SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/*
 * posix_partner:
 *
 *	A thread inherits where it may run.
 */
static struct pair *
posix_partner(
    unsigned w, unsigned rounds, struct span *sp, void *(*body)(void *))
{
	struct pair *pr = &pair[w];

	memset(pr, 0, sizeof(*pr));
	pr->rounds = rounds;
	pr->self = pthread_self();
	(void)pthread_mutex_init(&pr->lock, NULL);
	(void)pthread_cond_init(&pr->cond[0], NULL);
	(void)pthread_cond_init(&pr->cond[1], NULL);
	sp->sp_error = pthread_create(&pr->partner, NULL, body, pr);
	return sp->sp_error == 0 ? pr : NULL;
}

static void *
nothing(void *arg)
{
	return arg;
}

void
posix_create(unsigned w, unsigned rounds, struct span *sp)
{
	pthread_t thread;
	unsigned n;

	(void)w;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds && sp->sp_error == 0; n++) {
		sp->sp_error = pthread_create(&thread, NULL, nothing, NULL);
		if (sp->sp_error == 0)
			(void)pthread_join(thread, NULL);
	}
	sp->sp_end = clock_ticks();
}

static void *
yields(void *arg)
{
	struct pair *pr = arg;

	while (__atomic_load_n(&pr->stop, __ATOMIC_RELAXED) == 0)
		(void)sched_yield();
	return NULL;
}

static void
posix_stop(struct pair *pr)
{
	__atomic_store_n(&pr->stop, 1, __ATOMIC_RELAXED);
	(void)pthread_join(pr->partner, NULL);
}

void
posix_yield(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = posix_partner(w, rounds, sp, yields);
	unsigned n;

	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++)
		(void)sched_yield();
	sp->sp_end = clock_ticks();
	posix_stop(pr);
}

/*
 * Suspension as collectors of garbage do it: the handler says that it is there
 * and waits for a futex.
 */

static __thread struct pair *suspended;

static void
on_suspend(int sig)
{
	struct pair *pr = suspended;

	(void)sig;
	__atomic_store_n(&pr->held, 2, __ATOMIC_RELEASE);
	(void)futex(&pr->held, FUTEX_WAKE, 1);
	while (__atomic_load_n(&pr->held, __ATOMIC_ACQUIRE) == 2)
		(void)futex(&pr->held, FUTEX_WAIT, 2);
}

static void *
suspendable(void *arg)
{
	struct pair *pr = arg;

	suspended = pr;
	__atomic_store_n(&pr->word, 1, __ATOMIC_RELEASE);
	return yields(arg);
}

void
posix_suspend(unsigned w, unsigned rounds, struct span *sp)
{
	const struct sigaction sa = { .sa_handler = on_suspend };
	struct pair *pr;
	unsigned n;

	(void)sigaction(SIGUSR2, &sa, NULL);
	pr = posix_partner(w, rounds, sp, suspendable);
	if (pr == NULL)
		return;
	while (__atomic_load_n(&pr->word, __ATOMIC_ACQUIRE) == 0)
		(void)sched_yield();
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		__atomic_store_n(&pr->held, 1, __ATOMIC_RELEASE);
		(void)pthread_kill(pr->partner, SIGUSR2);
		while (__atomic_load_n(&pr->held, __ATOMIC_ACQUIRE) == 1)
			(void)futex(&pr->held, FUTEX_WAIT, 1);
		__atomic_store_n(&pr->held, 0, __ATOMIC_RELEASE);
		(void)futex(&pr->held, FUTEX_WAKE, 1);
	}
	sp->sp_end = clock_ticks();
	posix_stop(pr);
}

static void
token_give(struct pair *pr, unsigned n)
{
	(void)pthread_mutex_lock(&pr->lock);
	pr->tokens[n]++;
	(void)pthread_cond_signal(&pr->cond[n]);
	(void)pthread_mutex_unlock(&pr->lock);
}

static void
token_take(struct pair *pr, unsigned n)
{
	(void)pthread_mutex_lock(&pr->lock);
	while (pr->tokens[n] == 0)
		(void)pthread_cond_wait(&pr->cond[n], &pr->lock);
	pr->tokens[n]--;
	(void)pthread_mutex_unlock(&pr->lock);
}

static void *
condvars(void *arg)
{
	struct pair *pr = arg;
	unsigned n;

	for (n = 0; n < pr->rounds; n++) {
		token_take(pr, 0);
		token_give(pr, 1);
	}
	return NULL;
}

void
posix_condvar(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = posix_partner(w, rounds, sp, condvars);
	unsigned n;

	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		token_give(pr, 0);
		token_take(pr, 1);
	}
	sp->sp_end = clock_ticks();
	(void)pthread_join(pr->partner, NULL);
}

static void
futex_pass(struct pair *pr, unsigned mine)
{
	while (__atomic_load_n(&pr->word, __ATOMIC_ACQUIRE) != mine)
		(void)futex(&pr->word, FUTEX_WAIT, !mine);
	__atomic_store_n(&pr->word, !mine, __ATOMIC_RELEASE);
	(void)futex(&pr->word, FUTEX_WAKE, 1);
}

static void *
futexes(void *arg)
{
	struct pair *pr = arg;
	unsigned n;

	for (n = 0; n < pr->rounds; n++)
		futex_pass(pr, 1);
	return NULL;
}

void
posix_futex(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr = posix_partner(w, rounds, sp, futexes);
	unsigned n;

	if (pr == NULL)
		return;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++)
		futex_pass(pr, 0);
	sp->sp_end = clock_ticks();
	(void)pthread_join(pr->partner, NULL);
}

static void
contexts(unsigned low, unsigned high)
{
	struct pair *pr = (struct pair *)((uintptr_t)high << 32 |
	    (uintptr_t)low);

	for (;;)
		(void)swapcontext(&pr->there, &pr->here);
}

void
posix_swapcontext(unsigned w, unsigned rounds, struct span *sp)
{
	const size_t size = 65536;
	struct pair *pr = &pair[w];
	const uintptr_t p = (uintptr_t)pr;
	char *stack = malloc(size);
	unsigned n;

	if (stack == NULL || getcontext(&pr->there) != 0) {
		sp->sp_error = ENOMEM;
		free(stack);
		return;
	}
	pr->there.uc_stack.ss_sp = stack;
	pr->there.uc_stack.ss_size = size;
	pr->there.uc_link = NULL;
	makecontext(&pr->there, (void (*)(void))contexts, 2, (unsigned)p,
	    (unsigned)(p >> 16 >> 16));
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++)
		(void)swapcontext(&pr->here, &pr->there);
	sp->sp_end = clock_ticks();
	free(stack);
}

static void
on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void
signal_self(unsigned rounds, struct span *sp, bool by_id)
{
	const struct sigaction sa = { .sa_handler = on_signal };
	const pthread_t self = pthread_self();
	const long pid = getpid(), tid = syscall(SYS_gettid);
	unsigned n;

	(void)sigaction(SIGUSR1, &sa, NULL);
	handled = 0;
	sp->sp_begin = clock_ticks();
	for (n = 0; n < rounds; n++) {
		if (by_id)
			(void)syscall(SYS_tgkill, pid, tid, SIGUSR1);
		else
			(void)pthread_kill(self, SIGUSR1);
	}
	sp->sp_end = clock_ticks();
	if (handled != rounds)
		sp->sp_error = EINVAL;
}

void
posix_pthread_kill(unsigned w, unsigned rounds, struct span *sp)
{
	(void)w;
	signal_self(rounds, sp, false);
}

void
posix_tgkill(unsigned w, unsigned rounds, struct span *sp)
{
	(void)w;
	signal_self(rounds, sp, true);
}

static void *
sigwaits(void *arg)
{
	struct pair *pr = arg;
	sigset_t set;
	unsigned n;
	int sig;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	for (n = 0; n < pr->rounds; n++) {
		(void)sigwait(&set, &sig);
		(void)pthread_kill(pr->self, SIGUSR1);
	}
	return NULL;
}

void
posix_sigwait(unsigned w, unsigned rounds, struct span *sp)
{
	struct pair *pr;
	sigset_t set, old;
	unsigned n;
	int sig;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, &set, &old);
	pr = posix_partner(w, rounds, sp, sigwaits);
	if (pr != NULL) {
		sp->sp_begin = clock_ticks();
		for (n = 0; n < rounds; n++) {
			(void)pthread_kill(pr->partner, SIGUSR1);
			(void)sigwait(&set, &sig);
		}
		sp->sp_end = clock_ticks();
		(void)pthread_join(pr->partner, NULL);
	}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}
