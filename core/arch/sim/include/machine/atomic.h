/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The simulator's side of cell.h: each access announces itself at a choice
 * point and is then done, with no other CPU in between.
 *
 * An announcement is a call; the access after it is a real atomic operation,
 * so that sanitizers see what a parallel machine would.
 */

#ifndef MACHINE_ATOMIC_H
#define MACHINE_ATOMIC_H

#include <lwp/cell.h>

/* Everything is told, and interrupts come where the level falls. */
#define MACHINE_NAME   sim
#define MACHINE_LEVELS true

struct cpu_info;
struct lwp;

/* sim_op.def, by name; the numbers are asserted equal in sim_sched.c. */
enum {
	SIM_POINT_acquire,
	SIM_POINT_try,
	SIM_POINT_release,
	SIM_POINT_load,
	SIM_POINT_store,
	SIM_POINT_rmw,
	SIM_POINT_poll
};

/* What this CPU is, and where in the source it is. */
extern struct cpu_info *sim_curcpu;
extern const struct place *sim_here;

#define curcpu() (sim_curcpu)
#define curlwp	 (sim_curcpu->ci_curlwp)

void sim_point(
    unsigned op, const void *object, unsigned cell, unsigned ordinal);
void sim_poll(const void *, unsigned cell, const void *);

#ifdef PLACE_OF_CALLER
#define MACHINE_HERE() ((void)0)
#else
#define MACHINE_HERE()                                                         \
	__extension__({                                                        \
		static const struct place here_ = { __FILE_NAME__, __func__,   \
			__LINE__, sizeof(__FILE_NAME__) * 4099u + __LINE__ };  \
		sim_here = &here_;                                             \
		(void)0;                                                       \
	})
#endif

#define CELL_AT(op, o, f)                                                      \
	(MACHINE_HERE(),                                                       \
	    sim_point(SIM_POINT_##op, (const void *)&(o)->f, CELL_##f, 0))

#define cell_load_(o, f, order)                                                \
	(CELL_AT(load, o, f), __atomic_load_n(&(o)->f, order))
#define cell_store_(o, f, v, order)                                            \
	__extension__({                                                        \
		__typeof__((o)->f) v_ = (v);                                   \
		CELL_AT(store, o, f);                                          \
		__atomic_store_n(&(o)->f, v_, order);                          \
	})
#define cell_rmw_(fn, o, f, v)                                                 \
	__extension__({                                                        \
		__typeof__((o)->f) v_ = (v);                                   \
		CELL_AT(rmw, o, f);                                            \
		fn(&(o)->f, v_, __ATOMIC_SEQ_CST);                             \
	})

#define cell_load_relaxed(o, f)	    cell_load_(o, f, __ATOMIC_RELAXED)
#define cell_load_acquire(o, f)	    cell_load_(o, f, __ATOMIC_ACQUIRE)
#define cell_load_seq(o, f)	    cell_load_(o, f, __ATOMIC_SEQ_CST)
#define cell_store_relaxed(o, f, v) cell_store_(o, f, v, __ATOMIC_RELAXED)
#define cell_store_release(o, f, v) cell_store_(o, f, v, __ATOMIC_RELEASE)
#define cell_store_seq(o, f, v)	    cell_store_(o, f, v, __ATOMIC_SEQ_CST)
#define cell_or(o, f, v)	    cell_rmw_(__atomic_fetch_or, o, f, v)
#define cell_and(o, f, v)	    cell_rmw_(__atomic_fetch_and, o, f, v)
#define cell_add(o, f, v)	    cell_rmw_(__atomic_fetch_add, o, f, v)
#define cell_exchange(o, f, v)	    cell_rmw_(__atomic_exchange_n, o, f, v)
#define cell_cas(o, f, old, new)                                               \
	__extension__({                                                        \
		__typeof__((o)->f) old_ = (old), new_ = (new);                 \
		CELL_AT(rmw, o, f);                                            \
		__atomic_compare_exchange_n(&(o)->f, &old_, new_, 0,           \
		    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);                       \
	})
#define cell_peek(o, f)	   __atomic_load_n(&(o)->f, __ATOMIC_RELAXED)
#define cell_poke(o, f, v) __atomic_store_n(&(o)->f, v, __ATOMIC_RELAXED)

#define cell_spinwait(o1, f1, o2, f2)                                          \
	(MACHINE_HERE(),                                                       \
	    sim_poll(                                                          \
		(const void *)&(o1)->f1, CELL_##f1, (const void *)&(o2)->f2))

#define cell_backoff(n) ((void)(n))

/* The spin word of a mutex.  Taking it is one step, enabled while it is
 * free. */
#define spin_acquire(m)                                                        \
	(sim_point(SIM_POINT_acquire, &(m)->mtx_word, (m)->mtx_class,          \
	     (m)->mtx_ordinal),                                                \
	    (void)__atomic_exchange_n(&(m)->mtx_word, 1, __ATOMIC_ACQUIRE))
#define spin_acquire_while(m, o, f) (spin_acquire(m), true)
#define spin_tryacquire(m)                                                     \
	(sim_point(                                                            \
	     SIM_POINT_try, &(m)->mtx_word, (m)->mtx_class, (m)->mtx_ordinal), \
	    __atomic_exchange_n(&(m)->mtx_word, 1, __ATOMIC_ACQUIRE) == 0)
#define spin_release(m)                                                        \
	(sim_point(SIM_POINT_release, &(m)->mtx_word, (m)->mtx_class,          \
	     (m)->mtx_ordinal),                                                \
	    __atomic_store_n(&(m)->mtx_word, 0, __ATOMIC_RELEASE))

#endif /* MACHINE_ATOMIC_H */
