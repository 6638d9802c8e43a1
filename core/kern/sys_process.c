/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls that are not of the _lwp_* family: the end of a process,
 * sleeping and waking, priorities, and what a debugger would ask for.
 */

#include <machine/atomic.h>

#include <errno.h>

#include "kern_lwp_impl.h"
#include "sysent.h"

int
do_exit(struct lwp *l, struct sysargs *sa)
{
	mutex_enter(&l->l_proc->p_smutex);
	exit1(l, W_EXITCODE(sa->sa_number, 0));
}

int
do_yield(struct lwp *l, struct sysargs *sa)
{
	(void)l;
	(void)sa;
	yield();
	return 0;
}

/*
 * do_tsleep:
 *
 *	A sleep on a channel of the process.  A restart waits for what is left
 *	of the timeout.
 */
int
do_tsleep(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	int timo = sa->sa_number;

	if (sa->sa_channel >= PROC_CHANNELS || timo < 0 ||
	    (timo == 0 && !sa->sa_intr)) {
		PROBE(TSLEEP_EINVAL);
		return EINVAL;
	}
	timo = deadline_left(l, sa);
	if (timo < 0)
		return EWOULDBLOCK;
	return tsleep(&p->p_channel[sa->sa_channel],
	    sa->sa_intr ? PWAIT | PCATCH : PRIBIO, "channel", timo);
}

int
do_wakeup(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	const void *wchan;
	int n;

	if (sa->sa_channel >= PROC_CHANNELS)
		return EINVAL;
	wchan = &p->p_channel[sa->sa_channel];
	if (sa->sa_number == 0)
		wakeup(wchan);
	else
		for (n = 0; n < sa->sa_number; n++)
			wakeup_one(wchan);
	return 0;
}

int
do_setpri(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;

	if (sa->sa_number < PUSER || sa->sa_number > MAXPRI) {
		PROBE(SETPRI_EINVAL);
		return EINVAL;
	}
	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t != NULL) {
		lwp_lock(t);
		EVENT(SETPRI, t, sa->sa_number, 0);
		lwp_changepri(t, sa->sa_number);
		lwp_unlock(t);
	}
	mutex_exit(&p->p_smutex);
	return t != NULL ? 0 : ESRCH;
}

int
do_ref(struct lwp *l, struct sysargs *sa)
{
	if (l->l_held != NULL) {
		PROBE(REF_EBUSY);
		return EBUSY;
	}
	l->l_held = lwp_find_ref(l->l_proc, sa->sa_lid);
	if (l->l_held == NULL) {
		PROBE(REF_ESRCH);
		return ESRCH;
	}
	return 0;
}

int
do_unref(struct lwp *l, struct sysargs *sa)
{
	(void)sa;
	if (l->l_held == NULL)
		return ESRCH;
	lwp_dropheld(l);
	return 0;
}

/*
 * hook_ran:
 *
 *	The userret hook that programs arm: tells that it ran.
 */
static void
hook_ran(void)
{
	EVENT(MARK, curlwp, MARK_HOOK, 0);
}

int
do_userret(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;

	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t != NULL) {
		EVENT(MARK, t, MARK_HOOK_ARM, p->p_userret != NULL);
		p->p_userret = hook_ran;
		lwp_lock(t);
		lwp_setflags(t, L_WUSERRET);
		if (t->l_stat == LSRUN || t->l_stat == LSONPROC)
			lwp_need_userret(t);
		lwp_unlock(t);
	}
	mutex_exit(&p->p_smutex);
	return t != NULL ? 0 : ESRCH;
}

int
do_representative(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;

	mutex_enter(&p->p_smutex);
	t = proc_representative_lwp(p, sa->sa_out2, true);
	*(lwpid_t *)sa->sa_out = t->l_lid;
	EVENT(MARK, t, MARK_REPR, 0);
	mutex_exit(&p->p_smutex);
	return 0;
}

int
do_presetlid(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;

	if (sa->sa_lid <= 0)
		return EINVAL;
	mutex_enter(&p->p_smutex);
	p->p_nlwpid = sa->sa_lid - 1;
	mutex_exit(&p->p_smutex);
	return 0;
}

