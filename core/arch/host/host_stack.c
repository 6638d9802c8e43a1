/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Stacks.
 *
 * A stack is aligned to its size, a power of two, and its last word points to
 * the LWP that is on it: that is how curlwp is found.  Below it lies a page
 * that nobody may touch.  Such a stack costs two mappings of the 65 530 that
 * Linux gives a process, so beyond hp_guarded the rest has, in place of the
 * page, a canary that each switch away looks at.
 *
 * Address space is reserved in chunks; a stack of a chunk is made usable when
 * it is first needed.  It is bound to an LWP at its first dispatch and goes
 * back to the pool when the LWP is freed.  Stacks beyond a number that a busy
 * machine goes through give their pages back to the host meanwhile.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host_impl.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define ROOT(p, n)   __lsan_register_root_region((p), (n))
#define UNROOT(p, n) __lsan_unregister_root_region((p), (n))
#endif
#endif
#ifndef ROOT
#define ROOT(p, n)   ((void)(p), (void)(n))
#define UNROOT(p, n) ((void)(p), (void)(n))
#endif

#define CHUNK_STACKS 64
#define WARM	     256 /* free stacks that keep their pages */
#define SLOT	     64	 /* above the first frame: the pointer to the LWP */
#define CANARY	     0x5afe57acu

struct chunk {
	struct chunk *ck_next;
	char *ck_base;
	struct host_stack ck_stack[CHUNK_STACKS];
};

uintptr_t host_stackmask;

static struct {
	struct chunk *chunks; /* all of them */
	unsigned used;	      /* stacks of the first chunk that were made */
	unsigned guarded;     /* stacks with a guard page */
	struct host_stack *warm, *cold;
	unsigned nwarm;
	size_t page;
} pool;

static size_t
stack_size(void)
{
	return host_stackmask + 1;
}

/*
 * host_stack_init:
 *
 *	Stacks of another size than the last machine's cannot be used again.
 */
int
host_stack_init(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if ((size & (size - 1)) != 0 || size < 4 * page)
		return EINVAL;
	if (size != stack_size())
		host_stack_fini();
	host_stackmask = size - 1;
	pool.page = page;
	return 0;
}

void
host_stack_fini(void)
{
	struct chunk *ck;

	while ((ck = pool.chunks) != NULL) {
		pool.chunks = ck->ck_next;
		UNROOT(ck->ck_base, CHUNK_STACKS * stack_size());
		(void)munmap(ck->ck_base, CHUNK_STACKS * stack_size());
		free(ck);
	}
	memset(&pool, 0, sizeof(pool));
}

/*
 * stack_reserve:
 *
 *	Address space for a chunk, aligned by cutting off what is too much.
 */
static struct chunk *
stack_reserve(void)
{
	const size_t size = CHUNK_STACKS * stack_size();
	struct chunk *ck = calloc(1, sizeof(*ck));
	char *p, *base;
	size_t off;

	if (ck == NULL)
		return NULL;
	p = mmap(NULL, size + stack_size(), PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) {
		free(ck);
		return NULL;
	}
	off = -(uintptr_t)p & host_stackmask;
	base = p + off;
	if (off != 0)
		(void)munmap(p, off);
	(void)munmap(base + size, stack_size() - off);
	ROOT(base, size);
	ck->ck_base = base;
	ck->ck_next = pool.chunks;
	return ck;
}

/*
 * stack_make:
 *
 *	The next stack of the first chunk.  host.lock held.
 */
static struct host_stack *
stack_make(void)
{
	struct host_stack *st;
	struct chunk *ck;
	size_t guard;

	if (pool.chunks == NULL || pool.used == CHUNK_STACKS) {
		ck = stack_reserve();
		if (ck == NULL)
			return NULL;
		pool.chunks = ck;
		pool.used = 0;
	}
	ck = pool.chunks;
	st = &ck->ck_stack[pool.used];
	st->st_base = ck->ck_base + pool.used * stack_size();
	st->st_guarded = !host.params.hp_noguard &&
	    pool.guarded < host.params.hp_guarded;
	guard = st->st_guarded ? pool.page : 0;
	if (mprotect(st->st_base + guard, stack_size() - guard,
		PROT_READ | PROT_WRITE) != 0)
		return NULL;
	pool.used++;
	pool.guarded += st->st_guarded;
	return st;
}

/*
 * stack_get, stack_put:
 *
 *	The most recently used one first: its pages are there.
 */
static struct host_stack *
stack_get(void)
{
	struct host_stack *st;

	host_lock();
	if ((st = pool.warm) != NULL) {
		pool.warm = st->st_next;
		pool.nwarm--;
	} else if ((st = pool.cold) != NULL)
		pool.cold = st->st_next;
	else
		st = stack_make();
	if (st != NULL && ++host.stacks > host.stacksmax)
		host.stacksmax = host.stacks;
	host_unlock();
	return st;
}

static void
stack_put(struct host_stack *st)
{
	bool warm;

	host_lock();
	host.stacks--;
	warm = pool.nwarm < WARM;
	if (warm) {
		st->st_next = pool.warm;
		pool.warm = st;
		pool.nwarm++;
	}
	host_unlock();
	if (warm)
		return;
	(void)madvise(
	    st->st_base + pool.page, stack_size() - pool.page, MADV_DONTNEED);
	host_lock();
	st->st_next = pool.cold;
	pool.cold = st;
	host_unlock();
}

/*
 * host_stack_arm:
 *
 *	The context will begin afresh on the stack that it has.
 */
void
host_stack_arm(struct host_context *hx)
{
	fiber_start(&hx->hx_fiber, NULL, hx->hx_entry, hx->hx_arg);
	*(struct lwp **)(void *)(hx->hx_stack->st_base + stack_size() -
	    sizeof(void *)) = hx->hx_lwp;
}

/*
 * host_stack_bind:
 *
 *	A stack for a context that is about to run for the first time; ENOMEM.
 */
int
host_stack_bind(struct host_context *hx)
{
	struct host_stack *st;
	size_t low;

	st = stack_get();
	if (st == NULL)
		return ENOMEM;
	low = st->st_guarded ? pool.page : sizeof(unsigned) * 16;
	if (!st->st_guarded)
		*(unsigned *)(void *)st->st_base = CANARY;
	hx->hx_stack = st;
	/* What is left on this stack is not of this fibre. */
	hx->hx_fiber.fb_sp = NULL;
	hx->hx_fiber.fb_stack = st->st_base + low;
	hx->hx_fiber.fb_size = stack_size() - low - SLOT;
	host_stack_arm(hx);
	return 0;
}

void
host_stack_unbind(struct host_context *hx)
{
	fiber_end(&hx->hx_fiber);
	stack_put(hx->hx_stack);
	hx->hx_stack = NULL;
}

/*
 * host_stack_check:
 *
 *	Did what ran on it stay on it?  Guard pages have told by themselves.
 */
void
host_stack_check(const struct host_context *hx)
{
	const struct host_stack *st = hx->hx_stack;

	if (!st->st_guarded &&
	    *(const unsigned *)(const void *)st->st_base != CANARY)
		machine_panic("stack overflow");
}
