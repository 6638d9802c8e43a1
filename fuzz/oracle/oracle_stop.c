/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Job control: a stop is complete when nobody of the process runs any more, at
 * once and once; until the process goes on nobody of it reaches user mode; LWPs
 * stop with their process only, and go on with it.
 */

#include <string.h>

#include "oracle.h"

#define PROCS 16 /* at a time; see run.c */

static pid_t_ stopped[PROCS]; /* told to be stopped, and not to go on */

static void
stop_begin(void)
{
	memset(stopped, 0, sizeof(stopped));
}

static bool
stop_is(const struct proc *p)
{
	unsigned n;

	for (n = 0; n < PROCS; n++) {
		if (stopped[n] == p->p_pid)
			return true;
	}
	return false;
}

static void
stop_note(const struct proc *p, bool is)
{
	unsigned n;

	for (n = 0; n < PROCS; n++) {
		if (stopped[n] == (is ? 0 : p->p_pid)) {
			stopped[n] = is ? p->p_pid : 0;
			return;
		}
	}
}

static bool
stop_runs(const struct lwp *l)
{
	return l->l_stat == LSRUN || l->l_stat == LSONPROC ||
	    l->l_stat == LSSLEEP;
}

/*
 * stop_counts:
 *
 *	How many of the process run, or will by themselves.
 */
static unsigned
stop_counts(const struct proc *p)
{
	const struct lwp *l;
	unsigned n = 0;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	n += stop_runs(l);
	return n;
}

static unsigned
stop_others(const struct proc *p)
{
	const struct lwp *l = lwp_current();

	return stop_counts(p) - (l->l_proc == p && stop_runs(l) ? 1 : 0);
}

static void
stop_wrong(const struct proc *p, const char *what)
{
	oracle_find(
	    ORACLE_stop, what, "process %d: %u run", p->p_pid, stop_counts(p));
}

static void
stop_told(const struct proc *p, bool is)
{
	if (is && stop_is(p))
		stop_wrong(p, "stopped twice");
	/* Who completes it may be about to stop, suspend or die itself. */
	if (is && stop_others(p) != 0)
		stop_wrong(p, "stopped while somebody runs");
	stop_note(p, is);
}

static void
stop_unlock(const kmutex_t *mtx)
{
	const struct proc *p;

	if (mtx->mtx_class != CELL_p_smutex)
		return;
	p = (const struct proc *)(const void *)((const char *)mtx -
	    offsetof(struct proc, p_smutex));
	if ((p->p_sflag & PS_STOPPING) != 0 && stop_counts(p) == 0)
		stop_wrong(p, "a stop was not completed");
}

static void
stop_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_PROCSTOP:
		stop_told((const struct proc *)a, b != 0);
		break;
	case EV_PROCEXIT:
		stop_note(l->l_proc, false);
		break;
	case EV_UNLOCK:
		stop_unlock((const kmutex_t *)a);
		break;
	case EV_STATE:
		if (b == LSSTOP && l->l_proc->p_stat != SSTOP &&
		    (l->l_proc->p_sflag & PS_STOPPING) == 0)
			stop_wrong(l->l_proc, "stopped alone");
		break;
	default:
		if (stop_is(l->l_proc))
			stop_wrong(l->l_proc, "user mode while stopped");
	}
}

static void
stop_left(const struct proc *p)
{
	const bool stopping = (p->p_sflag & PS_STOPPING) != 0;
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_stat == LSSTOP && p->p_stat != SSTOP && !stopping)
			stop_wrong(p, "left stopped");
		if (l->l_stat == LSSLEEP && (l->l_flag & L_SINTR) != 0 &&
		    (stopping || stop_is(p)))
			stop_wrong(p, "asleep through a stop");
	}
}

static void
stop_end(void)
{
	const struct proc *p;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	stop_left(p);
}

const struct oracle oracle_stop = {
	.or_name = "stop",
	.or_events = 1ull << EV_PROCSTOP | 1ull << EV_PROCEXIT |
	    1ull << EV_UNLOCK | 1ull << EV_STATE | 1ull << EV_USERRET,
	.or_begin = stop_begin,
	.or_event = stop_event,
	.or_end = stop_end,
};
