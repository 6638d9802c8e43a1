/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One thread that takes and releases a lock nobody else wants, inlined where
 * it can be: what is left of a lock when there is no contention.  The core's
 * own is <lwp/fastlock.h>, and the same function out of line.
 */

#include <ck_spinlock.h>
#include <pthread.h>
#include <string.h>

#include <lwp/fastlock.h>

#include "clock.h"
#include "lock.h"
#include "team.h"

#define BATCH 1000

/* Each on lines of its own; one set for each of the A/A pair. */
static struct solo {
	_Alignas(128) ck_spinlock_fas_t fas;
	_Alignas(128) ck_spinlock_ticket_t ticket;
	_Alignas(128) ck_spinlock_mcs_t mcs;
	_Alignas(128) ck_spinlock_mcs_context_t place;
	_Alignas(128) pthread_spinlock_t spin;
	_Alignas(128) pthread_mutex_t mutex;
	_Alignas(128) unsigned word;
	_Alignas(128) kmutex_t kmutex;
	_Alignas(128) struct lwp lwp;
	_Alignas(128) struct lwplock lwplock;
	_Alignas(128) union spin covering;
	struct spin_cpu cpu;
} solo[2];

static const struct protocol *solo_protocol;

/* SOLO: a function that does it BATCH times. */
#define SOLO(name, enter, exit)                                                \
	static __attribute__((noinline)) void solo_##name(struct solo *so)     \
	{                                                                      \
		unsigned n;                                                    \
                                                                               \
		for (n = 0; n < BATCH; n++) {                                  \
			enter;                                                 \
			__asm__ volatile("" : : : "memory");                   \
			exit;                                                  \
		}                                                              \
	}

SOLO(fas, ck_spinlock_fas_lock(&so->fas), ck_spinlock_fas_unlock(&so->fas))
SOLO(
    fas_again, ck_spinlock_fas_lock(&so->fas), ck_spinlock_fas_unlock(&so->fas))
SOLO(ticket, ck_spinlock_ticket_lock(&so->ticket),
    ck_spinlock_ticket_unlock(&so->ticket))
SOLO(mcs, ck_spinlock_mcs_lock(&so->mcs, &so->place),
    ck_spinlock_mcs_unlock(&so->mcs, &so->place))
SOLO(spin, (void)pthread_spin_lock(&so->spin),
    (void)pthread_spin_unlock(&so->spin))
SOLO(mutex, (void)pthread_mutex_lock(&so->mutex),
    (void)pthread_mutex_unlock(&so->mutex))
SOLO(exchange, (void)__atomic_exchange_n(&so->word, 1, __ATOMIC_ACQUIRE),
    __atomic_store_n(&so->word, 0, __ATOMIC_RELEASE))
#if !LWP_CHECKED
/* With checks a lock belongs to a CPU, and there is no machine here. */
SOLO(inlined, lwp_lock(&so->lwp), lwp_unlock(&so->lwp))
SOLO(call, (lwp_lock)(&so->lwp), (lwp_unlock)(&so->lwp))
#endif
SOLO(protocol_call, solo_protocol->po_lock(&so->lwplock, &so->cpu),
    solo_protocol->po_unlock(&so->lwplock, &so->cpu))

static const struct solo_row {
	const char *name;
	void (*batch)(struct solo *);
	unsigned set;
} rows[] = {
	{ "ck_fas", solo_fas, 0 },
	{ "ck_fas again", solo_fas_again, 1 },
#if !LWP_CHECKED
	{ "lwp_lock, inlined", solo_inlined, 0 },
	{ "lwp_lock, called", solo_call, 0 },
#endif
	{ "retry/ttas, by pointer", solo_protocol_call, 0 },
	{ "exchange and store", solo_exchange, 0 },
	{ "ck_ticket", solo_ticket, 0 },
	{ "ck_mcs", solo_mcs, 0 },
	{ "pthread_spin", solo_spin, 0 },
	{ "pthread_mutex", solo_mutex, 0 },
};

struct burst {
	const struct solo_row *row;
	double batches, seconds;
};

static void
solo_work(void *arg, unsigned self)
{
	struct burst *bu = arg;
	struct solo *so = &solo[bu->row->set];
	uint64_t start, now;
	const double end = opt.op_sample * 1e9 * clock_per_ns();

	(void)self;
	bu->row->batch(so);
	start = clock_ticks();
	do {
		bu->row->batch(so);
		bu->batches++;
		now = clock_ticks();
	} while ((double)(now - start) < end);
	bu->seconds = clock_ticks_ns(now - start) / 1e9;
}

static int
run_solo(
    const struct bench_case *bc, const struct variant *va, struct sample *sm)
{
	struct burst bu = { .row = va->va_arg };

	(void)bc;
	team_urgent(true);
	if (team_run(1, NULL, solo_work, &bu) != 0)
		sm->sm_reject |= REJECT_SWITCH;
	team_urgent(false);
	sample_done(sm, bu.batches * BATCH, bu.seconds);
	return 0;
}

static void
solo_init(struct solo *so)
{
	static struct spin_pool pool[2];
	static struct spin_node node[2][SPIN_NODES];
	const unsigned n = so == &solo[1];

	memset(so, 0, sizeof(*so));
	ck_spinlock_fas_init(&so->fas);
	ck_spinlock_ticket_init(&so->ticket);
	ck_spinlock_mcs_init(&so->mcs);
	(void)pthread_spin_init(&so->spin, PTHREAD_PROCESS_PRIVATE);
	(void)pthread_mutex_init(&so->mutex, NULL);
	mutex_init(&so->kmutex, CELL_box_mutex, IPL_SCHED, 0);
	so->lwp.l_mutex = &so->kmutex;
	solo_protocol = &zoos[0]->zo_protocol[PROTOCOL_retry][SPIN_ttas];
	zoos[0]->zo_pool_init(&pool[n], node[n], SPIN_NODES);
	zoos[0]->zo_cpu_init(&so->cpu, &pool[n], 0);
	zoos[0]->zo_spin[SPIN_ttas]->sa_init(&so->covering, &pool[n]);
	zoos[0]->zo_lock_init(&so->lwplock, &so->covering);
}

void
lock_plan_solo(void)
{
	struct bench_case *bc = plan_case(M_ns, 1, "threads=1 uncontended=1");
	unsigned n;

	solo_init(&solo[0]);
	solo_init(&solo[1]);
	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		plan_variant(bc, rows[n].name, run_solo, &rows[n]);
		bc->bc_variant[n].va_again = n == 1;
	}
}
