/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Processes: the list of them, creation, collection, and the LWP that stands
 * for a process.
 *
 * allproc, the lists of children and the change to SZOMB are covered by
 * proclist_mutex, taken before the p_smutex of any process.  Two p_smutex are
 * never held together.  A parent sleeps on its p_waitcv, whose interlock is
 * proclist_mutex.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

CTASSERT(sizeof(struct proc) % 64 == 0);
CTASSERT(offsetof(struct proc, p_smutex) == PROC_HEAD_SIZE);

/*
 * proc_init:
 *
 *	Boot: the lists.
 */
void
proc_init(void)
{
	section_init(kernel.k_section, SECTIONS_MACHINE, SECTIONS_PROC);
	mutex_init(&kernel.k_proclist_mutex, CELL_proclist_mutex, IPL_SCHED, 0);
	LIST_INIT(&kernel.k_allproc);
	LIST_INIT(&kernel.k_alllwp);
	kernel.k_lastpid = -1;
}

/*
 * proc_pool_get, proc_pool_put:
 *
 *	Memory of a process; NULL at the limit.  Unlike LWPs nobody looks at a
 *	process without knowing that it is there, so it needs no grace period.
 */
static struct proc *
proc_pool_get(void)
{
	struct proc *p;

	mutex_enter(&kernel.k_pool_lock);
	p = kernel.k_procfree;
	if (p != NULL) {
		kernel.k_procfree = p->p_poolnext;
		kernel.k_nproc++;
		mutex_exit(&kernel.k_pool_lock);
		machine_object((char *)p + PROC_HEAD_SIZE,
		    sizeof(*p) - PROC_HEAD_SIZE, true);
		__builtin_memset(p, 0, sizeof(*p));
		return p;
	}
	if (kernel.k_procused < kernel.k_boot.bp_maxproc) {
		p = &kernel.k_procpool[kernel.k_procused++];
		kernel.k_nproc++;
	}
	mutex_exit(&kernel.k_pool_lock);
	return p;
}

static void
proc_pool_put(struct proc *p)
{
	machine_object(
	    (char *)p + PROC_HEAD_SIZE, sizeof(*p) - PROC_HEAD_SIZE, false);
	mutex_enter(&kernel.k_pool_lock);
	p->p_poolnext = kernel.k_procfree;
	kernel.k_procfree = p;
	kernel.k_nproc--;
	mutex_exit(&kernel.k_pool_lock);
}

/*
 * proc_alloc:
 *
 *	A process in SIDL, on the lists, with a new PID.  No lock held.
 */
struct proc *
proc_alloc(struct proc *parent, unsigned flag)
{
	struct proc *p;

	p = proc_pool_get();
	if (p == NULL)
		return NULL;
	p->p_flag = flag;
	cell_poke(p, p_stat, SIDL);
	p->p_pptr = parent;
	LIST_INIT(&p->p_lwps);
	LIST_INIT(&p->p_children);
	TAILQ_INIT(&p->p_zombq);
	cv_init(&p->p_lwpcv, "lwpwait");
	cv_init(&p->p_refcv, "lwprefs");
	cv_init(&p->p_waitcv, "wait");
	sigpend_init(&p->p_sigpend);
	callout_init(&p->p_tell);
	section_init(p->p_section, SECTIONS_PROC, 0);

	mutex_enter(&kernel.k_proclist_mutex);
	p->p_pid = ++kernel.k_lastpid;
	mutex_init(&p->p_smutex, CELL_p_smutex, IPL_SCHED, (unsigned)p->p_pid);
	mutex_init(&p->p_mutex, CELL_p_mutex, IPL_NONE, (unsigned)p->p_pid);
	LIST_INSERT_HEAD(&kernel.k_allproc, p, p_list);
	if (parent != NULL)
		LIST_INSERT_HEAD(&parent->p_children, p, p_siblings);
	mutex_exit(&kernel.k_proclist_mutex);
	return p;
}

/*
 * proc_unlist:
 *
 *	Off the lists.  proclist_mutex held.
 */
static void
proc_unlist(struct proc *p)
{
	KASSERT(mutex_owned(&kernel.k_proclist_mutex));
	LIST_REMOVE(p, p_list);
	LIST_REMOVE(p, p_siblings);
}

/*
 * proc_destroy:
 *
 *	Give an unlisted process without LWPs back.  No lock held.
 */
