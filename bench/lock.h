/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The lock benchmark: what its parts share.
 *
 * A configuration is a table of LWPs (only their locks), the spin locks that
 * cover them, and threads that take the lock of one of them again and again;
 * after every K acquisitions its pointer moves to another spin lock.
 */

#ifndef LOCK_H
#define LOCK_H

#include "bench.h"
#include "zoo.h"

enum mover { MOVER_lockers, MOVER_one };
enum move { MOVE_unlock_to, MOVE_setlock, MOVE_relock };

struct lock_config {
	unsigned lc_threads, lc_lwps, lc_mutexes;
	unsigned lc_every; /* acquisitions a migration; 0: never */
	enum mover lc_mover;
	enum move lc_move;
	bool lc_zipf; /* some LWPs are wanted more than others */
	double lc_section, lc_outside; /* ns */
	bool lc_placed;
	unsigned lc_place[2]; /* of two threads, if lc_placed */
};

/* Which protocol over which algorithm of which copy; or a reference. */
struct lock_kind {
	unsigned lk_copy;
	enum protocol_id lk_protocol;
	enum spin_id lk_spin;
	bool lk_uncounted; /* by code that does not count retries */
	const struct lock_reference *lk_reference; /* or NULL */
};

/* A lock that does not move, from elsewhere. */
struct lock_reference {
	const char *lr_name;
	bool lr_queues; /* who is next must have a processor */
	void (*lr_init)(void *lock);
	void (*lr_acquire)(void *lock, void *place);
	void (*lr_release)(void *lock, void *place);
};
#define LOCK_REFERENCE_SIZE 192 /* bytes, of a lock and of a place */
extern const struct lock_reference lock_references[];

/* lock_sample: one sample of a kind in a configuration. */
int lock_sample(
    const struct lock_config *, const struct lock_kind *, struct sample *);

/* lock_solo: the uncontended cost, inlined; cases of their own. */
void lock_plan_solo(void);

/* lock_name: "retry/ttas", "retry/ttas, no counts". */
void lock_name(const struct lock_kind *, char *, size_t);

#endif /* LOCK_H */
