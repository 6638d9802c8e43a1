/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Memory grain: plain accesses of the core as choices.
 *
 * The core is compiled with the instrumentation of ThreadSanitizer and linked
 * with the functions below in place of its runtime.  So each plain access of
 * the core calls a function here, between the choice points of sim_sched.c,
 * and a CPU can be stopped there while others go on.
 *
 *	(G1) a plain access is not a step: a run in which no CPU is stopped at
 *	     one has the same steps, and the same hash, as at the other grain
 *	(G2) a CPU that is stopped announces the access and does it when it is
 *	     chosen again; then it is a step
 *	(G3) a choice point of sim_sched.c and the operation that it announces
 *	     stay one step, and so do taking a spin word and raising the level:
 *	     no CPU is stopped in between
 *	(G4) an access to memory that was freed is a verdict, whether or not a
 *	     CPU is stopped there
 *	(G5) code that is not part of the run is ignored: boot, and what hooks
 *	     of the embedder call.  LOCKDEBUG is not instrumented
 *	(G6) a CPU that makes SIM_PLAINS accesses without a step is in a loop
 *	     (a broken list that has become a ring, say), and the run ends as
 *	     a livelock
 *
 * Only accesses to the arena and the root count; those to stacks do not, nor
 * those to what a CPU keeps for itself in its cpu_info.
 *
 * Most accesses are of no interest, so the strategy says how many to let pass;
 * until then an access costs a few compares and a count.
 */

#include <machine/atomic.h>

#include <string.h>

#include "../sim_impl.h"

static void
plain_check(const void *p)
{
	if (sim_memory_poisoned(p))
		machine_panic(
		    "memory: access to freed %s", sim_field_name(sim_field(p)));
}

/*
 * plain_stop:
 *
 *	This CPU waits before the access, and the source goes on.
 */
static void
plain_stop(const void *p, const struct sim_plain *sa, unsigned source)
{
	const struct sim_pending saved = sim.pending[sa->sa_cpu];
	const struct place *here = sim_here;

	sim_preempt(sa->sa_write ? SIM_OP_write : SIM_OP_read, p, sa->sa_field,
	    source, sa->sa_enabled);
	sim.pending[sa->sa_cpu] = saved;
	sim_here = here;
	plain_check(p);
}

/*
 * plain_choose:
 *
 *	It is the turn of this access.
 */
static __attribute__((noinline)) void
plain_choose(const void *p, bool write)
{
	struct sim_plain sa = { .sa_cpu = sim.cpu->sc_index };
	unsigned source;

	if (sim.fair || sim.cf.cf_plain == NULL) {
		sim.plainleft = SIM_PLAIN_NEVER;
		return;
	}
	/* A schedule names an access after the last point of its CPU. */
	sa.sa_enabled = 1u << sa.sa_cpu;
	if ((sim.arrived & sa.sa_enabled) != 0)
		sa.sa_enabled = sim_enabled_now();
	sa.sa_field = (uint16_t)sim_field(p);
	sa.sa_write = write;
	source = sim.cf.cf_plain(sim.cf.cf_arg, &sa, &sim.plainleft);
	if (source != sa.sa_cpu)
		plain_stop(p, &sa, source);
}

/*
 * plain_private:
 *
 *	What only this CPU looks at: its level, what it holds, and what never
 *	changes.
 */
static inline bool
plain_private(const void *p, bool write)
{
	size_t off = (size_t)((const char *)p - (const char *)sim_curcpu);

	return off < offsetof(struct cpu_info, ci_schedmutex_store) &&
	    (!write || off >= offsetof(struct cpu_info, ci_rrticks));
}

static inline void
plain_access(const void *p, bool write)
{
	size_t off = (size_t)((const char *)p - sim.arena);

	if (sim.quiet != 0)
		return;
	if (off < SIM_ARENA_SIZE) {
		if (plain_private(p, write))
			return;
		plain_check(p);
	} else if ((size_t)((const char *)p - (const char *)&kernel) >=
	    sizeof(kernel))
		return;
	if (++sim.plains == sim.plainend)
		sim_leave(SIM_END_steps);
	if (--sim.plainleft == 0)
		plain_choose(p, write);
}

/* Several bytes are one access; a freed one may be the last. */
static inline void
plain_range(const void *p, size_t size, bool write)
{
	if (size == 0)
		return;
	plain_access(p, write);
	if (sim.quiet == 0)
		plain_check((const char *)p + size - 1);
}

/*
 * What the compiler calls.
 */

void __tsan_init(void);
void __tsan_func_entry(void *);
void __tsan_func_exit(void);

void
__tsan_init(void)
{
}

/* Places are told by MACHINE_HERE(), not by calls. */
void
__tsan_func_entry(void *caller)
{
	(void)caller;
}

void
__tsan_func_exit(void)
{
}