static void
proc_destroy(struct proc *p)
{
	KASSERT(LIST_EMPTY(&p->p_lwps));
	KASSERT(LIST_EMPTY(&p->p_children));
	KASSERT(p->p_nlwps == 0);
	EVENT(PROCFREE, NULL, p->p_pid, 0);
	cv_destroy(&p->p_lwpcv);
	cv_destroy(&p->p_refcv);
	cv_destroy(&p->p_waitcv);
	callout_destroy(&p->p_tell);
	section_destroy(p->p_section, SECTIONS_PROC);
	mutex_destroy(&p->p_mutex);
	mutex_destroy(&p->p_smutex);
	cred_proc_free(p);
	proc_pool_put(p);
}

/*
 * fork_inherit:
 *
 *	What a child has from its parent.
 */
static void
fork_inherit(struct proc *p, struct proc *parent)
{
	mutex_enter(&parent->p_smutex);
	__builtin_memcpy(p->p_sigact, parent->p_sigact, sizeof(p->p_sigact));
	p->p_lwp_fork_hook = parent->p_lwp_fork_hook;
	p->p_lwp_exit_hook = parent->p_lwp_exit_hook;
	mutex_exit(&parent->p_smutex);
}

/*
 * fork_start:
 *
 *	The child is complete: active, or stopped.
 */
static void
fork_start(struct proc *p, struct lwp *l, int flags)
{
	int error;

	mutex_enter(&p->p_smutex);
	cell_poke(p, p_stat, SACTIVE);
	if ((flags & FORK_STOPPED) != 0) {
		PROBE(FORK_STOPPED);
		p->p_xstat = W_STOPCODE(KSIG_STOP);
		proc_stopped(p);
	}
	mutex_exit(&p->p_smutex);
	/* Only LWPs of a process end it, and this one has none yet. */
	error = lwp_activate(l, 0);
	KASSERT(error == 0);
	(void)error;
}

int
fork1(struct lwp *l1, struct proc *parent, int flags,
    const struct usercontext *uc, void (*func)(void *), void *arg, pid_t_ *pid)
{
	struct proc *p;
	struct lwp *l;
	int error;

	KASSERT(parent != NULL);
	p = proc_alloc(parent, (flags & FORK_SYSTEM) != 0 ? P_SYSTEM : 0);
	if (p == NULL) {
		PROBE(FORK_EAGAIN);
		return EAGAIN;
	}
	fork_inherit(p, parent);
	cred_fork(l1, p);
	error = newlwp(l1, p, true, 0, uc, func, arg, &l);
	if (error == 0) {
		*pid = p->p_pid;
		fork_start(p, l, flags);
		return 0;
	}
	PROBE(FORK_UNDONE);
	mutex_enter(&kernel.k_proclist_mutex);
	proc_unlist(p);
	/* Somebody may wait for this child and for no other. */
	cv_broadcast(&parent->p_waitcv);
	mutex_exit(&kernel.k_proclist_mutex);
	proc_destroy(p);
	return error;
}

struct proc *
proc_find(pid_t_ pid)
{
	enum proc_state stat;
	struct proc *p;

	KASSERT(mutex_owned(&kernel.k_proclist_mutex));
	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p->p_pid == pid)
			break;
	}
	if (p == NULL)
		return NULL;
	stat = cell_peek(p, p_stat);
	return stat != SIDL && stat != SZOMB ? p : NULL;
}

/*
 * proc_free:
 *
 *	Collect a zombie process that is on no list any more: its last LWP,
 *	then itself.  No lock held; waits for that LWP's CPU, and for a handler
 *	that is just telling its parent something.
 */
static void
proc_free(struct proc *p)
{
	struct lwp *l;

	(void)callout_halt(&p->p_tell);
	mutex_enter(&p->p_smutex);
	KASSERT(p->p_nlwps == 1);
	KASSERT(p->p_nzlwps == 1);
	KASSERT(p->p_nrlwps == 0);
	l = LIST_FIRST(&p->p_lwps);
	lwp_unlink(p, l);
	if (p->p_sigpend.sp_set != 0)
		EVENT(SIGDROP, NULL, p->p_sigpend.sp_set, p);
	sigclear(&p->p_sigpend, ~(ksigset_t)0);
	mutex_exit(&p->p_smutex);
	lwp_free(l, false, true);
	proc_destroy(p);
}

void
proc_orphans(struct proc *p)
{
	struct proc *child;

	mutex_enter(&kernel.k_proclist_mutex);
	while ((child = LIST_FIRST(&p->p_children)) != NULL) {
		PROBE(EXIT_ORPHAN);
		LIST_REMOVE(child, p_siblings);
		child->p_pptr = kernel.k_initproc;
		LIST_INSERT_HEAD(
		    &kernel.k_initproc->p_children, child, p_siblings);
	}
	cv_broadcast(&kernel.k_initproc->p_waitcv);
	mutex_exit(&kernel.k_proclist_mutex);
}

