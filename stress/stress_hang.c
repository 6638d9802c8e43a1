/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What everybody is doing, printed while the machine runs or hangs.  No lock
 * is taken, since one of them may be what it hangs on; what is printed of a
 * machine that still moves may be torn.
 */

#include <stdio.h>

#include "../fuzz/oracle/oracle.h"
#include "stress.h"

static const struct hang_flag {
	unsigned flag;
	const char *name;
} flags[] = {
	{ L_SINTR, "SINTR" },
	{ L_WSUSPEND, "WSUSPEND" },
	{ L_WEXIT, "WEXIT" },
	{ L_WCORE, "WCORE" },
	{ L_WREBOOT, "WREBOOT" },
	{ L_CANCELLED, "CANCELLED" },
	{ L_UNPARKED, "UNPARKED" },
	{ L_PENDSIG, "PENDSIG" },
};

/*
 * hang_mutex:
 *
 *	A mutex and who holds it.
 */
static void
hang_mutex(const kmutex_t *mtx)
{
	const struct cpu_info *ci;

	if (mtx == NULL)
		return;
	(void)printf(" %s %u", cell_name(mtx->mtx_class), mtx->mtx_ordinal);
	ci = mtx->mtx_owner;
	if (mtx->mtx_word != 0 && ci != NULL)
		(void)printf(" held by cpu %u", ci->ci_index);
	else
		(void)printf(mtx->mtx_word != 0 ? " held" : " free");
}

static void
hang_lwp(const struct lwp *l)
{
	unsigned n;

	(void)printf("  lid %-6d %-9s cpu %u", l->l_lid,
	    oracle_state_name(l->l_stat),
	    l->l_cpu != NULL ? l->l_cpu->ci_index : 0);
	if (l->l_wchan != NULL)
		(void)printf(" on \"%s\"", l->l_wmesg);
	if (l->l_waitfor != WAITFOR_NOBODY)
		(void)printf(" waits for %d", l->l_waitfor);
	if (l->l_refcnt != 1)
		(void)printf(" references %u", l->l_refcnt);
	(void)printf(", lock");
	hang_mutex(l->l_mutex);
	for (n = 0; n < sizeof(flags) / sizeof(flags[0]); n++) {
		if ((l->l_flag & flags[n].flag) != 0)
			(void)printf(" %s", flags[n].name);
	}
	(void)printf("%s%s%s\n",
	    (l->l_prflag & LPR_DETACHED) != 0 ? " detached" : "",
	    (l->l_prflag & LPR_EXITING) != 0 ? " exiting" : "",
	    l->l_running != 0 ? " running" : "");
}

static void
hang_cpu(const struct cpu_info *ci)
{
	const struct lwp *l = ci->ci_curlwp;
	const kmutex_t *mtx;

	(void)printf("cpu %u: ", ci->ci_index);
	if (l == ci->ci_idlelwp)
		(void)printf("idle");
	else if (l != NULL)
		(void)printf("lid %d of process %d", l->l_lid,
		    l->l_proc != NULL ? l->l_proc->p_pid : -1);
	(void)printf(", level %d, queued %u%s", ci->ci_ipl,
	    ci->ci_runqueue->rq_count,
	    ci->ci_want_resched != 0 ? ", resched wanted" : "");
	for (mtx = ci->ci_held; mtx != NULL; mtx = mtx->mtx_nextheld)
		(void)printf(", holds %s %u", cell_name(mtx->mtx_class),
		    mtx->mtx_ordinal);
	(void)printf("\n");
}

/*
 * hang_proc:
 *
 *	A list that is torn may be endless.
 */
static void
hang_proc(const struct proc *p)
{
	const struct lwp *l;
	unsigned n = 0;

	(void)printf("process %d: state %d, LWPs %d, running %d, exiting %d, "
		     "detached %d, waiting %d; p_smutex",
	    p->p_pid, (int)p->p_stat, p->p_nlwps, p->p_nrlwps, p->p_nzlwps,
	    p->p_ndlwps, p->p_nlwpwait);
	hang_mutex(&p->p_smutex);
	(void)printf("\n");
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (++n > 10000)
			break;
		hang_lwp(l);
	}
}

void
stress_hang(void)
{
	const struct proc *p;
	unsigned n;

	for (n = 0; n < kernel.k_boot.bp_ncpu && kernel.k_cpu != NULL; n++)
		hang_cpu(&kernel.k_cpu[n]);
	n = 0;
	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (++n > 1000)
			break;
		hang_proc(p);
	}
	(void)fflush(stdout);
}
