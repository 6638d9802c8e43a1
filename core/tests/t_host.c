/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The host machine keeps what it promises, and each of its traps has a test:
 * thread-locals across a switch, RCU and idle CPUs, callbacks off any CPU,
 * stacks.
 */

#define _GNU_SOURCE /* gettid */
#include "h_sim.h"

#include <lwp/host.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Tests themselves are not instrumented by ThreadSanitizer: the build says so
 * (H_TSAN, tests.cmake). */
#ifdef H_TSAN
#define MANY	   2000 /* each costs ThreadSanitizer a thread of its own */
#define GROWTH_MAX ((size_t)64 << 20) /* what is freed is kept for a while */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GROWTH_MAX ((size_t)64 << 20)
#endif
#endif
#ifndef GROWTH_MAX
#define GROWTH_MAX ((size_t)4 << 20)
#endif
#ifndef MANY
#define MANY 10000
#endif

static unsigned arrived, go, moved;
static pid_t tid;

static enum host_end
host(struct host_params *hp, void (*first)(void *), void *arg,
    struct host_result *hr)
{
	enum host_end end = host_run(hp, first, arg, hr);

	cr_assert(end != HOST_END_boot, "no boot: errno %d", hr->hr_error);
	return end;
}

/* Migration. */

static void
migrates(void *arg)
{
	struct lwp *me = lwp_current();
	unsigned n;

	(void)arg;
	/* On a busy host the other thread may take a while to get there. */
	for (n = 0; n < 200 ||
	     (n < 1000000 && __atomic_load_n(&moved, __ATOMIC_RELAXED) == 0);
	     n++) {
		struct cpu_info *ci = me->l_cpu;
		pid_t before = gettid();

		sys_yield();
		H_CHECK(lwp_current() == me);
		H_CHECK(me->l_cpu->ci_curlwp == me);
		if (me->l_cpu != ci) {
			/* Another CPU is another thread. */
			H_CHECK(gettid() != before);
			(void)__atomic_fetch_add(&moved, 1, __ATOMIC_RELAXED);
		} else
			H_CHECK(gettid() == before);
	}
}

static void
many_migrate(void *arg)
{
	unsigned n;

	(void)arg;
	for (n = 0; n < 9; n++)
		(void)h_create(migrates, NULL, 0);
	for (n = 0; n < 9; n++)
		H_EQ(sys_lwp_wait(0, NULL), 0);
}

Test(core_host, an_LWP_is_the_same_one_on_another_thread)
{
	unsigned n;

	for (n = 0; n < 20 && moved == 0; n++)
		h_run(&(struct h_options) { .ncpu = 4 }, many_migrate, NULL);
	cr_assert_neq(moved, 0, "nobody ever migrated");
}

/* RCU. */

static struct rcu_head head;
static int level;

static void
called(struct rcu_head *h)
{
	struct lwp *l = lwp_current();

	H_CHECK(h == &head);
	H_CHECK(l->l_cpu->ci_curlwp == l);
	tid = gettid();
	level = l->l_cpu->ci_ipl;
	__atomic_store_n(&arrived, 1, __ATOMIC_RELEASE);
}

static void
defers(void *arg)
{
	pid_t mine = gettid();

	(void)arg;
	machine_rcu_defer(&head, called);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) == 0)
		user_step();
	H_EQ(tid, mine);
	H_EQ(level, IPL_SOFT);
}

Test(core_host, grace_periods_do_not_wait_for_idle_CPUs)
{
	arrived = 0;
	/* Three CPUs sleep all the time and report nothing. */
	h_run(&(struct h_options) { .ncpu = 4 }, defers, NULL);
}

Test(core_host, callbacks_run_on_the_CPU_that_deferred_them)
{
	arrived = 0;
	h_run(NULL, defers, NULL);
	cr_assert_neq(tid, 0);
}

static void
reads(void *arg)
{
	(void)arg;
	machine_rcu_read_enter();
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	for (unsigned n = 0; n < 20; n++) {
		H_EQ(__atomic_load_n(&arrived, __ATOMIC_ACQUIRE), 0);
		(void)usleep(1000);
	}
	machine_rcu_read_exit();
}

static void
defers_beside(void *arg)
{
	lwpid_t lid;

	(void)arg;
	lid = h_create(reads, NULL, 0);
	while (__atomic_load_n(&go, __ATOMIC_ACQUIRE) == 0)
		user_step();
	machine_rcu_defer(&head, called);
	H_EQ(sys_lwp_wait(lid, NULL), 0);
}

