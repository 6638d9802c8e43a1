/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Progress: when all is quiet, everybody has finished or is blocked for a
 * reason that the program itself gave.
 *
 * Legitimate: asleep on a channel that nobody wakes, parked without a token,
 * suspended on request, waiting for an LWP as the model of waits demands,
 * draining a reference that somebody holds, blocked on a mutex whose owner is
 * itself blocked for a legitimate reason.  All else is a lost wake-up, any
 * other uninterruptible sleep among it.  A process that began to exit must be
 * gone, and so must one of which only zombies are left.
 */

#include <stdio.h>
#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"
#include "wait_model.h"

#define SLOTS 96 /* of the pool; see run.c */

static struct {
	uint64_t serial; /* of the caller */
	unsigned call;	 /* the call that it is in */
	lwpid_t lid;	 /* and whom it is about */
	uint64_t target; /* that one's serial */
} calls[SLOTS];

static const struct lwp *
progress_find(const struct proc *p, lwpid_t lid)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid)
			return l;
	}
	return NULL;
}

/*
 * progress_timeout:
 *
 *	A sleep timed out: it must be one with a timeout, which is over.
 */
static void
progress_timeout(const struct lwp *l)
{
	char name[48];

	if (l->l_deadline == 0 || machine_ticks() < l->l_deadline)
		oracle_find(ORACLE_progress, "a timeout ended another sleep",
		    "%s at tick %llu, deadline %llu",
		    oracle_lwp_name(l, name, sizeof(name)),
		    (unsigned long long)machine_ticks(),
		    (unsigned long long)l->l_deadline);
}

/*
 * progress_woken:
 *
 *	Why a sleep ended.  An LWP that breaks its own has not slept yet.
 */
static void
progress_woken(const struct lwp *l, unsigned end)
{
	char name[48];

	if (end == SLEEP_TIMEDOUT)
		progress_timeout(l);
	else if (end == SLEEP_BROKEN && l != lwp_current() &&
	    (l->l_flag & L_SINTR) == 0)
		oracle_find(ORACLE_progress,
		    "an uninterruptible sleep was broken", "%s",
		    oracle_lwp_name(l, name, sizeof(name)));
}

static void
progress_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	unsigned slot = l->l_slot % SLOTS;
	const struct lwp *t;
	char name[48];

	if (ev == EV_WAKE) {
		progress_woken(l, (unsigned)a);
		return;
	}
	if (ev == EV_SLEEP) {
		if ((l->l_flag & L_SINTR) != 0)
			oracle_find(ORACLE_progress,
			    "interruptible from an earlier sleep", "%s",
			    oracle_lwp_name(l, name, sizeof(name)));
		return;
	}
	t = progress_find(l->l_proc, (lwpid_t)b);
	calls[slot].serial = l->l_serial;
	calls[slot].call = (unsigned)a;
	calls[slot].lid = (lwpid_t)b;
	calls[slot].target = t != NULL ? t->l_serial : 0;
}

static void
progress_begin(void)
{
	memset(calls, 0, sizeof(calls));
}

/*
 * progress_suspended:
 *
 *	Somebody must have asked for it, and not taken it back.
 */
static const char *
progress_suspended(const struct lwp *l)
{
	if ((l->l_flag & L_WEXIT) != 0 && (l->l_flag & L_WCORE) == 0)
		return "suspended though told to exit";
	if ((l->l_flag & (L_WSUSPEND | L_WREBOOT)) == 0 &&
	    (l->l_prflag & LPR_CRSUSPEND) == 0)
		return "lost continue";
	return NULL;
}

/*
 * progress_suspender:
 *
 *	A waiting suspend ends when its target is suspended, gone or going, or
 *	not asked to suspend any more.
 */
static const char *
progress_suspender(const struct lwp *l)
{
	unsigned slot = l->l_slot % SLOTS;
	const struct lwp *t;

	t = progress_find(l->l_proc, calls[slot].lid);
	if (t == NULL || t->l_serial != calls[slot].target ||
	    (t->l_prflag & LPR_EXITING) != 0 || t->l_stat == LSZOMB ||
	    t->l_stat == LSSUSPENDED || (t->l_flag & L_WSUSPEND) == 0)
		return "a waiting suspend was not woken";
	return NULL;
}

/*
 * progress_drain:
 *
 *	A drain waits for references that live LWPs hold.
 */
static const char *
progress_drain(const struct lwp *l)
{
	const struct proc *p;
	const struct lwp *holder;
	unsigned held = 0;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		LIST_FOREACH(holder, &p->p_lwps, l_sibling)
		held += holder->l_held == l && holder->l_stat != LSZOMB;
	}
	if (l->l_refcnt == 0)
		return "a drain was not woken";
	return held < l->l_refcnt ? "a drain waits for nobody" : NULL;
}

/*
 * progress_breakable:
 *
 *	A sleep that a request ends: an interruptible one, and every wait for
 *	what LWPs do but that of who ends the process.
 */
static bool
progress_breakable(const struct proc *p, const struct lwp *l)
{
	return (l->l_flag & L_SINTR) != 0 ||
	    (l->l_wchan == &p->p_lwpcv && (p->p_sflag & PS_WEXIT) == 0);
}

/*
 * progress_owner:
 *
 *	Who owns what an LWP is blocked on; NULL: nobody, or it is not.
 */
static const struct lwp *
progress_owner(const struct lwp *l)
{
	const kmutex_t *mtx = l->l_wchan;

	if (l->l_stat != LSSLEEP || l->l_syncobj != &mutex_syncobj)
		return NULL;
	return (const struct lwp *)(mtx->mtx_lwp & ~(uintptr_t)1);
}

