/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The host machine, as its users see it: the core on real parallel CPUs.
 *
 * A CPU is a POSIX thread; LWPs are fibres that the CPUs switch between and
 * that migrate.  host_run() boots a machine, runs a function as the first LWP
 * of a process, and returns when the machine has ended: when nothing can ever
 * happen in it any more, when somebody halts it, or when the core gave up.
 *
 *	static void
 *	first(void *arg)
 *	{
 *		struct usercontext uc = { .uc_entry = second, .uc_arg = arg };
 *		lwpid_t lid;
 *
 *		if (sys_lwp_create(&uc, 0, &lid) == 0)
 *			(void)sys_lwp_wait(lid, NULL);
 *	}
 *
 *	host_run(&(struct host_params) { .hp_boot.bp_ncpu = 4 }, first, NULL,
 *	    &result);
 *
 * What runs on an LWP's stack is user code: it calls sys_*(), and user_step()
 * in loops that make no call, which is where interrupts and requests to
 * suspend or exit arrive.  It may go on, on another host thread after each of
 * these: nothing that is thread-local (errno is) keeps its meaning across
 * them, and no POSIX mutex may be held across them.
 *
 * One machine at a time in a process.
 */

#ifndef LWP_HOST_H
#define LWP_HOST_H

#include <lwp/kernel.h>

/* Beyond so many stacks the rest has no guard page but a canary: two mappings
 * a stack, and Linux allows a process 65 530. */
#define HOST_GUARDED 28000

/* What is zero has a default. */
struct host_params {
	struct boot_params hp_boot; /* 1 CPU, 64 LWPs, 16 processes */
	size_t hp_stacksize; /* power of two, at least 16 KiB; 64 KiB, and 256
			      * under a sanitizer */
	unsigned hp_guarded; /* stacks with a guard page, at most */
	bool hp_noguard;     /* none has one */
	unsigned hp_tick_us; /* length of a tick; 1000 */
	bool hp_warp;	     /* while all CPUs idle, time jumps to what is
			      * due next */
	bool hp_pin;	     /* bind CPUs to processors, spread by hwloc */
	/* Or this binds them: called first by the thread of each CPU. */
	void (*hp_bind)(unsigned cpu);
	unsigned hp_perturb; /* how often a rare event happens, in 1024; 0 */
	uint64_t hp_seed;    /* of those, for each CPU its own sequence */

	/* Instead of "first": called by lwp0 after kernel_boot(); starts what
	 * there is to run, returns an errno. */
	int (*hp_start)(void);
	/* Asked before hp_perturb: does the rare event happen?  Or NULL. */
	bool (*hp_perturbed)(enum perturbation);
	/* Called on the CPU where it happens, by all of them at once, for
	 * events whose bit is set in hp_events.  A library without assertions
	 * counts these events and no others. */
	uint64_t hp_events;
	void (*hp_event)(enum event, struct lwp *, uintptr_t, uintptr_t);
};

enum host_end {
	HOST_END_quiet,	 /* all CPUs idle, nothing armed or deferred */
	HOST_END_halted, /* host_halt() */
	HOST_END_panic,	 /* machine_panic(): hr_text, hr_report */
	HOST_END_boot	 /* it did not come up: hr_error */
};

struct host_result {
	enum host_end hr_end;
	int hr_error;	     /* errno, for HOST_END_boot */
	char hr_text[256];   /* the panic's message */
	char hr_report[512]; /* where it happened: CPU, LWP, locks held */
};

/*
 * host_run:
 *
 *	Boot, run first(arg) as the first LWP of a process, return the end of
 *	it.  What the core left stays readable in "kernel" until the next
 *	host_run() or host_fini(); after a halt or a panic it may be torn.
 */
enum host_end host_run(const struct host_params *, void (*first)(void *),
    void *arg, struct host_result *);

/* host_halt: end the machine, from any thread or LWP; on an LWP's stack it
 * does not return.  LWPs that make no call and no user_step() are not stopped,
 * and host_run() waits for them. */
void host_halt(void);

/* host_fini: give the memory and stacks of the last machine back. */
void host_fini(void);

/*
 * Statistics: sums over all CPUs, since boot; while the machine runs each
 * number is a little old.
 */
struct host_stats {
	uint64_t hs_event[EV_COUNT];	/* without assertions: hp_events only */
	uint64_t hs_probe[PROBE_COUNT]; /* without assertions: 0 */
	uint64_t hs_transition[LS_COUNT][LS_COUNT]; /* from, to */
	uint64_t hs_clock, hs_soft;		    /* interrupts taken */
	uint64_t hs_sleeps; /* times that an idle CPU slept */
	uint64_t hs_yields; /* spinners that gave their slice away */
	uint64_t hs_grace;  /* RCU grace periods waited for */
	uint64_t hs_ticks;
	unsigned hs_stacks; /* bound to an LWP now */
	unsigned hs_stacks_max;
	size_t hs_arena; /* bytes that the core took at boot */
};
void host_stats(struct host_stats *);

/*
 * host_calibrate:
 *
 *	What the parts of a path cost on this host, in nanoseconds, measured
 *	with no machine running: the floor of a rate.
 */
struct host_costs {
	double hc_lock;	  /* an uncontended acquire and release of a word */
	double hc_switch; /* from one fibre to another, nothing else */
	double hc_kib;	  /* to clear 1024 bytes */
};
void host_calibrate(struct host_costs *);

/*
 * What <lwp/fastlock.h> is made of.  host_watched is constant while a machine
 * runs.  Not 0: taking and releasing a spin mutex has more to do than its word,
 * and the value is the offset from there to a word that spin mutexes leave 0.
 * lwp_lock_wait takes l's lock; mtx was its mutex and was found held.
 * lwp_lock_moved takes l's lock for mtx, which is held and was its mutex.
 */
extern size_t host_watched;
__attribute__((cold, noinline)) void lwp_lock_wait(struct lwp *, kmutex_t *mtx);
__attribute__((cold, noinline)) void lwp_lock_moved(
    struct lwp *, kmutex_t *mtx);

/* host_cpu_lwp: what a CPU runs, for reports; may be old at once. */
const struct lwp *host_cpu_lwp(unsigned cpu);

#endif /* LWP_HOST_H */
