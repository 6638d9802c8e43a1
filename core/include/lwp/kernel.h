/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The root: all mutable state of the core hangs off this one structure, and
 * everything else that the core writes was allocated from the machine at
 * boot.  Zeroing it and halting the machine is a complete reset.
 *
 * What CPUs write and what all of them read stand on different cache lines, and
 * so do locks that different paths take.
 *
 * Letters as in proc.h; "=": constant after boot.
 */

#ifndef LWP_KERNEL_H
#define LWP_KERNEL_H

#include <lwp/proc.h>

/* How to boot; the same values always give the same machine. */
struct boot_params {
	unsigned bp_ncpu;	 /* 1 .. */
	bool bp_percpu_runq;	 /* run queues per CPU; else one, global */
	bool bp_preempt_kernel;	 /* preemption when the level falls to 0 */
	unsigned bp_maxlwp;	 /* LWPs in all: size of the pool */
	unsigned bp_maxlwp_proc; /* LWPs a process */
	unsigned bp_maxproc;	 /* processes */
	unsigned bp_maxkey;	 /* keys of specific data */
};

struct lid_table;

struct kernel_root {
	struct boot_params k_boot;	/* = */
	struct cpu_info *k_cpu;		/* =: array of bp_ncpu */
	struct lwp *k_lwppool;		/* =: array of bp_maxlwp */
	struct proc *k_procpool;	/* =: array of bp_maxproc */
	struct turnstile *k_tspool;	/* =: array of bp_maxlwp */
	struct tschain *k_tschain;	/* =: array of k_tschains */
	struct sleepq_row *k_sleepq;	/* =: array of k_sleepqs */
	unsigned k_tschains, k_sleepqs; /* =: powers of two */
	struct lid_table *k_lid;	/* =, kern_lwplid.c */
#ifdef LWP_SPIN_LOCK
	/* Own locking: places in queues. */
	_Alignas(64) struct spin_pool k_spinpool;
#endif
	_Alignas(64) kmutex_t k_proclist_mutex;
	struct proclist k_allproc;	   /* a: */
	struct lwplist k_alllwp;	   /* a: */
	unsigned k_nproc;		   /* a: */
	pid_t_ k_lastpid;		   /* a: */
	_Alignas(64) struct proc *k_proc0; /* = */
	struct proc *k_initproc;	   /* = process 1 */
	struct lwp *k_lwp0;		   /* = */

	_Alignas(64) kmutex_t k_pool_lock;
	struct lwp *k_lwpfree;	 /* pool_lock: free ones */
	unsigned k_lwpused;	 /* pool_lock: high-water mark */
	bool k_lwpwanted;	 /* pool_lock: somebody waits for a free one */
	unsigned k_nlwp;	 /* pool_lock: LWPs in all */
	uint64_t k_serial;	 /* pool_lock: last serial */
	struct proc *k_procfree; /* pool_lock: through p_list */
	unsigned k_procused;	 /* pool_lock: high-water mark */

	struct ksigentry *k_ksipool; /* =: array */
	struct ksigentry *k_ksifree; /* pool_lock: free ones */
	unsigned k_ksiused;	     /* pool_lock: high-water mark */

	struct turnstile *k_tsfree; /* pool_lock: free ones */
	unsigned k_tsused;	    /* pool_lock: high-water mark */

	_Alignas(64) unsigned k_rebooting; /* @: suspendsched() was called */
	kmutex_t k_swap_mutex;		   /* what follows */
	kcondvar_t k_swapcv;   /* swap_mutex: the swapper waits here */
	bool k_swapkicked;     /* swap_mutex: it has to look */
	unsigned k_swapwanted; /* @: soft interrupt: kick the swapper */

	_Alignas(64) struct turnstile k_turnstile0; /* lwp0's first one */

	_Alignas(64) kmutex_t k_kernel_lock; /* the big lock, see biglock.h */
	_Alignas(64) kmutex_t k_sched_mutex; /* the global scheduler mutex */
	struct runqueue k_runqueue;	     /* the global run queue */
	_Alignas(64) kmutex_t k_callout_lock;
	void *k_callouts;	  /* callout_lock: root of the tree */
	uint64_t k_callout_order; /* callout_lock: */
	_Alignas(64) struct pool k_credpool;	    /* kern_cred.c */
	struct specificdata_domain k_specific;	    /* kern_lwpspecific.c */
	struct section k_section[SECTIONS_MACHINE]; /* own locking */
};

extern struct kernel_root kernel;

/*
 * kernel_boot:
 *
 *	Boot on the zeroed root: locks and pools, lwp0 as curlwp of CPU 0, the
 *	idle contexts, process 1.  The caller runs on the machine's own stack
 *	and becomes lwp0.  Returns 0 or ENOMEM.
 */
int kernel_boot(const struct boot_params *);

/*
 * kernel_spawn:
 *
 *	A process (child of process 1) whose first LWP runs user code.  Called
 *	after kernel_boot by lwp0.  As fork1.
 */
int kernel_spawn(const struct usercontext *, pid_t_ *);

/* kernel_main: lwp0 after boot: it is the swapper from then on. */
_Noreturn void kernel_main(void);

/*
 * Swapping (kern_swap.c).  An LWP whose L_INMEM is clear is on no run queue,
 * also when it is RUN; the swapper brings it back then.
 */
void swap_init(void);
/* swap_out: l is locked.  EBUSY for one that runs, is not begun or gone, exits
 * or belongs to the system. */
int swap_out(struct lwp *);
/* swap_kick: somebody who is out became RUN; any lock may be held. */
void swap_kick(void);
/* swap_softint: the rest of that, at soft-interrupt level on CPU 0. */
void swap_softint(void);
/* swapper: what lwp0 does. */
_Noreturn void swapper(void);

#endif /* LWP_KERNEL_H */
