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
	p->p_stat = SIDL;
	p->p_pptr = parent;
	LIST_INIT(&p->p_lwps);
	LIST_INIT(&p->p_children);
	TAILQ_INIT(&p->p_zombq);
	cv_init(&p->p_lwpcv, "lwpwait");
	cv_init(&p->p_refcv, "lwprefs");
	cv_init(&p->p_waitcv, "wait");

	mutex_enter(&kernel.k_proclist_mutex);
	p->p_pid = ++kernel.k_lastpid;
	mutex_init(&p->p_smutex, CELL_p_smutex, IPL_SCHED, (unsigned)p->p_pid);
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
	mutex_destroy(&p->p_smutex);
	proc_pool_put(p);
}

/*
 * fork1:
 *
 *	Nothing that was asked of the parent's LWP is asked of the child's.
 */
int
fork1(struct lwp *l1, struct proc *parent, const struct usercontext *uc,
    void (*func)(void *), void *arg, struct proc **pp)
{
	struct proc *p;
	struct lwp *l;
	int error;

	*pp = NULL;
	p = proc_alloc(parent, 0);
	if (p == NULL)
		return EAGAIN;
	error = newlwp(l1, p, true, 0, uc, func, arg, &l);
	if (error == 0) {
		mutex_enter(&p->p_smutex);
		cell_poke(p, p_stat, SACTIVE);
		mutex_exit(&p->p_smutex);
		*pp = p;
		error = lwp_activate(l, 0);
		KASSERT(error == 0);
		return 0;
	}
	mutex_enter(&kernel.k_proclist_mutex);
	proc_unlist(p);
	mutex_exit(&kernel.k_proclist_mutex);
	proc_destroy(p);
	return error;
}

/*
 * proc_free:
 *
 *	Collect a zombie process that is on no list any more: its last LWP,
 *	then itself.  No lock held; waits for that LWP's CPU.
 */
static void
proc_free(struct proc *p)
{
	struct lwp *l;

	mutex_enter(&p->p_smutex);
	KASSERT(p->p_nlwps == 1);
	KASSERT(p->p_nzlwps == 1);
	KASSERT(p->p_nrlwps == 0);
	l = LIST_FIRST(&p->p_lwps);
	lwp_unlink(p, l);
	mutex_exit(&p->p_smutex);
	lwp_free(l, false, true);
	proc_destroy(p);
}

/*
 * proc_wait:
 *
 *	The zombie is taken off the lists in the hold in which it was found.
 */
int
proc_wait(struct lwp *l, bool nohang, pid_t_ *pid, int *status)
{
	struct proc *p = l->l_proc, *child;

	KASSERT(l == curlwp);
	mutex_enter(&kernel.k_proclist_mutex);
	for (;;) {
		LIST_FOREACH(child, &p->p_children, p_siblings)
		{
			if (cell_peek(child, p_stat) == SZOMB)
				break;
		}
		if (child != NULL)
			break;
		if (nohang ||
		    (LIST_EMPTY(&p->p_children) && p != kernel.k_initproc)) {
			mutex_exit(&kernel.k_proclist_mutex);
			return nohang ? EAGAIN : ECHILD;
		}
		cv_wait(&p->p_waitcv, &kernel.k_proclist_mutex);
	}
	proc_unlist(child);
	mutex_exit(&kernel.k_proclist_mutex);
	*pid = child->p_pid;
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
