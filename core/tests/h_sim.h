/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Contract tests run small C bodies as LWPs of the real core: on the simulator,
 * under its default schedule (h_sim.c), and the same bodies on real CPUs
 * (h_host.c), except those that say H_NEEDS_SCHEDULE.
 *
 * A body runs on an LWP's stack, where a failed Criterion assertion could not
 * unwind: it uses H_CHECK, which notes the first failure and ends the run;
 * h_run() reports it from the test's own stack.
 */

#ifndef H_SIM_H
#define H_SIM_H

#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lwp/kernel.h>
#include <lwp/syscall.h>

#ifndef H_HOST
#include "sim.h"
#endif

enum h_end { H_END_quiet, H_END_panic, H_END_steps };

struct h_options {
	unsigned ncpu; /* 0: one */
	bool percpu;
	unsigned maxlwp_proc;		    /* 0: plenty */
	unsigned maxlwp;		    /* 0: plenty */
	unsigned maxkey;		    /* 0: four */
	bool (*perturb)(enum perturbation); /* or NULL: never */
};

/* h_run: boot, run body(arg) as the first LWP, until all is quiet.  Fails the
 * test on a failed H_CHECK, and unless the run ended as expected: "end", for
 * H_END_panic a text that contains "panic", and for H_END_quiet a body
 * that returned or exited: one that is blocked for ever has checked nothing. */
void h_run_as(const struct h_options *, void (*body)(void *), void *arg,
    enum h_end end, const char *panic);

#define h_run(opt, body, arg) h_run_as((opt), (body), (arg), H_END_quiet, NULL)
#define h_panics(opt, body, arg, text)                                         \
	h_run_as((opt), (body), (arg), H_END_panic, (text))

void h_fail(const char *what, const char *func, int line);
#define H_CHECK(e)                                                             \
	do {                                                                   \
		if (!(e))                                                      \
			h_fail(#e, __func__, __LINE__);                        \
	} while (0)
#define H_EQ(a, b)                                                             \
	do {                                                                   \
		long long a_ = (a), b_ = (b);                                  \
		if (a_ != b_) {                                                \
			static char t_[160];                                   \
			(void)snprintf(t_, sizeof(t_),                         \
			    "%s == %lld, expected %s == %lld", #a, a_, #b,     \
			    b_);                                               \
			h_fail(t_, __func__, __LINE__);                        \
		}                                                              \
	} while (0)

/* H_NEEDS_SCHEDULE: what the test says is true of the simulator's default
 * schedule only, for the reason given. */
#ifdef H_HOST
#define H_NEEDS_SCHEDULE(why) cr_skip_test(why)
#else
#define H_NEEDS_SCHEDULE(why) ((void)0)
#endif

/* h_create: an LWP of the calling one's process that runs body(arg). */
lwpid_t h_create(void (*body)(void *), void *arg, int flags);
/* h_steps: so many steps of user code, which is what lets others run. */
void h_steps(unsigned n);
/* h_until: user steps until *flag is set; fails after very many. */
void h_until(const bool *flag);
/* h_lwp: by LID, as a debugger would see it; NULL if there is none. */
struct lwp *h_lwp(lwpid_t);
/* h_wait_state: user steps until the LWP has this state. */
void h_wait_state(lwpid_t, enum lwp_state);
/* h_proc: the process of the calling LWP. */
struct proc *h_proc(void);
/* h_fork: a child of it whose first LWP runs body(arg); h_proc_of: by PID, one
 * that is not a zombie; h_status: wait for a child, its wait status. */
pid_t_ h_fork(void (*body)(void *), void *arg, int flags);
struct proc *h_proc_of(pid_t_);
int h_status(pid_t_);

#endif /* H_SIM_H */
