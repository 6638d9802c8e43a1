/* SPDX-License-Identifier: BSD-2-Clause */

/* Building the plan: what a benchmark calls. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

struct plan plan;

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL) {
		(void)trouble("out of memory");
		_Exit(2);
	}
	return p;
}

void *
xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (p == NULL) {
		(void)trouble("out of memory");
		_Exit(2);
	}
	return p;
}

void *
plan_keep(size_t size)
{
	struct kept *k = xcalloc(1, sizeof(*k) + size);

	k->ke_next = plan.pl_kept;
	plan.pl_kept = k;
	return k->ke_bytes;
}

void
plan_clear(void)
{
	struct kept *k;

	while ((k = plan.pl_kept) != NULL) {
		plan.pl_kept = k->ke_next;
		free(k);
	}
	free(plan.pl_case);
	memset(&plan, 0, sizeof(plan));
}

unsigned
plan_only(const char *words)
{
	unsigned n, left = 0;

	for (n = 0; n < plan.pl_ncase; n++) {
		if (config_has(plan.pl_case[n]->bc_config, words))
			plan.pl_case[left++] = plan.pl_case[n];
		else
			free(plan.pl_case[n]);
	}
	return plan.pl_ncase = left;
}

struct bench_case *
plan_case(enum metric metric, unsigned threads, const char *fmt, ...)
{
	/* The records free it. */
	struct bench_case *bc = xcalloc(1, sizeof(*bc));
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(bc->bc_config, sizeof(bc->bc_config), fmt, ap);
	va_end(ap);
	(void)snprintf(bc->bc_bench, sizeof(bc->bc_bench), "%s", plan.pl_bench);
	bc->bc_metric = metric;
	bc->bc_threads = threads;
	plan.pl_case = xrealloc(
	    plan.pl_case, (plan.pl_ncase + 1) * sizeof(struct bench_case *));
	plan.pl_case[plan.pl_ncase++] = bc;
	return bc;
}

void
plan_variant(struct bench_case *bc, const char *name,
    int (*run)(
	const struct bench_case *, const struct variant *, struct sample *),
    const void *arg)
{
	struct variant *va;

	if (bc->bc_nvariant == VARIANT_MAX)
		abort();
	va = &bc->bc_variant[bc->bc_nvariant++];
	(void)snprintf(va->va_name, sizeof(va->va_name), "%s", name);
	va->va_run = run;
	va->va_arg = arg;
}

void
plan_again(struct bench_case *bc)
{
	const struct variant *ref = &bc->bc_variant[bc->bc_reference];
	char name[NAME_MAX_];

	(void)snprintf(name, sizeof(name), "%.50s again", ref->va_name);
	plan_variant(bc, name, ref->va_run, ref->va_arg);
	bc->bc_variant[bc->bc_nvariant - 1].va_again = true;
}

double
case_parameter(const struct bench_case *bc, const char *name)
{
	const size_t n = strlen(name);
	const char *s = bc->bc_config;

	for (;;) {
		if (strncmp(s, name, n) == 0 && s[n] == '=')
			return strtod(s + n + 1, NULL);
		s = strchr(s, ' ');
		if (s == NULL)
			return NAN;
		s++;
	}
}
