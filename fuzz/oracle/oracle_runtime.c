/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Run time is conserved.  What an LWP ran, from being put on a CPU to leaving
 * it, is counted here by the events of its switches: the slice of one ends with
 * the tick with which that of the next begins, so no tick is nobody's.  (That
 * is now, but at memory grain it may be later already.)  At each switch its own
 * account must say the same, and at the end the account of its process must
 * hold what all who are gone ran, the last slice of each included.
 */

#include <string.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */
#define PROCS 16 /* more processes than that are not watched */

static struct {
	uint64_t start[SLOTS]; /* by slot: when it was put on its CPU */
	uint64_t ran[SLOTS];
	uint64_t gone[PROCS]; /* by process: of those that were freed */
} rt;

/* lwp0 is put on its CPU by nobody, and idle contexts have no account. */
static bool
runtime_watched(const struct lwp *l)
{
	return l->l_lid != 0 && l->l_proc != kernel.k_proc0;
}

static void
runtime_switch(const struct lwp *from, const struct lwp *to)
{
	const uint64_t now = to->l_onproctick, tick = machine_ticks();
	unsigned slot = from->l_slot % SLOTS;
	char name[48];

	if (now > tick || (now != tick && !oracle_plain()))
		oracle_find(ORACLE_runtime, "a slice begins at another time",
		    "%s, at tick %llu, not %llu",
		    oracle_lwp_name(to, name, sizeof(name)),
		    (unsigned long long)now, (unsigned long long)tick);
	if (runtime_watched(from)) {
		rt.ran[slot] += now - rt.start[slot];
		if (from->l_rtime != rt.ran[slot])
			oracle_find(ORACLE_runtime, "wrong run time of an LWP",
			    "%s ran %llu, not %llu",
			    oracle_lwp_name(from, name, sizeof(name)),
			    (unsigned long long)rt.ran[slot],
			    (unsigned long long)from->l_rtime);
	}
	if (runtime_watched(to))
		rt.start[to->l_slot % SLOTS] = now;
}

static void
runtime_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	unsigned slot = l->l_slot % SLOTS;
	pid_t_ pid;

	(void)b;
	if (ev == EV_SWITCH) {
		runtime_switch(l, (const struct lwp *)a);
		return;
	}
	/* Freed: its last switch was counted before its CPU let go of it. */
	pid = l->l_proc->p_pid;
	if (pid < PROCS)
		rt.gone[pid] += rt.ran[slot];
	rt.ran[slot] = 0;
}

static void
runtime_end(void)
{
	const struct proc *p;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p->p_pid < PROCS && p != kernel.k_proc0 &&
		    p->p_rtime != rt.gone[p->p_pid])
			oracle_find(ORACLE_runtime, "run time was lost",
			    "process %d has %llu, not %llu", p->p_pid,
			    (unsigned long long)p->p_rtime,
			    (unsigned long long)rt.gone[p->p_pid]);
	}
}

static void
runtime_begin(void)
{
	memset(&rt, 0, sizeof(rt));
}

const struct oracle oracle_runtime = {
	.or_name = "runtime",
	.or_events = 1ull << EV_SWITCH | 1ull << EV_FREE,
	.or_begin = runtime_begin,
	.or_event = runtime_event,
	.or_end = runtime_end,
};
