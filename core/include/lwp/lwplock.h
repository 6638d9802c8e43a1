/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The lock that moves, without the LWP: a pointer to the spin lock that covers
 * something now, which only the holder of that lock may change.
 *
 * This is the LWP lock (lwp.h, kern_lwplock.c) taken out of the kernel: each
 * protocol (protocol.def) over each algorithm (spin.def), to be measured and
 * to be checked by themselves.  The rules are the same:
 *
 *	(L1) the pointer is stored with release order, after everything that
 *	     was done under the old lock
 *	(L2) who wants it takes the lock that the pointer names, and looks at
 *	     the pointer again, with acquire order: the second look may see a
 *	     later store than the first, by somebody who did not hold the lock
 *	     that was taken
 *	(L3) a lock that the pointer ever named stays valid: somebody may be on
 *	     the way to it
 *
 * Levels: as spin.h says, for all locks that the pointer may name.
 */

#ifndef LWP_LWPLOCK_H
#define LWP_LWPLOCK_H

#include <lwp/spin.h>

enum protocol_id {
#define PROTOCOL(name, what) PROTOCOL_##name,
#include <lwp/protocol.def>
#undef PROTOCOL
	PROTOCOL_COUNT
};

/* Letters: spin.h; l: this lock itself. */
struct lwplock {
	_Alignas(SPIN_LINE) union spin *ll_lock; /* @l: what covers it now */
	unsigned ll_seq; /* @l: twice the moves; odd while moving */
	/* Of those who want it (queue). */
	_Alignas(SPIN_LINE) union spin ll_queue;
};

/* lwplock_init: covered by this lock. */
void lwplock_init(struct lwplock *, union spin *);

struct protocol {
	const char *po_name;
	const char *po_what;
	const struct spin_algorithm *po_spin;

	/* Take the lock, wherever it moves.  With "queue" not while a spin lock
	 * is held that the pointer ever named. */
	void (*po_lock)(struct lwplock *, struct spin_cpu *);
	/* One try: false if the spin lock was taken, or the pointer moved. */
	bool (*po_trylock)(struct lwplock *, struct spin_cpu *);
	/* The rest is for the holder. */
	void (*po_unlock)(struct lwplock *, struct spin_cpu *);
	/* Point to another lock, which the caller holds too and keeps, as it
	 * keeps the old one. */
	void (*po_setlock)(struct lwplock *, union spin *, struct spin_cpu *);
	/* Point to another lock, held or not, and release the old one. */
	void (*po_unlock_to)(struct lwplock *, union spin *, struct spin_cpu *);
	/* Take another lock, point to it, release the old one.  In what order
	 * is the protocol's: with "blocked" never both are held, with all
	 * others they are, so that it may go in lock order only. */
	void (*po_relock)(struct lwplock *, union spin *, struct spin_cpu *);
};

/* Each protocol over each algorithm; and the same without counts, also those of
 * the algorithm. */
extern const struct protocol protocol_table[PROTOCOL_COUNT][SPIN_COUNT];
extern const struct protocol protocol_uncounted[PROTOCOL_COUNT][SPIN_COUNT];

#endif /* LWP_LWPLOCK_H */
