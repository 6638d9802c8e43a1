/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwp_lock_retry(): boxes, LWP structures that no scheduler knows, whose lock
 * pointers move among a few mutexes by setlock, unlock_to and relock while
 * others lock them.  Mutual exclusion is checked by counters that are kept
 * without care: a section that was not exclusive loses a count.
 *
 * The row "busted" is the same with a lock that is not taken.
 */

#include "stress.h"

#define BOXES 2
#define LENT  4

static struct {
	struct lwp *box;
	kmutex_t *lend;
	uint64_t count[BOXES]; /* box lock: sections */
	uint64_t total[BOXES]; /* the same, counted atomically */
} lk;

static void
lock_section(unsigned n)
{
	lk.count[n]++;
	(void)__atomic_fetch_add(&lk.total[n], 1, __ATOMIC_RELAXED);
}

/*
 * lock_move:
 *
 *	Lent mutexes are taken in ascending order, so a move downwards is made
 *	by a try.
 */
static void
lock_move(unsigned n, kmutex_t *to, unsigned how)
{
	struct lwp *l = &lk.box[n];
	kmutex_t *old;

	lwp_lock(l);
	old = l->l_mutex;
	if (old == to) {
		lwp_unlock(l);
		return;
	}
	if (how == 0 && old->mtx_ordinal < to->mtx_ordinal) {
		lwp_relock(l, to);
		lock_section(n);
		lwp_unlock(l);
		stress_count(TALLY_boxmoves, 1);
		return;
	}
	if (old->mtx_ordinal < to->mtx_ordinal)
		mutex_enter(to);
	else if (!mutex_tryenter(to)) {
		lwp_unlock(l);
		return;
	}
	lock_section(n);
	if (how == 1) {
		lwp_setlock(l, to);
		mutex_exit(old);
		lwp_unlock(l);
	} else {
		lwp_unlock_to(l, to);
		mutex_exit(to);
	}
	stress_count(TALLY_boxmoves, 1);
}

static void
lock_worker(void *arg)
{
	uint64_t x = stress_seed((uintptr_t)arg);
	unsigned n, i;

	while (!stress_stopped()) {
		for (i = 0; i < 32; i++) {
			n = stress_below(&x, BOXES);
			switch (stress_below(&x, 8)) {
			case 0:
				lock_move(n, &lk.lend[stress_below(&x, LENT)],
				    stress_below(&x, 3));
				break;
			case 1:
				if (!lwp_trylock(&lk.box[n]))
					break;
				lock_section(n);
				lwp_unlock(&lk.box[n]);
				break;
			default:
				lwp_lock(&lk.box[n]);
				lock_section(n);
				lwp_unlock(&lk.box[n]);
			}
		}
		stress_count(TALLY_operations, 32);
		user_step();
	}
}

static void
busted_worker(void *arg)
{
	uint64_t x = stress_seed((uintptr_t)arg);
	unsigned i;

	while (!stress_stopped()) {
		for (i = 0; i < 32; i++)
			lock_section(stress_below(&x, BOXES));
		stress_count(TALLY_operations, 32);
		user_step();
	}
}

static void
lock_first(void *arg)
{
	(void)arg;
	stress_workers(lock_worker, stress.st_lwps);
}

static void
busted_first(void *arg)
{
	(void)arg;
	stress_workers(busted_worker, stress.st_lwps);
}

static int
lock_boot(void)
{
	unsigned n;

	lk.box = machine_alloc(BOXES * sizeof(*lk.box));
	lk.lend = machine_alloc(LENT * sizeof(*lk.lend));
	if (lk.box == NULL || lk.lend == NULL)
		return ENOMEM;
	for (n = 0; n < LENT; n++)
		mutex_init(&lk.lend[n], CELL_box_mutex, IPL_SCHED, n);
	for (n = 0; n < BOXES; n++) {
		lk.box[n].l_mutex = &lk.lend[0];
		lk.box[n].l_proc = kernel.k_proc0;
		lk.box[n].l_stat = LSIDL;
		lk.count[n] = lk.total[n] = 0;
	}
	return 0;
}

static int
lock_start(void)
{
	int error = lock_boot();

	return error != 0 ? error : stress_spawn(lock_first);
}

static int
busted_start(void)
{
	int error = lock_boot();

	return error != 0 ? error : stress_spawn(busted_first);
}

static void
lock_end(void)
{
	unsigned n;

	for (n = 0; n < BOXES; n++)
		STRESS_CHECK(lk.count[n] == lk.total[n],
		    "exclusion: %llu critical sections, %llu counted",
		    (unsigned long long)lk.total[n],
		    (unsigned long long)lk.count[n]);
}

const struct workload workload_lock = {
	.wl_start = lock_start,
	.wl_end = lock_end,
};

const struct workload workload_busted = {
	.wl_start = busted_start,
	.wl_end = lock_end,
};