Test(core_host, grace_periods_wait_for_a_reader_that_was_there)
{
	arrived = go = 0;
	h_run(&(struct h_options) { .ncpu = 2 }, defers_beside, NULL);
	cr_assert_eq(arrived, 1, "and the callback comes before the end");
}

static void
yields_reading(void *arg)
{
	(void)arg;
	machine_rcu_read_enter();
	sys_yield();
}

Test(core_host, a_user_point_inside_a_read_section_panics)
{
	h_panics(NULL, yields_reading, NULL, "rcu: ");
}

/* Ends. */

static void
halts(void *arg)
{
	(void)arg;
	host_halt();
}

static void
spins(void *arg)
{
	(void)arg;
	for (;;)
		user_step();
}

static void
halts_others(void *arg)
{
	(void)h_create(spins, NULL, 0);
	(void)h_create(spins, NULL, 0);
	halts(arg);
}

Test(core_host, a_halt_stops_those_that_run)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 3 };
	struct host_result hr;

	cr_assert_eq(host(&hp, halts_others, NULL, &hr), HOST_END_halted);
}

static void
panics_holding(void *arg)
{
	struct proc *p = h_proc();

	(void)arg;
	(void)h_create(spins, NULL, 0);
	mutex_enter(&p->p_smutex);
	machine_panic("planted %d", 7);
}

Test(core_host, a_panic_tells_what_and_where_and_returns)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 2 };
	struct host_result hr;

	cr_assert_eq(host(&hp, panics_holding, NULL, &hr), HOST_END_panic);
	cr_assert_str_eq(hr.hr_text, "planted 7");
	cr_assert_not_null(
	    strstr(hr.hr_report, "lid 1 of process 2"), "%s", hr.hr_report);
	cr_assert_not_null(
	    strstr(hr.hr_report, "holds p_smutex 2"), "%s", hr.hr_report);
}

static void
sleeps(void *arg)
{
	uint64_t start = machine_ticks();

	(void)arg;
	H_EQ(sys_tsleep(1, 20, false), EWOULDBLOCK);
	H_CHECK(machine_ticks() >= start + 20);
}

Test(core_host, time_passes_by_itself)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 2 };
	struct host_result hr;
	struct host_stats hs;

	cr_assert_eq(host(&hp, sleeps, NULL, &hr), HOST_END_quiet);
	host_stats(&hs);
	cr_assert_geq(hs.hs_ticks, 20);
	cr_assert_gt(hs.hs_clock, 0);
}

static void
sleeps_long(void *arg)
{
	(void)arg;
	H_EQ(sys_tsleep(1, 1000000, false), EWOULDBLOCK);
}

Test(core_host, time_jumps_while_all_is_idle_if_asked_to)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 2, .hp_warp = true };
	struct host_result hr;

	/* A thousand seconds; the test may take 300. */
	cr_assert_eq(host(&hp, sleeps_long, NULL, &hr), HOST_END_quiet);
}

/* Stacks. */

static size_t
resident(void)
{
	unsigned long total, pages = 0;
	FILE *fp = fopen("/proc/self/statm", "r");

	if (fp == NULL || fscanf(fp, "%lu %lu", &total, &pages) != 2)
		pages = 0;
	if (fp != NULL)
		(void)fclose(fp);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t resident_before, resident_all;

static void
waits_for_nothing(void *arg)
{
	(void)arg;
}

static void
waits_for_go(void *arg)
{
	(void)arg;
	(void)__atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
	(void)sys_lwp_park(0, 0);
}

static void
all_at_once(void *arg)
{
	static lwpid_t lid[MANY];
	unsigned n;

	(void)arg;
	resident_before = resident();
	for (n = 0; n < MANY; n++)
		lid[n] = h_create(waits_for_go, NULL, 0);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != MANY)
		sys_yield();
	resident_all = resident();
	for (n = 0; n < MANY; n++)
		H_EQ(sys_lwp_unpark(lid[n]), 0);
	for (n = 0; n < MANY; n++)
		H_EQ(sys_lwp_wait(lid[n], NULL), 0);
}