#define PLAIN(size)                                                            \
	void __tsan_read##size(void *);                                        \
	void __tsan_write##size(void *);                                       \
	void __tsan_unaligned_read##size(void *);                              \
	void __tsan_unaligned_write##size(void *);                             \
	void __tsan_volatile_read##size(void *);                               \
	void __tsan_volatile_write##size(void *);                              \
	void __tsan_unaligned_volatile_read##size(void *);                     \
	void __tsan_unaligned_volatile_write##size(void *);                    \
	void __tsan_read##size(void *p)                                        \
	{                                                                      \
		plain_access(p, false);                                        \
	}                                                                      \
	void __tsan_write##size(void *p)                                       \
	{                                                                      \
		plain_access(p, true);                                         \
	}                                                                      \
	void __tsan_unaligned_read##size(void *p)                              \
	{                                                                      \
		plain_range(p, size, false);                                   \
	}                                                                      \
	void __tsan_unaligned_write##size(void *p)                             \
	{                                                                      \
		plain_range(p, size, true);                                    \
	}                                                                      \
	void __tsan_volatile_read##size(void *p)                               \
	{                                                                      \
		plain_access(p, false);                                        \
	}                                                                      \
	void __tsan_volatile_write##size(void *p)                              \
	{                                                                      \
		plain_access(p, true);                                         \
	}                                                                      \
	void __tsan_unaligned_volatile_read##size(void *p)                     \
	{                                                                      \
		plain_range(p, size, false);                                   \
	}                                                                      \
	void __tsan_unaligned_volatile_write##size(void *p)                    \
	{                                                                      \
		plain_range(p, size, true);                                    \
	}
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *, size_t);
void __tsan_write_range(void *, size_t);
void *__tsan_memcpy(void *, const void *, size_t);
void *__tsan_memmove(void *, const void *, size_t);
void *__tsan_memset(void *, int, size_t);

void
__tsan_read_range(void *p, size_t size)
{
	plain_range(p, size, false);
}

void
__tsan_write_range(void *p, size_t size)
{
	plain_range(p, size, true);
}

void *
__tsan_memcpy(void *to, const void *from, size_t size)
{
	plain_range(from, size, false);
	plain_range(to, size, true);
	return memcpy(to, from, size);
}

void *
__tsan_memmove(void *to, const void *from, size_t size)
{
	plain_range(from, size, false);
	plain_range(to, size, true);
	return memmove(to, from, size);
}

void *
__tsan_memset(void *to, int byte, size_t size)
{
	plain_range(to, size, true);
	return memset(to, byte, size);
}

/*
 * Atomics: what a point announced, or a peek.  One host thread executes all
 * of it, so any order will do.
 */
#define SEQ __ATOMIC_SEQ_CST
#define ATOMIC_RMW(bits, name, builtin)                                        \
	uint##bits##_t __tsan_atomic##bits##_##name(                           \
	    uint##bits##_t *, uint##bits##_t, int);                            \
	uint##bits##_t __tsan_atomic##bits##_##name(                           \
	    uint##bits##_t *p, uint##bits##_t v, int order)                    \
	{                                                                      \
		(void)order;                                                   \
		sim_loud(PLAIN_DUE);                                           \
		return builtin(p, v, SEQ);                                     \
	}
#define ATOMIC(bits)                                                           \
	uint##bits##_t __tsan_atomic##bits##_load(                             \
	    const uint##bits##_t *, int);                                      \
	void __tsan_atomic##bits##_store(                                      \
	    uint##bits##_t *, uint##bits##_t, int);                            \
	uint##bits##_t __tsan_atomic##bits##_exchange(                         \
	    uint##bits##_t *, uint##bits##_t, int);                            \
	int __tsan_atomic##bits##_compare_exchange_strong(                     \
	    uint##bits##_t *, uint##bits##_t *, uint##bits##_t, int, int);     \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(             \
	    uint##bits##_t *, uint##bits##_t, uint##bits##_t, int, int);       \
	uint##bits##_t __tsan_atomic##bits##_load(                             \
	    const uint##bits##_t *p, int order)                                \
	{                                                                      \
		(void)order;                                                   \
		sim_loud(PLAIN_DUE);                                           \
		return __atomic_load_n(p, SEQ);                                \
	}                                                                      \
	void __tsan_atomic##bits##_store(                                      \
	    uint##bits##_t *p, uint##bits##_t v, int order)                    \
	{                                                                      \
		(void)order;                                                   \
		sim_loud(PLAIN_DUE);                                           \
		__atomic_store_n(p, v, SEQ);                                   \
	}                                                                      \
	uint##bits##_t __tsan_atomic##bits##_exchange(                         \
	    uint##bits##_t *p, uint##bits##_t v, int order)                    \
	{                                                                      \
		uint##bits##_t old = __atomic_exchange_n(p, v, SEQ);           \
                                                                               \
		(void)order;                                                   \
		sim_loud(PLAIN_DUE);                                           \
		/* A spin word that was not got raises no level. */            \
		if (old != 0)                                                  \
			sim_loud(PLAIN_LEVEL);                                 \
		return old;                                                    \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_strong(uint##bits##_t *p,   \
	    uint##bits##_t *old, uint##bits##_t new, int order, int fail)      \
	{                                                                      \
		(void)order;                                                   \
		(void)fail;                                                    \
		sim_loud(PLAIN_DUE);                                           \
		return __atomic_compare_exchange_n(p, old, new, 0, SEQ, SEQ);  \
	}                                                                      \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(             \
	    uint##bits##_t *p, uint##bits##_t old, uint##bits##_t new,         \
	    int order, int fail)                                               \
	{                                                                      \
		(void)__tsan_atomic##bits##_compare_exchange_strong(           \
		    p, &old, new, order, fail);                                \
		return old;                                                    \
	}                                                                      \
	ATOMIC_RMW(bits, fetch_add, __atomic_fetch_add)                        \
	ATOMIC_RMW(bits, fetch_sub, __atomic_fetch_sub)                        \
	ATOMIC_RMW(bits, fetch_and, __atomic_fetch_and)                        \
	ATOMIC_RMW(bits, fetch_or, __atomic_fetch_or)                          \
	ATOMIC_RMW(bits, fetch_xor, __atomic_fetch_xor)
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)
