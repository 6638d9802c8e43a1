/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signals: what is posted is taken once, by somebody who does not block it, or
 * dropped for a reason; nobody goes on in user mode, or sleeps, beside a signal
 * that is his; handlers run with their signal blocked.
 *
 * The sets are our own, kept from what is told.
 */

#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */
#define PROCS 16 /* at a time; see run.c */

static struct {
	struct {
		uint64_t serial;
		ksigset_t pending;
		bool sigwait; /* in that call */
	} lwp[SLOTS];
	struct {
		pid_t_ pid;
		ksigset_t pending;
	} proc[PROCS];
} sg;

static void
signal_begin(void)
{
	memset(&sg, 0, sizeof(sg));
}

static ksigset_t *
signal_proc(const struct proc *p)
{
	unsigned n, unused = 0;

	for (n = 0; n < PROCS; n++) {
		if (sg.proc[n].pid == p->p_pid)
			return &sg.proc[n].pending;
		if (sg.proc[n].pid == 0)
			unused = n;
	}
	sg.proc[unused].pid = p->p_pid;
	sg.proc[unused].pending = 0;
	return &sg.proc[unused].pending;
}

static ksigset_t *
signal_lwp(const struct lwp *l)
{
	unsigned slot = l->l_slot % SLOTS;

	if (sg.lwp[slot].serial != l->l_serial) {
		memset(&sg.lwp[slot], 0, sizeof(sg.lwp[slot]));
		sg.lwp[slot].serial = l->l_serial;
	}
	return &sg.lwp[slot].pending;
}

static void
signal_wrong(const struct lwp *l, const char *what, unsigned long sig)
{
	char name[48];

	oracle_find(ORACLE_signal, what, "%s, signal %lu",
	    oracle_lwp_name(l, name, sizeof(name)), sig);
}

static void
signal_pend(const struct lwp *l, unsigned sig, const struct proc *p)
{
	if (l != NULL && (l->l_prflag & LPR_EXITING) != 0)
		signal_wrong(l, "a signal for the dying", sig);
	if (p->p_stat != SACTIVE && p->p_stat != SSTOP)
		signal_wrong(l, "a signal for a dead process", sig);
	*(l != NULL ? signal_lwp(l) : signal_proc(p)) |= SIGBIT(sig);
}

static void
signal_take(const struct lwp *l, unsigned sig, enum event_sigtake from)
{
	ksigset_t *set;

	if (from == SIGTAKE_HANDED) {
		if ((l->l_prflag & LPR_EXITING) != 0)
			signal_wrong(l, "a signal for the dying", sig);
		return;
	}
	set = from == SIGTAKE_OWN ? signal_lwp(l) : signal_proc(l->l_proc);
	if ((*set & SIGBIT(sig)) == 0)
		signal_wrong(l, "took a signal that was not posted", sig);
	*set &= ~SIGBIT(sig);
	(void)signal_lwp(l);
	if ((l->l_sigmask & SIGBIT(sig)) != 0 &&
	    !sg.lwp[l->l_slot % SLOTS].sigwait)
		signal_wrong(l, "took a signal that it blocks", sig);
	if ((l->l_prflag & LPR_EXITING) != 0)
		signal_wrong(l, "took a signal on its way out", sig);
}

/*
 * signal_user:
 *
 *	About to run user code.  Posting, request and AST are one hold of
 *	p_smutex and of the LWP lock each; only when nobody is in the middle of
 *	one they must agree.
 */
static void
signal_user(const struct lwp *l)
{
	const struct proc *p = l->l_proc;

	if (p->p_smutex.mtx_owner != NULL || l->l_mutex->mtx_owner != NULL)
		return;
	if ((*signal_lwp(l) & ~l->l_sigmask) != 0 &&
	    (l->l_flag & L_PENDSIG) == 0)
		signal_wrong(l, "user mode beside a signal",
		    (unsigned long)__builtin_ctzll(*signal_lwp(l)));
	if ((l->l_flag & L_PENDSIG) != 0 && l->l_astpending == 0)
		signal_wrong(l, "told of a signal without an AST", 0);
}

