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

/* fiber_start: the next switch to f calls entry(arg), which does not return.
 * It is ordered after what "parent" did so far; NULL: after who calls. */
void fiber_start(
    struct fiber *, struct fiber *parent, void (*entry)(void *), void *arg);

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

#ifdef LWP_RACES
/*
 * fiber_release, fiber_acquire:
 *
 *	Order for ThreadSanitizer, by an address of your own: what a fibre did
 *	before its release comes before what another does after its acquire.
 *	The fibre need not be the one that runs.
 */
void fiber_release(struct fiber *, void *key);
void fiber_acquire(struct fiber *, void *key);

/* fiber_unwind: so many functions that ThreadSanitizer saw entered will never
 * return.  It keeps something of each fibre that ever was (clang 19), so they
 * are not made anew for each run. */
void fiber_unwind(struct fiber *, unsigned frames);
#endif

/* fiber_end: it will not run again, whether it returned or not; its stack may
 * be used for another one.  Not the one that is running. */
void fiber_end(struct fiber *);

#endif /* FIBER_H */
