/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Swapping: an LWP that is out has no place in memory to run, so it is on no
 * run queue.  It is put out while it sleeps, waits for a CPU or is held, and
 * brought back by the swapper, lwp0, once it is RUN.
 *
 * Whoever makes it RUN holds scheduler locks, so it only leaves a note and asks
 * for a soft interrupt, which may take a sleep queue and wakes the swapper.
 *
 *	(W1) an LWP that is RUN and not L_INMEM implies a note, a soft interrupt
 *	     that is due, k_swapkicked, or a swapper that has not looked at it
 *	     yet
 *	(W2) an LWP with an exit mark is not put out: it may be off alllwp,
 *	     where the swapper looks
 *	(W3) nor is one whose CPU has not let go of it, though it sleeps: it may
 *	     come off its queue and go on there (kern_turnstile.c)
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

void
swap_init(void)
{
	mutex_init(&kernel.k_swap_mutex, CELL_swap_mutex, IPL_SCHED, 0);
	cv_init(&kernel.k_swapcv, "swapper");
}

int
swap_out(struct lwp *l)
{
	KASSERT(mutex_owned(&l->l_proc->p_smutex));
	KASSERT(lwp_locked(l, NULL));

	if (l->l_stat == LSONPROC || l->l_stat == LSIDL ||
	    l->l_stat == LSZOMB || (l->l_flag & L_SYSTEM) != 0 ||
	    (l->l_prflag & LPR_EXITING) != 0 ||
	    cell_load_acquire(l, l_running) != 0) {
		PROBE(SWAPOUT_EBUSY);
		return EBUSY;
	}
	if ((l->l_flag & L_INMEM) == 0)
		return 0;
	if (l->l_stat == LSRUN) {
		PROBE(SWAPOUT_RUN);
		remrunqueue(l);
		swap_kick();
	}
	lwp_clearflags(l, L_INMEM);
	return 0;
}

void
swap_kick(void)
{
	/* Release: the LWP is RUN before; pairs with swap_softint(). */
	cell_store_release(&kernel, k_swapwanted, 1);
	machine_softint(&kernel.k_cpu[0]);
}

void
swap_softint(void)
{
	if (cell_load_relaxed(&kernel, k_swapwanted) == 0 ||
	    cell_exchange(&kernel, k_swapwanted, 0) == 0)
		return;
	mutex_enter(&kernel.k_swap_mutex);
	kernel.k_swapkicked = true;
	cv_signal(&kernel.k_swapcv);
	mutex_exit(&kernel.k_swap_mutex);
}

/*
 * swap_in:
 *
 *	Bring back whoever could run.
 */
static void
swap_in(void)
{
	struct lwp *l;

	mutex_enter(&kernel.k_proclist_mutex);
	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		lwp_lock(l);
		if (l->l_stat == LSRUN && (l->l_flag & L_INMEM) == 0) {
			PROBE(SWAPIN);
			lwp_setflags(l, L_INMEM);
			setrunqueue(l);
			sched_wakecpu(l);
		}
		lwp_unlock(l);
	}
	mutex_exit(&kernel.k_proclist_mutex);
}

void
swapper(void)
{
	for (;;) {
		mutex_enter(&kernel.k_swap_mutex);
		while (!kernel.k_swapkicked)
			cv_wait(&kernel.k_swapcv, &kernel.k_swap_mutex);
		kernel.k_swapkicked = false;
		mutex_exit(&kernel.k_swap_mutex);
		swap_in();
	}
}
