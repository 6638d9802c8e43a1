/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a creation takes is given back; what a reboot or the end of a process
 * asks of newborns.
 */

#include "h_sim.h"

static void
returns(void *arg)
{
	(void)arg;
}

static void
parks(void *arg)
{
	(void)arg;
	(void)sys_lwp_park(0, 0);
}

static void
many(void *arg)
{
	lwpid_t lid;
	unsigned n;

	(void)arg;
	for (n = 0; n < 400; n++) {
		lid = h_create(returns, NULL, LWP_DETACHED);
		h_wait_state(lid, LSZOMB);
	}
}

Test(core_newlwp, takes_no_stack_for_ever)
{
	h_run(NULL, many, NULL);
}

static void
grace(void *arg)
{
	lwpid_t a, b;
	struct lwp *l;

	(void)arg;
	a = h_create(returns, NULL, 0);
	h_wait_state(a, LSZOMB);
	l = h_lwp(a);
	machine_rcu_read_enter();
	H_EQ(sys_lwp_wait(a, NULL), 0);
	b = h_create(returns, NULL, 0);
	H_CHECK(h_lwp(b) != l);
	machine_rcu_read_exit();
	H_EQ(sys_lwp_wait(b, NULL), 0);
	H_EQ(sys_tsleep(1, 3, false), EWOULDBLOCK);
	l = kernel.k_lwpfree;
	H_CHECK(l != NULL);
	b = h_create(returns, NULL, 0);
	H_CHECK(h_lwp(b) == l);
	H_EQ(sys_lwp_wait(b, NULL), 0);
}

Test(core_newlwp, does_not_get_memory_that_a_reader_may_look_at) /* P5 */
{
	H_NEEDS_SCHEDULE("a read section with user points in it");
	h_run(&(struct h_options) { .ncpu = 2 }, grace, NULL);
}

static void
scarce(void *arg)
{
	unsigned n;

	(void)arg;
	for (n = 0; n < 40; n++)
		H_EQ(sys_lwp_wait(h_create(returns, NULL, 0), NULL), 0);
}

/* lwp0, process 1, the caller, and one that comes and goes. */
Test(core_newlwp, waits_for_memory_that_a_reader_may_look_at)
{
	struct h_options opt = { .maxlwp = 4 };

	for (opt.ncpu = 1; opt.ncpu <= 2; opt.ncpu++)
		h_run(&opt, scarce, NULL);
}

static void
refused(void *arg)
{
	struct lwp *cur = lwp_current(), *l;
	struct proc *p = cur->l_proc;
	const unsigned flag = *(unsigned *)arg;

	p->p_sflag |= flag;
	l = cur;
	H_EQ(newlwp(cur, p, true, 0, NULL, returns, NULL, &l), EINVAL);
	H_CHECK(l == NULL);
	p->p_sflag &= ~flag;
	H_EQ(newlwp(cur, p, true, 0, NULL, returns, NULL, &l), 0);
	p->p_sflag |= flag;
	H_EQ(lwp_activate(l, 0), EINVAL);
	p->p_sflag &= ~flag;
	lwp_undo(l);
	H_EQ(p->p_nlwps, 1);
}

Test(core_newlwp, is_refused_while_the_process_ends) /* N1 N6 */
{
	unsigned flag = PS_WEXIT;

	h_run(NULL, refused, &flag);
	flag = PS_WCORE;
	h_run(NULL, refused, &flag);
}

static void
dumping(void *arg)
{
	struct lwp *cur = lwp_current();
	struct proc *p = cur->l_proc;

	(void)arg;
	(void)h_create(returns, NULL, 0);
	mutex_enter(&p->p_smutex);
	p->p_sflag |= PS_WCORE;
	H_EQ(lwp_wait1(cur, 0, NULL, 0), EINTR);
	H_EQ(p->p_nlwpwait, 0);
	p->p_sflag &= ~PS_WCORE;
	mutex_exit(&p->p_smutex);
}

Test(core_wait, is_EINTR_while_core_is_dumped) /* W8 W9 */
{
	h_run(NULL, dumping, NULL);
}

static void
nobody(void *arg)
{
	lwpid_t departed = -7;

	(void)arg;
	H_EQ(sys_lwp_wait(99, &departed), ESRCH);
	H_EQ(sys_lwp_wait(-1, &departed), ESRCH);
	H_EQ(sys_lwp_wait(-5, &departed), ESRCH);
	H_EQ(departed, -7);
}

Test(core_wait, that_fails_stores_nothing)
{
	h_run(NULL, nobody, NULL);
}

