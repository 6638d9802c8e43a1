/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls on signals.
 */

#include <machine/atomic.h>

#include <errno.h>

#include "sysent.h"

/*
 * sig_recheck:
 *
 *	curlwp may be able to take more than before: look at the boundary.
 *	p_smutex held.
 */
static void
sig_recheck(struct lwp *l)
{
	KASSERT(l == curlwp);
	if (!sigispending(l->l_proc, l))
		return;
	PROBE(SIG_UNBLOCKED);
	lwp_lock(l);
	lwp_setflags(l, L_PENDSIG);
	lwp_unlock(l);
}

/*
 * do_sigaction:
 *
 *	Signals that are pending and ignored from now on go.
 */
int
do_sigaction(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	int sig = sa->sa_number;

	if (sig <= 0 || sig >= KNSIG || sa->sa_channel >= SIGACT_COUNT ||
	    ((signal_prop(sig) & SA_CANTMASK) != 0 &&
		sa->sa_channel != SIGACT_DEFAULT)) {
		PROBE(SIGACTION_EINVAL);
		return EINVAL;
	}
	mutex_enter(&p->p_smutex);
	p->p_sigact[sig] = (struct ksigaction) {
		.ksa_act = (enum sigact)sa->sa_channel,
		.ksa_handler = sa->sa_handler,
		.ksa_arg = sa->sa_arg,
	};
	if (sig_ignored(p, sig))
		sig_discard(p, SIGBIT(sig));
	mutex_exit(&p->p_smutex);
	return 0;
}

/*
 * sig_setmask:
 *
 *	What curlwp blocks from now on.  It may have been told of a signal that
 *	it does not take any more.
 */
static void
sig_setmask(struct lwp *l, ksigset_t new)
{
	struct proc *p = l->l_proc;
	const ksigset_t old = l->l_sigmask;

	KASSERT(l == curlwp);
	KASSERT((new &KSIG_CANTMASK) == 0);
	mutex_enter(&p->p_smutex);
	l->l_sigmask = new;
	EVENT(SIGMASK, l, new, 0);
	sig_handoff(p, l, new & ~old);
	sig_recheck(l);
	mutex_exit(&p->p_smutex);
}

int
do_sigprocmask(struct lwp *l, struct sysargs *sa)
{
	const ksigset_t set = sa->sa_set & ~KSIG_CANTMASK;

	switch (sa->sa_number) {
	case SIGMASK_BLOCK:
		sig_setmask(l, l->l_sigmask | set);
		return 0;
	case SIGMASK_UNBLOCK:
		sig_setmask(l, l->l_sigmask & ~set);
		return 0;
	case SIGMASK_SET:
		sig_setmask(l, set);
		return 0;
	default:
		PROBE(SIGPROCMASK_EINVAL);
		return EINVAL;
	}
}

/*
 * sigwait_pending:
 *
 *	Take a signal of the set that is pending already; false if none is.
 *	p_smutex held.
 */
static bool
sigwait_pending(struct lwp *l, ksigset_t set)
{
	const struct proc *p = l->l_proc;

	set &= p->p_sigpend.sp_set | l->l_sigpend.sp_set;
	if (set == 0)
		return false;
	sig_take(l, __builtin_ctzll(set), &l->l_sigwaited);
	return true;
}

/*
 * sigwait_sleep:
 *
 *	Wait for somebody to hand a signal over.  What was handed over counts,
 *	however the sleep ended.  p_smutex held.
 */
static int
sigwait_sleep(struct lwp *l, ksigset_t set, int timo)
{
	int error;

	l->l_sigwait = set;
	l->l_sigwaited.ksi_signo = 0;
	error = cv_timedwait_sig(&l->l_sigcv, &l->l_proc->p_smutex, timo);
	l->l_sigwait = 0;
	if (l->l_sigwaited.ksi_signo != 0)
		return 0;
	/* Woken for nothing: look again. */
	return error == 0 ? ERESTART : error;
}

int
do_sigwait(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	ksigset_t set = sa->sa_set & ~KSIG_CANTMASK;
	int error, timo;

	if (sa->sa_number < 0 || set == 0) {
		PROBE(SIGWAIT_EINVAL);
		return EINVAL;
	}
	timo = deadline_left(l, sa);
	mutex_enter(&p->p_smutex);
	if (sigwait_pending(l, set)) {
		PROBE(SIGWAIT_PENDING);
		error = 0;
	} else if (timo < 0)
		error = EWOULDBLOCK;
	else
		error = sigwait_sleep(l, set, timo);
	if (error == 0 && sa->sa_out != NULL)
		*(struct ksiginfo *)sa->sa_out = l->l_sigwaited;
	mutex_exit(&p->p_smutex);
	if (error == EWOULDBLOCK) {
		PROBE(SIGWAIT_EAGAIN);
		error = EAGAIN;
	}
	return error;
}

