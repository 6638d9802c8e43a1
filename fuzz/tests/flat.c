/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Very many runs in one process leave its memory as it was: flat RUNS.
 *
 * Random programs under the strategies they drew, at the grain of the build.
 * A run leaves fibres in the middle: those of the system always, and those of
 * its own LWPs where it ends with somebody blocked; these are counted, so that
 * nobody takes a run of tidy programs for a proof.
 */

#include <stdlib.h>
#include <unistd.h>

#include <lwp/kernel.h>

#include "../run/run.h"

#define WARM_UP	     500
#define GROWTH_PAGES 64 /* a page table, a buffer of stdio */

static long
resident_pages(void)
{
	long size = 0, resident = -1;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%ld %ld", &size, &resident) != 2)
		resident = -1;
	if (f != NULL)
		(void)fclose(f);
	return resident;
}

/*
 * left_lwps:
 *
 *	LWPs of the program whose fibres were in the middle when the run ended.
 */
static unsigned
left_lwps(void)
{
	const struct proc *p;
	const struct lwp *l;
	unsigned n = 0;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p == kernel.k_proc0 || p == kernel.k_initproc)
			continue;
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
		{
			n += l->l_stat != LSZOMB;
		}
	}
	return n;
}

/*
 * runs:
 *
 *	So many, of programs of 4 to 27 operations; how many left LWPs.
 */
static unsigned
runs(uint64_t seed, unsigned n)
{
	static struct prog pr;
	struct run_options opt;
	struct verdict vd;
	unsigned i, left = 0;

	run_options_init(&opt);
	for (i = 0; i < n; i++) {
		prog_random(&pr, seed + i, 4 + i % 24);
		pr.pr_memory = sim_memory_grain();
		run(&pr, &opt, &vd);
		left += left_lwps() != 0;
	}
	return left;
}

int
main(int argc, char **argv)
{
	unsigned n = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	long before, after;
	unsigned left;

	if (n == 0) {
		(void)fprintf(stderr, "usage: flat RUNS\n");
		return 2;
	}
	run_init();
	(void)runs(1, WARM_UP);
	before = resident_pages();
	left = runs(1 + WARM_UP, n);
	after = resident_pages();
	(void)printf("%u runs, %u left LWPs in the middle; resident: %ld pages "
		     "before, %ld after\n",
	    n, left, before, after);
	if (before < 0 || after < 0)
		return 2;
	return after - before > GROWTH_PAGES || left < n / 4;
}
