/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The host machine's side of cell.h: plain C11 atomics, inlined.
 *
 * curlwp is found through the stack pointer: stacks are aligned to their size
 * and end with a pointer to their LWP.  A thread-local would not do: compilers
 * keep the address of one across a call, and the call may come back on another
 * thread.  The frame address of a function is always on the same LWP's stack,
 * and curcpu() is read from the LWP each time.
 */

#ifndef MACHINE_ATOMIC_H
#define MACHINE_ATOMIC_H

#include <lwp/cell.h>
#include <lwp/config.h>

#define MACHINE_NAME host

/*
 * Interrupts come only where the machine looks for them (host_intr.c).  With
 * assertions it looks wherever the level falls, so that drivers of the core
 * meet them at every release of a last mutex; without, between two steps of
 * user code and in the idle loop, where no spin mutex is held, and then no
 * level need be kept.  It is, also without assertions, in a machine whose
 * kernel is preempted where it falls, or where somebody wants to be told of
 * each lock.
 */
extern size_t host_watched; /* =: not 0: it is; see <lwp/host.h> */
extern uint64_t host_told;  /* =: by event, whether somebody listens */
extern unsigned host_rare;  /* =: whether rare events happen */

#define MACHINE_LEVELS	  (LWP_CHECKED || host_watched != 0)
#define MACHINE_TELLS(ev) (LWP_CHECKED || (host_told >> (ev)&1) != 0)
#define MACHINE_PROBES	  LWP_CHECKED

/* Most machines have none. */
#define machine_perturb(what) (host_rare != 0 && (machine_perturb)(what))

struct cpu_info;
struct kmutex;
struct lwp;

/* Size of a stack less one; constant while a machine runs. */
extern uintptr_t host_stackmask;

static inline struct lwp **
host_stackslot(void)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	return (struct lwp **)((sp | host_stackmask) + 1 - sizeof(void *));
}

#define curlwp			    (*host_stackslot())
#define curcpu()		    __atomic_load_n(&curlwp->l_cpu, __ATOMIC_RELAXED)

#define MACHINE_HERE()		    ((void)0)

#define cell_load_relaxed(o, f)	    __atomic_load_n(&(o)->f, __ATOMIC_RELAXED)
#define cell_load_acquire(o, f)	    __atomic_load_n(&(o)->f, __ATOMIC_ACQUIRE)
#define cell_load_seq(o, f)	    __atomic_load_n(&(o)->f, __ATOMIC_SEQ_CST)
#define cell_store_relaxed(o, f, v) cell_store_(o, f, v, __ATOMIC_RELAXED)
#define cell_store_release(o, f, v) cell_store_(o, f, v, __ATOMIC_RELEASE)
#define cell_store_seq(o, f, v)	    cell_store_(o, f, v, __ATOMIC_SEQ_CST)
#define cell_or(o, f, v)	    __atomic_fetch_or(&(o)->f, v, __ATOMIC_SEQ_CST)
#define cell_and(o, f, v)	    __atomic_fetch_and(&(o)->f, v, __ATOMIC_SEQ_CST)
#define cell_add(o, f, v)	    __atomic_fetch_add(&(o)->f, v, __ATOMIC_SEQ_CST)
#define cell_exchange(o, f, v)	    __atomic_exchange_n(&(o)->f, v, __ATOMIC_SEQ_CST)
#define cell_clear(o, f)                                                       \
	(cell_load_seq(o, f) != 0 ? (void)cell_exchange(o, f, 0) : (void)0)
#define cell_cas(o, f, old, new)                                               \
	__extension__({                                                        \
		__typeof__((o)->f) old_ = (old), new_ = (new);                 \
		__atomic_compare_exchange_n(&(o)->f, &old_, new_, 0,           \
		    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);                       \
	})
#define cell_store_(o, f, v, order)                                            \
	__extension__({                                                        \
		__typeof__((o)->f) v_ = (v);                                   \
		__atomic_store_n(&(o)->f, v_, order);                          \
	})

#define cell_peek(o, f)	   __atomic_load_n(&(o)->f, __ATOMIC_RELAXED)
#define cell_poke(o, f, v) cell_store_(o, f, v, __ATOMIC_RELAXED)

/* HOST_RELAX: tell the processor that this is a loop that waits.  On arm64
 * yield is nothing on most; isb takes about as long as pause. */
#if defined(__x86_64__) || defined(__i386__)
#define HOST_RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define HOST_RELAX() __asm__ volatile("isb" : : : "memory")
#else
#define HOST_RELAX() __asm__ volatile("" : : : "memory")
#endif

/* host_pause: between two looks of a loop that waits; after a bound it gives
 * the processor away, and it does not return once the machine ends. */
void host_pause(void);
/* host_spin: take a spin word that was found held. */
void host_spin(unsigned *word);
/* host_spin_while: the same for m's, as long as *at is m; false then. */
bool host_spin_while(struct kmutex *m, struct kmutex *const *at);

#define cell_spinwait(o1, f1, o2, f2)                                          \
	((void)sizeof((o1)->f1), (void)sizeof((o2)->f2), host_pause())
#define cell_backoff(n)                                                        \
	__extension__({                                                        \
		for (unsigned n_ = (n); n_ > 0; n_--)                          \
			HOST_RELAX();                                          \
	})

#define spin_acquire(m)                                                        \
	(__builtin_expect(                                                     \
	     __atomic_exchange_n(&(m)->mtx_word, 1, __ATOMIC_ACQUIRE) != 0,    \
	     0) ?                                                              \
		host_spin(&(m)->mtx_word) :                                    \
		(void)0)
/* spin_acquire_while: as spin_acquire, but give up, and return false, once the
 * cell o->f does not lead to m any more. */
#if LWP_PROTOCOL_PAUSES == 0
#define spin_acquire_while(m, o, f) (spin_acquire(m), true)
#else
#define spin_acquire_while(m, o, f)                                            \
	(__builtin_expect(                                                     \
	     __atomic_exchange_n(&(m)->mtx_word, 1, __ATOMIC_ACQUIRE) == 0,    \
	     1) ||                                                             \
	    host_spin_while((m), &(o)->f))
#endif
#define spin_tryacquire(m)                                                     \
	(__atomic_exchange_n(&(m)->mtx_word, 1, __ATOMIC_ACQUIRE) == 0)
#define spin_release(m) __atomic_store_n(&(m)->mtx_word, 0, __ATOMIC_RELEASE)

#endif /* MACHINE_ATOMIC_H */
