/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signals: posting and taking.
 *
 * A signal is posted to a process or to one LWP (directed).  It becomes
 * pending there, unless an LWP sits in sigwait for it, to which it is handed
 * directly, or it is ignored.  Whoever is to take it is told: L_PENDSIG, and
 * an AST or the end of an interruptible sleep.  Taking is done by the LWP
 * itself, at the user boundary or at the end of a sleep:
 *
 *	issignal	finds what is deliverable; carries out stops
 *	postsig		takes it: queues its handler, or ends the process
 *	sig_user	runs queued handlers in user mode, last queued first
 *
 * Handlers run in user mode with their signal blocked; they may make calls,
 * which may queue further ones.
 *
 *	(G1) somebody who could take a pending signal has L_PENDSIG, or will
 *	     look when it unblocks the signal or is activated; who was told and
 *	     exits, or blocks the signal instead, hands it on
 *	(G2) an LWP with an exit mark takes none, and is given none; what was
 *	     pending for its process is posted anew in the hold that marks it
 *	     (X3)
 *	(G3) no interruptible sleep begins beside L_PENDSIG: the LWP looks
 *	     first.  So a stop finds every interruptible sleeper on its queue,
 *	     or the LWP comes here by itself, and no sweep is needed
 *	(G4) a stop signal and a pending CONT exclude each other
 *
 * All of it is covered by p_smutex, which is a spin mutex, so signals may be
 * posted from interrupts.  No other process' p_smutex is held.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>
#include <lwp/syscall.h>

#include "kern_lwp_impl.h"

/* What is listed in signal.def; all others end the process. */
static const uint8_t sigprops[KNSIG] = {
#define SIGNAL(name, number, prop) [number] = SA_##prop,
#include <lwp/signal.def>
#undef SIGNAL
};

unsigned
signal_prop(int sig)
{
	KASSERT(sig > 0 && sig < KNSIG);
	return sigprops[sig] != 0 ? sigprops[sig] : SA_KILL;
}

bool
sig_ignored(const struct proc *p, int sig)
{
	switch (p->p_sigact[sig].ksa_act) {
	case SIGACT_IGNORE:
		return true;
	case SIGACT_DEFAULT:
		return (signal_prop(sig) & (SA_IGNORE | SA_CONT)) != 0;
	default:
		return false;
	}
}

/*
 * sig_live:
 *
 *	May an LWP be given a signal?
 */
static bool
sig_live(const struct lwp *l)
{
	enum lwp_state stat = cell_peek(l, l_stat);

	return stat != LSIDL && stat != LSZOMB &&
	    (l->l_prflag & LPR_EXITING) == 0;
}

/*
 * sigpost:
 *
 *	Tell an LWP to look.  False if that will not happen soon: it sleeps
 *	uninterruptibly, or is held; then somebody else is told as well.  Of
 *	those that are suspended only SIGKILL resumes any, by a continue, which
 *	is refused during a reboot or a core dump (S6, S8).  A stopped one was
 *	resumed before, if the signal does that.
 */
static bool
sigpost(struct lwp *l, int sig)
{
	KASSERT(mutex_owned(&l->l_proc->p_smutex));
	if (!sig_live(l))
		return false;
	lwp_lock(l);
	lwp_setflags(l, L_PENDSIG);
	switch (l->l_stat) {
	case LSRUN:
	case LSONPROC:
		lwp_need_userret(l);
		lwp_unlock(l);
		return true;
	case LSSLEEP:
		if ((l->l_flag & L_SINTR) != 0) {
			PROBE(SIG_BREAKS_SLEEP);
			setrunnable(l);
			return true;
		}
		break;
	case LSSUSPENDED:
		if (sig == KSIG_KILL && !lwp_unresumable(l)) {
			PROBE(SIG_KILL_SUSPENDED);
			lwp_continue(l);
			return true;
		}
		break;
	case LSSTOP:
		break;
	default:
		panic("sigpost: state %d", (int)l->l_stat);
	}
	PROBE(SIG_NOT_SOON);
	lwp_unlock(l);
	return false;
}

/*
 * sigpost_any:
 *
 *	Tell LWPs of the process that do not block the signal, until one will
 *	look soon.  "but" is passed over.
 */
