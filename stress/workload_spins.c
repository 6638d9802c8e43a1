/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Each spin lock of core/lock, and each protocol of the LWP lock over each, by
 * itself: all workers take the same one for a while, then the next.  Mutual
 * exclusion is checked by counters that are kept without care, and the counts
 * that the protocols keep by others that the workers keep.
 *
 * A worker brings its own struct spin_cpu along: it holds and wants locks only
 * between two user_step(), where it stays on its CPU.
 */

#include <lwp/lwplock.h>

#include "stress.h"

#define BATCH 32 /* sections between two looks at what else there is */
#define ROUND 8	 /* batches a worker until it is the next kind's turn */
#define KINDS (SPIN_COUNT * (PROTOCOL_COUNT + 1))

/* A lock under test: without a protocol for index PROTOCOL_COUNT. */
struct kind {
	const struct spin_algorithm *ki_spin;
	const struct protocol *ki_protocol; /* or NULL */
	union spin *ki_lock[2];
	struct lwplock *ki_moving;
	uint64_t ki_count; /* the lock: sections */
	uint64_t ki_total; /* the same, counted atomically */
};

static struct {
	struct kind kind[KINDS];
	struct spin_pool pool;
	struct spin_cpu *cpu;  /* by worker */
	unsigned turn;	       /* @: which kind */
	unsigned batches;      /* @: of all workers */
	uint64_t locks, moves; /* of protocols; counted atomically */
} sl;

static void
spins_section(struct kind *ki)
{
	ki->ki_count++;
	(void)__atomic_fetch_add(&ki->ki_total, 1, __ATOMIC_RELAXED);
}

static void
spins_plain(struct kind *ki, struct spin_cpu *sp, bool try)
{
	if (try) {
		if (!ki->ki_spin->sa_tryacquire(ki->ki_lock[0], sp))
			return;
	} else
		ki->ki_spin->sa_acquire(ki->ki_lock[0], sp);
	spins_section(ki);
	ki->ki_spin->sa_release(ki->ki_lock[0], sp);
}

/*
 * spins_move:
 *
 *	The lock is held: move it, and release.  Whoever else holds the target
 *	was led astray and lets go of it without waiting for anything, so both
 *	may be held in any order.
 */
static void
spins_move(struct kind *ki, struct spin_cpu *sp, unsigned how)
{
	const struct protocol *po = ki->ki_protocol;
	struct lwplock *ll = ki->ki_moving;
	union spin *old = ll->ll_lock;
	union spin *to = ki->ki_lock[old == ki->ki_lock[0]];

	switch (how) {
	case 0:
		po->po_relock(ll, to, sp);
		spins_section(ki);
		po->po_unlock(ll, sp);
		break;
	case 1:
		ki->ki_spin->sa_acquire(to, sp);
		po->po_setlock(ll, to, sp);
		ki->ki_spin->sa_release(old, sp);
		spins_section(ki);
		po->po_unlock(ll, sp);
		break;
	default:
		po->po_unlock_to(ll, to, sp);
	}
	(void)__atomic_fetch_add(&sl.moves, 1, __ATOMIC_RELAXED);
	stress_count(TALLY_spinmoves, 1);
}

static void
spins_moving(struct kind *ki, struct spin_cpu *sp, uint64_t *x)
{
	const struct protocol *po = ki->ki_protocol;
	unsigned what = stress_below(x, 8);

	if (what != 0)
		po->po_lock(ki->ki_moving, sp);
	else if (!po->po_trylock(ki->ki_moving, sp))
		return;
	(void)__atomic_fetch_add(&sl.locks, 1, __ATOMIC_RELAXED);
	spins_section(ki);
	if (what < 3)
		spins_move(ki, sp, what);
	else
		po->po_unlock(ki->ki_moving, sp);
}

/*
 * spins_over:
 *
 *	Time is up, and each had its turn.
 */
static bool
spins_over(void)
{
	return stress_stopped() &&
	    (stress_failed() ||
		__atomic_load_n(&sl.turn, __ATOMIC_RELAXED) >= KINDS);
}