/*
 * do_pause:
 *
 *	Only a handler ends it, whatever it says about restarts; a stop, a
 *	suspension, or a signal that another LWP took does not.
 */
int
do_pause(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	int error;

	(void)sa;
	mutex_enter(&p->p_smutex);
	error = cv_wait_sig(&l->l_sigcv, &p->p_smutex);
	if (error == ERESTART && issignal(l) != 0) {
		PROBE(PAUSE_EINTR);
		error = EINTR;
	} else if (error == 0)
		error = ERESTART;
	mutex_exit(&p->p_smutex);
	return error;
}

int
do_sigreturn(struct lwp *l, struct sysargs *sa)
{
	sig_setmask(l, sa->sa_set);
	return 0;
}

/*
 * kill_process:
 *
 *	Post to a process that the caller has found and locked; it is unlocked.
 */
static int
kill_process(struct lwp *l, struct proc *p, struct lwp *t, int sig)
{
	const struct ksiginfo si = { .ksi_signo = sig,
		.ksi_pid = l->l_proc->p_pid,
		.ksi_lid = l->l_lid };

	if (sig != 0)
		kpsignal(p, t, &si);
	mutex_exit(&p->p_smutex);
	return 0;
}

int
do_kill(struct lwp *l, struct sysargs *sa)
{
	struct proc *p;

	if (sa->sa_number < 0 || sa->sa_number >= KNSIG) {
		PROBE(KILL_EINVAL);
		return EINVAL;
	}
	mutex_enter(&kernel.k_proclist_mutex);
	p = proc_find(sa->sa_lid);
	if (p == NULL || p == kernel.k_initproc ||
	    (p->p_flag & P_SYSTEM) != 0) {
		mutex_exit(&kernel.k_proclist_mutex);
		if (p == NULL)
			PROBE(KILL_ESRCH);
		return p == NULL ? ESRCH : EPERM;
	}
	/* Neither can it be freed now, nor later while p_smutex is held. */
	mutex_enter(&p->p_smutex);
	mutex_exit(&kernel.k_proclist_mutex);
	return kill_process(l, p, NULL, sa->sa_number);
}

int
do_lwp_kill(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;

	if (sa->sa_number < 0 || sa->sa_number >= KNSIG) {
		PROBE(LWP_KILL_EINVAL);
		return EINVAL;
	}
	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t == NULL) {
		PROBE(LWP_KILL_ESRCH);
		mutex_exit(&p->p_smutex);
		return ESRCH;
	}
	return kill_process(l, p, t, sa->sa_number);
}

/*
 * User side.
 */

int
sys_sigaction(int sig, enum sigact act, void (*handler)(int, void *), void *arg)
{
	return sys_enter(SYS_sigaction,
	    &(struct sysargs) { .sa_number = sig,
		.sa_channel = act,
		.sa_handler = handler,
		.sa_arg = arg });
}

int
sys_sigprocmask(enum sigmask_how how, ksigset_t set)
{
	return sys_enter(SYS_sigprocmask,
	    &(struct sysargs) { .sa_number = (int)how, .sa_set = set });
}

int
sys_sigwait(ksigset_t set, int timo, struct ksiginfo *si)
{
	return sys_enter(SYS_sigwait,
	    &(struct sysargs) {
		.sa_set = set, .sa_number = timo, .sa_out = si });
}

int
sys_pause(void)
{
	return sys_enter(SYS_pause, &(struct sysargs) { .sa_lid = 0 });
}

void
sys_sigreturn(ksigset_t mask)
{
	(void)sys_enter(SYS_sigreturn, &(struct sysargs) { .sa_set = mask });
}

int
sys_kill(pid_t_ pid, int sig)
{
	return sys_enter(
	    SYS_kill, &(struct sysargs) { .sa_lid = pid, .sa_number = sig });
}

int
sys_lwp_kill(lwpid_t lid, int sig)
{
	return sys_enter(SYS_lwp_kill,
	    &(struct sysargs) { .sa_lid = lid, .sa_number = sig });
}
