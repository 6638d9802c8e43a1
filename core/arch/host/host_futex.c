/* SPDX-License-Identifier: BSD-2-Clause */

/* Sleeping and waking host threads, and the host's clock. */

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host_impl.h"

void
host_futex_wait(unsigned *word, unsigned value)
{
	(void)syscall(
	    SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

void
host_futex_timedwait(unsigned *word, unsigned value, uint64_t ns)
{
	struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000) };

	(void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &ts, NULL, 0);
}

void
host_futex_wake(unsigned *word, int n)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

/*
 * host_now:
 *
 *	Nanoseconds, of a clock that only goes forward.
 */
uint64_t
host_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}
