/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One flavour of liburcu; compiled once for each, FLAVOUR says which.  What
 * may be inlined is.
 */

#define URCU_INLINE_SMALL_FUNCTIONS
#define PASTE3(a, b, c)	 a##b##c
#define EXPAND3(a, b, c) PASTE3(a, b, c)
#define RCU(name)	 EXPAND3(urcu_, FLAVOUR, _##name)
#define TEXT_(x)	 #x
#define TEXT(x)		 TEXT_(x)

#if FLAVOUR_QSBR
#include <urcu/urcu-qsbr.h>
#define QUIESCENT() urcu_qsbr_quiescent_state()
#elif FLAVOUR_MB
#include <urcu/urcu-mb.h>
#define QUIESCENT() ((void)0)
#else
#include <urcu/urcu-memb.h>
#define QUIESCENT() ((void)0)
#endif

#include "rcu.h"
#include "stat.h"

#define BATCH 64 /* look-ups between two quiescent states */

static void
flavour_read(struct rcu_job *rj, struct rcu_count *rn)
{
	struct rcu_table *rt = rj->rj_table;
	const struct rcu_entry *re;
	unsigned n;

	RCU(register_thread)();
	while (__atomic_load_n(&rj->rj_stop, __ATOMIC_RELAXED) == 0) {
		for (n = 0; n < BATCH; n++) {
			RCU(read_lock)();
			re = rcu_look(
			    rt, draw_below(&rn->rn_random, rt->rt_objects));
			rn->rn_missed += re == NULL;
			RCU(read_unlock)();
		}
		rn->rn_ops += BATCH;
		QUIESCENT();
		if (rcu_job_over(rj))
			break;
	}
	RCU(unregister_thread)();
}

/*
 * flavour_update:
 *
 *	The updater is no reader.
 */
static void
flavour_update(struct rcu_job *rj, struct rcu_count *rn)
{
	struct rcu_table *rt = rj->rj_table;
	struct rcu_entry *old;

	while (__atomic_load_n(&rj->rj_stop, __ATOMIC_RELAXED) == 0) {
		old = rcu_replace(
		    rt, draw_below(&rn->rn_random, rt->rt_objects));
		RCU(synchronize_rcu)();
		rcu_recycle(rt, old);
		rn->rn_ops++;
	}
}

const struct rcu_way EXPAND3(rcu_way_, FLAVOUR, ) = { "liburcu " TEXT(FLAVOUR),
	false, flavour_read, flavour_update };
