/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Condition variables.  Waiters sit on the sleep queue that the address
 * hashes to, FIFO within equal priority.  The interlock is a mutex of either
 * kind, the same one for all waits and wake-ups of a condition variable.
 */

#ifndef LWP_CONDVAR_H
#define LWP_CONDVAR_H

#include <lwp/mutex.h>

typedef struct kcondvar {
	const char *cv_wmesg; /* =: shown as the wait message */
	unsigned cv_waiters;  /* interlock: LWPs inside cv_wait*() */
} kcondvar_t;

void cv_init(kcondvar_t *, const char *wmesg);
/* cv_destroy: asserts that there is no waiter. */
void cv_destroy(kcondvar_t *);

/*
 * cv_wait, cv_wait_sig, cv_timedwait, cv_timedwait_sig:
 *
 *	The interlock is held on entry and return and released while asleep.
 *	cv_wait: nothing breaks it but a wake-up.  The _sig forms return 0,
 *	EINTR or ERESTART; the timed ones also EWOULDBLOCK after timo ticks
 *	(0 = for ever).  A waiter that was woken returns 0.
 */
void cv_wait(kcondvar_t *, kmutex_t *);
int cv_wait_sig(kcondvar_t *, kmutex_t *);
int cv_timedwait(kcondvar_t *, kmutex_t *, int timo);
int cv_timedwait_sig(kcondvar_t *, kmutex_t *, int timo);

/* cv_signal, cv_broadcast: the interlock is held, no LWP lock is. */
void cv_signal(kcondvar_t *);
void cv_broadcast(kcondvar_t *);
/* cv_has_waiters: interlock held. */
bool cv_has_waiters(const kcondvar_t *);

#endif /* LWP_CONDVAR_H */
