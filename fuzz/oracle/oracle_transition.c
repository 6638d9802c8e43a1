/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Changes of state, from the text of the specification: a newborn becomes
 * runnable, suspended or stopped; what runs was on a run queue; who is on a
 * CPU may give it up, sleep, stop, be suspended or die; a sleeper wakes, on
 * its CPU if it had not left, or is stopped in its sleep; who is stopped goes
 * on, or back to sleep; who is suspended goes on.  Nothing else.
 */

#include "oracle.h"

static bool
transition_legal(unsigned from, unsigned to)
{
	switch (from) {
	case LSIDL:
		return to == LSRUN || to == LSSUSPENDED || to == LSSTOP;
	case LSRUN:
		return to == LSONPROC;
	case LSONPROC:
		return to == LSRUN || to == LSSLEEP || to == LSSTOP ||
		    to == LSSUSPENDED || to == LSZOMB;
	case LSSLEEP:
		return to == LSRUN || to == LSONPROC || to == LSSTOP;
	case LSSTOP:
		return to == LSRUN || to == LSSLEEP;
	case LSSUSPENDED:
		return to == LSRUN;
	default:
		return false;
	}
}

/* Entering or leaving these is also a matter of the process. */
static bool
transition_needs_process(unsigned stat)
{
	return stat == LSIDL || stat == LSZOMB || stat == LSSTOP ||
	    stat == LSSUSPENDED;
}

static void
transition_wrong(
    const struct lwp *l, const char *what, uintptr_t from, uintptr_t to)
{
	char name[48];

	oracle_find(ORACLE_transition, what, "%s: %s to %s",
	    oracle_lwp_name(l, name, sizeof(name)), oracle_state_name(from),
	    oracle_state_name(to));
}

static void
transition_event(enum event ev, struct lwp *l, uintptr_t from, uintptr_t to)
{
	(void)ev;
	if (!transition_legal((unsigned)from, (unsigned)to))
		transition_wrong(l, "illegal change of state", from, to);
	if (!lwp_locked(l, NULL))
		transition_wrong(l, "LWP not locked", from, to);
	if ((transition_needs_process((unsigned)from) ||
		transition_needs_process((unsigned)to)) &&
	    !mutex_owned(&l->l_proc->p_smutex))
		transition_wrong(l, "p_smutex not held", from, to);
}

const struct oracle oracle_transition = {
	.or_name = "transition",
	.or_events = 1ull << EV_STATE,
	.or_event = transition_event,
};
