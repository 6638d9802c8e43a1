/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The simulator in one page: a machine of two CPUs under the default schedule,
 * two LWPs, and the number of choices that were made.
 */

#include <stdio.h>
#include <stdlib.h>

#include <lwp/kernel.h>
#include <lwp/sim.h>
#include <lwp/syscall.h>

static unsigned ran;

static void
second(void *arg)
{
	(void)arg;
	ran++;
}

static void
first(void *arg)
{
	struct usercontext uc = { .uc_entry = second, .uc_arg = arg };
	lwpid_t lid;

	if (sys_lwp_create(&uc, 0, &lid) == 0 && sys_lwp_wait(lid, NULL) == 0)
		ran++;
}

/* Who goes on?  Whoever the fair default would take. */
static unsigned
choose(void *arg, const struct sim_choice *sc)
{
	(void)arg;
	return sc->sc_default;
}

/* What lwp0 does. */
static void
boot(void *arg)
{
	const struct boot_params bp = { .bp_ncpu = 2,
		.bp_maxlwp = 16,
		.bp_maxlwp_proc = 8,
		.bp_maxproc = 4 };
	struct usercontext uc = { .uc_entry = first, .uc_arg = arg };
	pid_t_ pid;

	if (kernel_boot(&bp) != 0 || kernel_spawn(&uc, &pid) != 0)
		return;
	sim_live();
	kernel_main();
}

int
main(void)
{
	const struct sim_config cf = { .cf_ncpu = 2,
		.cf_maxsteps = 10000,
		.cf_fairstep = UINT64_MAX,
		.cf_choose = choose };

	sim_init();
	if (sim_run(&cf, boot, NULL) != SIM_END_quiet || ran != 2) {
		(void)fprintf(stderr, "sim_example: %s\n", sim_panic_text());
		return EXIT_FAILURE;
	}
	(void)printf("%llu choices\n", (unsigned long long)sim_steps());
	return EXIT_SUCCESS;
}
