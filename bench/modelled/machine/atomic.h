/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A fourth machine for core/lock: the model's.  An access to a cell is an
 * event on a virtual processor (model.c), which says what it costs and when
 * others see it; so the algorithms that are modelled are the code itself.
 */

#ifndef MACHINE_ATOMIC_H
#define MACHINE_ATOMIC_H

#include "../native/native_name.h"
#include "../model_cell.h"

#include <lwp/cell.h>

#define MACHINE_HERE() ((void)0)

#define cell_load_(o, f)                                                       \
	__extension__({                                                        \
		model_load(&(o)->f);                                           \
		__atomic_load_n(&(o)->f, __ATOMIC_RELAXED);                    \
	})
#define cell_store_(o, f, v)                                                   \
	__extension__({                                                        \
		__typeof__((o)->f) v_ = (v);                                   \
		model_store((void *)(uintptr_t) & (o)->f, &v_, sizeof(v_));    \
	})
#define cell_rmw_(fn, o, f, v)                                                 \
	__extension__({                                                        \
		__typeof__((o)->f) v_ = (v);                                   \
		model_rmw(&(o)->f);                                            \
		fn(&(o)->f, v_, __ATOMIC_SEQ_CST);                             \
	})

#define cell_load_relaxed(o, f)	    cell_load_(o, f)
#define cell_load_acquire(o, f)	    cell_load_(o, f)
#define cell_load_seq(o, f)	    cell_load_(o, f)
#define cell_store_relaxed(o, f, v) cell_store_(o, f, v)
#define cell_store_release(o, f, v) cell_store_(o, f, v)
#define cell_store_seq(o, f, v)	    ((void)cell_exchange(o, f, v))
#define cell_or(o, f, v)	    cell_rmw_(__atomic_fetch_or, o, f, v)
#define cell_and(o, f, v)	    cell_rmw_(__atomic_fetch_and, o, f, v)
#define cell_add(o, f, v)	    cell_rmw_(__atomic_fetch_add, o, f, v)
#define cell_exchange(o, f, v)	    cell_rmw_(__atomic_exchange_n, o, f, v)
#define cell_cas(o, f, old, new)                                               \
	__extension__({                                                        \
		__typeof__((o)->f) old_ = (old), new_ = (new);                 \
		model_rmw(&(o)->f);                                            \
		__atomic_compare_exchange_n(&(o)->f, &old_, new_, 0,           \
		    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);                       \
	})
#define cell_peek(o, f)		      model_peek(&(o)->f)
#define cell_poke(o, f, v)	      __atomic_store_n(&(o)->f, (v), __ATOMIC_RELAXED)

#define cell_spinwait(o1, f1, o2, f2) model_spinwait(&(o1)->f1, &(o2)->f2)
#define cell_backoff(n)		      model_pauses(n)

#endif /* MACHINE_ATOMIC_H */
