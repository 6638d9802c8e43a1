/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Locks, by lists of our own: the order in which classes may be taken, nothing
 * but the LWP's lock at a switch, nothing at all and interrupt level 0 in user
 * mode, and a raised level exactly while spin mutexes are held.  Adaptive
 * mutexes are taken with no spin mutex held, in their own order, and are let go
 * of before user mode and death; kernel_lock comes before all spin mutexes.
 */

#include <string.h>

#include "oracle.h"

#define HELD_MAX  16
#define LOCK_CPUS 8
#define LEAF	  7 /* held last, also against a try */

static struct {
	const kmutex_t *held[LOCK_CPUS][HELD_MAX];
	unsigned n[LOCK_CPUS];
} ol;

#define SLOTS 96 /* of the pool; see run.c */

/* Adaptive mutexes that an LWP holds, in the order in which it took them. */
static struct {
	const kmutex_t *held[SLOTS][HELD_MAX];
	unsigned n[SLOTS];
} os;

/* Outer first, as the specification lists them; 0: no order known. */
static unsigned
locks_rank(const kmutex_t *mtx)
{
	switch (mtx->mtx_class) {
	case CELL_proclist_mutex:
		return 1;
	case CELL_p_smutex:
	case CELL_swap_mutex:
		return 2;
	case CELL_sq_mutex:
		return 3;
	case CELL_tc_mutex:
		return 4;
	case CELL_sched_mutex:
		return 5;
	case CELL_box_mutex:
		return 6;
	default:
		return LEAF;
	}
}

static unsigned
locks_cpu(void)
{
	return lwp_current()->l_cpu->ci_index % LOCK_CPUS;
}

static void
locks_begin(void)
{
	unsigned n;

	for (n = 0; n < LOCK_CPUS; n++)
		ol.n[n] = 0;
	memset(os.n, 0, sizeof(os.n));
}

/* Outer first: process, what programs run, specific data. */
static unsigned
locks_sleeprank(const kmutex_t *mtx)
{
	switch (mtx->mtx_class) {
	case CELL_p_mutex:
		return 1;
	case CELL_specdata_lock:
		return 3;
	default:
		return 2;
	}
}

/*
 * locks_nospin:
 *
 *	Here the CPU may hold no spin mutex.
 */
static void
locks_nospin(const char *what)
{
	unsigned cpu = locks_cpu();

	if (ol.n[cpu] != 0)
		oracle_find(ORACLE_locks, what, "%s",
		    cell_name(ol.held[cpu][0]->mtx_class));
}

static void
locks_sleeptake(const struct lwp *l, const kmutex_t *mtx, bool tried)
{
	unsigned slot = l->l_slot % SLOTS, n, rank = locks_sleeprank(mtx);

	locks_nospin("adaptive mutex under a spin mutex");
	for (n = 0; n < os.n[slot] && !tried; n++) {
		const kmutex_t *held = os.held[slot][n];

		if (locks_sleeprank(held) < rank ||
		    (locks_sleeprank(held) == rank &&
			held->mtx_ordinal < mtx->mtx_ordinal))
			continue;
		oracle_find(ORACLE_locks, "lock order", "%s %u under %s %u",
		    cell_name(mtx->mtx_class), mtx->mtx_ordinal,
		    cell_name(held->mtx_class), held->mtx_ordinal);
	}
	if (os.n[slot] < HELD_MAX)
		os.held[slot][os.n[slot]++] = mtx;
}

static void
locks_sleepdrop(const struct lwp *l, const kmutex_t *mtx)
{
	unsigned slot = l->l_slot % SLOTS, n;

	for (n = os.n[slot]; n > 0; n--) {
		if (os.held[slot][n - 1] != mtx)
			continue;
		memmove(&os.held[slot][n - 1], &os.held[slot][n],
		    (os.n[slot]-- - n) * sizeof(os.held[slot][0]));
		return;
	}
	oracle_find(ORACLE_locks, "released a mutex that is not held", "%s %u",
	    cell_name(mtx->mtx_class), mtx->mtx_ordinal);
}

/*
 * locks_nosleeplock:
 *
 *	Here the LWP may hold no adaptive mutex.
 */
static void
locks_nosleeplock(const struct lwp *l, const char *what)
{
	unsigned slot = l->l_slot % SLOTS;

	if (os.n[slot] != 0)
		oracle_find(ORACLE_locks, what, "%s",
		    cell_name(os.held[slot][0]->mtx_class));
	os.n[slot] = 0;
}

