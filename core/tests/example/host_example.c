/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The host machine in one page: boot it, make LWPs, collect them, print what
 * it counted.
 *
 *	host_example [CPUs [LWPs]]
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <lwp/host.h>
#include <lwp/syscall.h>

static unsigned nlwp = 1000;
static unsigned long sum;

/* User code of each LWP: no lock of the host is needed, nor allowed. */
static void
worker(void *arg)
{
	(void)__atomic_fetch_add(
	    &sum, *(const unsigned long *)arg, __ATOMIC_RELAXED);
}

/* User code of the first LWP. */
static void
first(void *arg)
{
	struct usercontext uc = { .uc_entry = worker, .uc_arg = arg };
	unsigned n, made = 0;
	lwpid_t lid;

	for (n = 0; n < nlwp; n++) {
		if (sys_lwp_create(&uc, 0, &lid) == 0)
			made++;
	}
	while (made > 0 && sys_lwp_wait(0, &lid) == 0)
		made--;
}

int
main(int argc, char **argv)
{
	struct host_params hp = { .hp_boot = { .bp_ncpu = 4 } };
	unsigned long one = 1;
	struct host_result hr;
	struct host_stats hs;

	if (argc > 1)
		hp.hp_boot.bp_ncpu = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		nlwp = (unsigned)strtoul(argv[2], NULL, 10);
	hp.hp_boot.bp_maxlwp = nlwp + 8;

	if (host_run(&hp, first, &one, &hr) != HOST_END_quiet) {
		(void)fprintf(stderr, "host_example: %s (%s)\n", hr.hr_text,
		    hr.hr_report);
		return 1;
	}
	host_stats(&hs);
	(void)printf("%lu LWPs ran, %u stacks in use at once, %llu sleeps of a "
		     "CPU\n",
	    sum, hs.hs_stacks_max, (unsigned long long)hs.hs_sleeps);
	host_fini();
	return sum == nlwp ? 0 : 1;
}