static void
signal_handler(const struct lwp *l, unsigned sig)
{
	if ((l->l_sigmask & SIGBIT(sig)) == 0)
		signal_wrong(l, "handler runs with its signal unblocked", sig);
}

static void
signal_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_SIGPEND:
		signal_pend(l, (unsigned)a, (const struct proc *)b);
		break;
	case EV_SIGTAKE:
		signal_take(l, (unsigned)a, (enum event_sigtake)b);
		break;
	case EV_SIGDROP:
		*(l != NULL ?
			signal_lwp(l) :
			signal_proc((const struct proc *)b)) &= ~(ksigset_t)a;
		break;
	case EV_SIGMASK:
		if ((a & KSIG_CANTMASK) != 0)
			signal_wrong(l, "blocks what cannot be blocked", 0);
		break;
	case EV_CALL:
		(void)signal_lwp(l);
		sg.lwp[l->l_slot % SLOTS].sigwait = a == SYS_sigwait;
		break;
	case EV_HANDLER:
		if (b != 0)
			signal_handler(l, (unsigned)a);
		break;
	default:
		signal_user(l);
	}
}

/*
 * signal_eligible:
 *
 *	It could take a signal without anybody's help.
 */
static bool
signal_eligible(const struct lwp *l)
{
	return (l->l_prflag & LPR_EXITING) == 0 && l->l_stat == LSSLEEP &&
	    (l->l_flag & L_SINTR) != 0;
}

/*
 * signal_told:
 *
 *	Signals of the process that somebody was told of who does not block
 *	them and will look, though something else holds him up for now.
 */
static ksigset_t
signal_told(const struct proc *p)
{
	const struct lwp *l;
	ksigset_t told = 0;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if ((l->l_flag & L_PENDSIG) != 0 && l->l_stat == LSSLEEP &&
		    (l->l_flag & L_SINTR) == 0 &&
		    (l->l_prflag & LPR_EXITING) == 0)
			told |= ~l->l_sigmask;
	}
	return told;
}

static void
signal_left(const struct proc *p, const struct lwp *l)
{
	ksigset_t all = *signal_lwp(l) | *signal_proc(p), mine;

	if ((l->l_prflag & LPR_EXITING) != 0 || l->l_stat == LSZOMB)
		return;
	mine = *signal_lwp(l) | (*signal_proc(p) & ~signal_told(p));
	if (signal_eligible(l) && (mine & ~l->l_sigmask) != 0)
		signal_wrong(l, "sleeps beside a signal",
		    (unsigned long)__builtin_ctzll(mine & ~l->l_sigmask));
	if ((all & l->l_sigwait) != 0)
		signal_wrong(l, "in sigwait beside its signal",
		    (unsigned long)__builtin_ctzll(all & l->l_sigwait));
	if ((all & SIGBIT(KSIG_KILL)) != 0 &&
	    (l->l_stat == LSSTOP ||
		(l->l_stat == LSSUSPENDED &&
		    (l->l_flag & (L_WREBOOT | L_WCORE)) == 0)))
		signal_wrong(l, "held beside SIGKILL", KSIG_KILL);
}

static void
signal_end(void)
{
	const struct proc *p;
	const struct lwp *l;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p == kernel.k_proc0 || p->p_stat == SZOMB)
			continue;
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
		signal_left(p, l);
	}
}

const struct oracle oracle_signal = {
	.or_name = "signal",
	.or_events = 1ull << EV_SIGPEND | 1ull << EV_SIGTAKE |
	    1ull << EV_SIGDROP | 1ull << EV_SIGMASK | 1ull << EV_CALL |
	    1ull << EV_HANDLER | 1ull << EV_USERRET,
	.or_begin = signal_begin,
	.or_event = signal_event,
	.or_end = signal_end,
};
