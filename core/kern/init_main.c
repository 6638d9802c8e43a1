/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Boot.
 *
 * Order: locks and pools; lwp0 as curlwp of CPU 0; the idle contexts; process
 * 1.  proc0 and process 1 never exit.  lwp0, once it has spawned what there is
 * to run, becomes the swapper; process 1 collects whoever is orphaned or was
 * spawned.  Nothing here loops over the limits, so booting costs the same for
 * any size of the pools.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

#include "kern_lwp_impl.h"

struct kernel_root kernel;

#ifdef LWP_SPIN_LOCK
/* Spin mutexes that are not a process', a CPU's or of a hash, with some to
 * spare. */
#define BOOT_MUTEXES 256

/*
 * boot_spin:
 *
 *	Places in queues: for each CPU, and for each mutex one.
 */
static int
boot_spin(void)
{
	const struct boot_params *bp = &kernel.k_boot;
	unsigned n, count;
	struct spin_node *sn;

	count = bp->bp_ncpu * (SPIN_NODES + 1) + bp->bp_maxproc +
	    kernel.k_sleepqs + kernel.k_tschains + BOOT_MUTEXES;
	if (count > SPIN_POOL_MAX)
		return ENOMEM;
	sn = machine_alloc(count * sizeof(*sn));
	if (sn == NULL)
		return ENOMEM;
	spin_pool_init(&kernel.k_spinpool, sn, count);
	for (n = 0; n < bp->bp_ncpu; n++)
		spin_cpu_init(&kernel.k_cpu[n].ci_spin, &kernel.k_spinpool, 0);
	return 0;
}
#else
#define boot_spin() 0
#endif

/*
 * boot_hash:
 *
 *	Rows of a hash: a power of two.
 */
static unsigned
boot_hash(unsigned least, unsigned percpu)
{
	unsigned rows = least;

	while (rows < kernel.k_boot.bp_ncpu * percpu)
		rows *= 2;
	return rows;
}

/*
 * boot_cpus:
 *
 *	The CPUs and their run queues.
 */
static int
boot_cpus(void)
{
	const struct boot_params *bp = &kernel.k_boot;
	unsigned n;

	kernel.k_cpu = machine_alloc(bp->bp_ncpu * sizeof(*kernel.k_cpu));
	if (kernel.k_cpu == NULL || boot_spin() != 0)
		return ENOMEM;
	mutex_init(&kernel.k_kernel_lock, CELL_kernel_lock, IPL_NONE, 0);
	mutex_init(&kernel.k_sched_mutex, CELL_sched_mutex, IPL_SCHED, 0);
	runq_init(&kernel.k_runqueue, &kernel.k_sched_mutex);
	for (n = 0; n < bp->bp_ncpu; n++) {
		struct cpu_info *ci = &kernel.k_cpu[n];

		ci->ci_index = n;
		if (bp->bp_percpu_runq) {
			mutex_init(&ci->ci_schedmutex_store, CELL_sched_mutex,
			    IPL_SCHED, n);
			runq_init(
			    &ci->ci_runqueue_store, &ci->ci_schedmutex_store);
			ci->ci_runqueue = &ci->ci_runqueue_store;
		} else
			ci->ci_runqueue = &kernel.k_runqueue;
		ci->ci_schedmutex = ci->ci_runqueue->rq_mutex;
	}
	return 0;
}

/*
 * boot_idle:
 *
 *	The idle context of a CPU: LID 0, on no list and in no counter.
 */
static int
boot_idle(struct cpu_info *ci, struct lwp *l)
{
	l->l_mutex = ci->ci_schedmutex;
	l->l_proc = kernel.k_proc0;
	l->l_stat = ci->ci_index == 0 ? LSIDL : LSONPROC;
	l->l_flag = L_INMEM | L_SYSTEM;
	l->l_cpu = ci;
	l->l_priority = l->l_usrpri = MAXPRI;
	l->l_inheritedprio = PRI_NONE;
	l->l_syncobj = &sched_syncobj;
	l->l_waitfor = WAITFOR_NOBODY;
	l->l_running = ci->ci_index != 0 ? LWP_ONCPU : LWP_OFFCPU;
	ci->ci_idlelwp = l;
	if (ci->ci_index != 0)
		ci->ci_curlwp = l;
	return machine_context_init(l, idle_loop, ci);
}

