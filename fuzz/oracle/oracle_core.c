/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Core dumps: when one begins every other LWP of the process is held, off its
 * CPU, or dead; until it is written none of them changes state, none comes and
 * none goes.
 */

#include <string.h>

#include "oracle.h"

#define DUMPS 16 /* processes at a time; see run.c */

static const struct lwp *dumper[DUMPS];

static void
core_begin(void)
{
	memset(dumper, 0, sizeof(dumper));
}

static const struct lwp *
core_dumper(const struct proc *p)
{
	unsigned n;

	for (n = 0; n < DUMPS; n++) {
		if (dumper[n] != NULL && dumper[n]->l_proc == p)
			return dumper[n];
	}
	return NULL;
}

static void
core_wrong(const struct lwp *l, const char *what)
{
	char name[48];

	oracle_find(ORACLE_core, what, "%s in state %s",
	    oracle_lwp_name(l, name, sizeof(name)),
	    oracle_state_name(l->l_stat));
}

static void
core_dump(const struct lwp *l)
{
	const struct lwp *t;
	unsigned n;

	LIST_FOREACH(t, &l->l_proc->p_lwps, l_sibling)
	{
		if (t == l || t->l_stat == LSZOMB)
			continue;
		if (t->l_stat != LSSUSPENDED)
			core_wrong(t, "not held for the dump");
		else if (t->l_running != 0)
			core_wrong(t, "held for the dump on its CPU");
	}
	for (n = 0; n < DUMPS && dumper[n] != NULL; n++)
		continue;
	if (n < DUMPS)
		dumper[n] = l;
}

static void
core_written(const struct lwp *l)
{
	unsigned n;

	for (n = 0; n < DUMPS; n++) {
		if (dumper[n] == l)
			dumper[n] = NULL;
	}
}

static void
core_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	const struct lwp *d;

	(void)b;
	if (ev == EV_CORE) {
		if (a != 0)
			core_dump(l);
		else
			core_written(l);
		return;
	}
	if (l->l_proc == NULL)
		return;
	d = core_dumper(l->l_proc);
	if (d != NULL && d != l)
		core_wrong(l,
		    ev == EV_STATE ? "moved during a core dump" :
				     "the list changed during a core "
				     "dump");
}

static void
core_end(void)
{
	const struct proc *p;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if ((p->p_sflag & PS_WCORE) != 0)
			oracle_find(ORACLE_core, "a core dump hangs",
			    "process %d, %d run", p->p_pid, p->p_nrlwps);
	}
}

const struct oracle oracle_core = {
	.or_name = "core",
	.or_events = 1ull << EV_CORE | 1ull << EV_STATE | 1ull << EV_LINK |
	    1ull << EV_UNLINK,
	.or_begin = core_begin,
	.or_event = core_event,
	.or_end = core_end,
};
