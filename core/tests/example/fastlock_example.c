/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The inlined LWP lock, as an outside program uses it: LWPs on several CPUs
 * count, without atomics, under the lock of one of them, which moves from
 * queue to queue meanwhile.
 */

#include <stdio.h>
#include <stdlib.h>

#include <lwp/fastlock.h>
#include <lwp/syscall.h>

#define WORKERS 4
#define ROUNDS	20000

static struct lwp *subject;
static unsigned long count; /* subject's lock */

static void
worker(void *arg)
{
	unsigned n;

	(void)arg;
	for (n = 0; n < ROUNDS; n++) {
		lwp_lock(subject);
		count++;
		lwp_unlock(subject);
		if (n % 64 == 0)
			sys_yield();
	}
}

static void
first(void *arg)
{
	struct usercontext uc = { .uc_entry = worker };
	lwpid_t lid[WORKERS];
	unsigned n;

	(void)arg;
	subject = lwp_current();
	for (n = 0; n < WORKERS; n++) {
		if (sys_lwp_create(&uc, 0, &lid[n]) != 0)
			host_halt();
	}
	for (n = 0; n < WORKERS; n++)
		(void)sys_lwp_wait(lid[n], NULL);
}

int
main(int argc, char **argv)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 2 };
	struct host_result hr;

	/* A machine that is watched, too: the same header does without. */
	hp.hp_boot.bp_preempt_kernel = argc > 1 && atoi(argv[1]) != 0;
	if (host_run(&hp, first, NULL, &hr) != HOST_END_quiet) {
		(void)fprintf(stderr, "%s (%s)\n", hr.hr_text, hr.hr_report);
		return 1;
	}
	host_fini();
	(void)printf("%lu sections\n", count);
	return count == (unsigned long)WORKERS * ROUNDS ? 0 : 1;
}
