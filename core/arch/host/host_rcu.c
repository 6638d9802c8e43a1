/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * RCU is liburcu's QSBR flavour: a reader pays nothing, and a CPU says when it
 * is between two read sections.
 *
 *	(R1) a read section contains no switch, no idling and no user point
 *	     (asserted), since LWPs migrate and liburcu knows only threads
 *	(R2) quiescence is reported by the switch, the user point and the idle
 *	     loop, all through host_rcu_quiesce(), which is out of line:
 *	     liburcu's reader is a thread-local
 *	(R3) a CPU is offline while it sleeps in machine_idle()
 *	(R4) the thread that waits for grace periods is no CPU: it says that a
 *	     batch is over and posts an interrupt; the callbacks of the core
 *	     run on the CPU that deferred them, at IPL_SOFT
 *
 * Each CPU collects callbacks into batches: one waits for a grace period while
 * the next one fills.  A batch goes when it is large enough and none is under
 * way, and otherwise at the next clock tick, or before its CPU falls asleep.
 * The waiting is done by a thread of ours and not by liburcu's call_rcu(),
 * which sleeps for 10 ms before each grace period.
 *
 * ThreadSanitizer does not see the order that liburcu's barriers make.  What it
 * is told is that order and no more: what a CPU did before it was quiescent
 * comes before the callbacks of a batch that is over.
 */

#include <machine/atomic.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOST_TSAN 1
#endif
#endif

/* Quiescence is a look at two words, inlined unless ThreadSanitizer would take
 * liburcu's accesses for ours.  Both liburcu and the core have a "struct
 * rcu_head". */
#ifndef HOST_TSAN
#define _LGPL_SOURCE
#endif
#define rcu_head urcu_head
#include <urcu/urcu-qsbr.h>
#undef rcu_head

#include <limits.h>

#include "host_impl.h"

#ifdef HOST_TSAN
#include <sanitizer/tsan_interface.h>
#define QUIESCENT(hc)	__tsan_release(&(hc)->hc_batch)
#define GRACE_AFTER(hc) __tsan_acquire(&(hc)->hc_batch)
#else
#define QUIESCENT(hc)	((void)(hc))
#define GRACE_AFTER(hc) ((void)(hc))
#endif

#define RCU_BATCH 128 /* callbacks that are worth a grace period, at most */
#define RCU_SHARE 8   /* ... and this part of all LWPs is, on all CPUs */

static unsigned rcu_batch;   /* =: the lesser of the two */
static unsigned rcu_batches; /* @: futex: that wait to be looked at */

/*
 * host_rcu_init:
 *
 *	Once a machine.
 */
void
host_rcu_init(void)
{
	unsigned n;

	rcu_batches = 0;
	rcu_batch = host.params.hp_boot.bp_maxlwp / (RCU_SHARE * host.ncpu);
	if (rcu_batch > RCU_BATCH)
		rcu_batch = RCU_BATCH;
	for (n = 0; n < host.ncpu; n++) {
		struct host_batch *hb = &host.cpus[n].hc_batch;

		hb->hb_tail = &hb->hb_next;
	}
}

__attribute__((noinline)) void
host_rcu_register(void)
{
	urcu_qsbr_register_thread();
}

__attribute__((noinline)) void
host_rcu_unregister(void)
{
	urcu_qsbr_unregister_thread();
}

__attribute__((noinline)) void
host_rcu_quiesce(struct hostcpu *hc)
{
	if (hc->hc_rcunest != 0)
		machine_panic("rcu: switch or user point in a read section");
	QUIESCENT(hc);
	urcu_qsbr_quiescent_state();
}

__attribute__((noinline)) void
host_rcu_offline(struct hostcpu *hc)
{
	QUIESCENT(hc);
	urcu_qsbr_thread_offline();
}

__attribute__((noinline)) void
host_rcu_online(void)
{
	urcu_qsbr_thread_online();
}

void
machine_rcu_read_enter(void)
{
	host_this(curcpu())->hc_rcunest++;
}

void
machine_rcu_read_exit(void)
{
	struct hostcpu *hc = host_this(curcpu());

	if (hc->hc_rcunest == 0)
		machine_panic("rcu: section left that was not entered");
	hc->hc_rcunest--;
}

/*
 * rcu_round:
 *
 *	Wait for a grace period on behalf of the batches that were there when
 *	it began.
 */