static void
spins_worker(void *arg)
{
	const unsigned worker = (unsigned)(uintptr_t)arg;
	struct spin_cpu *sp = &sl.cpu[worker];
	uint64_t x = stress_seed(worker);
	struct kind *ki;
	unsigned i, turn;

	while (!spins_over()) {
		turn = __atomic_load_n(&sl.turn, __ATOMIC_RELAXED);
		ki = &sl.kind[turn % KINDS];
		for (i = 0; i < BATCH; i++) {
			if (ki->ki_protocol != NULL)
				spins_moving(ki, sp, &x);
			else
				spins_plain(ki, sp, stress_below(&x, 8) == 0);
		}
		/* By whoever: one of them may not have been made. */
		if (__atomic_add_fetch(&sl.batches, 1, __ATOMIC_RELAXED) %
			(ROUND * stress.st_lwps) ==
		    0)
			(void)__atomic_fetch_add(&sl.turn, 1, __ATOMIC_RELAXED);
		stress_count(TALLY_operations, BATCH);
		user_step();
	}
}

static void
spins_first(void *arg)
{
	(void)arg;
	stress_workers(spins_worker, stress.st_lwps);
}

static int
spins_kind(struct kind *ki, unsigned spin, unsigned protocol)
{
	unsigned n;

	*ki = (struct kind) { .ki_spin = spin_table[spin] };
	for (n = 0; n < 2; n++) {
		ki->ki_lock[n] = machine_alloc(sizeof(*ki->ki_lock[n]));
		if (ki->ki_lock[n] == NULL)
			return ENOMEM;
		ki->ki_spin->sa_init(ki->ki_lock[n], &sl.pool);
	}
	ki->ki_moving = machine_alloc(sizeof(*ki->ki_moving));
	if (ki->ki_moving == NULL)
		return ENOMEM;
	lwplock_init(ki->ki_moving, ki->ki_lock[0]);
	if (protocol < PROTOCOL_COUNT)
		ki->ki_protocol = &protocol_table[protocol][spin];
	return 0;
}

static int
spins_start(void)
{
	const unsigned nodes = stress.st_lwps * SPIN_NODES + 2 * KINDS;
	struct spin_node *node = machine_alloc(nodes * sizeof(*node));
	unsigned n;
	int error;

	sl.cpu = machine_alloc(stress.st_lwps * sizeof(*sl.cpu));
	if (node == NULL || sl.cpu == NULL)
		return ENOMEM;
	spin_pool_init(&sl.pool, node, nodes);
	for (n = 0; n < stress.st_lwps; n++)
		spin_cpu_init(&sl.cpu[n], &sl.pool, n % 2);
	for (n = 0; n < KINDS; n++) {
		error = spins_kind(&sl.kind[n], n / (PROTOCOL_COUNT + 1),
		    n % (PROTOCOL_COUNT + 1));
		if (error != 0)
			return error;
	}
	sl.locks = sl.moves = 0;
	sl.turn = sl.batches = 0;
	return stress_spawn(spins_first);
}

static void
spins_end(void)
{
	uint64_t locks = 0, moves = 0;
	unsigned n;

	for (n = 0; n < KINDS; n++) {
		const struct kind *ki = &sl.kind[n];

		STRESS_CHECK(ki->ki_count == ki->ki_total,
		    "exclusion: %s %s: %llu critical sections, %llu counted",
		    ki->ki_spin->sa_name,
		    ki->ki_protocol != NULL ? ki->ki_protocol->po_name : "-",
		    (unsigned long long)ki->ki_total,
		    (unsigned long long)ki->ki_count);
	}
	for (n = 0; n < stress.st_lwps; n++) {
		locks += sl.cpu[n].sp_counts.sk_acquired;
		moves += sl.cpu[n].sp_counts.sk_moves;
	}
	STRESS_CHECK(locks == sl.locks && moves == sl.moves,
	    "counts: %llu locks, counted %llu; %llu moves, counted %llu",
	    (unsigned long long)sl.locks, (unsigned long long)locks,
	    (unsigned long long)sl.moves, (unsigned long long)moves);
}

const struct workload workload_spins = {
	.wl_start = spins_start,
	.wl_end = spins_end,
};
