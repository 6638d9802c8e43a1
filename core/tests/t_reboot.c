/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A reboot suspends every user LWP but the caller, for ever; only the end of
 * the process frees them.  The test needs the simulator: who runs when is its
 * default schedule.
 */

#include "h_sim.h"

static void
parks(void *arg)
{
	(void)arg;
	(void)sys_lwp_park(0, 0);
}

static void
spins(void *arg)
{
	(void)arg;
	for (;;)
		sys_yield();
}

static void
held(lwpid_t lid)
{
	H_EQ(h_lwp(lid)->l_stat, LSSUSPENDED);
	H_EQ(h_lwp(lid)->l_flag & L_WREBOOT, L_WREBOOT);
}

static void
reboots(void *arg)
{
	lwpid_t sleeper, runner, born, begun;

	(void)arg;
	sleeper = h_create(parks, NULL, 0);
	runner = h_create(spins, NULL, 0);
	begun = h_create(parks, NULL, LWP_SUSPENDED);
	h_wait_state(sleeper, LSSLEEP);
	sys_reboot();
	h_wait_state(sleeper, LSSUSPENDED);
	h_wait_state(runner, LSSUSPENDED);
	held(sleeper);
	held(runner);
	held(begun);
	H_EQ(h_proc()->p_nrlwps, 1);

	/* N2: who is made afterwards never runs. */
	born = h_create(spins, NULL, 0);
	held(born);
	/* S8: neither a continue nor a signal resumes one. */
	H_EQ(sys_lwp_continue(sleeper), 0);
	H_EQ(sys_lwp_continue(born), 0);
	H_EQ(sys_lwp_kill(runner, KSIG_KILL), 0);
	h_steps(20);
	held(sleeper);
	held(born);
	held(runner);
	sys_exit(0);
}

Test(core_reboot, holds_everybody_else_until_the_process_ends) /* S8, N2 */
{
	const struct h_options two = { .ncpu = 2, .percpu = true };

	h_run(NULL, reboots, NULL);
	cr_assert_eq(kernel.k_nlwp, 2);
	h_run(&two, reboots, NULL);
	cr_assert_eq(kernel.k_nlwp, 2);
}