static void
rcu_round(void)
{
	bool taken[HOST_CPUS] = { false };
	unsigned n;

	for (n = 0; n < host.ncpu; n++)
		taken[n] = __atomic_load_n(&host.cpus[n].hc_batch.hb_state,
			       __ATOMIC_ACQUIRE) == BATCH_WAITING;
	urcu_qsbr_synchronize_rcu();
	for (n = 0; n < host.ncpu; n++) {
		if (!taken[n])
			continue;
		__atomic_store_n(&host.cpus[n].hc_batch.hb_state, BATCH_OVER,
		    __ATOMIC_RELEASE);
		host_post(&host.cpus[n], INTR_RCU);
	}
}

/*
 * host_rcu_main:
 *
 *	The thread that waits for grace periods.
 */
void *
host_rcu_main(void *arg)
{
	(void)arg;
	while (__atomic_load_n(&host.ending, __ATOMIC_ACQUIRE) == 0) {
		if (__atomic_exchange_n(&rcu_batches, 0, __ATOMIC_SEQ_CST) != 0)
			rcu_round();
		else
			host_futex_wait(&rcu_batches, 0);
	}
	return NULL;
}

/*
 * host_rcu_wake:
 *
 *	There is a batch, or the machine ends.
 */
void
host_rcu_wake(void)
{
	if (__atomic_exchange_n(&rcu_batches, 1, __ATOMIC_SEQ_CST) == 0)
		host_futex_wake(&rcu_batches, INT_MAX);
}

/*
 * host_rcu_start:
 *
 *	Send what was collected on its way, unless a batch is.
 */
void
host_rcu_start(struct hostcpu *hc)
{
	struct host_batch *hb = &hc->hc_batch;

	if (hb->hb_next == NULL ||
	    __atomic_load_n(&hb->hb_state, __ATOMIC_ACQUIRE) != BATCH_IDLE)
		return;
	hb->hb_wait = hb->hb_next;
	hb->hb_next = NULL;
	hb->hb_tail = &hb->hb_next;
	__atomic_store_n(&hb->hb_state, BATCH_WAITING, __ATOMIC_RELEASE);
	host_count(&hc->hc_counts.hn_grace);
	host_rcu_wake();
}

/*
 * rcu_count:
 *
 *	So many more or, modulo 2^32, fewer callbacks.
 */
static void
rcu_count(struct host_batch *hb, unsigned n)
{
	__atomic_store_n(&hb->hb_count, hb->hb_count + n, __ATOMIC_RELAXED);
}

/*
 * machine_rcu_defer:
 *
 *	Only the CPU itself touches its lists, here and in an interrupt, and
 *	none comes between two statements.
 */
void
machine_rcu_defer(struct rcu_head *head, void (*func)(struct rcu_head *))
{
	struct hostcpu *hc = host_this(curcpu());
	struct host_batch *hb = &hc->hc_batch;

	head->rcu_func = func;
	head->rcu_next = NULL;
	*hb->hb_tail = head;
	hb->hb_tail = &head->rcu_next;
	rcu_count(hb, 1);
	if (hb->hb_count >= rcu_batch)
		host_rcu_start(hc);
}

/*
 * host_rcu_intr:
 *
 *	A batch is over: run its callbacks.
 */
void
host_rcu_intr(struct hostcpu *hc)
{
	struct host_batch *hb = &hc->hc_batch;
	struct rcu_head *head, *next;
	unsigned n;

	if (__atomic_load_n(&hb->hb_state, __ATOMIC_ACQUIRE) != BATCH_OVER)
		return;
	for (n = 0; n < host.ncpu; n++)
		GRACE_AFTER(&host.cpus[n]);
	head = hb->hb_wait;
	hb->hb_wait = NULL;
	for (n = 0; head != NULL; n--, head = next) {
		next = head->rcu_next;
		head->rcu_func(head);
	}
	__atomic_store_n(&hb->hb_state, BATCH_IDLE, __ATOMIC_RELEASE);
	rcu_count(hb, n);
	if (hb->hb_count >= rcu_batch)
		host_rcu_start(hc);
}

/*
 * host_rcu_busy:
 *
 *	For the clock thread, of a CPU that it found asleep: what that did
 *	before came before (hc_moves).
 */
bool
host_rcu_busy(const struct hostcpu *hc)
{
	return __atomic_load_n(&hc->hc_batch.hb_count, __ATOMIC_RELAXED) != 0;
}
