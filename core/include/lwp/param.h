/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Numbers that the whole core agrees on: priorities, interrupt levels and
 * limits.  A smaller priority number is a better priority.
 */

#ifndef LWP_PARAM_H
#define LWP_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Priorities (pri_t).  An LWP sleeps in the kernel at one of these. */
#define PSWP		    0
#define PVM		    4
#define PINOD		    8
#define PRIBIO		    16
#define PVFS		    20
#define PZERO		    22
#define PSOCK		    24
#define PWAIT		    32
#define PLOCK		    36
#define PPAUSE		    40
#define PUSER		    50
#define MAXPRI		    127
#define PRI_NONE	    (MAXPRI + 1) /* lent: nothing */
#define PRIMASK		    0x0ff
#define PCATCH		    0x100 /* tsleep: an event may interrupt the sleep */
#define RUNQUEUE_COUNT	    32	  /* run queues ... */
#define RUNQUEUE_PRIORITIES 4	  /* ... of so many priorities each */

typedef int pri_t;
typedef int lwpid_t;
typedef int pid_t_; /* process ids of the modelled machine, not the host's */

/*
 * Interrupt levels.  CLOCK and SCHED are one level: whoever holds a
 * scheduler, sleep-queue or process-state mutex is not interrupted by the
 * clock.
 */
#define IPL_NONE  0
#define IPL_SOFT  1
#define IPL_CLOCK 2
#define IPL_SCHED 2
#define IPL_HIGH  3

/* The system call is to be made again after the user boundary.  A host may
 * have a number of its own for that. */
#ifndef ERESTART
#define ERESTART 85
#endif

#define ROUNDROBIN_TICKS 10   /* clock ticks between two forced rescheds */
#define LWP_UNPARK_MAX	 1024 /* LIDs that one _lwp_unpark_all may name */
#define LWP_LID_MAX	 INT32_MAX

/* Rows of the wait-channel hash and chains of the turnstile hash: at least so
 * many in all, a power of two, and for each CPU. */
#define SLEEPQ_MIN  32
#define SLEEPQ_CPU  4
#define TSCHAIN_MIN 16
#define TSCHAIN_CPU 2

#endif /* LWP_PARAM_H */
