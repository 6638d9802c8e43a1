/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Spin mutexes and the interrupt level that goes with them.
 *
 * The level is counted per CPU: the first spin mutex of a CPU raises it and
 * remembers the one before, the last one to be released restores it, so they
 * may be released in any order.  LOCKDEBUG (subr_lockdebug.c) keeps the owner,
 * the list of spin mutexes that each CPU holds and the order between classes.
 */

#ifndef LWP_MUTEX_H
#define LWP_MUTEX_H

#include <lwp/cell.h>
#include <lwp/kassert.h>

/*
 * Files of core/kern and core/lock include <machine/atomic.h> first, which
 * says how a place in the source is noted; for everybody else it is not.
 */
#ifndef MACHINE_HERE
#define MACHINE_HERE() ((void)0)
#endif

struct cpu_info;

typedef struct kmutex {
	unsigned mtx_word;	     /* the spin word: 0 free, 1 held */
	uint8_t mtx_class;	     /* =: enum cell of its lock class */
	uint8_t mtx_ipl;	     /* =: level to raise to */
	uint16_t mtx_ordinal;	     /* =: which one of its class */
	struct cpu_info *mtx_owner;  /* holder: the CPU that holds it; others
				      * peek, to see that it is not they */
	struct kmutex *mtx_nextheld; /* holder: next on ci_held */
} kmutex_t;

/*
 * mutex_init, mutex_destroy:
 *
 *	The class gives rank and name, the ordinal tells mutexes of one class
 *	apart (a process id, a CPU number, the index of a queue).  Destroying
 *	asserts that nobody holds it.
 */
void mutex_init(kmutex_t *, enum cell lockclass, int ipl, unsigned ordinal);
void mutex_destroy(kmutex_t *);

/*
 * mutex_enter, mutex_exit:
 *
 *	(point each) Take the mutex, spinning; release it.  Taking is an
 *	acquire, releasing a release.  Recursion, release by another CPU and a
 *	lock out of order panic.
 */
void mutex_enter(kmutex_t *);
void mutex_exit(kmutex_t *);

/* mutex_tryenter: (point) never waits; true if taken. */
bool mutex_tryenter(kmutex_t *);

/* mutex_owned: held by this CPU.  For assertions. */
bool mutex_owned(const kmutex_t *);

/*
 * lockdebug_barrier:
 *
 *	Panic if this CPU holds a spin mutex other than "except" (which may be
 *	NULL).  "where" names the boundary in the message.
 */
void lockdebug_barrier(const kmutex_t *except, const char *where);

/* lockdebug_take, lockdebug_drop: note that this CPU took or is about to
 * release the mutex; order, recursion and owner are checked.  "tried" is true
 * when it was got by a try. */
void lockdebug_take(kmutex_t *, bool tried);
void lockdebug_drop(kmutex_t *);
/* lockdebug_check: would taking it now be in order?  Before spinning. */
void lockdebug_check(const kmutex_t *);

#define mutex_enter(m)	  (MACHINE_HERE(), (mutex_enter)(m))
#define mutex_exit(m)	  (MACHINE_HERE(), (mutex_exit)(m))
#define mutex_tryenter(m) (MACHINE_HERE(), (mutex_tryenter)(m))

#endif /* LWP_MUTEX_H */
