/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Pools of small objects of one size.
 *
 * The memory comes from the machine at boot and never leaves the pool: an
 * object comes back as another of its kind only.  While it is free it is
 * poisoned, all of it, since the pool keeps its own list of the free ones.
 */

#ifndef LWP_POOL_H
#define LWP_POOL_H

#include <lwp/kassert.h>

struct pool {
	char *po_base;	   /* =: po_max objects of po_size bytes */
	size_t po_size;	   /* =: a multiple of 64 */
	unsigned po_max;   /* = */
	unsigned po_used;  /* pool_lock: never used from here on */
	unsigned *po_free; /* pool_lock: indices of free ones ... */
	unsigned po_nfree; /* ... and how many */
};

/* pool_init: boot.  Returns 0 or ENOMEM.  The size is rounded up to 64. */
int pool_init(struct pool *, size_t size, unsigned max);

/*
 * pool_get:
 *
 *	An object with any content, or NULL: all are in use, or the input wants
 *	the allocation to fail.  Takes pool_lock, so no leaf lock is held.
 */
void *pool_get(struct pool *);

/* pool_put: nobody will touch it any more.  Locks as for pool_get(). */
void pool_put(struct pool *, void *);

/* pool_index: number of an object, from 0. */
unsigned pool_index(const struct pool *, const void *);

#endif /* LWP_POOL_H */
