/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fibres: stacks, and the switch between them, with what the sanitizers must
 * be told.  Nothing here knows of LWPs.
 *
 * A fibre is entered afresh by fiber_start(); one that never returned, as
 * most do when a run ends, is simply started again: its old frames are gone.
 * AddressSanitizer must be used with -fsanitize-address-use-after-return=never
 * for that, or each abandoned fibre leaks its fake stack.
 */

#ifndef FIBER_H
#define FIBER_H

#include <stddef.h>

struct fiber {
	void *fb_sp;	/* saved stack pointer, or fcontext */
	void *fb_bp;	/* saved frame pointer */
	void *fb_ip;	/* where it goes on */
	char *fb_stack; /* lowest usable address; NULL: the host's */
	size_t fb_size;
	void (*fb_entry)(void *);
	void *fb_arg;
	void *fb_fake; /* ASan: fake stack of the suspended fibre */
	void *fb_tsan; /* TSan: its fibre object */
};

/* fiber_host: make f stand for the stack that is running now. */
void fiber_host(struct fiber *);

/* fiber_alloc: a stack of so many bytes with a guard page below; 0 or -1. */
int fiber_alloc(struct fiber *, size_t size);

/* fiber_start: the next switch to f calls entry(arg), which does not return. */
void fiber_start(struct fiber *, void (*entry)(void *), void *arg);

/*
 * fiber_switch, fiber_switch_ordered:
 *
 *	Leave "from" (which is running) for "to"; returns when somebody
 *	switches to "from" again.  The two differ in what ThreadSanitizer is
 *	told.  Where one thread plays all CPUs the switch orders nothing, or
 *	every race would be hidden by the serial execution; on a real CPU what
 *	it did before the switch does come before what it does after.
 */
void fiber_switch(struct fiber *from, struct fiber *to);
void fiber_switch_ordered(struct fiber *from, struct fiber *to);

/* fiber_end: it will not run again, whether it returned or not; its stack may
 * be used for another one.  Not the one that is running. */
void fiber_end(struct fiber *);

#endif /* FIBER_H */