/*
 * boot_lwp0:
 *
 *	The code that runs becomes lwp0 of proc0.
 */
static int
boot_lwp0(struct lwp *l)
{
	struct cpu_info *ci = &kernel.k_cpu[0];
	struct proc *p;

	l->l_cpu = ci;
	l->l_running = LWP_ONCPU;
	ci->ci_curlwp = l;
	machine_cpu_boot(ci);

	p = proc_alloc(NULL, P_SYSTEM);
	if (p == NULL)
		return ENOMEM;
	kernel.k_proc0 = p;
	l->l_ts = &kernel.k_turnstile0;
	lwp_init(l, NULL, p, ++kernel.k_serial);
	l->l_running = LWP_ONCPU;
	l->l_flag |= L_INMEM;
	/* The base is what user LWPs inherit; lwp0 itself never gets there. */
	l->l_priority = PSWP;
	cred_boot(p);
	lwp_update_creds(l);
	kernel.k_lwp0 = l;
	kernel.k_nlwp++;
	mutex_enter(&p->p_smutex);
	p->p_stat = SACTIVE;
	(void)lwp_link(p, l, 0);
	p->p_nrlwps = 1;
	l->l_stat = LSONPROC;
	mutex_exit(&p->p_smutex);
	LIST_INSERT_HEAD(&kernel.k_alllwp, l, l_list);
	return 0;
}

/*
 * init_main:
 *
 *	Process 1: collect.
 */
static void
init_main(void *arg)
{
	struct lwp *l = curlwp;
	pid_t_ pid;
	int status;

	(void)arg;
	for (;;)
		(void)proc_wait(l, 0, 0, &pid, &status);
}

int
kernel_boot(const struct boot_params *bp)
{
	struct lwp *boot;
	pid_t_ pid;
	unsigned n;
	int error;

	kernel.k_boot = *bp;
	kernel.k_sleepqs = boot_hash(SLEEPQ_MIN, SLEEPQ_CPU);
	kernel.k_tschains = boot_hash(TSCHAIN_MIN, TSCHAIN_CPU);
	error = boot_cpus();
	if (error != 0)
		return error;
	/* lwp0 and the idle contexts are not of the pool. */
	boot = machine_alloc((1 + bp->bp_ncpu) * sizeof(*boot));
	kernel.k_lwppool = machine_alloc(bp->bp_maxlwp * sizeof(*boot));
	kernel.k_procpool = machine_alloc(
	    bp->bp_maxproc * sizeof(*kernel.k_procpool));
	if (boot == NULL || kernel.k_lwppool == NULL ||
	    kernel.k_procpool == NULL)
		return ENOMEM;
	boot[0].l_slot = bp->bp_maxlwp;
	kernel.k_cpu[0].ci_curlwp = &boot[0];
	machine_cpu_boot(&kernel.k_cpu[0]);
	lwpinit();
	proc_init();
	sleepq_init();
	turnstile_init();
	callout_startup();
	ksigentry_init();
	swap_init();
	error = boot_lwp0(&boot[0]);
	for (n = 0; n < bp->bp_ncpu && error == 0; n++)
		error = boot_idle(&kernel.k_cpu[n], &boot[1 + n]);
	if (error != 0)
		return error;
	error = fork1(&boot[0], kernel.k_proc0, 0, NULL, init_main, NULL, &pid);
	if (error != 0)
		return error;
	mutex_enter(&kernel.k_proclist_mutex);
	kernel.k_initproc = proc_find(pid);
	mutex_exit(&kernel.k_proclist_mutex);
	return 0;
}

int
kernel_spawn(const struct usercontext *uc, pid_t_ *pid)
{
	return fork1(
	    kernel.k_lwp0, kernel.k_initproc, 0, uc, lwp_user_entry, NULL, pid);
}

void
kernel_main(void)
{
	swapper();
}
