/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Run time is conserved: what each LWP of a process had run when its CPU let
 * go of it for the last time is what the process has got from it when the last
 * one ends it.
 */

#include <string.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */
#define PROCS 16

static struct {
	uint64_t ran[SLOTS];  /* by slot: run time when last let go of */
	uint64_t dead[PROCS]; /* by process id: of those that were freed */
} ot;

static void
runtime_begin(void)
{
	memset(&ot, 0, sizeof(ot));
}

static uint64_t *
runtime_dead(const struct proc *p)
{
	return &ot.dead[(unsigned)p->p_pid % PROCS];
}

static void
runtime_compare(const struct proc *p)
{
	const uint64_t dead = *runtime_dead(p);

	if (p->p_rtime != dead)
		oracle_find(ORACLE_runtime, "run time was lost",
		    "process %d has %llu ticks of its dead, who ran %llu",
		    p->p_pid, (unsigned long long)p->p_rtime,
		    (unsigned long long)dead);
}

static void
runtime_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	const unsigned slot = l->l_slot % SLOTS;

	(void)a;
	(void)b;
	switch (ev) {
	case EV_RECYCLE:
		ot.ran[slot] = 0;
		break;
	case EV_OFFCPU:
		if (l->l_lid != 0) /* idle */
			ot.ran[slot] = l->l_rtime;
		break;
	case EV_FREE:
		*runtime_dead(l->l_proc) += ot.ran[slot];
		break;
	default:
		runtime_compare(l->l_proc);
	}
}

const struct oracle oracle_runtime = {
	.or_name = "runtime",
	.or_events = 1ull << EV_RECYCLE | 1ull << EV_OFFCPU | 1ull << EV_FREE |
	    1ull << EV_PROCZOMB,
	.or_begin = runtime_begin,
	.or_event = runtime_event,
};