/*
 * wait_stopped:
 *
 *	Is the child stopped, and was that not told yet?  Notes that it is now.
 */
static bool
wait_stopped(struct proc *child, int *status)
{
	bool stopped;

	mutex_enter(&child->p_smutex);
	stopped = cell_peek(child, p_stat) == SSTOP && !child->p_waited;
	if (stopped) {
		PROBE(PROCWAIT_STOPPED);
		child->p_waited = true;
		*status = child->p_xstat;
	}
	mutex_exit(&child->p_smutex);
	return stopped;
}

/*
 * wait_child:
 *
 *	One look at the children: a zombie, or one that is stopped (then
 *	*stopped); NULL if none; *any: is there one to wait for?
 */
static struct proc *
wait_child(struct proc *p, pid_t_ pid, int options, bool *any, bool *stopped,
    int *status)
{
	struct proc *child;

	*any = *stopped = false;
	LIST_FOREACH(child, &p->p_children, p_siblings)
	{
		if (pid != 0 && child->p_pid != pid)
			continue;
		*any = true;
		if (cell_peek(child, p_stat) == SZOMB)
			return child;
		if ((options & PWAIT_UNTRACED) != 0 &&
		    wait_stopped(child, status)) {
			*stopped = true;
			return child;
		}
	}
	return NULL;
}

/*
 * proc_wait:
 *
 *	A zombie is taken off the lists in the hold in which it was found.
 */
int
proc_wait(struct lwp *l, pid_t_ pid, int options, pid_t_ *pidp, int *status)
{
	struct proc *p = l->l_proc, *child;
	bool any, stopped;
	int error = 0;

	KASSERT(l == curlwp);
	mutex_enter(&kernel.k_proclist_mutex);
	for (;;) {
		child = wait_child(p, pid, options, &any, &stopped, status);
		if (child != NULL)
			break;
		if (!any && p != kernel.k_initproc) {
			PROBE(PROCWAIT_ECHILD);
			error = ECHILD;
		} else if ((options & PWAIT_NOHANG) != 0) {
			PROBE(PROCWAIT_EAGAIN);
			error = EAGAIN;
		} else {
			EVENT(PROCWAIT, l, pid, options);
			error = cv_wait_sig(
			    &p->p_waitcv, &kernel.k_proclist_mutex);
			if (error != 0)
				PROBE(PROCWAIT_INTERRUPTED);
		}
		if (error != 0) {
			mutex_exit(&kernel.k_proclist_mutex);
			return error;
		}
	}
	*pidp = child->p_pid;
	if (stopped) {
		mutex_exit(&kernel.k_proclist_mutex);
		return 0;
	}
	proc_unlist(child);
	mutex_exit(&kernel.k_proclist_mutex);
	*status = child->p_xstat;
	proc_free(child);
	return 0;
}

/*
 * proc_broadcast:
 *
 *	See kern_lwpwait.c for who must call it.
 */
void
proc_broadcast(struct proc *p)
{
	KASSERT(mutex_owned(&p->p_smutex));
	cv_broadcast(&p->p_lwpcv);
}

/*
 * Classes of LWPs in the order in which one of them stands for its process.
 */
static const uint8_t representative_rank[LS_COUNT] = {
	[LSONPROC] = 5,
	[LSRUN] = 4,
	[LSSLEEP] = 3,
	[LSSTOP] = 2,
	[LSSUSPENDED] = 1,
};

/*
 * proc_representative_lwp:
 *
 *	Unlike 1.54 a single LWP counts as running only if it is (P1), there
 *	is a fallback when nobody qualifies (P2), and the LWP that took the
 *	last signal must be live (P3).
 */
struct lwp *
proc_representative_lwp(struct proc *p, int *nrlwps, bool locking)
{
	struct lwp *l, *best = NULL, *sig = NULL;
	int running = 0, rank, best_rank = 0;

	KASSERT(!locking || mutex_owned(&p->p_smutex));
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		enum lwp_state stat = cell_load_relaxed(l, l_stat);

		rank = representative_rank[stat];
		if (rank == 0)
			continue;
		if (stat == LSONPROC || stat == LSRUN)
			running++;
		if (p->p_siglwp != 0 && l->l_lid == p->p_siglwp &&
		    (l->l_prflag & LPR_EXITING) == 0)
			sig = l;
		/* The list is newest first: the last of a class is oldest. */
		if (rank >= best_rank) {
			best_rank = rank;
			best = l;
		}
	}
	if (nrlwps != NULL)
		*nrlwps = running;
	if (sig != NULL)
		return sig;
	if (best == NULL) {
		best = LIST_FIRST(&p->p_lwps);
		if (best == NULL)
			panic("proc_representative_lwp: no LWP");
	}
	return best;
}