/*
 * do_fork:
 *
 *	The child's first LWP runs the given user code.
 */
int
do_fork(struct lwp *l, struct sysargs *sa)
{
	const struct usercontext *uc = sa->sa_in;
	if (copyfail() || uc->uc_entry == NULL) {
		PROBE(FORK_EINVAL);
		return EINVAL;
	}
	return fork1(l, l->l_proc, sa->sa_number & FORK_STOPPED, uc,
	    lwp_user_entry, NULL, sa->sa_out);
}

int
do_wait4(struct lwp *l, struct sysargs *sa)
{
	int *statusp = sa->sa_out2, error, status;
	pid_t_ *pidp = sa->sa_out, pid;

	error = proc_wait(l, sa->sa_lid, sa->sa_number, &pid, &status);
	if (error == 0 && pidp != NULL)
		*pidp = pid;
	if (error == 0 && statusp != NULL)
		*statusp = status;
	return error;
}

int
do_reboot(struct lwp *l, struct sysargs *sa)
{
	(void)l;
	(void)sa;
	suspendsched();
	return 0;
}

int
do_swapout(struct lwp *l, struct sysargs *sa)
{
	struct proc *p = l->l_proc;
	struct lwp *t;
	int error = ESRCH;

	mutex_enter(&p->p_smutex);
	t = lwp_find(p, sa->sa_lid);
	if (t != NULL) {
		lwp_lock(t);
		error = swap_out(t);
		lwp_unlock(t);
	}
	mutex_exit(&p->p_smutex);
	return error;
}

/*
 * User side.
 */

void
sys_exit(int status)
{
	(void)sys_enter(SYS_exit, &(struct sysargs) { .sa_number = status });
	panic("sys_exit: came back");
}

void
sys_yield(void)
{
	(void)sys_enter(SYS_yield, &(struct sysargs) { .sa_lid = 0 });
}

int
sys_tsleep(unsigned channel, int timo, bool intr)
{
	return sys_enter(SYS_tsleep,
	    &(struct sysargs) {
		.sa_channel = channel, .sa_number = timo, .sa_intr = intr });
}

int
sys_wakeup(unsigned channel, unsigned n)
{
	return sys_enter(SYS_wakeup,
	    &(struct sysargs) { .sa_channel = channel, .sa_number = (int)n });
}

int
sys_setpri(lwpid_t lid, pri_t pri)
{
	return sys_enter(
	    SYS_setpri, &(struct sysargs) { .sa_lid = lid, .sa_number = pri });
}

int
sys_ref(lwpid_t lid)
{
	return sys_enter(SYS_ref, &(struct sysargs) { .sa_lid = lid });
}

int
sys_unref(void)
{
	return sys_enter(SYS_unref, &(struct sysargs) { .sa_lid = 0 });
}

int
sys_userret(lwpid_t lid)
{
	return sys_enter(SYS_userret, &(struct sysargs) { .sa_lid = lid });
}

int
sys_representative(lwpid_t *lid, int *nrlwps)
{
	return sys_enter(SYS_representative,
	    &(struct sysargs) { .sa_out = lid, .sa_out2 = nrlwps });
}

int
sys_presetlid(lwpid_t lid)
{
	return sys_enter(SYS_presetlid, &(struct sysargs) { .sa_lid = lid });
}

int
sys_fork(const struct usercontext *uc, int flags, pid_t_ *pid)
{
	return sys_enter(SYS_fork,
	    &(struct sysargs) {
		.sa_in = uc, .sa_number = flags, .sa_out = pid });
}

int
sys_wait4(pid_t_ pid, int options, pid_t_ *pidp, int *status)
{
	return sys_enter(SYS_wait4,
	    &(struct sysargs) { .sa_lid = pid,
		.sa_number = options,
		.sa_out = pidp,
		.sa_out2 = status });
}

void
sys_reboot(void)
{
	(void)sys_enter(SYS_reboot, &(struct sysargs) { .sa_lid = 0 });
}

int
sys_swapout(lwpid_t lid)
{
	return sys_enter(SYS_swapout, &(struct sysargs) { .sa_lid = lid });
}
