/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * LOCKDEBUG: who holds what, and in which order.
 *
 * Each lock class has a fixed rank, so there is no graph to learn and nothing
 * that would survive a run.  A CPU keeps the list of the spin mutexes that it
 * holds, last taken first.  A lock held across a switch stays on the list of
 * the CPU: the lock belongs to it, not to the LWP that took it.  Adaptive
 * mutexes are the other way round: an LWP keeps the list of those that it holds
 * and takes it along.
 *
 *	(O1) a lock is taken only while all held ones have a smaller rank, or
 *	     as the class allows for two of a kind
 *	(O2) a leaf lock is held last
 *	(O3) a lock is released by the CPU, or the LWP, that holds it
 *	(O4) an adaptive mutex is taken with no spin mutex held and at no
 *	     interrupt level; none is held in user mode or by the dead
 *
 * A build without assertions keeps no lists and looks at nothing; who owns a
 * mutex is noted by the mutex itself (kern_mutex.c).
 */

#include <machine/atomic.h>

#include <lwp/lwp.h>

enum nests { NESTS_NO, NESTS_UP, NESTS_TRY };

static const struct lockclass {
	const char *name;
	uint8_t kind;
	uint8_t rank;
	uint8_t nests;
} lockclass_table[CELL_LAST_LOCKCLASS + 1] = {
#define LOCKCLASS(name, kind, rank, nests, what)                               \
	[CELL_##name] = { #name, MUTEX_##kind, rank, NESTS_##nests },
#include <lwp/lockclass.def>
#undef LOCKCLASS
};

static const char *const cell_names[CELL_COUNT] = {
	[CELL_none] = "-",
#define LOCKCLASS(name, kind, rank, nests, what) [CELL_##name] = #name,
#include <lwp/lockclass.def>
#undef LOCKCLASS
#define CELL(name, what) [CELL_##name] = #name,
#include <lwp/cell.def>
#undef CELL
};

const char *
cell_name(enum cell cell)
{
	const char *name;

	name = (unsigned)cell < CELL_COUNT ? cell_names[cell] : NULL;
	return name != NULL ? name : "-";
}

enum mutex_kind
lockclass_kind(enum cell lockclass)
{
	return (enum mutex_kind)lockclass_table[lockclass].kind;
}

#if LWP_CHECKED

/*
 * lockdebug_order:
 *
 *	May mtx be taken while held is?
 */
static bool
lockdebug_order(const kmutex_t *held, const kmutex_t *mtx, bool tried)
{
	const struct lockclass *a = &lockclass_table[held->mtx_class];
	const struct lockclass *b = &lockclass_table[mtx->mtx_class];

	if (a->rank == LOCKRANK_LEAF)
		return false;
	if (a->rank != b->rank)
		return a->rank < b->rank || (tried && b->nests == NESTS_TRY);
	switch (b->nests) {
	case NESTS_UP:
		return tried || held->mtx_ordinal < mtx->mtx_ordinal;
	case NESTS_TRY:
		return tried;
	default:
		return false;
	}
}

static void
lockdebug_look(const kmutex_t *held, const kmutex_t *mtx, bool tried)
{
	for (; held != NULL; held = held->mtx_nextheld) {
		if (held == mtx)
			panic("lockdebug: %s taken twice",
			    cell_name(mtx->mtx_class));
		if (!lockdebug_order(held, mtx, tried))
			panic("lockdebug: %s taken while %s is held",
			    cell_name(mtx->mtx_class),
			    cell_name(held->mtx_class));
	}
}

void
lockdebug_check(const kmutex_t *mtx)
{
	lockdebug_look(curcpu()->ci_held, mtx, false);
}

void
lockdebug_take(kmutex_t *mtx, bool tried)
{
	struct cpu_info *ci = curcpu();

	if (tried)
		lockdebug_look(ci->ci_held, mtx, true);
	mtx->mtx_nextheld = ci->ci_held;
	ci->ci_held = mtx;
}

/*
 * lockdebug_unlist:
 *
 *	Off the list of what the CPU or the LWP holds.
 */
static void
lockdebug_unlist(kmutex_t **mp, kmutex_t *mtx)
{
	for (; *mp != mtx; mp = &(*mp)->mtx_nextheld)
		KASSERT(*mp != NULL);
	*mp = mtx->mtx_nextheld;
	mtx->mtx_nextheld = NULL;
}

void
lockdebug_drop(kmutex_t *mtx)
{
	struct cpu_info *ci = curcpu();

	if (mtx->mtx_owner != ci)
		panic("lockdebug: %s released by another than its holder",
		    cell_name(mtx->mtx_class));
	lockdebug_unlist(&ci->ci_held, mtx);
}

void
lockdebug_cansleep(const char *what)
{
	lockdebug_barrier(NULL, what);
	if (curcpu()->ci_ipl != IPL_NONE)
		panic("lockdebug: %s at interrupt level", what);
}

void
lockdebug_check_sleep(const kmutex_t *mtx)
{
	lockdebug_cansleep(cell_name(mtx->mtx_class));
	lockdebug_look(curlwp->l_locks, mtx, false);
}

void
lockdebug_take_sleep(kmutex_t *mtx, bool tried)
{
	struct lwp *l = curlwp;

	if (tried)
		lockdebug_look(l->l_locks, mtx, true);
	mtx->mtx_nextheld = l->l_locks;
	l->l_locks = mtx;
}

void
lockdebug_drop_sleep(kmutex_t *mtx)
{
	if (mutex_owner(mtx) != curlwp)
		panic("lockdebug: %s released by another than its holder",
		    cell_name(mtx->mtx_class));
	lockdebug_unlist(&curlwp->l_locks, mtx);
}

void
lockdebug_nosleeplock(const char *where)
{
	if (curlwp->l_locks != NULL)
		panic("lockdebug: %s held at %s",
		    cell_name(curlwp->l_locks->mtx_class), where);
}

void
lockdebug_barrier(const kmutex_t *except, const char *where)
{
	const kmutex_t *held;

	for (held = curcpu()->ci_held; held != NULL;
	     held = held->mtx_nextheld) {
		if (held != except)
			panic("lockdebug: %s held at %s",
			    cell_name(held->mtx_class), where);
	}
}

#endif /* LWP_CHECKED */
