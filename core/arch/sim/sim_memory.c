/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The arena and its shadow.
 *
 * Everything that the core writes lives in `kernel` or was allocated here, so
 * zeroing what a run used is a complete reset.  Of the big pools only the part
 * that was ever carved is zeroed.
 *
 * The shadow map has a byte for each granule: is it an object that was freed?
 * Freed memory is filled with a pattern that must be intact when it is used
 * again; each choice point on a cell in it is an error; AddressSanitizer, where
 * it is on, is told as well.  Layout and decisions are the same in all builds.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim_impl.h"

#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define PATTERN 0xdb

void
sim_memory_init(void)
{
	void *p;

	p = mmap(NULL, SIM_ARENA_SIZE + SIM_ARENA_SIZE / SIM_GRANULE,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		(void)fprintf(
		    stderr, "lwp: no memory for the simulator's arena\n");
		exit(2);
	}
	sim.arena = p;
	sim.shadow = (uint8_t *)p + SIM_ARENA_SIZE;
	sim.allocations++;
}

/*
 * sim_memory_clear:
 *
 *	Zero an allocation, or the carved part of a pool.
 */
static void
sim_memory_clear(size_t from, size_t to)
{
	size_t pool, carved, end;

	pool = (size_t)((char *)kernel.k_lwppool - sim.arena);
	if (kernel.k_lwppool != NULL && pool >= from && pool < to) {
		carved = kernel.k_lwpused * sizeof(struct lwp);
		end = pool + kernel.k_boot.bp_maxlwp * sizeof(struct lwp);
		memset(sim.arena + from, 0, pool + carved - from);
		from = end;
	}
	if (from < to)
		memset(sim.arena + from, 0, to - from);
}

void
sim_memory_reset(void)
{
	UNPOISON(sim.arena, sim.used);
	memset(sim.shadow, 0, sim.used / SIM_GRANULE);
	sim_memory_clear(0, sim.used);
	memset(&kernel, 0, sizeof(kernel));
	sim.used = 0;
}

void *
machine_alloc(size_t size)
{
	void *p = sim.arena + sim.used;

	size = (size + SIM_GRANULE - 1) & ~(size_t)(SIM_GRANULE - 1);
	if (size > SIM_ARENA_SIZE - sim.used)
		return NULL;
	sim.used += size;
	return p;
}

static bool
sim_memory_intact(const void *p, size_t size)
{
	const uint64_t *w = p;
	uint64_t pattern, bad = 0;
	size_t n;

	memset(&pattern, PATTERN, sizeof(pattern));
	for (n = 0; n < size / sizeof(*w); n++)
		bad |= w[n] ^ pattern;
	return bad == 0;
}

void
machine_object(void *p, size_t size, bool usable)
{
	size_t off = (size_t)((char *)p - sim.arena);
	uint8_t *shadow = sim.shadow + off / SIM_GRANULE;

	if (usable) {
		UNPOISON(p, size);
		if (shadow[0] != 0 && !sim_memory_intact(p, size))
			machine_panic("memory: write after free");
		memset(shadow, 0, size / SIM_GRANULE);
	} else {
		memset(p, PATTERN, size);
		memset(shadow, 1, size / SIM_GRANULE);
		POISON(p, size);
	}
}

uint32_t
sim_offset(const void *p)
{
	size_t off = (size_t)((const char *)p - sim.arena);

	if (off < SIM_ARENA_SIZE)
		return (uint32_t)off + (uint32_t)sizeof(kernel);
	off = (size_t)((const char *)p - (const char *)&kernel);
	return off < sizeof(kernel) ? (uint32_t)off + 1 : 0;
}

bool
sim_poisoned(const void *p)
{
	return sim_memory_poisoned(p);
}

uint32_t
machine_object_id(const void *p)
{
	return sim_offset(p) / 16;
}
