/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Condition variables with a spin mutex: who waits is known, and one signal is
 * for one waiter.  (With an adaptive one: t_mutex.c.)
 */

#include "h_sim.h"

static kcondvar_t cv;
static unsigned woken;

static void
waits(void *arg)
{
	struct proc *p = h_proc();

	(void)arg;
	mutex_enter(&p->p_smutex);
	cv_wait(&cv, &p->p_smutex);
	woken++;
	mutex_exit(&p->p_smutex);
}

static void
signals(void *arg)
{
	struct proc *p = h_proc();
	lwpid_t a, b;

	(void)arg;
	cv_init(&cv, "test");
	woken = 0;
	mutex_enter(&p->p_smutex);
	H_CHECK(!cv_has_waiters(&cv));
	cv_signal(&cv);
	mutex_exit(&p->p_smutex);
	a = h_create(waits, NULL, 0);
	b = h_create(waits, NULL, 0);
	h_wait_state(a, LSSLEEP);
	h_wait_state(b, LSSLEEP);
	mutex_enter(&p->p_smutex);
	H_CHECK(cv_has_waiters(&cv));
	cv_signal(&cv);
	mutex_exit(&p->p_smutex);
	H_EQ(sys_lwp_wait(0, NULL), 0);
	mutex_enter(&p->p_smutex);
	H_EQ(woken, 1);
	H_CHECK(cv_has_waiters(&cv));
	cv_broadcast(&cv);
	mutex_exit(&p->p_smutex);
	H_EQ(sys_lwp_wait(0, NULL), 0);
	H_CHECK(!cv_has_waiters(&cv));
	cv_destroy(&cv);
}

Test(core_condvar, a_signal_wakes_one_and_waiters_are_known)
{
	h_run(NULL, signals, NULL);
}