/* A reboot has begun, and reached t: who is made after that is marked. */
static void
reboot(void *arg)
{
	struct proc *p = h_proc();
	lwpid_t a, b;
	struct lwp *t;

	(void)arg;
	a = h_create(parks, NULL, 0);
	t = h_lwp(a);
	mutex_enter(&p->p_smutex);
	lwp_lock(t);
	lwp_setflags(t, L_WREBOOT);
	kernel.k_rebooting = 1;
	lwp_unlock(t);
	mutex_exit(&p->p_smutex);
	b = h_create(returns, NULL, 0);
	H_EQ(h_lwp(b)->l_stat, LSSUSPENDED);
	H_EQ(h_lwp(b)->l_flag & (L_WREBOOT | L_WSUSPEND), L_WREBOOT);
	/* At its first boundary, for L_WREBOOT alone. */
	h_wait_state(a, LSSUSPENDED);
	H_EQ(t->l_flag & (L_WREBOOT | L_WSUSPEND), L_WREBOOT);
	sys_exit(0);
}

Test(core_newlwp, under_a_reboot_is_suspended) /* N2 */
{
	h_run(NULL, reboot, NULL);
	cr_assert_eq(kernel.k_nlwp, 2);
}

static void
created_suspended(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(parks, NULL, LWP_SUSPENDED);
	H_CHECK((h_lwp(lid)->l_prflag & LPR_CRSUSPEND) != 0);
	H_EQ(sys_lwp_continue(lid), 0);
	H_CHECK((h_lwp(lid)->l_prflag & LPR_CRSUSPEND) == 0);
	H_EQ(sys_lwp_unpark(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_newlwp, created_suspended_is_marked_until_it_is_resumed)
{
	h_run(NULL, created_suspended, NULL);
}

static void
represents_itself(void *arg)
{
	lwpid_t who;

	(void)arg;
	H_EQ(sys_representative(&who, NULL), 0);
	H_EQ(who, sys_lwp_self()); /* the older one only can run */
}

static void
ranks(void *arg)
{
	struct lwp *l = lwp_current();
	struct proc *p = h_proc();
	lwpid_t old, young;

	(void)arg;
	(void)sys_lwp_wait(h_create(represents_itself, NULL, 0), NULL);
	old = h_create(represents_itself, NULL, 0);
	sys_yield();
	H_EQ(sys_lwp_wait(old, NULL), 0);
	old = h_create(parks, NULL, 0);
	h_wait_state(old, LSSLEEP);
	young = h_create(parks, NULL, 0);
	h_wait_state(young, LSSLEEP);
	mutex_enter(&p->p_smutex);
	l->l_stat = LSZOMB;
	H_CHECK(proc_representative_lwp(p, NULL, true) == h_lwp(old));
	l->l_stat = LSONPROC;
	mutex_exit(&p->p_smutex);
	H_EQ(sys_lwp_unpark(old), 0);
	H_EQ(sys_lwp_unpark(young), 0);
}

Test(core_representative, is_the_oldest_of_the_best_class)
{
	h_run(NULL, ranks, NULL);
}

/* Marks that a sleep leaves, or must not leave, behind. */

static int first, second;

static void
parks_twice(void *arg)
{
	(void)arg;
	first = sys_lwp_park(0, 0);
	second = sys_lwp_park(2, 0);
}

static void
sleeps_and_parks(void *arg)
{
	(void)arg;
	first = sys_tsleep(1, 0, true);
	second = sys_lwp_park(0, 0);
}

static void
marks(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(parks_twice, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_wakeup(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(first, EINTR);
	H_EQ(second, ETIMEDOUT);
	lid = h_create(sleeps_and_parks, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_unpark(lid), 0);
	h_steps(20);
	H_EQ(h_lwp(lid)->l_stat, LSSLEEP);
	H_EQ(sys_wakeup(1, 0), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(first, 0);
	H_EQ(second, EALREADY);
}

Test(core_park, keeps_tokens_and_uses_cancellations_up) /* E6 E10 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, marks, NULL);
}

/* So long that a busy host makes no difference: suspends that lengthened it
 * would do so by 3 * SOME. */
#define LONG 400
#define SOME 100

static void
sleeps_long(void *arg)
{
	(void)arg;
	first = sys_tsleep(1, LONG, true);
	second = (int)machine_ticks();
}

static void
deadline(void *arg)
{
	int start = (int)machine_ticks();
	lwpid_t lid;

	(void)arg;
	lid = h_create(sleeps_long, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	for (int i = 0; i < 3; i++) {
		H_EQ(sys_tsleep(2, SOME, false), EWOULDBLOCK);
		H_EQ(sys_lwp_suspend(lid), 0);
		H_EQ(sys_lwp_continue(lid), 0);
	}
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(first, EWOULDBLOCK);
	H_CHECK(second < start + LONG + 3 * SOME);
	/* Over while suspended: it does not sleep again. */
	lid = h_create(sleeps_long, NULL, 0);
	h_wait_state(lid, LSSLEEP);
	H_EQ(sys_lwp_suspend(lid), 0);
	H_EQ(sys_tsleep(2, LONG + 1, false), EWOULDBLOCK);
	start = (int)machine_ticks();
	H_EQ(sys_lwp_continue(lid), 0);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
	H_EQ(first, EWOULDBLOCK);
	H_CHECK(second < start + LONG);
}

Test(core_tsleep, is_not_lengthened_by_suspends) /* E17 */
{
	h_run(&(struct h_options) { .ncpu = 2 }, deadline, NULL);
}
