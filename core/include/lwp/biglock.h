/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kernel_lock, the recursive big lock: a spin lock that a CPU holds on behalf
 * of the LWP that runs there (kern_biglock.c).
 *
 * It is the outermost of all locks: never taken with a spin mutex held or at
 * interrupt level.  It does not raise the interrupt level.  A switch gives it
 * up entirely, and takes it back to the same depth once the LWP runs again and
 * holds no spin mutex.  A depth of 0 means "nothing to do" everywhere.  On a
 * uniprocessor none of this does anything.
 */

#ifndef LWP_BIGLOCK_H
#define LWP_BIGLOCK_H

#include <lwp/mutex.h>

/* kernel_lock: (point) n more holds by curlwp. */
void kernel_lock(unsigned n);
/* kernel_unlock: (point) n holds less; it has at least so many. */
void kernel_unlock(unsigned n);
/* kernel_unlock_all: (point) no hold any more; returns how many there were. */
unsigned kernel_unlock_all(void);
/* kernel_locked: does curlwp hold it?  For assertions. */
bool kernel_locked(void);

/* biglock_giveup, biglock_takeback: the same around a switch. */
unsigned biglock_giveup(void);
void biglock_takeback(unsigned n);

#define KERNEL_LOCK(n)	      (MACHINE_HERE(), kernel_lock(n))
#define KERNEL_UNLOCK_ONE()   (MACHINE_HERE(), kernel_unlock(1))
#define KERNEL_UNLOCK_ALL(np) (MACHINE_HERE(), *(np) = kernel_unlock_all())
/* KERNEL_UNLOCK_LAST: asserts that it was the only hold. */
#define KERNEL_UNLOCK_LAST()                                                   \
	do {                                                                   \
		KERNEL_UNLOCK_ONE();                                           \
		KASSERT(!kernel_locked());                                     \
	} while (0)

#endif /* LWP_BIGLOCK_H */
