/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The order of the machine, as told to ThreadSanitizer (LWP_RACES, preset
 * simtsan).
 *
 * Only the core is instrumented.  Each context is a fibre to the sanitizer, and
 * switching from one CPU to another orders nothing.  So two accesses are a race
 * if only the serial execution kept them apart.  Accesses are ordered by the
 * atomics of the core, and by what any machine guarantees:
 *
 *	(T1) the contexts that a CPU executes come one after the other; an
 *	     interrupt is part of the context that it interrupts
 *	(T2) leaving a context writes it, and entering it again or giving its
 *	     stack back reads it: a CPU that does so must have learned through
 *	     the core's own synchronisation that the context was left
 *	(T3) whoever gets a stack comes after whoever gave it back
 *	(T4) boot comes before what other CPUs do
 *	(T5) a deferred callback comes after the call that deferred it and
 *	     the read sections that have ended
 *	(T6) nothing is remembered of an earlier run, so what is found does
 *	     not depend on what the process did before
 *
 * Nothing else orders accesses: not a kick, an idle CPU that wakes, a soft
 * interrupt or the passing of time, although the machine of real threads orders
 * some of these.  A new context is ordered after what the host did before the
 * run, but not after what its creator did: its first CPU must have learned that
 * through the run queue.
 */

#ifdef LWP_RACES

#include <stdio.h>

#include <sanitizer/tsan_interface.h>

#include "sim_impl.h"

void __tsan_read8(void *);
void __tsan_write8(void *);

/* Addresses that stand for an order. */
static char order_boot, order_past, order_sections;

void
sim_order_bind(struct sim_context *cx, const struct lwp *l)
{
	const struct cpu_info *ci = l->l_cpu;
	char name[16];

	__tsan_acquire(cx);
	__tsan_write8(&cx->cx_left);
	fiber_acquire(&cx->cx_fiber, cx);
	if (l == ci->ci_idlelwp)
		(void)snprintf(name, sizeof(name), "idle %u", ci->ci_index);
	else
		(void)snprintf(name, sizeof(name), "lwp %u", cx->cx_who);
	__tsan_set_fiber_name(cx->cx_fiber.fb_tsan, name);
}

/*
 * sim_order_unwind:
 *
 *	Most contexts are left in the middle.
 */
static void
sim_order_unwind(struct sim_context *cx)
{
	fiber_unwind(&cx->cx_fiber, cx->cx_frames);
	cx->cx_frames = 0;
}

void __real___tsan_func_entry(void *);
void __real___tsan_func_exit(void);
void __wrap___tsan_func_entry(void *);
void __wrap___tsan_func_exit(void);

void
__wrap___tsan_func_entry(void *pc)
{
	if (sim.cpu != NULL)
		sim.cpu->sc_context->cx_frames++;
	__real___tsan_func_entry(pc);
}

void
__wrap___tsan_func_exit(void)
{
	if (sim.cpu != NULL)
		sim.cpu->sc_context->cx_frames--;
	__real___tsan_func_exit();
}

void
sim_order_free(struct sim_context *cx)
{
	sim_order_unwind(cx);
	__tsan_write8(&cx->cx_left);
	__tsan_release(cx);
}

/*
 * sim_order_switch:
 *
 *	The order from one to the other is that of fiber_switch_ordered().
 */
void
sim_order_switch(struct sim_context *from, struct sim_context *to)
{
	__tsan_write8(&from->cx_left);
	__tsan_read8(&to->cx_left);
}

void
sim_order_start(struct sim_context *boot, struct sim_context *idle)
{
	fiber_release(&boot->cx_fiber, &order_boot);
	fiber_acquire(&idle->cx_fiber, &order_boot);
}

void
sim_order_section(void)
{
	__tsan_release(&order_sections);
}

void
sim_order_defer(struct rcu_head *head)
{
	__tsan_release(head);
}

void
sim_order_callback(struct rcu_head *head)
{
	__tsan_acquire(head);
	__tsan_acquire(&order_sections);
}

/*
 * sim_order_begin:
 *
 *	The shadow of all memory is dropped, with what oracles had the core do
 *	after the last run.  Of an edge from every context to the next run the
 *	shadow would stay, four accesses a word, and which of them the next
 *	run's displace decides what it finds.
 */
void
sim_order_begin(void)
{
	__tsan_flush_memory();
}

void
sim_order_end(void)
{
	unsigned n;

	for (n = 0; n < sim.usedcontexts; n++) {
		sim_order_unwind(&sim.contexts[n]);
		fiber_release(&sim.contexts[n].cx_fiber, &order_past);
	}
	/* Oracles look at what the run left. */
	__tsan_acquire(&order_past);
}

#endif /* LWP_RACES */
