/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpstress --rates: the LWP lock by itself, beside what a bare exchange and a
 * lock of POSIX cost in the same run.  The LWP is one that no scheduler knows.
 */

#include <pthread.h>
#include <stdio.h>

#include <lwp/fastlock.h>

#include "driver.h"
#include "rates.h"

#define LOCKS 100000u
#define BEST  7

static struct lwp *box;
static kmutex_t *lent;
static unsigned word, ready;
static pthread_spinlock_t spin;
static struct lwp *owner;  /* box lock */
static uint64_t sections;  /* box lock */
static uint64_t handovers; /* box lock: of them, from one to the other */
static uint64_t began, ended;
static void (*chosen)(void *);

#define RATE_LOOP(acquire, release)                                            \
	for (unsigned n = 0; n < LOCKS; n++) {                                 \
		acquire;                                                       \
		release;                                                       \
	}

static void
lock_raw(void *arg)
{
	(void)arg;
	RATE_LOOP(while (__atomic_exchange_n(&word, 1, __ATOMIC_ACQUIRE) !=
		      0) continue,
	    __atomic_store_n(&word, 0, __ATOMIC_RELEASE));
}

static void
lock_posix(void *arg)
{
	(void)arg;
	RATE_LOOP(
	    (void)pthread_spin_lock(&spin), (void)pthread_spin_unlock(&spin));
}

static void
lock_inlined(void *arg)
{
	(void)arg;
	RATE_LOOP(lwp_lock(box), lwp_unlock(box));
}

static void
lock_called(void *arg)
{
	(void)arg;
	RATE_LOOP((lwp_lock)(box), (lwp_unlock)(box));
}

/*
 * meet:
 *
 *	Nobody begins before the other one is there, on its CPU.
 */
static void
meet(void)
{
	(void)__atomic_add_fetch(&ready, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < 2)
		user_step();
}

static void
contender(void *arg)
{
	(void)arg;
	meet();
	chosen(NULL);
}

static void
alone(void *arg)
{
	(void)arg;
	began = rates_now();
	chosen(NULL);
	ended = rates_now();
}

/*
 * section:
 *
 *	What is done with the lock held.
 */
static inline void
section(struct lwp *self)
{
	sections++;
	handovers += owner != self;
	owner = self;
}

static void
section_inlined(void *arg)
{
	struct lwp *self = lwp_current();

	(void)arg;
	RATE_LOOP(lwp_lock(box), (section(self), lwp_unlock(box)));
}

static void
section_called(void *arg)
{
	struct lwp *self = lwp_current();

	(void)arg;
	RATE_LOOP((lwp_lock)(box), (section(self), (lwp_unlock)(box)));
}

static void
together(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = stress_create(contender, 0, 0);
	if (lid == 0) {
		stress_fail("rates: no second LWP");
		return;
	}
	meet();
	began = rates_now();
	chosen(NULL);
	(void)sys_lwp_wait(lid, NULL);
	ended = rates_now();
}

static const struct lock_rate {
	const char *name;
	void (*loop)(void *);
	unsigned cpus;
} lock_rates[] = {
	{ "exchange and store", lock_raw, 1 },
	{ "pthread_spin", lock_posix, 1 },
	{ "lwp_lock+unlock, inlined", lock_inlined, 1 },
	{ "lwp_lock+unlock, called", lock_called, 1 },
	{ "contended, inlined", section_inlined, 2 },
	{ "contended, called", section_called, 2 },
};

static int
lock_rate_start(void)
{
	box = machine_alloc(sizeof(*box));
	lent = machine_alloc(sizeof(*lent));
	if (box == NULL || lent == NULL)
		return ENOMEM;
	mutex_init(lent, CELL_box_mutex, IPL_SCHED, 0);
	box->l_mutex = lent;
	box->l_proc = kernel.k_proc0;
	box->l_stat = LSIDL;
	return stress_spawn(kernel.k_boot.bp_ncpu == 1 ? alone : together);
}

/*
 * lock_rate:
 *
 *	Nanoseconds an acquisition, of the fastest machine; 0: it failed.  And
 *	how many of a hundred acquisitions passed the lock on.
 */
static double
lock_rate(const struct lock_rate *r, double *handed)
{
	struct host_params hp = { .hp_boot.bp_ncpu = r->cpus,
		.hp_start = lock_rate_start };
	double best = 0, ns;
	unsigned n;

	chosen = r->loop;
	for (n = 0; n < BEST; n++) {
		sections = handovers = 0;
		ready = 0;
		if (host_run(&hp, NULL, NULL, NULL) != HOST_END_quiet) {
			stress_fail("rates: %s did not end quietly", r->name);
			return 0;
		}
		if (r->cpus > 1 && sections != (uint64_t)r->cpus * LOCKS)
			stress_fail("rates: %s lost a section", r->name);
		ns = (double)(ended - began) / LOCKS / r->cpus;
		if (n == 0 || ns < best) {
			best = ns;
			*handed = 100.0 * (double)handovers / LOCKS / r->cpus;
		}
	}
	return best;
}

void
rates_lock(void)
{
	double ns, handed = 0, raw = 0;
	unsigned n;

	(void)pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	(void)printf(
	    "\n%-28s %8s %10s %8s\n", "", "ns", "million/s", "to the first");
	for (n = 0; n < sizeof(lock_rates) / sizeof(lock_rates[0]); n++) {
		ns = lock_rate(&lock_rates[n], &handed);
		if (n == 0)
			raw = ns;
		(void)printf("%-28s %8.2f %10.2f %8.2f %8.1f %%\n",
		    lock_rates[n].name, ns, 1000 / ns, ns / raw, handed);
	}
	(void)pthread_spin_destroy(&spin);
}
