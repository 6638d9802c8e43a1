/* SPDX-License-Identifier: BSD-2-Clause */

/* What workloads ask of the driver: failures, counts, machines, LWPs. */

#include "stress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

#define SLOTS 64 /* of counters; an LWP counts in one of them */

struct stress stress = {
	.st_cpus = 2,
	.st_lwps = 8,
	.st_perturb = 4,
	.st_save = "findings",
};

static struct slot {
	_Alignas(64) uint64_t count[TALLY_COUNT];
} slots[SLOTS];

static struct {
	unsigned stopped, failed;
	char failure[1024];
	struct host_stats totals;
} st;

bool
stress_stopped(void)
{
	return __atomic_load_n(&st.stopped, __ATOMIC_RELAXED) != 0;
}

bool
stress_failed(void)
{
	return __atomic_load_n(&st.failed, __ATOMIC_ACQUIRE) == 2;
}

void
stress_stop(void)
{
	__atomic_store_n(&st.stopped, 1, __ATOMIC_RELAXED);
}

void
stress_go(void)
{
	if (!stress_failed())
		__atomic_store_n(&st.stopped, 0, __ATOMIC_RELAXED);
}

void
stress_fail(const char *fmt, ...)
{
	unsigned none = 0;
	va_list ap;

	if (__atomic_compare_exchange_n(&st.failed, &none, 1, false,
		__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		va_start(ap, fmt);
		(void)vsnprintf(st.failure, sizeof(st.failure), fmt, ap);
		va_end(ap);
		__atomic_store_n(&st.failed, 2, __ATOMIC_RELEASE);
	}
	stress_stop();
}

const char *
stress_failure(void)
{
	return st.failure;
}

void
stress_count(enum tally tally, unsigned n)
{
	/* By where its stack is: whoever counts most stays apart. */
	unsigned slot = (unsigned)((uintptr_t)&tally >> 16) % SLOTS;

	(void)__atomic_fetch_add(
	    &slots[slot].count[tally], n, __ATOMIC_RELAXED);
}

uint64_t
stress_total(enum tally tally)
{
	uint64_t sum = 0;
	unsigned n;

	for (n = 0; n < SLOTS; n++)
		sum += __atomic_load_n(
		    &slots[n].count[tally], __ATOMIC_RELAXED);
	return sum;
}

/*
 * stress_add:
 *
 *	What a machine that ended had counted.
 */
static void
stress_add(void)
{
	struct host_stats hs;
	unsigned n, m;

	host_stats(&hs);
	for (n = 0; n < EV_COUNT; n++)
		st.totals.hs_event[n] += hs.hs_event[n];
	for (n = 0; n < PROBE_COUNT; n++)
		st.totals.hs_probe[n] += hs.hs_probe[n];
	for (n = 0; n < LS_COUNT; n++) {
		for (m = 0; m < LS_COUNT; m++)
			st.totals.hs_transition[n][m] += hs.hs_transition[n][m];
	}
	st.totals.hs_clock += hs.hs_clock;
	st.totals.hs_soft += hs.hs_soft;
	st.totals.hs_sleeps += hs.hs_sleeps;
	st.totals.hs_yields += hs.hs_yields;
	st.totals.hs_grace += hs.hs_grace;
}

const struct host_stats *
stress_totals(void)
{
	return &st.totals;
}

bool
stress_machine(const struct host_params *hp)
{
	struct host_result hr;
	enum host_end end;

	end = host_run(hp, NULL, NULL, &hr);
	stress_add();
	switch (end) {
	case HOST_END_quiet:
		return true;
	case HOST_END_panic:
		stress_fail("panic: %s (%s)", hr.hr_text, hr.hr_report);
		return false;
	case HOST_END_boot:
		stress_fail(
		    "the machine did not boot: %s", strerror(hr.hr_error));
		return false;
	default:
		return false; /* halted: the one who did has said why */
	}
}

int
stress_spawn(void (*first)(void *))
{
	struct usercontext uc = { .uc_entry = first };
	pid_t_ pid;

	return kernel_spawn(&uc, &pid);
}

lwpid_t
stress_create(void (*body)(void *), uintptr_t arg, int flags)
{
	struct usercontext uc = { .uc_entry = body, .uc_arg = (void *)arg };
	lwpid_t lid;
	int error;

	error = sys_lwp_create(&uc, flags, &lid);
	if (error == 0)
		return lid;
	STRESS_CHECK(error == EAGAIN || error == ENOMEM || error == EFAULT,
	    "create: error %d", error);
	return 0;
}

void
stress_workers(void (*body)(void *), unsigned n)
{
	lwpid_t *lids = calloc(n, sizeof(*lids));
	unsigned i;

	/* One by one: the workers' own LWPs are joinable too. */
	for (i = 0; i < n && lids != NULL; i++)
		lids[i] = stress_create(body, i, 0);
	for (i = 0; i < n && lids != NULL; i++)
		STRESS_CHECK(lids[i] == 0 || sys_lwp_wait(lids[i], NULL) == 0,
		    "a worker was not collected");
	free(lids);
}
