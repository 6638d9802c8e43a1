/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Idle CPUs.
 *
 * An idle CPU announces that it is about to sleep, looks at the run queues once
 * more, and sleeps while the announcement stands.  Who queues an LWP counts it
 * and then looks for announcements, takes one back and wakes that CPU.  Each
 * side stores before it loads, sequentially consistent, so at least one sees
 * the other:
 *
 *	(I1) never is an LWP queued while a CPU that could take it sleeps with
 *	     its announcement standing, and nobody is about to look
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

/*
 * idle_work:
 *
 *	Is there something to run?  Unlocked: a hint that may come too late,
 *	but not after the announcement.
 */
static bool
idle_work(struct cpu_info *ci)
{
	unsigned n;

	if (cell_load_seq(ci->ci_runqueue, rq_count) != 0)
		return true;
	if (!kernel.k_boot.bp_percpu_runq)
		return false;
	for (n = 0; n < kernel.k_boot.bp_ncpu; n++) {
		if (cell_load_seq(kernel.k_cpu[n].ci_runqueue, rq_count) != 0)
			return true;
	}
	return false;
}

/*
 * idle_run:
 *
 *	Run what is queued here; the idle context comes back when the CPU has
 *	nothing left.
 */
static void
idle_run(struct cpu_info *ci)
{
	struct lwp *l = ci->ci_idlelwp;

	mutex_enter(ci->ci_schedmutex);
	if (ci->ci_runqueue->rq_count != 0)
		mi_switch(l);
	else
		mutex_exit(ci->ci_schedmutex);
}

void
idle_loop(void *arg)
{
	struct cpu_info *ci = arg;

	mi_switch_entry();
	for (;;) {
		KASSERT(curcpu() == ci);
		lockdebug_barrier(NULL, "idle_loop");
		idle_run(ci);
		if (sched_steal(ci))
			continue;
		cell_store_seq(ci, ci_idle, CPU_IDLE);
		if (!idle_work(ci))
			machine_idle(&ci->ci_idle, CPU_IDLE);
		cell_store_relaxed(ci, ci_idle, CPU_BUSY);
	}
}
