/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A third machine for core/lock: threads of this process, and nothing else.
 * Cells are C11 atomics as on the host machine; who waits pauses, and yields
 * now and then where there are more threads than processors.
 */

#ifndef MACHINE_ATOMIC_H
#define MACHINE_ATOMIC_H

#include "native_name.h"

#include <lwp/cell.h>

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

#define cell_spinwait(o1, f1, o2, f2)                                          \
	((void)sizeof((o1)->f1), (void)sizeof((o2)->f2), native_pause())
#define cell_backoff(n)                                                        \
	__extension__({                                                        \
		for (unsigned n_ = (n); n_ > 0; n_--)                          \
			native_relax();                                        \
	})

#endif /* MACHINE_ATOMIC_H */