static void
run_many(struct host_params *hp)
{
	struct host_result hr;
	struct host_stats hs;

	arrived = 0;
	hp->hp_boot.bp_ncpu = 2;
	hp->hp_boot.bp_maxlwp = MANY + 8;
	cr_assert_eq(
	    host(hp, all_at_once, NULL, &hr), HOST_END_quiet, "%s", hr.hr_text);
	host_stats(&hs);
	cr_assert_geq(hs.hs_stacks_max, MANY);
	cr_assert_leq(hs.hs_stacks, 8, "stacks were given back");
	(void)printf("%u LWPs at once: %zu bytes each, %zu of them the LWP\n",
	    MANY, (resident_all - resident_before) / MANY, sizeof(struct lwp));
}

Test(core_host, runs_10000_LWPs_at_once)
{
	run_many(&(struct host_params) { .hp_stacksize = 0 });
}

Test(core_host, runs_as_many_without_guard_pages)
{
	run_many(&(struct host_params) { .hp_noguard = true });
}

static void
counts_rows(void *arg)
{
	(void)arg;
	H_EQ(kernel.k_sleepqs, 128);
	H_EQ(kernel.k_tschains, 64);
}

Test(core_host, more_CPUs_have_more_queues_to_sleep_on)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 24 };
	struct host_result hr;

	cr_assert_eq(host(&hp, counts_rows, NULL, &hr), HOST_END_quiet, "%s",
	    hr.hr_text);
}

static void
one_more(void *arg)
{
	(void)arg;
	H_EQ(sys_lwp_wait(h_create(waits_for_nothing, NULL, 0), NULL), 0);
}

Test(core_host, boots_with_a_limit_that_16_bits_do_not_hold)
{
	struct host_params hp = { .hp_boot.bp_maxlwp = 70000 };
	struct host_result hr;

	cr_assert_eq(
	    host(&hp, one_more, NULL, &hr), HOST_END_quiet, "%s", hr.hr_text);
}

/*
 * Write where a deep recursion would, just below the stack.
 */
static void
overflows(void *arg)
{
	uintptr_t size = *(const uintptr_t *)arg;
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	*(volatile unsigned *)(sp & ~(size - 1)) = 0;
	sys_yield();
	sys_yield();
}

static void
beside_another(void *arg)
{
	(void)h_create(overflows, arg, 0);
	(void)sys_lwp_wait(0, NULL);
}

Test(core_host, the_canary_of_a_stack_is_looked_at)
{
	uintptr_t size = (uintptr_t)64 * 1024;
	struct host_params hp = { .hp_noguard = true, .hp_stacksize = size };
	struct host_result hr;

	cr_assert_eq(host(&hp, beside_another, &size, &hr), HOST_END_panic);
	cr_assert_str_eq(hr.hr_text, "stack overflow");
}

/*
 * In a process of its own, which must not live to say that it went well.
 */
Test(core_host, a_stack_has_a_guard_page)
{
	uintptr_t size = (uintptr_t)64 * 1024;
	struct host_params hp = { .hp_stacksize = size };
	struct host_result hr;
	int status;
	pid_t pid;

	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		(void)close(STDERR_FILENO); /* a sanitizer's report */
		(void)host(&hp, beside_another, &size, &hr);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

Test(core_host, a_stack_size_that_is_no_power_of_two_is_EINVAL)
{
	struct host_params hp = { .hp_stacksize = 100000 };
	struct host_result hr;

	cr_assert_eq(host_run(&hp, halts, NULL, &hr), HOST_END_boot);
	cr_assert_eq(hr.hr_error, EINVAL);
}

static void
nothing(void *arg)
{
	(void)arg;
}

Test(core_host, a_machine_follows_another_and_leaves_nothing)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 2 };
	struct host_result hr;
	size_t before = 0;
	unsigned n;

	for (n = 0; n < 200; n++) {
		cr_assert_eq(
		    host(&hp, n % 3 != 0 ? nothing : halts_others, NULL, &hr),
		    n % 3 != 0 ? HOST_END_quiet : HOST_END_halted);
		host_fini();
		if (n == 20)
			before = resident();
	}
	cr_assert_lt(resident(), before + GROWTH_MAX);
}

static void
pinned(void *arg)
{
	(void)arg;
	H_EQ(sys_tsleep(1, 3, false), EWOULDBLOCK);
}

Test(core_host, CPUs_may_be_bound_to_processors)
{
	struct host_params hp = { .hp_boot.bp_ncpu = 4, .hp_pin = true };
	struct host_result hr;

	cr_assert_eq(host(&hp, pinned, NULL, &hr), HOST_END_quiet);
}
