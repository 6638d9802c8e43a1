/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The table of spin locks, and the pool of places in queues.
 *
 * The pool exists for CLH: a lock has a place as long as it lives, and hardly
 * ever the one that it began with.  So places belong to nobody in particular,
 * and live as long as the pool.
 */

#include <machine/atomic.h>

#include "spin_all.h"

const struct spin_algorithm *const spin_table[SPIN_COUNT] = {
#define SPIN(name, fair, what) &spin_of_##name##_1,
#include <lwp/spin.def>
#undef SPIN
};

static void
spin_pool_lock(struct spin_pool *pl)
{
	while (cell_exchange(pl, pl_word, 1) != 0) {
		if (cell_load_relaxed(pl, pl_word) != 0)
			cell_spinwait(pl, pl_word, pl, pl_word);
	}
}

static void
spin_pool_unlock(struct spin_pool *pl)
{
	cell_store_release(pl, pl_word, 0);
}

static struct spin_node *
spin_pool_get(struct spin_pool *pl)
{
	struct spin_node *sn;

	spin_pool_lock(pl);
	sn = pl->pl_free;
	if (sn != NULL)
		pl->pl_free = sn->sn_free;
	spin_pool_unlock(pl);
	if (sn == NULL)
		machine_panic("no place for a spin lock");
	return sn;
}

static void
spin_pool_put(struct spin_pool *pl, struct spin_node *sn)
{
	spin_pool_lock(pl);
	sn->sn_free = pl->pl_free;
	pl->pl_free = sn;
	spin_pool_unlock(pl);
}

void
spin_pool_init(struct spin_pool *pl, struct spin_node *sn, unsigned count)
{
	KASSERT(count > 0 && count <= SPIN_POOL_MAX);
	KASSERT((uintptr_t)sn % SPIN_LINE == 0);
	pl->pl_word = 0;
	pl->pl_base = sn;
	pl->pl_free = NULL;
	while (count-- > 0) {
		sn[count].sn_free = pl->pl_free;
		pl->pl_free = &sn[count];
	}
}

void
spin_cpu_init(struct spin_cpu *sp, struct spin_pool *pl, unsigned numa)
{
	unsigned n;

	*sp = (struct spin_cpu) { .sp_pool = pl, .sp_numa = numa };
	for (n = 0; n < SPIN_NODES; n++)
		spin_node_put(sp, spin_pool_get(pl));
}

void
spin_clh_init(union spin *sl, struct spin_pool *pl)
{
	struct spin_node *sn = spin_pool_get(pl);

	sn->sn_wait = 0;
	sl->clh.clh_tail = spin_clh_name(pl, sn);
	sl->clh.clh_node = sl->clh.clh_prev = NULL;
}

void
spin_clh_fini(union spin *sl, struct spin_pool *pl)
{
	struct spin_node *sn = spin_clh_node(pl, cell_peek(&sl->clh, clh_tail));

	KASSERT(cell_peek(sn, sn_wait) == 0);
	spin_pool_put(pl, sn);
}
