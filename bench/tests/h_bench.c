/* SPDX-License-Identifier: BSD-2-Clause */

/* What lwpbench.c is for the parts of the driver, in tests. */

#include <stdarg.h>
#include <stdio.h>

#include "../driver.h"

struct options opt = { .op_seed = 1 };

static struct records records;

int
trouble(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n");
	return 2;
}

void
warning(const char *fmt, ...)
{
	(void)fmt;
}

bool
bench_interrupted(void)
{
	return false;
}

double
driver_seconds(void)
{
	return 0;
}

struct records *
driver_records(void)
{
	return &records;
}