/*
 * locks_level:
 *
 *	Nothing that could interrupt this CPU may want a mutex that it holds.
 */
static void
locks_level(unsigned cpu)
{
	const struct cpu_info *ci = lwp_current()->l_cpu;
	unsigned n;

	for (n = 0; n < ol.n[cpu]; n++) {
		if (ci->ci_ipl < ol.held[cpu][n]->mtx_ipl)
			oracle_find(ORACLE_locks,
			    "interrupt level below a held mutex",
			    "level %d, %s %u", ci->ci_ipl,
			    cell_name(ol.held[cpu][n]->mtx_class),
			    ol.held[cpu][n]->mtx_ordinal);
	}
}

static void
locks_take(const kmutex_t *mtx, bool tried)
{
	unsigned cpu = locks_cpu(), n, rank = locks_rank(mtx);

	for (n = 0; n < ol.n[cpu]; n++) {
		const kmutex_t *held = ol.held[cpu][n];
		unsigned other = locks_rank(held);

		if (other < rank || (tried && other != LEAF))
			continue;
		if (other == rank && rank >= 5 && rank <= 6 &&
		    held->mtx_ordinal < mtx->mtx_ordinal)
			continue;
		oracle_find(ORACLE_locks, "lock order", "%s %u under %s %u",
		    cell_name(mtx->mtx_class), mtx->mtx_ordinal,
		    cell_name(held->mtx_class), held->mtx_ordinal);
	}
	if (ol.n[cpu] == HELD_MAX)
		oracle_find(ORACLE_locks, "more locks than the oracle can hold",
		    "%s %u", cell_name(mtx->mtx_class), mtx->mtx_ordinal);
	else
		ol.held[cpu][ol.n[cpu]++] = mtx;
	locks_level(cpu);
}

static void
locks_drop(const kmutex_t *mtx)
{
	unsigned cpu = locks_cpu(), n;

	locks_level(cpu);
	for (n = 0; n < ol.n[cpu]; n++) {
		if (ol.held[cpu][n] == mtx) {
			ol.held[cpu][n] = ol.held[cpu][--ol.n[cpu]];
			return;
		}
	}
	oracle_find(ORACLE_locks, "released a mutex that is not held", "%s %u",
	    cell_name(mtx->mtx_class), mtx->mtx_ordinal);
}

static void
locks_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	unsigned cpu;

	switch (ev) {
	case EV_LOCK:
		locks_take((const kmutex_t *)a, b != 0);
		return;
	case EV_UNLOCK:
		locks_drop((const kmutex_t *)a);
		return;
	case EV_MTXENTER:
		locks_sleeptake(l, (const kmutex_t *)a, b != 0);
		return;
	case EV_MTXEXIT:
		locks_sleepdrop(l, (const kmutex_t *)a);
		return;
	case EV_BIGLOCK:
		if (a > l->l_biglocks)
			locks_nospin("kernel_lock under a spin mutex");
		return;
	case EV_EXITMARK:
		locks_nosleeplock(l, "adaptive mutex held by the dying");
		return;
	case EV_SWITCH:
		/* curlwp is the incoming one already. */
		cpu = locks_cpu();
		if (ol.n[cpu] != 1 || ol.held[cpu][0] != l->l_mutex)
			oracle_find(ORACLE_locks,
			    "more than the LWP's lock held at a switch",
			    "%u held", ol.n[cpu]);
		locks_level(cpu);
		return;
	default:
		cpu = locks_cpu();
		if (ol.n[cpu] != 0)
			oracle_find(ORACLE_locks, "lock held in user mode",
			    "%s", cell_name(ol.held[cpu][0]->mtx_class));
		if (l->l_cpu->ci_ipl != IPL_NONE)
			oracle_find(ORACLE_locks,
			    "interrupt level raised in user mode", "%d",
			    l->l_cpu->ci_ipl);
		locks_nosleeplock(l, "adaptive mutex held in user mode");
	}
}

const struct oracle oracle_locks = {
	.or_name = "locks",
	.or_events = 1ull << EV_LOCK | 1ull << EV_UNLOCK | 1ull << EV_SWITCH |
	    1ull << EV_USERRET | 1ull << EV_MTXENTER | 1ull << EV_MTXEXIT |
	    1ull << EV_BIGLOCK | 1ull << EV_EXITMARK,
	.or_begin = locks_begin,
	.or_event = locks_event,
};
