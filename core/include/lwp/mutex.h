/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mutexes: one type, two kinds, chosen by the lock class (lockclass.def).
 *
 * A spin mutex raises the interrupt level of its CPU.  The level is counted
 * per CPU: the first spin mutex of a CPU raises it and remembers the one
 * before, the last one to be released restores it, so they may be released in
 * any order.  It belongs to the CPU that took it.  On a machine that takes no
 * interrupt where the level falls, none of this is done: see MACHINE_LEVELS in
 * its <machine/atomic.h>.
 *
 * An adaptive mutex belongs to the LWP that took it.  Who finds it taken spins
 * while the owner is on a CPU, else sleeps on a turnstile and lends the owner
 * its priority (turnstile.h).  It must not be taken with a spin mutex held or
 * from interrupt level, nor be held in user mode or by an LWP that exits.
 *
 * LOCKDEBUG (subr_lockdebug.c) keeps the owner, the list of spin mutexes that
 * each CPU holds and of adaptive ones that each LWP holds, and the order
 * between classes.
 */

#ifndef LWP_MUTEX_H
#define LWP_MUTEX_H

#include <lwp/cell.h>
#include <lwp/kassert.h>
#include <lwp/spin.h>

/*
 * Files of core/kern and core/lock include <machine/atomic.h> first, which
 * says how a place in the source is noted; for everybody else it is not.
 */
#ifndef MACHINE_HERE
#define MACHINE_HERE() ((void)0)
#endif

struct cpu_info;
struct lwp;

enum mutex_kind { MUTEX_SPIN, MUTEX_ADAPTIVE, MUTEX_KERNEL };

typedef struct kmutex {
	unsigned mtx_word;	     /* spin: 0 free, 1 held */
	uint8_t mtx_class;	     /* =: enum cell of its lock class */
	uint8_t mtx_ipl;	     /* =: level to raise to; 0: adaptive */
	uint16_t mtx_ordinal;	     /* =: which one of its class */
	struct cpu_info *mtx_owner;  /* spin, holder: its CPU; others peek */
	uintptr_t mtx_lwp;	     /* @ adaptive: owner, MTX_WAITERS; spin: 0,
				      * and <lwp/fastlock.h> stores 0 there */
	struct kmutex *mtx_nextheld; /* holder: next on ci_held or l_locks */
#ifdef LWP_SPIN_LOCK
	union spin mtx_spin; /* @ spin: what mtx_word tells of */
#endif
} kmutex_t;

#define MTX_WAITERS ((uintptr_t)1) /* in mtx_lwp: LWPs sleep for it */

/*
 * mutex_init, mutex_destroy:
 *
 *	The class gives kind, rank and name, the ordinal tells mutexes of one
 *	class apart (a process id, a CPU number, the index of a queue).  The
 *	level is IPL_NONE exactly for adaptive ones.  Destroying asserts that
 *	nobody holds it.
 */
void mutex_init(kmutex_t *, enum cell lockclass, int ipl, unsigned ordinal);
void mutex_destroy(kmutex_t *);

/*
 * mutex_enter, mutex_exit:
 *
 *	(point each) Take the mutex, spinning or sleeping; release it.  Taking
 *	is an acquire, releasing a release.  Recursion, release by another and
 *	a lock out of order panic.  An adaptive mutex may be released with spin
 *	mutexes held that are ordered before the turnstile chains.
 */
void mutex_enter(kmutex_t *);
void mutex_exit(kmutex_t *);

/* Around taking a spin mutex by itself, where the machine keeps the level
 * (MACHINE_LEVELS): mutex_raise when it was taken.  Where the level is raised
 * first (SPIN_LEVEL_FIRST of spin_mutex.h) mutex_prepare before, and
 * mutex_giveup if it was not. */
void mutex_prepare(kmutex_t *);
void mutex_raise(kmutex_t *, bool tried);
void mutex_giveup(void);

/* mutex_tryenter: (point) never waits; true if taken. */
bool mutex_tryenter(kmutex_t *);

/* mutex_owned: held by this CPU, or this LWP.  For assertions; a spin mutex
 * that does not keep its level (config.h) only knows that somebody holds it. */
bool mutex_owned(const kmutex_t *);

/* mutex_owner: the LWP that holds an adaptive mutex; NULL: nobody. */
struct lwp *mutex_owner(const kmutex_t *);

static inline bool
mutex_is_adaptive(const kmutex_t *mtx)
{
	return mtx->mtx_ipl == 0;
}

/* lockclass_kind: what the locks of a class are. */
enum mutex_kind lockclass_kind(enum cell lockclass);

#if LWP_CHECKED

/*
 * lockdebug_barrier:
 *
 *	Panic if this CPU holds a spin mutex other than "except" (which may be
 *	NULL).  "where" names the boundary in the message.
 */
void lockdebug_barrier(const kmutex_t *except, const char *where);

/* lockdebug_nosleeplock: panic if curlwp holds an adaptive mutex. */
void lockdebug_nosleeplock(const char *where);

/* lockdebug_take, lockdebug_drop: note that this CPU took or is about to
 * release the spin mutex; order, recursion and owner are checked.  "tried" is
 * true when it was got by a try. */
void lockdebug_take(kmutex_t *, bool tried);
void lockdebug_drop(kmutex_t *);
/* lockdebug_check: would taking it now be in order?  Before spinning. */
void lockdebug_check(const kmutex_t *);

/* The same for an adaptive mutex and curlwp.  lockdebug_cansleep: panic if
 * something that may sleep is not allowed here. */
void lockdebug_take_sleep(kmutex_t *, bool tried);
void lockdebug_drop_sleep(kmutex_t *);
void lockdebug_check_sleep(const kmutex_t *);
void lockdebug_cansleep(const char *what);

#else

#define lockdebug_barrier(except, where) ((void)(except), (void)(where))
#define lockdebug_nosleeplock(where)	 ((void)(where))
#define lockdebug_take(mtx, tried)	 ((void)(mtx), (void)(tried))
#define lockdebug_drop(mtx)		 ((void)(mtx))
#define lockdebug_check(mtx)		 ((void)(mtx))
#define lockdebug_take_sleep(mtx, tried) ((void)(mtx), (void)(tried))
#define lockdebug_drop_sleep(mtx)	 ((void)(mtx))
#define lockdebug_check_sleep(mtx)	 ((void)(mtx))
#define lockdebug_cansleep(what)	 ((void)(what))

#endif

#define mutex_enter(m)	  (MACHINE_HERE(), (mutex_enter)(m))
#define mutex_exit(m)	  (MACHINE_HERE(), (mutex_exit)(m))
#define mutex_tryenter(m) (MACHINE_HERE(), (mutex_tryenter)(m))

#endif /* LWP_MUTEX_H */
