/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Pools.
 *
 * Objects are given out in the order of their addresses until each was used
 * once, then last freed first.  The list of the free ones stands beside the
 * objects and not in them, so that a free object is poisoned to its last byte
 * and whoever still writes to it is found out when it is used again.
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

#define POOL_GRANULE 64

int
pool_init(struct pool *po, size_t size, unsigned max)
{
	KASSERT(size != 0);

	po->po_size = (size + POOL_GRANULE - 1) & ~(size_t)(POOL_GRANULE - 1);
	po->po_max = max;
	po->po_used = po->po_nfree = 0;
	po->po_base = machine_alloc(max * po->po_size);
	po->po_free = machine_alloc(max * sizeof(*po->po_free));
	return po->po_base == NULL || po->po_free == NULL ? ENOMEM : 0;
}

void *
pool_get(struct pool *po)
{
	void *object = NULL;

	if (machine_perturb(PERTURB_nomem))
		return NULL;
	mutex_enter(&kernel.k_pool_lock);
	if (po->po_nfree != 0)
		object = po->po_base +
		    po->po_free[--po->po_nfree] * po->po_size;
	else if (po->po_used < po->po_max)
		object = po->po_base + po->po_used++ * po->po_size;
	mutex_exit(&kernel.k_pool_lock);
	if (object != NULL)
		machine_object(object, po->po_size, true);
	return object;
}

void
pool_put(struct pool *po, void *object)
{
	unsigned n = pool_index(po, object);

	machine_object(object, po->po_size, false);
	mutex_enter(&kernel.k_pool_lock);
	KASSERT(po->po_nfree < po->po_used);
	po->po_free[po->po_nfree++] = n;
	mutex_exit(&kernel.k_pool_lock);
}

unsigned
pool_index(const struct pool *po, const void *object)
{
	size_t off = (size_t)((const char *)object - po->po_base);

	KASSERT(off < po->po_max * po->po_size);
	KASSERT(off % po->po_size == 0);
	return (unsigned)(off / po->po_size);
}
