/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which mutex covers an LWP, when it is unlocked:
 *
 *	IDL, RUN, ONPROC, ZOMB	a scheduler's
 *	SLEEP			that of its queue; for a mutex, of its chain
 *	STOP, SUSPENDED		the queue's while on one, else a scheduler's
 *
 * In a uniprocessor build all of them are one.
 */

#include "oracle.h"

static void
statelock_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	const kmutex_t *mtx = (const kmutex_t *)a;
	bool asleep = l->l_stat == LSSLEEP ||
	    ((l->l_stat == LSSTOP || l->l_stat == LSSUSPENDED) &&
		l->l_wchan != NULL);
	bool queue = mtx->mtx_class == CELL_sq_mutex ||
	    mtx->mtx_class == CELL_tc_mutex;
	char name[48];

	enum cell wants = l->l_syncobj == &mutex_syncobj ? CELL_tc_mutex :
							   CELL_sq_mutex;

	(void)ev;
	(void)b;
	if (mtx->mtx_class == CELL_box_mutex)
		return; /* of the lock tests: no scheduler knows it */
	if (kernel.k_sleepq->sq_mutex == &kernel.k_sched_mutex)
		queue = asleep;
	else if (queue && mtx->mtx_class != wants)
		queue = false;
	if (asleep != queue)
		oracle_find(ORACLE_statelock, "wrong mutex for the state",
		    "%s in state %d is covered by %s",
		    oracle_lwp_name(l, name, sizeof(name)), (int)l->l_stat,
		    cell_name(mtx->mtx_class));
}

const struct oracle oracle_statelock = {
	.or_name = "statelock",
	.or_events = 1ull << EV_LWPUNLOCK,
	.or_event = statelock_event,
};
