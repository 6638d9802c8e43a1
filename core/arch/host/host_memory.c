/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The arena: one mapping that all of the core's memory comes from, so that an
 * offset names an object.  Pages cost nothing until they are touched.
 *
 * Freed objects are filled with a pattern that must be intact when they are
 * used again; AddressSanitizer, where it is on, is told.
 */

#include <string.h>
#include <sys/mman.h>

#include "host_impl.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOST_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HOST_ASAN 1
#endif
#ifdef HOST_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define PATTERN 0xdb
#define GRANULE 64

/*
 * host_memory_init:
 *
 *	Room for the pools that boot asks for: some KiB an LWP or process is
 *	plenty, and address space is free.
 */
int
host_memory_init(void)
{
	const struct boot_params *bp = &host.params.hp_boot;
	void *p;

	host.arenasize = ((size_t)64 << 20) +
	    ((size_t)bp->bp_maxlwp + bp->bp_maxproc) * 4096;
	p = mmap(NULL, host.arenasize, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	host.arena = p;
	host.arenaused = 0;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

void
host_memory_fini(void)
{
	if (host.arena == NULL)
		return;
	UNPOISON(host.arena, host.arenaused);
	(void)munmap(host.arena, host.arenasize);
	host.arena = NULL;
	memset(&kernel, 0, sizeof(kernel));
}

void *
machine_alloc(size_t size)
{
	void *p = host.arena + host.arenaused;

	size = (size + GRANULE - 1) & ~(size_t)(GRANULE - 1);
	if (size > host.arenasize - host.arenaused)
		return NULL;
	host.arenaused += size;
	return p;
}

/*
 * memory_intact:
 *
 *	Is it what freeing left, or has it never been used?
 */
static bool
memory_intact(const void *p, size_t size)
{
	const uint64_t *w = p;
	uint64_t pattern, freed = 0, fresh = 0;
	size_t n;

	memset(&pattern, PATTERN, sizeof(pattern));
	for (n = 0; n < size / sizeof(*w); n++) {
		freed |= w[n] ^ pattern;
		fresh |= w[n];
	}
	return freed == 0 || fresh == 0;
}

/*
 * machine_object:
 *
 *	Without assertions the pattern is left out.
 */
void
machine_object(void *p, size_t size, bool usable)
{
	if (usable) {
		UNPOISON(p, size);
		if (LWP_CHECKED && !memory_intact(p, size))
			machine_panic("memory: write after free");
	} else {
		if (LWP_CHECKED)
			memset(p, PATTERN, size);
		POISON(p, size);
	}
}

uint32_t
machine_object_id(const void *p)
{
	size_t off = (size_t)((const char *)p - host.arena);

	if (off >= host.arenasize)
		off = (size_t)((const char *)p - (const char *)&kernel);
	return (uint32_t)(off / 16);
}