/*
 * progress_blocked:
 *
 *	The owner of the mutex is judged by itself; here only whether there is
 *	one, and whether following the owners leads back.
 */
static const char *
progress_blocked(const struct lwp *l)
{
	const struct lwp *owner = progress_owner(l);
	unsigned hops;

	if (owner == NULL)
		return "a waiter for a mutex was not woken";
	for (hops = 0; owner != NULL && hops < SLOTS; hops++) {
		if (owner == l)
			return "mutexes in a cycle";
		owner = progress_owner(owner);
	}
	return NULL;
}

/*
 * progress_section:
 *
 *	Asleep on the condition variable of a section, and tokens are there.
 */
static bool
progress_section(const struct section *sc, unsigned n, const struct lwp *l)
{
	for (; n > 0; n--, sc++) {
		if (l->l_wchan == &sc->sc_cv)
			return sc->sc_tokens != 0;
	}
	return false;
}

static const char *
progress_asleep(const struct proc *p, const struct lwp *l)
{
	unsigned slot = l->l_slot % SLOTS;
	lwpid_t lid;

	if (progress_breakable(p, l) &&
	    (l->l_flag & (L_CANCELLED | L_WEXIT | L_WCORE | L_WSUSPEND)) != 0)
		return "a request did not break a sleep";
	if (l->l_syncobj == &lwp_park_syncobj && (l->l_flag & L_UNPARKED) != 0)
		return "parked beside a token";
	if (l->l_syncobj == &mutex_syncobj)
		return progress_blocked(l);
	if (progress_section(p->p_section, SECTIONS_PROC, l) ||
	    progress_section(kernel.k_section, SECTIONS_MACHINE, l))
		return "a signal was lost";
	if (l->l_wchan == &p->p_refcv)
		return progress_drain(l);
	if (wait_model_inside(l, &lid))
		return wait_model(p, l, &lid) != MODEL_SLEEP ?
		    "a wait was not woken" :
		    NULL;
	if (l->l_wchan == &p->p_lwpcv && calls[slot].serial == l->l_serial &&
	    calls[slot].call == SYS_lwp_suspend)
		return progress_suspender(l);
	if (l->l_deadline != 0)
		return "a timed sleep never ended";
	return NULL;
}

static const char *
progress_wrong(const struct proc *p, const struct lwp *l)
{
	switch (l->l_stat) {
	case LSSUSPENDED:
		return progress_suspended(l);
	case LSSLEEP:
		return progress_asleep(p, l);
	case LSRUN:
		return "runnable, and all CPUs idle";
	case LSIDL:
		return "a newborn was never activated";
	case LSONPROC:
		return "on a CPU, and all CPUs idle";
	default:
		return NULL;
	}
}

/*
 * progress_list:
 *
 *	Who is left and what each waits for.
 */
static const char *
progress_list(const struct proc *p, char *buf, size_t size)
{
	const struct lwp *l;
	size_t len = 0;
	char name[48];
	lwpid_t lid;

	buf[0] = '\0';
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		bool waits = wait_model_inside(l, &lid);
		int n;

		n = snprintf(buf + len, size - len, "%s: %s%s%s",
		    oracle_lwp_name(l, name, sizeof(name)),
		    oracle_state_name(l->l_stat),
		    l->l_wmesg != NULL && l->l_stat == LSSLEEP ? " " : "",
		    l->l_wmesg != NULL && l->l_stat == LSSLEEP ? l->l_wmesg :
								 "");
		len += (size_t)n;
		if (len < size && waits)
			len += (size_t)snprintf(
			    buf + len, size - len, " for %d", lid);
		if (len < size && progress_owner(l) != NULL)
			len += (size_t)snprintf(buf + len, size - len,
			    " %u of %s",
			    ((const kmutex_t *)l->l_wchan)->mtx_ordinal,
			    oracle_lwp_name(
				progress_owner(l), name, sizeof(name)));
		if (len < size)
			len += (size_t)snprintf(buf + len, size - len,
			    "%s%s%s\n",
			    (l->l_flag & L_WSUSPEND) != 0 ? " WSUSPEND" : "",
			    (l->l_flag & L_WEXIT) != 0 ? " WEXIT" : "",
			    (l->l_prflag & LPR_EXITING) != 0 ? " exiting" : "");
		if (len >= size)
			break;
	}
	return buf;
}

static void
progress_process(const struct proc *p)
{
	const struct lwp *l;
	const char *wrong;
	bool alive = false;
	char list[400];

	if (p->p_stat == SZOMB)
		return; /* a matter of its parent, see oracle_process.c */
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		alive = alive || l->l_stat != LSZOMB;
		wrong = progress_wrong(p, l);
		if (wrong != NULL)
			oracle_find(ORACLE_progress, wrong, "%s",
			    progress_list(p, list, sizeof(list)));
	}
	if ((p->p_sflag & PS_WEXIT) != 0)
		oracle_find(ORACLE_progress, "exit hangs", "%s",
		    progress_list(p, list, sizeof(list)));
	else if (!alive)
		oracle_find(ORACLE_progress, "only zombies are left", "%s",
		    progress_list(p, list, sizeof(list)));
}

static void
progress_end(void)
{
	const struct proc *p;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p != kernel.k_proc0 && p != kernel.k_initproc)
			progress_process(p);
	}
}

const struct oracle oracle_progress = {
	.or_name = "progress",
	.or_events = 1ull << EV_CALL | 1ull << EV_WAKE | 1ull << EV_SLEEP,
	.or_begin = progress_begin,
	.or_event = progress_event,
	.or_end = progress_end,
};