static void
sigpost_any(struct proc *p, const struct lwp *but, int sig)
{
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l != but && (l->l_sigmask & SIGBIT(sig)) == 0 &&
		    sigpost(l, sig))
			return;
	}
	PROBE(SIG_NO_TAKER);
}

/*
 * sig_handover:
 *
 *	Give the signal to an LWP that waits for it in sigwait; "t", or any.
 *	It never becomes pending then.
 */
static bool
sig_handover(struct proc *p, struct lwp *t, const struct ksiginfo *si)
{
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if ((t == NULL || l == t) && sig_live(l) &&
		    (l->l_sigwait & SIGBIT(si->ksi_signo)) != 0)
			break;
	}
	if (l == NULL)
		return false;
	PROBE(SIG_HANDED_OVER);
	EVENT(SIGTAKE, l, si->ksi_signo, SIGTAKE_HANDED);
	l->l_sigwait = 0;
	l->l_sigwaited = *si;
	cv_signal(&l->l_sigcv);
	return true;
}

void
sig_discard(struct proc *p, ksigset_t set)
{
	struct lwp *l;

	if ((p->p_sigpend.sp_set & set) != 0)
		EVENT(SIGDROP, NULL, set, p);
	sigclear(&p->p_sigpend, set);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if ((l->l_sigpend.sp_set & set) != 0)
			EVENT(SIGDROP, l, set, p);
		sigclear(&l->l_sigpend, set);
	}
}

/*
 * sig_jobcontrol:
 *
 *	What a signal does to a stop when it is posted, whatever the process
 *	does about the signal itself: CONT and KILL end it, also one that is
 *	not complete; a stop and a pending CONT cancel each other (G4).
 */
static void
sig_jobcontrol(struct proc *p, int sig)
{
	unsigned prop = signal_prop(sig);

	if ((prop & SA_CONT) != 0)
		sig_discard(p, KSIG_STOPS);
	else if ((prop & SA_STOP) != 0)
		sig_discard(p, SIGBIT(KSIG_CONT));
	if ((prop & SA_CONT) != 0 || sig == KSIG_KILL)
		proc_unstop(p);
}

void
kpsignal(struct proc *p, struct lwp *t, const struct ksiginfo *si)
{
	const int sig = si->ksi_signo;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(t == NULL || t->l_proc == p);
	if ((p->p_flag & P_SYSTEM) != 0 ||
	    (p->p_stat != SACTIVE && p->p_stat != SSTOP) ||
	    (t != NULL && !sig_live(t))) {
		PROBE(SIG_TOO_LATE);
		return;
	}
	sig_jobcontrol(p, sig);
	if (sig_handover(p, t, si))
		return;
	if (sig_ignored(p, sig)) {
		PROBE(SIG_IGNORED);
		return;
	}
	EVENT(SIGPEND, t, sig, p);
	(void)sigput(t != NULL ? &t->l_sigpend : &p->p_sigpend, si);
	if (t == NULL)
		sigpost_any(p, NULL, sig);
	else if ((t->l_sigmask & SIGBIT(sig)) == 0)
		(void)sigpost(t, sig);
}

void
sig_handoff(struct proc *p, struct lwp *l, ksigset_t set)
{
	KASSERT(mutex_owned(&p->p_smutex));
	for (set &= p->p_sigpend.sp_set; set != 0; set &= set - 1) {
		PROBE(SIG_HANDED_ON);
		sigpost_any(p, l, __builtin_ctzll(set));
	}
}

/*
 * sig_deliverable:
 *
 *	What l would take, its own and its process'.
 */
static ksigset_t
sig_deliverable(const struct proc *p, const struct lwp *l)
{
	ksigset_t set = (p->p_sigpend.sp_set | l->l_sigpend.sp_set) &
	    ~l->l_sigmask;

	/* Handlers that unblock what is queued below them may fill it. */
	return l->l_nsigframe < KNSIG ? set : set & KSIG_CANTMASK;
}

bool
sigispending(const struct proc *p, const struct lwp *l)
{
	KASSERT(mutex_owned(&p->p_smutex));
	return sig_deliverable(p, l) != 0;
}

