/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Condition variables.
 *
 * A waiter goes on the sleep queue before it lets go of the interlock, so
 * whoever changes the condition under the interlock and then signals finds it
 * there.  cv_waiters, covered by the interlock, spares the look at the queue
 * when nobody waits; it counts waiters until they have the interlock back, so
 * it may be too high, never too low.
 *
 * A waiter that was chosen by cv_signal returns 0, whatever else happened to
 * it (see kern_sleepq.c), so a signal is never lost in a waiter that returns
 * an error, and nothing must be passed on (E3).
 *
 * Waiters look at their condition in a loop.  The simulator holds them to
 * that: a wait may end though nobody sent a wake-up.
 */

#include <machine/atomic.h>

#include <lwp/condvar.h>
#include <lwp/lwp.h>

void
cv_init(kcondvar_t *cv, const char *wmesg)
{
	cv->cv_wmesg = wmesg;
	cv->cv_waiters = 0;
}

void
cv_destroy(kcondvar_t *cv)
{
	KASSERT(cv->cv_waiters == 0);
	(void)cv;
}

/*
 * cv_sleep:
 *
 *	Common to all waits.  The interlock is held on entry and return.
 */
static int
cv_sleep(kcondvar_t *cv, kmutex_t *interlock, int timo, bool catch)
{
	int error;

	KASSERT(mutex_owned(interlock));
	if (machine_perturb(PERTURB_spurious)) {
		PROBE(CV_SPURIOUS);
		mutex_exit(interlock);
		mutex_enter(interlock);
		return 0;
	}
	cv->cv_waiters++;
	error = mtsleep(
	    cv, PWAIT | (catch ? PCATCH : 0), cv->cv_wmesg, timo, interlock);
	cv->cv_waiters--;
	return error;
}

void
cv_wait(kcondvar_t *cv, kmutex_t *interlock)
{
	(void)cv_sleep(cv, interlock, 0, false);
}

int
cv_wait_sig(kcondvar_t *cv, kmutex_t *interlock)
{
	return cv_sleep(cv, interlock, 0, true);
}

int
cv_timedwait(kcondvar_t *cv, kmutex_t *interlock, int timo)
{
	return cv_sleep(cv, interlock, timo, false);
}

int
cv_timedwait_sig(kcondvar_t *cv, kmutex_t *interlock, int timo)
{
	return cv_sleep(cv, interlock, timo, true);
}

void
cv_signal(kcondvar_t *cv)
{
	if (cv->cv_waiters != 0)
		wakeup_one(cv);
}

void
cv_broadcast(kcondvar_t *cv)
{
	if (cv->cv_waiters != 0)
		wakeup(cv);
}

bool
cv_has_waiters(const kcondvar_t *cv)
{
	return cv->cv_waiters != 0;
}
