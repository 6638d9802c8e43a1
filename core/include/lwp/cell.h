/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The vocabulary for cells, and names for everything that synchronises.
 *
 * A cell is a field that is accessed without the lock that covers it, or
 * that carries an order from one CPU to another.  cell.def lists them; the
 * machine's <machine/atomic.h> supplies, for a pointer o and a field f that
 * has a row there:
 *
 *	cell_load_relaxed(o, f)		cell_store_relaxed(o, f, v)
 *	cell_load_acquire(o, f)		cell_store_release(o, f, v)
 *	cell_load_seq(o, f)		cell_store_seq(o, f, v)
 *	cell_or(o, f, bits)		cell_and(o, f, bits)
 *	cell_add(o, f, n)		cell_exchange(o, f, v)
 *	cell_cas(o, f, old, new)	cell_peek(o, f)
 *	cell_clear(o, f)		cell_poke(o, f, v)
 *
 * The memory orders are those of C11.  or, and, add and exchange are seq_cst
 * and return the value before; cas is seq_cst and returns whether the field
 * was "old" and so became "new"; clear is an exchange with 0, or, if the field
 * is 0 already, only a seq_cst load.
 *
 * Each is a choice point of the simulator, except cell_peek, a relaxed load for
 * assertions and oracles, and cell_poke, a relaxed store to fields that only
 * those read.  These two must not influence what a run does, with one
 * exception: cell_peek may be used under a lock that keeps the property in
 * question stable, even if not the whole cell.  (Under p_smutex an LWP may
 * change its state, but not to or from ZOMB.)
 *
 * A field that is loaded without its lock must be stored with
 * cell_store_relaxed() even where the lock is held.
 *
 *	cell_spinwait(o1, f1, o2, f2)
 *
 * is called in each turn of a polling loop.  It returns when either field may
 * have changed since this CPU read it: on the host it is a pause, in the
 * simulator the CPU is parked.  With a spin mutex held, only code that waits
 * for a spin lock may call it (core/lock).  cell_backoff(n), called before it,
 * lets the time of about n pauses pass, so that pollers do not all look at
 * once; in the simulator it does nothing.
 *
 * MACHINE_HERE() notes the place in the source for traces.  Macros that wrap
 * a lock function use it so that a report names the caller, not the wrapper;
 * a file that implements such functions defines PLACE_OF_CALLER before its
 * includes, and its own cells then keep the caller's place.
 */

#ifndef LWP_CELL_H
#define LWP_CELL_H

#include <lwp/param.h>

#define LOCKRANK_LEAF 255

enum cell {
	CELL_none,
#define LOCKCLASS(name, kind, rank, nests, what) CELL_##name,
#include <lwp/lockclass.def>
#undef LOCKCLASS
	CELL_LOCKCLASS_END,
	CELL_LAST_LOCKCLASS = CELL_LOCKCLASS_END - 1,
#define CELL(name, what) CELL_##name,
#include <lwp/cell.def>
#undef CELL
	CELL_COUNT
};

/* A place in the source: what a step of a trace calls "where". */
struct place {
	const char *pl_file;
	const char *pl_func;
	unsigned pl_line;
	unsigned pl_tag; /* number for feedback maps; no address in it */
};

/* cell_name: the field or lock class; never NULL. */
const char *cell_name(enum cell);

#endif /* LWP_CELL_H */
