/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sections: kernel code that programs can run under adaptive mutexes, in place
 * of all the subsystems that would.  A section is a mutex, a condition variable
 * that it is the interlock of, and something for the mutex to protect: a count
 * that is read and written in two steps, and tokens to wait for.
 *
 * Sections 0 to 3 are of the process, 4 to 7 of the machine.  They nest in
 * ascending order; downwards by a try.
 */

#ifndef LWP_SECTION_H
#define LWP_SECTION_H

#include <lwp/condvar.h>

#define SECTIONS_PROC	 4
#define SECTIONS_MACHINE 4
#define SECTION_COUNT	 (SECTIONS_PROC + SECTIONS_MACHINE)
#define SECTION_NONE	 SECTION_COUNT

/* Letter m: sc_mutex. */
struct section {
	kmutex_t sc_mutex;
	kcondvar_t sc_cv;    /* m: tokens came */
	unsigned sc_count;   /* @m: steps made here; a cell for its steps */
	unsigned sc_tokens;  /* m: wake-ups that nobody took yet */
	unsigned sc_waiting; /* m: LWPs that wait for one */
};

/* section_init: boot, and for each process: n of them, ordinals from first. */
void section_init(struct section *, unsigned n, unsigned first);
/* section_destroy: nobody is inside. */
void section_destroy(struct section *, unsigned n);

/* What a call does in a section. */
enum section_work {
	SECTION_WORK,  /* so many steps */
	SECTION_TRY,   /* the same, if the mutex is free: else EBUSY */
	SECTION_WAIT,  /* wait for a token */
	SECTION_SIGNAL /* give so many tokens; 0: one to each waiter */
};

struct section_request {
	unsigned sr_outer;   /* section around it, or SECTION_NONE */
	unsigned sr_section; /* where */
	enum section_work sr_work;
	unsigned sr_number; /* steps, tokens */
	int sr_timo;	    /* wait: ticks, 0 = for ever, < 0 = EINVAL */
	bool sr_intr;	    /* wait: interruptible */
};

#endif /* LWP_SECTION_H */
