/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Runs: the same input gives the same trace, after whatever ran before;
 * replay by local coordinates is exact; nothing is allocated; strategies only
 * choose what is enabled.
 */

#include <criterion/criterion.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../run/run.h"

static struct prog a, b, rec;

/* Each allocation of the process, also one that is freed at once: told by the
 * sanitizer, or by standing in for the C library's functions. */
static volatile unsigned long allocations;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOOKS 1
#endif
#endif

#ifdef HOOKS
int __sanitizer_install_malloc_and_free_hooks(
    void (*)(const volatile void *, size_t), void (*)(const volatile void *));

static void
allocated(const volatile void *p, size_t size)
{
	(void)p;
	(void)size;
	allocations++;
}

static void
freed(const volatile void *p)
{
	(void)p;
}

static void
count_allocations(void)
{
	cr_assert_neq(
	    __sanitizer_install_malloc_and_free_hooks(allocated, freed), 0);
}
#else
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *
malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	allocations++;
	return __libc_realloc(p, size);
}

void *
aligned_alloc(size_t align, size_t size)
{
	allocations++;
	return __libc_memalign(align, size);
}

static void
count_allocations(void)
{
}
#endif

static void
program(struct prog *pr, unsigned seed)
{
	prog_random(pr, seed, 4 + seed % 20);
	pr->pr_strategy = (uint8_t)(seed % 2 != 0 ? STRATEGY_random :
						    STRATEGY_bytes);
}

static uint64_t
hash(const struct prog *pr, struct verdict *vd)
{
	struct run_options opt;

	run_options_init(&opt);
	run(pr, &opt, vd);
	return vd->vd_hash;
}

Test(fuzz_run, gives_the_same_trace_after_any_other_program)
{
	struct verdict vd;
	uint64_t alone;
	unsigned n;

	run_init();
	for (n = 1; n < 3000; n++) {
		program(&a, n);
		program(&b, n * 7919);
		alone = hash(&a, &vd);
		(void)hash(&b, &vd);
		cr_assert_eq(hash(&a, &vd), alone, "program %u", n);
		cr_assert_str_eq(vd.vd_signature, "pass", "program %u", n);
	}
}

Test(fuzz_run, replays_its_record_exactly)
{
	struct run_options opt;
	struct verdict first, again;
	unsigned n, recorded = 0;

	run_init();
	run_options_init(&opt);
	for (n = 1; n < 2000; n++) {
		program(&a, n);
		if (!run_record(&a, &opt, &rec, &first))
			continue;
		recorded++;
		run(&rec, &opt, &again);
		cr_assert_eq(again.vd_hash, first.vd_hash, "program %u", n);
		cr_assert_eq(again.vd_drift, 0, "program %u", n);
	}
	cr_assert_gt(recorded, 1000);
}

Test(fuzz_run, counts_a_deviation_without_a_match_as_drift)
{
	struct run_options opt;
	struct verdict vd;

	run_init();
	run_options_init(&opt);
	program(&a, 1);
	cr_assert(run_record(&a, &opt, &rec, &vd));
	rec.pr_ndeviation = 1;
	rec.pr_deviation[0] = (struct deviation) { .dv_role = SIM_ROLE_lwp,
		.dv_who = 60,
		.dv_userop = 1,
		.dv_op = SIM_OP_load,
		.dv_cell = CELL_l_flag,
		.dv_nth = 1 };
	run(&rec, &opt, &vd);
	cr_assert_eq(vd.vd_drift, 1);
}

Test(fuzz_run, allocates_nothing)
{
	void *volatile p;
	struct verdict vd;
	unsigned long before;
	unsigned n;

	run_init();
	program(&a, 3);
	(void)hash(&a, &vd);
	count_allocations();
	before = allocations;
	p = malloc(1);
	free(p);
	cr_assert_gt(allocations, before, "nothing is counted");
	before = allocations;
	for (n = 1; n < 2000; n++) {
		program(&a, n);
		(void)hash(&a, &vd);
	}
	cr_assert_eq(allocations, before);
}

static unsigned choices;

static void
enabled_only(
    void *arg, unsigned source, const struct sim_pending *sp, uint32_t enabled)
{
	(void)arg;
	(void)sp;
	choices++;
	cr_assert(
	    (enabled >> source & 1) != 0, "source %u was not enabled", source);
}

Test(fuzz_run, goes_on_with_enabled_sources_only)
{
	struct run_options opt;
	struct verdict vd;
	unsigned n;

	run_init();
	run_options_init(&opt);
	opt.ro_step = enabled_only;
	for (n = 1; n < 1000; n++) {
		program(&a, n);
		run(&a, &opt, &vd);
	}
	cr_assert_gt(choices, 100000);
}

Test(fuzz_run, ends_a_program_that_does_not_end_as_a_livelock)
{
	struct run_options opt;
	struct verdict vd;

	run_init();
	run_options_init(&opt);
	program(&a, 5);
	opt.ro_maxsteps = 40;
	run(&a, &opt, &vd);
	cr_assert_str_eq(vd.vd_signature, "progress: livelock");
	cr_assert_eq(vd.vd_code, VERDICT_finding);
}

/* The longest programs end: they are long, and no livelocks. */
Test(fuzz_run, lets_long_programs_end)
{
	struct run_options opt;
	struct verdict vd;
	unsigned n;

	run_init();
	run_options_init(&opt);
	prog_init(&a);
	for (n = 0; n < PROG_OPS; n++)
		a.pr_ops[n] = (struct op) { .op_code = OP_user,
			.op_body = n < 8 ? 1 : 2,
			.op_arg = { 255 } };
	for (n = 0; n < 4; n++)
		a.pr_ops[n] = (struct op) {
			.op_code = OP_create, .op_body = 1, .op_arg = { 2 }
		};
	a.pr_nops = PROG_OPS;
	run(&a, &opt, &vd);
	cr_assert_str_eq(vd.vd_signature, "pass");
	cr_assert_gt(vd.vd_steps, 400000);
}