/*
 * sig_take:
 *
 *	The LWP's own one before that of its process.
 */
void
sig_take(struct lwp *l, int sig, struct ksiginfo *si)
{
	struct proc *p = l->l_proc;
	const bool own = (l->l_sigpend.sp_set & SIGBIT(sig)) != 0;

	sigget(own ? &l->l_sigpend : &p->p_sigpend, sig, si);
	EVENT(SIGTAKE, l, sig, own ? SIGTAKE_OWN : SIGTAKE_PROC);
}

/*
 * sig_default:
 *
 *	The default action of a signal that does not end the process.
 */
static void
sig_default(struct proc *p, struct lwp *l, int sig)
{
	struct ksiginfo si;

	sig_take(l, sig, &si);
	if ((signal_prop(sig) & SA_STOP) != 0) {
		p->p_siglwp = l->l_lid;
		proc_stop(p, sig);
	}
}

/*
 * sig_next:
 *
 *	The next one that l has to act on: SIGKILL before all others.
 */
static int
sig_next(const struct proc *p, const struct lwp *l)
{
	ksigset_t set = sig_deliverable(p, l);

	if ((set & SIGBIT(KSIG_KILL)) != 0)
		return KSIG_KILL;
	return set != 0 ? __builtin_ctzll(set) : 0;
}

int
issignal(struct lwp *l)
{
	struct proc *p = l->l_proc;
	int sig;

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(l == curlwp);
	KASSERT((l->l_prflag & LPR_EXITING) == 0);
	for (;;) {
		if (proc_stopping(p)) {
			proc_stop_self(l);
			continue;
		}
		sig = sig_next(p, l);
		if (sig == 0)
			break;
		if (p->p_sigact[sig].ksa_act >= SIGACT_HANDLER ||
		    (!sig_ignored(p, sig) && (signal_prop(sig) & SA_KILL) != 0))
			return sig;
		sig_default(p, l, sig);
	}
	lwp_lock(l);
	lwp_clearflags(l, L_PENDSIG);
	lwp_unlock(l);
	return 0;
}

void
postsig(struct lwp *l, int sig)
{
	struct proc *p = l->l_proc;
	struct ksiginfo si;

	KASSERT(mutex_owned(&p->p_smutex));
	sig_take(l, sig, &si);
	if (p->p_sigact[sig].ksa_act < SIGACT_HANDLER)
		sigexit(l, sig);
	KASSERT(l->l_nsigframe < KNSIG);
	l->l_sigframe[l->l_nsigframe++] = (uint8_t)sig;
	l->l_sigmask |= SIGBIT(sig);
	/* The process may have another one, of which l was told, too. */
	sig_handoff(p, l, SIGBIT(sig));
}

/*
 * sig_user:
 *
 *	The calls of a handler run those that are queued meanwhile, and not
 *	those below it.  When a handler returns its LWP blocks what it did
 *	before, whatever the handler did about that: those below it rely on it.
 *	A handler may make timed calls while one of its LWP waits to be made
 *	again: the deadline of that one is kept.  A handler that was withdrawn
 *	since does not run.
 */
void
sig_user(struct lwp *l)
{
	struct proc *p = l->l_proc;
	const unsigned base = l->l_sigbase;
	struct ksigaction act;
	uint64_t deadline;
	ksigset_t mask;
	int sig;

	KASSERT(l == curlwp);
	while (l->l_nsigframe > base) {
		sig = l->l_sigframe[--l->l_nsigframe];
		deadline = l->l_deadline;
		mask = l->l_sigmask & ~SIGBIT(sig);
		l->l_sigbase = l->l_nsigframe;
		mutex_enter(&p->p_smutex);
		act = p->p_sigact[sig];
		mutex_exit(&p->p_smutex);
		EVENT(HANDLER, l, sig, 1);
		if (act.ksa_act >= SIGACT_HANDLER) /* still */
			act.ksa_handler(sig, act.ksa_arg);
		EVENT(HANDLER, l, sig, 0);
		/* Not before it blocks again what they rely on. */
		sys_sigreturn(mask);
		l->l_sigbase = base;
		l->l_deadline = deadline;
	}
}
