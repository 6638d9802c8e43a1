/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Processes: one owner of the end, whose status it is; a zombie is collected
 * once, by its parent or, when that is gone, by process 1; who waits for a
 * child wakes when there is one to report.
 */

#include <string.h>

#include "oracle.h"

#define SLOTS 96  /* of the pool; see run.c */
#define PIDS  512 /* in a run: bodies times incarnations, and the system's */

static struct {
	struct {
		uint64_t owner; /* serial of who owns the end */
		int status;
		bool zombie, freed;
	} proc[PIDS];
	struct {
		uint64_t serial; /* of who sleeps for a child */
		pid_t_ pid;
		int options;
	} waiter[SLOTS];
	pid_t_ most; /* highest PID seen */
} op;

static void
process_begin(void)
{
	size_t used = (size_t)(op.most < PIDS ? op.most + 1 : PIDS);

	memset(op.proc, 0, used * sizeof(op.proc[0]));
	memset(op.waiter, 0, sizeof(op.waiter));
	op.most = 0;
}

static void
process_see(pid_t_ pid)
{
	if (pid > op.most)
		op.most = pid;
}

static void
process_wrong(pid_t_ pid, const char *what)
{
	oracle_find(ORACLE_process, what, "process %d", pid);
}

static void
process_owned(const struct lwp *l)
{
	const struct proc *p = l->l_proc;

	if (p->p_pid >= PIDS)
		return;
	process_see(p->p_pid);
	if (op.proc[p->p_pid].owner != 0 &&
	    op.proc[p->p_pid].owner != l->l_serial)
		process_wrong(p->p_pid, "two owners of an end");
	op.proc[p->p_pid].owner = l->l_serial;
	op.proc[p->p_pid].status = p->p_xstat;
}

static void
process_zombie(const struct lwp *l, pid_t_ pid, int status)
{
	if (pid >= PIDS)
		return;
	process_see(pid);
	if (op.proc[pid].zombie)
		process_wrong(pid, "died twice");
	if (op.proc[pid].owner != l->l_serial)
		process_wrong(pid, "not ended by its owner");
	if (op.proc[pid].status != status)
		process_wrong(pid, "not the status of its owner");
	op.proc[pid].zombie = true;
}

static void
process_freed(pid_t_ pid)
{
	/* One without an LWP is a fork that did not work out. */
	if (pid >= PIDS || op.proc[pid].owner == 0)
		return;
	if (!op.proc[pid].zombie)
		process_wrong(pid, "freed alive");
	if (op.proc[pid].freed)
		process_wrong(pid, "collected twice");
	op.proc[pid].freed = true;
}

static void
process_sleeps(const struct lwp *l, pid_t_ pid, int options)
{
	unsigned slot = l->l_slot % SLOTS;

	op.waiter[slot].serial = l->l_serial;
	op.waiter[slot].pid = pid;
	op.waiter[slot].options = options;
}

static void
process_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_PROCEXIT:
		process_owned(l);
		break;
	case EV_PROCZOMB:
		process_zombie(l, (pid_t_)a, (int)b);
		break;
	case EV_PROCFREE:
		process_freed((pid_t_)a);
		break;
	case EV_PROCWAIT:
		process_sleeps(l, (pid_t_)a, (int)b);
		break;
	default: /* another call begins, or this one ends */
		op.waiter[l->l_slot % SLOTS].serial = 0;
	}
}

/*
 * process_waiter:
 *
 *	An LWP that sleeps for a child: is there one to report?
 */
static void
process_waiter(const struct proc *p, const struct lwp *l)
{
	unsigned slot = l->l_slot % SLOTS;
	const struct proc *child;
	bool any = p == kernel.k_initproc;

	if (op.waiter[slot].serial != l->l_serial || l->l_stat != LSSLEEP)
		return;
	LIST_FOREACH(child, &kernel.k_allproc, p_list)
	{
		if (child->p_pptr != p ||
		    (op.waiter[slot].pid != 0 &&
			op.waiter[slot].pid != child->p_pid))
			continue;
		any = true;
		if (child->p_stat == SZOMB)
			process_wrong(
			    child->p_pid, "a wait for a dead child goes on");
		if (child->p_stat == SSTOP && !child->p_waited &&
		    (op.waiter[slot].options & PWAIT_UNTRACED) != 0)
			process_wrong(
			    child->p_pid, "a wait for a stopped child goes on");
	}
	if (!any)
		process_wrong(p->p_pid, "a wait for nobody goes on");
}

static bool
process_lives(const struct proc *p)
{
	const struct proc *q;

	LIST_FOREACH(q, &kernel.k_allproc, p_list)
	{
		if (q == p)
			return q->p_stat != SZOMB;
	}
	return false;
}

static void
process_end(void)
{
	const struct proc *p;
	const struct lwp *l;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p == kernel.k_proc0)
			continue;
		if (!process_lives(p->p_pptr))
			process_wrong(p->p_pid, "child of a dead parent");
		if (p->p_stat == SZOMB && p->p_pptr == kernel.k_initproc)
			process_wrong(p->p_pid, "an orphan was not collected");
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
		process_waiter(p, l);
	}
}

const struct oracle oracle_process = {
	.or_name = "process",
	.or_events = 1ull << EV_PROCEXIT | 1ull << EV_PROCZOMB |
	    1ull << EV_PROCFREE | 1ull << EV_PROCWAIT | 1ull << EV_CALL |
	    1ull << EV_RETURN,
	.or_begin = process_begin,
	.or_event = process_event,
	.or_end = process_end,
};
