/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Stress on real threads: what the driver and the workloads share.
 *
 * A workload is a row of workload.def and a file workload_NAME.c.  Its
 * wl_start(), called by lwp0 of a machine that was just booted, creates a
 * process whose LWPs work until stress_stopped().  When all have ended the
 * machine is quiet, and wl_end() checks the totals.  A workload that needs
 * machines of its own has wl_run() instead.
 */

#ifndef STRESS_H
#define STRESS_H

#include <errno.h>

#include <lwp/host.h>
#include <lwp/syscall.h>

enum tally {
#define TALLY(name, what) TALLY_##name,
#include "tally.def"
#undef TALLY
	TALLY_COUNT
};

struct workload {
	int (*wl_start)(void); /* an errno */
	void (*wl_end)(void);  /* after the machine ended quietly */
	/* Called for events whose bit is set, where they happen: on several
	 * CPUs at once, for whatever else runs in the machine too. */
	uint64_t wl_events;
	void (*wl_event)(enum event, struct lwp *, uintptr_t, uintptr_t);
	/* Or: run machines until stress_stopped(). */
	void (*wl_run)(void);
};

/* Options. */
struct stress {
	unsigned st_cpus;
	unsigned st_lwps; /* working LWPs a workload */
	bool st_shared;	  /* several workloads share the machine */
	uint64_t st_seed;
	unsigned st_perturb; /* in 1024 */
	const char *st_save; /* folder for failing programs */
};
extern struct stress stress;

/* stress_stopped: time is up, or somebody failed. */
bool stress_stopped(void);
/* stress_stop: time is up. */
void stress_stop(void);
/* stress_fail: something is wrong; the first one is kept and ends the run.
 * From any thread. */
void stress_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* stress_failed: somebody called stress_fail(). */
bool stress_failed(void);
#define STRESS_CHECK(e, ...) ((e) ? (void)0 : stress_fail(__VA_ARGS__))
/* stress_count: by any LWP, or the driver. */
void stress_count(enum tally, unsigned n);
/* stress_total: of all LWPs. */
uint64_t stress_total(enum tally);
/* stress_machine: run one machine, add up what it counted; false unless it
 * ended quietly, which is a failure. */
bool stress_machine(const struct host_params *);

/* stress_spawn: a process whose first LWP runs first(); an errno. */
int stress_spawn(void (*first)(void *));
/* stress_workers: called by a first LWP: make LWPs that run body(0) to
 * body(n-1), and collect them. */
void stress_workers(void (*body)(void *), unsigned n);
/* stress_create: an LWP of the calling one's process; 0 if there is no room. */
lwpid_t stress_create(void (*body)(void *), uintptr_t arg, int flags);

/* stress_hang: print every LWP, its state, what it waits for and who holds
 * it; the machine runs or hangs meanwhile.  stress_hang.c. */
void stress_hang(void);

/* stress_pid: of the calling LWP's process. */
static inline pid_t_
stress_pid(void)
{
	return lwp_current()->l_proc->p_pid;
}

/* A generator for each LWP. */
static inline uint64_t
stress_draw(uint64_t *x)
{
	*x ^= *x >> 12;
	*x ^= *x << 25;
	*x ^= *x >> 27;
	return *x * 0x2545f4914f6cdd1du;
}
static inline unsigned
stress_below(uint64_t *x, unsigned n)
{
	return (unsigned)(stress_draw(x) >> 33) % n;
}
/* stress_seed: by worker. */
static inline uint64_t
stress_seed(uintptr_t worker)
{
	return (stress.st_seed + worker + 1) * 0x9e3779b97f4a7c15u;
}

#endif /* STRESS_H */
