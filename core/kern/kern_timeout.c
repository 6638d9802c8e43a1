/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Callouts.
 *
 * Armed callouts stand in a tree by tick and order of arming, under
 * callout_lock, a leaf: one may be armed under a sleep queue's mutex.  Handlers
 * run without the lock, at soft-interrupt level on CPU 0, and may overlap a
 * stop; c_running says so:
 *
 *	(C1) c_running is raised in the hold that takes the callout off the
 *	     tree and released to 0 as the last access of the handler's caller
 *	(C2) after callout_halt() the callout is neither armed nor running, so
 *	     it may be destroyed
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

RB_HEAD(callout_tree, callout);

static int
callout_compare(const struct callout *a, const struct callout *b)
{
	if (a->c_when != b->c_when)
		return a->c_when < b->c_when ? -1 : 1;
	if (a->c_order != b->c_order)
		return a->c_order < b->c_order ? -1 : 1;
	return 0;
}

RB_GENERATE_INTERNAL(callout_tree, callout, c_entry, callout_compare,
    __attribute__((__unused__)) static)

/*
 * callout_tree:
 *
 *	The tree is its root pointer, which lives in the kernel's root.
 */
static struct callout_tree *
callouts(void)
{
	CTASSERT(sizeof(struct callout_tree) == sizeof(kernel.k_callouts));
	return (struct callout_tree *)(void *)&kernel.k_callouts;
}

/*
 * callout_first:
 *
 *	Tell the machine when the next one is due.  callout_lock held.
 */
static void
callout_first(void)
{
	struct callout *c = RB_MIN(callout_tree, callouts());

	machine_timer(c != NULL ? c->c_when : UINT64_MAX);
}

void
callout_startup(void)
{
	mutex_init(&kernel.k_callout_lock, CELL_callout_lock, IPL_SCHED, 0);
	machine_timer(UINT64_MAX);
}

void
callout_init(struct callout *c)
{
	*c = (struct callout) { .c_alive = 1 };
}

void
callout_destroy(struct callout *c)
{
	KASSERT(c->c_alive == 1);
	KASSERT(c->c_when == 0);
	KASSERT(cell_peek(c, c_running) == 0);
	c->c_alive = 0;
}

void
callout_schedule(struct callout *c, int ticks, void (*func)(void *, uint64_t),
    void *arg, uint64_t arg2)
{
	mutex_enter(&kernel.k_callout_lock);
	KASSERT(c->c_alive == 1);
	KASSERT(c->c_when == 0);
	c->c_func = func;
	c->c_arg = arg;
	c->c_arg2 = arg2;
	c->c_when = machine_ticks() + (uint64_t)(ticks > 0 ? ticks : 1);
	c->c_order = ++kernel.k_callout_order;
	RB_INSERT(callout_tree, callouts(), c);
	callout_first();
	mutex_exit(&kernel.k_callout_lock);
}

bool
callout_stop(struct callout *c)
{
	bool armed;

	mutex_enter(&kernel.k_callout_lock);
	armed = c->c_when != 0;
	if (armed) {
		RB_REMOVE(callout_tree, callouts(), c);
		c->c_when = 0;
		callout_first();
	}
	mutex_exit(&kernel.k_callout_lock);
	return armed;
}

bool
callout_halt(struct callout *c)
{
	bool stopped;

	lockdebug_barrier(NULL, "callout_halt");
	stopped = callout_stop(c);
	/* Acquire: pairs with the release in callout_softclock(). */
	while (cell_load_acquire(c, c_running) != 0) {
		PROBE(CALLOUT_HALT_WAITS);
		cell_spinwait(c, c_running, c, c_running);
	}
	return stopped;
}

bool
callout_due(uint64_t now)
{
	struct callout *c;
	bool due;

	mutex_enter(&kernel.k_callout_lock);
	c = RB_MIN(callout_tree, callouts());
	due = c != NULL && c->c_when <= now;
	mutex_exit(&kernel.k_callout_lock);
	return due;
}

/*
 * callout_softclock:
 *
 *	The handler may end the sleep of the callout's owner, who then waits in
 *	callout_halt() until c_running falls; after that it is not touched.
 */
void
callout_softclock(void)
{
	void (*func)(void *, uint64_t);
	struct callout *c;
	uint64_t arg2;
	void *arg;

	for (;;) {
		mutex_enter(&kernel.k_callout_lock);
		c = RB_MIN(callout_tree, callouts());
		if (c == NULL || c->c_when > machine_ticks())
			break;
		RB_REMOVE(callout_tree, callouts(), c);
		c->c_when = 0;
		func = c->c_func;
		arg = c->c_arg;
		arg2 = c->c_arg2;
		cell_store_relaxed(c, c_running, 1);
		callout_first();
		mutex_exit(&kernel.k_callout_lock);
		func(arg, arg2);
		cell_store_release(c, c_running, 0);
	}
	mutex_exit(&kernel.k_callout_lock);
}
