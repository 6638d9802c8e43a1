/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which mutex covers an LWP, when it is unlocked, and when its CPU lets go of
 * it:
 *
 *	IDL, RUN, ONPROC, ZOMB	the scheduler's of its CPU
 *	SLEEP			that of its queue; for a mutex, of its chain
 *	STOP, SUSPENDED		the queue's while on one, else a scheduler's
 *
 * In a uniprocessor build all of them are one.
 */

#include "oracle.h"

/*
 * statelock_right:
 *
 *	Is this the mutex for an LWP as it is?
 */
static bool
statelock_right(const struct lwp *l, const kmutex_t *mtx)
{
	bool asleep = l->l_stat == LSSLEEP ||
	    ((l->l_stat == LSSTOP || l->l_stat == LSSUSPENDED) &&
		l->l_wchan != NULL);

	if (kernel.k_sleepq->sr_queue.sq_mutex == &kernel.k_sched_mutex)
		return mtx == &kernel.k_sched_mutex;
	if (!asleep)
		return mtx == l->l_cpu->ci_schedmutex;
	if (l->l_syncobj == &mutex_syncobj)
		return mtx->mtx_class == CELL_tc_mutex;
	return mtx->mtx_class == CELL_sq_mutex && l->l_sleepq != NULL &&
	    mtx == l->l_sleepq->sq_mutex;
}

static void
statelock_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	const kmutex_t *mtx = ev == EV_OFFCPU ? l->l_mutex :
						(const kmutex_t *)a;
	char name[48];

	(void)b;
	if (mtx->mtx_class == CELL_box_mutex)
		return; /* of the lock tests: no scheduler knows it */
	if (!statelock_right(l, mtx))
		oracle_find(ORACLE_statelock, "wrong mutex for the state",
		    "%s in state %s is covered by %s %u",
		    oracle_lwp_name(l, name, sizeof(name)),
		    oracle_state_name(l->l_stat), cell_name(mtx->mtx_class),
		    mtx->mtx_ordinal);
}

const struct oracle oracle_statelock = {
	.or_name = "statelock",
	.or_events = 1ull << EV_LWPUNLOCK | 1ull << EV_OFFCPU,
	.or_event = statelock_event,
};
