/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Each oracle fires on a planted violation and is silent on the legal variant
 * beside it.  Events are fed by hand, about LWPs of a machine that never ran.
 */

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include <lwp/syscall.h>

#include "h_oracle.h"

/* The simulator's clock. */
void sim_tick(uint64_t);

static struct cpu_info cpu;
static struct proc proc0, initproc, p;
static struct lwp lwps[4];
static struct sleepq_row queues[1];
static kmutex_t sched, sleepers;

#define ALICE (&lwps[1])
#define BOB   (&lwps[2])
#define CAROL (&lwps[3])

static void
hold(kmutex_t *mtx)
{
	mtx->mtx_word = 1;
	mtx->mtx_owner = &cpu;
}

static struct lwp *
add(struct lwp *l, lwpid_t lid, enum lwp_state stat)
{
	l->l_proc = &p;
	l->l_lid = lid;
	l->l_serial = (uint64_t)lid + 100;
	l->l_slot = (uint32_t)lid;
	l->l_stat = stat;
	l->l_cpu = &cpu;
	l->l_mutex = &sched;
	l->l_refcnt = 1;
	l->l_waitfor = WAITFOR_NOBODY;
	l->l_syncobj = &sched_syncobj;
	LIST_INSERT_HEAD(&p.p_lwps, l, l_sibling);
	p.p_nlwps++;
	p.p_nrlwps += stat == LSRUN || stat == LSONPROC || stat == LSSLEEP;
	return l;
}

static void
begin(enum oracle_id id)
{
	memset(&cpu, 0, sizeof(cpu));
	memset(&p, 0, sizeof(p));
	memset(lwps, 0, sizeof(lwps));
	memset(&kernel, 0, sizeof(kernel));
	mutex_init(&sched, CELL_sched_mutex, IPL_SCHED, 0);
	mutex_init(&sleepers, CELL_sq_mutex, IPL_SCHED, 3);
	mutex_init(&p.p_smutex, CELL_p_smutex, IPL_SCHED, 2);
	queues[0].sr_queue.sq_mutex = &sleepers;
	cpu.ci_schedmutex = &sched;
	kernel.k_sleepq = queues;
	kernel.k_sleepqs = 1;
	kernel.k_proc0 = &proc0;
	kernel.k_initproc = &initproc;
	LIST_INSERT_HEAD(&kernel.k_allproc, &p, p_list);
	p.p_pid = 2;
	p.p_stat = SACTIVE;
	sim_curcpu = &cpu;
	oracle_set_stop(NULL);
	oracle_begin(1u << id);
	cpu.ci_curlwp = add(ALICE, 1, LSONPROC);
}

Test(fuzz_oracle, counters_is_silent_on_right_counters)
{
	begin(ORACLE_counters);
	add(BOB, 2, LSSLEEP);
	tell(EV_WAITENTER, BOB, 0, 0);
	p.p_nlwpwait = 1;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	silent();
}

Test(fuzz_oracle, counters_fires_on_each_wrong_counter)
{
	static const char *const names[] = { "wrong p_nlwps", "wrong p_nrlwps",
		"wrong p_nzlwps", "wrong p_ndlwps", "wrong p_nlwpwait" };

	for (unsigned n = 0; n < 5; n++) {
		begin(ORACLE_counters);
		p.p_nlwps += n == 0;
		p.p_nrlwps += n == 1;
		p.p_nzlwps += n == 2;
		p.p_ndlwps += n == 3;
		p.p_nlwpwait += n == 4;
		tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
		fires(names[n]);
	}
}

Test(fuzz_oracle, counters_fires_on_a_detached_zombie_that_is_not_parked)
{
	begin(ORACLE_counters);
	add(BOB, 2, LSZOMB)->l_prflag = LPR_EXITING | LPR_DETACHED;
	p.p_nzlwps = p.p_ndlwps = 1;
	p.p_zomblwp = BOB;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	silent();
	p.p_zomblwp = NULL;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	fires("detached zombie is not parked");
}

Test(fuzz_oracle, counters_fires_on_what_is_parked_and_no_detached_zombie)
{
	begin(ORACLE_counters);
	add(BOB, 2, LSZOMB)->l_prflag = LPR_EXITING;
	p.p_nzlwps = 1;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	silent();
	p.p_zomblwp = BOB;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	fires("parked, but no detached zombie");
}

Test(fuzz_oracle, counters_fires_on_a_duplicate_LID)
{
	begin(ORACLE_counters);
	tell(EV_LINK, add(BOB, 2, LSIDL), 0, 0);
	silent();
	tell(EV_LINK, add(CAROL, 2, LSIDL), 0, 0);
	fires("duplicate LID");
}

Test(fuzz_oracle, transition_is_silent_on_a_legal_change_with_its_locks)
{
	begin(ORACLE_transition);
	hold(&sched);
	tell(EV_STATE, ALICE, LSONPROC, LSRUN);
	hold(&p.p_smutex);
	tell(EV_STATE, ALICE, LSONPROC, LSZOMB);
	silent();
}

Test(fuzz_oracle, transition_fires_on_every_pair_that_is_not_listed)
{
	static const uint8_t legal[][2] = {
#define TRANSITION(from, to, by, psmutex) { from, to },
#include <lwp/transition.def>
#undef TRANSITION
	};

	for (unsigned from = 1; from < LS_COUNT; from++) {
		for (unsigned to = 1; to < LS_COUNT; to++) {
			bool ok = false;

			for (size_t n = 0; n < sizeof(legal) / 2; n++)
				ok |= legal[n][0] == from && legal[n][1] == to;
			begin(ORACLE_transition);
			hold(&sched);
			hold(&p.p_smutex);
			tell(EV_STATE, ALICE, from, to);
			cr_assert_eq(oracle_finding()->fi_found, !ok,
			    "%u to %u", from, to);
		}
	}
}

Test(fuzz_oracle, transition_fires_without_the_locks)
{
	begin(ORACLE_transition);
	tell(EV_STATE, ALICE, LSONPROC, LSRUN);
	fires("LWP not locked");
	begin(ORACLE_transition);
	hold(&sched);
	tell(EV_STATE, ALICE, LSONPROC, LSSUSPENDED);
	fires("p_smutex not held");
}

Test(fuzz_oracle, statelock_fires_on_a_sleeper_under_a_scheduler_mutex)
{
	begin(ORACLE_statelock);
	tell(EV_LWPUNLOCK, ALICE, (uintptr_t)&sched, 0);
	ALICE->l_stat = LSSLEEP;
	ALICE->l_sleepq = &queues[0].sr_queue;
	tell(EV_LWPUNLOCK, ALICE, (uintptr_t)&sleepers, 0);
	ALICE->l_mutex = &sleepers;
	tell(EV_OFFCPU, ALICE, 0, 0);
	ALICE->l_stat = LSSUSPENDED;
	tell(EV_LWPUNLOCK, ALICE, (uintptr_t)&sched, 0);
	silent();
	ALICE->l_stat = LSSLEEP;
	tell(EV_LWPUNLOCK, ALICE, (uintptr_t)&sched, 0);
	fires("wrong mutex for the state");
	begin(ORACLE_statelock);
	tell(EV_LWPUNLOCK, ALICE, (uintptr_t)&sleepers, 0);
	fires("wrong mutex for the state");
}

Test(fuzz_oracle, statelock_fires_on_another_queue_or_scheduler)
{
	kmutex_t other;

	begin(ORACLE_statelock);
	mutex_init(&other, CELL_sq_mutex, IPL_SCHED, 4);
	ALICE->l_stat = LSSLEEP;
	ALICE->l_sleepq = &queues[0].sr_queue;
	tell(EV_LWPUNLOCK, ALICE, (uintptr_t)&other, 0);
	fires("wrong mutex for the state");
	begin(ORACLE_statelock);
	mutex_init(&other, CELL_sched_mutex, IPL_SCHED, 4);
	ALICE->l_mutex = &other;
	tell(EV_OFFCPU, ALICE, 0, 0);
	fires("wrong mutex for the state");
}

Test(fuzz_oracle, locks_fires_on_a_wrong_order)
{
	begin(ORACLE_locks);
	cpu.ci_ipl = IPL_SCHED;
	tell(EV_LOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	tell(EV_LOCK, NULL, (uintptr_t)&sleepers, 0);
	tell(EV_LOCK, NULL, (uintptr_t)&sched, 0);
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	tell(EV_UNLOCK, NULL, (uintptr_t)&sleepers, 0);
	silent();
	tell(EV_LOCK, NULL, (uintptr_t)&sleepers, 1);
	silent(); /* by a try */
	tell(EV_UNLOCK, NULL, (uintptr_t)&sleepers, 0);
	tell(EV_LOCK, NULL, (uintptr_t)&sleepers, 0);
	fires("lock order");
}

Test(fuzz_oracle, locks_fires_on_a_try_under_a_leaf)
{
	kmutex_t leaf;

	begin(ORACLE_locks);
	cpu.ci_ipl = IPL_SCHED;
	mutex_init(&leaf, CELL_callout_lock, IPL_SCHED, 0);
	tell(EV_LOCK, NULL, (uintptr_t)&leaf, 0);
	silent();
	tell(EV_LOCK, NULL, (uintptr_t)&sched, 1);
	fires("lock order");
}

Test(fuzz_oracle, locks_fires_on_what_is_held_where_nothing_may_be)
{
	begin(ORACLE_locks);
	tell(EV_USERRET, ALICE, 0, 0);
	cpu.ci_ipl = IPL_SCHED;
	tell(EV_LOCK, NULL, (uintptr_t)&sched, 0);
	tell(EV_SWITCH, ALICE, 0, 0);
	silent();
	tell(EV_USERRET, ALICE, 0, 0);
	fires("lock held in user mode");
	begin(ORACLE_locks);
	cpu.ci_ipl = IPL_SOFT;
	tell(EV_USERRET, ALICE, 0, 0);
	fires("interrupt level raised in user mode");
	begin(ORACLE_locks);
	cpu.ci_ipl = IPL_SCHED;
	tell(EV_LOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	tell(EV_LOCK, NULL, (uintptr_t)&sched, 0);
	tell(EV_SWITCH, ALICE, 0, 0);
	fires("more than the LWP's lock held at a switch");
	begin(ORACLE_locks);
	tell(EV_UNLOCK, NULL, (uintptr_t)&sched, 0);
	fires("released a mutex that is not held");
}

static void
dead(struct lwp *l)
{
	l->l_stat = LSZOMB;
	l->l_refcnt = 0;
}

Test(fuzz_oracle, memory_is_silent_on_a_life_and_the_next)
{
	begin(ORACLE_memory);
	tell(EV_RECYCLE, ALICE, 0, 0);
	tell(EV_LINK, ALICE, 0, 0);
	tell(EV_STATE, ALICE, LSRUN, LSONPROC);
	dead(ALICE);
	tell(EV_UNLINK, ALICE, 0, 0);
	tell(EV_FREE, ALICE, 0, 0);
	tell(EV_RECYCLE, ALICE, 0, 0);
	tell(EV_LINK, ALICE, 0, 0);
	silent();
}

Test(fuzz_oracle, memory_fires_on_each_way_to_free_too_early)
{
	static const char *const what[] = { "freed on its CPU",
		"freed with references", "freed on a sleep queue",
		"freed alive", "freed on the list",
		"freed with its timeout armed" };

	for (unsigned n = 0; n < 6; n++) {
		begin(ORACLE_memory);
		tell(EV_RECYCLE, ALICE, 0, 0);
		tell(EV_LINK, ALICE, 0, 0);
		if (n != 4)
			tell(EV_UNLINK, ALICE, 0, 0);
		dead(ALICE);
		ALICE->l_running = n == 0;
		ALICE->l_refcnt = n == 1;
		ALICE->l_wchan = n == 2 ? &cpu : NULL;
		if (n == 3)
			ALICE->l_stat = LSSLEEP;
		ALICE->l_timeout.c_when = n == 5;
		tell(EV_FREE, ALICE, 0, 0);
		fires(what[n]);
	}
}

Test(fuzz_oracle, memory_fires_on_an_event_of_the_dead)
{
	begin(ORACLE_memory);
	tell(EV_RECYCLE, ALICE, 0, 0);
	dead(ALICE);
	tell(EV_FREE, ALICE, 0, 0);
	silent();
	tell(EV_WAKE, ALICE, SLEEP_WOKEN, 0);
	fires("event of the dead");
}

Test(fuzz_oracle, exclusion_fires_on_two_inside)
{
	begin(ORACLE_exclusion);
	add(BOB, 2, LSONPROC);
	tell(EV_MARK, ALICE, MARK_BOX_ENTER, 1);
	tell(EV_MARK, BOB, MARK_BOX_ENTER, 2);
	tell(EV_MARK, ALICE, MARK_BOX_LEAVE, 1);
	tell(EV_MARK, BOB, MARK_BOX_ENTER, 1);
	silent();
	tell(EV_MARK, ALICE, MARK_BOX_ENTER, 1);
	fires("two inside a critical section");
}

static void
suspended(bool continued)
{
	begin(ORACLE_suspend);
	add(BOB, 2, LSONPROC);
	tell(EV_CALL, ALICE, SYS_lwp_suspend, 2);
	if (continued)
		tell(EV_CALL, ALICE, SYS_lwp_continue, 2);
	tell(EV_RETURN, ALICE, SYS_lwp_suspend, 0);
	tell(EV_USERRET, BOB, 0, 0);
}

Test(fuzz_oracle, suspend_fires_on_user_code_of_a_suspended_LWP)
{
	suspended(true);
	silent();
	suspended(false);
	fires("suspended LWP runs user code");
}

Test(fuzz_oracle, suspend_fires_on_a_request_that_nobody_announced)
{
	begin(ORACLE_suspend);
	ALICE->l_flag |= L_WSUSPEND;
	ALICE->l_astpending = 1;
	tell(EV_USERRET, ALICE, 0, 0);
	ALICE->l_astpending = 0;
	hold(&sched); /* whoever asks is not done yet */
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	sched.mtx_word = 0;
	tell(EV_USERRET, ALICE, 0, 0);
	fires("a request without an AST");
}

Test(fuzz_oracle, suspend_fires_on_a_request_to_the_dying)
{
	begin(ORACLE_suspend);
	tell(EV_EXITMARK, ALICE, 0, 0);
	silent();
	ALICE->l_flag |= L_WSUSPEND;
	tell(EV_EXITMARK, ALICE, 0, 0);
	fires("to suspend and past its exit mark");
}

Test(fuzz_oracle, call_fires_on_a_living_LWP_that_was_not_found)
{
	begin(ORACLE_call);
	add(BOB, 2, LSRUN);
	tell(EV_CALL, ALICE, SYS_ref, 3);
	tell(EV_RETURN, ALICE, SYS_ref, ESRCH);
	tell(EV_CALL, ALICE, SYS_ref, 2);
	BOB->l_prflag |= LPR_EXITING;
	tell(EV_RETURN, ALICE, SYS_ref, ESRCH);
	silent();
	BOB->l_prflag = 0;
	tell(EV_RETURN, ALICE, SYS_ref, ESRCH);
	fires("ESRCH beside a living target");
}

Test(fuzz_oracle, call_fires_on_a_wake_up_that_woke_nobody)
{
	begin(ORACLE_call);
	add(BOB, 2, LSSLEEP)->l_flag |= L_SINTR;
	BOB->l_syncobj = &lwp_park_syncobj;
	tell(EV_CALL, ALICE, SYS_lwp_unpark, 2);
	BOB->l_sleepno++;
	tell(EV_RETURN, ALICE, SYS_lwp_unpark, 0);
	silent();
	tell(EV_CALL, ALICE, SYS_lwp_unpark, 2);
	tell(EV_RETURN, ALICE, SYS_lwp_unpark, 0);
	fires("woke nobody and returned 0");
}

Test(fuzz_oracle, runtime_fires_on_a_slice_that_is_not_counted)
{
	struct lwp *idle = &lwps[0];

	begin(ORACLE_runtime);
	idle->l_onproctick = ALICE->l_onproctick = machine_ticks();
	tell(EV_SWITCH, idle, (uintptr_t)ALICE, 0);
	tell(EV_SWITCH, ALICE, (uintptr_t)idle, 0);
	silent();
	ALICE->l_rtime = 1;
	tell(EV_SWITCH, idle, (uintptr_t)ALICE, 0);
	tell(EV_SWITCH, ALICE, (uintptr_t)idle, 0);
	fires("wrong run time of an LWP");
	begin(ORACLE_runtime);
	ALICE->l_onproctick = machine_ticks() + 1;
	tell(EV_SWITCH, idle, (uintptr_t)ALICE, 0);
	fires("a slice begins at another time");
	begin(ORACLE_runtime);
	oracle_finish();
	silent();
	p.p_rtime = 1;
	oracle_finish();
	fires("run time was lost");
}

Test(fuzz_oracle, runtime_fires_on_an_older_tick_but_at_memory_grain)
{
	struct lwp *idle = &lwps[0];

	begin(ORACLE_runtime);
	sim_tick(2);
	ALICE->l_onproctick = 2;
	tell(EV_SWITCH, idle, (uintptr_t)ALICE, 0);
	silent();
	begin(ORACLE_runtime);
	ALICE->l_onproctick = 1;
	oracle_set_plain(true);
	tell(EV_SWITCH, idle, (uintptr_t)ALICE, 0);
	silent();
	oracle_set_plain(false);
	tell(EV_SWITCH, idle, (uintptr_t)ALICE, 0);
	fires("a slice begins at another time");
	sim_tick(0);
}

Test(fuzz_oracle, suspend_fires_when_everybody_is_suspended)
{
	begin(ORACLE_suspend);
	add(BOB, 2, LSRUN);
	ALICE->l_flag |= L_WSUSPEND;
	tell(EV_STATE, ALICE, LSONPROC, LSSUSPENDED);
	silent();
	ALICE->l_stat = LSSUSPENDED;
	BOB->l_flag |= L_WSUSPEND;
	tell(EV_STATE, BOB, LSONPROC, LSSUSPENDED);
	fires("everybody is suspended");
}

Test(fuzz_oracle, reference_fires_after_the_drain)
{
	begin(ORACLE_reference);
	tell(EV_REF, ALICE, 2, 0);
	ALICE->l_refcnt = 0;
	tell(EV_DRAINED, ALICE, 0, 0);
	tell(EV_STATE, ALICE, LSONPROC, LSZOMB);
	silent();
	tell(EV_REF, ALICE, 1, 0);
	fires("reference after the drain");
	begin(ORACLE_reference);
	tell(EV_DRAINED, ALICE, 0, 0);
	fires("drained with references");
	begin(ORACLE_reference);
	tell(EV_STATE, ALICE, LSONPROC, LSZOMB);
	fires("zombie was not drained");
}

/* Waits: Alice waits for Bob; Carol is what differs. */

static void
waits(lwpid_t lid)
{
	begin(ORACLE_wait);
	add(BOB, 2, LSRUN);
	add(CAROL, 3, LSRUN);
	tell(EV_WAITENTER, ALICE, (uintptr_t)lid, 0);
}

Test(fuzz_oracle, wait_is_silent_on_the_right_results)
{
	waits(2);
	tell(EV_WAITSLEEP, ALICE, 0, 0);
	BOB->l_stat = LSZOMB;
	tell(EV_WAITLOOK, ALICE, 0, 0);
	tell(EV_WAITDONE, ALICE, 0, 2);
	silent();
	waits(7);
	tell(EV_WAITDONE, ALICE, ESRCH, 0);
	silent();
	waits(2);
	BOB->l_prflag |= LPR_DETACHED;
	tell(EV_WAITDONE, ALICE, EINVAL, 0);
	silent();
	waits(2);
	BOB->l_stat = CAROL->l_stat = LSSUSPENDED;
	tell(EV_WAITDONE, ALICE, EDEADLK, 0);
	silent();
	waits(2);
	tell(EV_WAITSLEEP, ALICE, 0, 0);
	tell(EV_WAITLOOK, ALICE, EINTR, 0);
	tell(EV_WAITDONE, ALICE, EINTR, 0);
	silent();
}

Test(fuzz_oracle, wait_fires_on_wrong_results)
{
	waits(2);
	tell(EV_WAITDONE, ALICE, EDEADLK, 0);
	fires("EDEADLK instead of sleep");
	waits(2);
	BOB->l_stat = LSZOMB;
	tell(EV_WAITSLEEP, ALICE, 0, 0);
	fires("sleep instead of collect");
	waits(2);
	BOB->l_stat = CAROL->l_stat = LSSUSPENDED;
	tell(EV_WAITSLEEP, ALICE, 0, 0);
	fires("sleep instead of EDEADLK");
	waits(2);
	tell(EV_WAITDONE, ALICE, EINTR, 0);
	fires("EINTR instead of sleep");
	waits(0);
	tell(EV_STATE, BOB, LSONPROC, LSZOMB);
	tell(EV_STATE, CAROL, LSONPROC, LSZOMB);
	BOB->l_stat = CAROL->l_stat = LSZOMB;
	tell(EV_WAITDONE, ALICE, 0, 3);
	fires("collected the wrong LWP");
}

Test(fuzz_oracle, wait_fires_on_a_stolen_target_and_a_missed_cycle)
{
	waits(2);
	tell(EV_WAITSLEEP, ALICE, 0, 0);
	BOB->l_stat = LSZOMB;
	tell(EV_WAITENTER, CAROL, 0, 0);
	tell(EV_WAITDONE, CAROL, 0, 2);
	fires("collect instead of sleep");
	waits(2);
	tell(EV_WAITSLEEP, ALICE, 0, 0);
	ALICE->l_stat = LSSLEEP;
	tell(EV_WAITENTER, BOB, 1, 0);
	tell(EV_WAITSLEEP, BOB, 0, 0);
	fires("sleep instead of EDEADLK");
}

/* Progress: how Bob is left at the end. */

static void
left(enum lwp_state stat, unsigned flag, unsigned prflag)
{
	begin(ORACLE_progress);
	ALICE->l_stat = LSZOMB;
	add(BOB, 2, stat);
	BOB->l_flag = flag;
	BOB->l_prflag = prflag;
	BOB->l_wchan = stat == LSSLEEP ? &cpu : NULL;
}

static void
finish(const char *what)
{
	oracle_finish();
	if (what != NULL)
		fires(what);
	else
		silent();
}

Test(fuzz_oracle, progress_is_silent_on_legitimate_ends)
{
	left(LSSLEEP, L_SINTR, 0);
	finish(NULL);
	left(LSSUSPENDED, L_WSUSPEND, 0);
	finish(NULL);
	left(LSSUSPENDED, 0, LPR_CRSUSPEND);
	finish(NULL);
	left(LSZOMB, 0, LPR_EXITING);
	add(CAROL, 3, LSSLEEP);
	finish(NULL);
}

Test(fuzz_oracle, progress_fires_on_each_lost_wake_up)
{
	left(LSSUSPENDED, 0, 0);
	finish("lost continue");
	left(LSSUSPENDED, L_WSUSPEND | L_WEXIT, 0);
	finish("suspended though told to exit");
	left(LSRUN, 0, 0);
	finish("runnable, and all CPUs idle");
	left(LSIDL, 0, 0);
	finish("a newborn was never activated");
	left(LSSLEEP, L_SINTR | L_CANCELLED, 0);
	finish("a request did not break a sleep");
	left(LSSLEEP, L_SINTR | L_UNPARKED, 0);
	BOB->l_syncobj = &lwp_park_syncobj;
	finish("parked beside a token");
	left(LSSLEEP, 0, LPR_EXITING);
	BOB->l_wchan = &p.p_refcv;
	BOB->l_refcnt = 0;
	finish("a drain was not woken");
	left(LSSLEEP, L_SINTR, 0);
	BOB->l_deadline = 5;
	finish("a timed sleep never ended");
	left(LSSLEEP, 0, 0);
	p.p_sflag |= PS_WEXIT;
	finish("exit hangs");
	left(LSZOMB, 0, LPR_EXITING);
	finish("only zombies are left");
}

Test(fuzz_oracle, progress_fires_on_a_broken_sleep_that_cannot_be_interrupted)
{
	left(LSSLEEP, L_SINTR, 0);
	tell(EV_WAKE, BOB, SLEEP_BROKEN, 0);
	BOB->l_flag = 0;
	tell(EV_SLEEP, BOB, (uintptr_t)&cpu, 0);
	tell(EV_WAKE, BOB, SLEEP_WOKEN, 0);
	silent();
	tell(EV_WAKE, BOB, SLEEP_BROKEN, 0);
	fires("an uninterruptible sleep was broken");
	left(LSONPROC, L_SINTR, 0);
	tell(EV_SLEEP, BOB, (uintptr_t)&cpu, 0);
	fires("interruptible from an earlier sleep");
}

Test(fuzz_oracle, progress_fires_on_a_suspend_that_waits_for_nothing)
{
	left(LSSLEEP, L_SINTR, 0);
	BOB->l_wchan = &p.p_lwpcv;
	add(CAROL, 3, LSONPROC)->l_flag |= L_WSUSPEND;
	CAROL->l_stat = LSSLEEP;
	tell(EV_CALL, BOB, SYS_lwp_suspend, 3);
	finish(NULL);
	CAROL->l_stat = LSSUSPENDED;
	finish("a waiting suspend was not woken");
}

Test(fuzz_oracle, boundary_fires_on_what_an_LWP_may_not_bring_to_user_mode)
{
	begin(ORACLE_boundary);
	tell(EV_LINK, ALICE, 0, 0);
	ALICE->l_flag = L_WSUSPEND;
	ALICE->l_astpending = 1;
	tell(EV_SETPRI, ALICE, 90, 0);
	ALICE->l_usrpri = 90;
	tell(EV_MARK, ALICE, MARK_HOOK_ARM, 0);
	tell(EV_MARK, ALICE, MARK_HOOK, 0);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	tell(EV_MARK, ALICE, MARK_HOOK, 0);
	fires("the hook ran twice");
	begin(ORACLE_boundary);
	ALICE->l_flag = L_WSUSPEND;
	tell(EV_KERNEL, ALICE, 0, 0);
	fires("a request without a notice");
	begin(ORACLE_boundary);
	tell(EV_LINK, ALICE, 0, 0);
	ALICE->l_usrpri++;
	hold(&p.p_smutex); /* at memory grain it may be half done */
	oracle_set_plain(true);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	oracle_set_plain(false);
	tell(EV_USERRET, ALICE, 0, 0);
	fires("a base priority nobody asked for");
}

Test(fuzz_oracle, boundary_fires_on_who_goes_on_under_a_reboot)
{
	begin(ORACLE_boundary);
	tell(EV_LINK, ALICE, 0, 0);
	kernel.k_rebooting = 1;
	tell(EV_USERRET, ALICE, 0, 0);
	add(BOB, 2, LSSUSPENDED)->l_flag = L_WREBOOT | L_WEXIT;
	tell(EV_STATE, BOB, LSSUSPENDED, LSRUN);
	silent();
	BOB->l_flag = L_WREBOOT;
	tell(EV_STATE, BOB, LSSUSPENDED, LSRUN);
	fires("resumed under a reboot");
	begin(ORACLE_boundary);
	kernel.k_rebooting = 1;
	tell(EV_LINK, ALICE, 0, 0);
	tell(EV_USERRET, ALICE, 0, 0);
	fires("user mode under a reboot");
	kernel.k_rebooting = 0;
}

Test(fuzz_oracle, call_fires_when_the_dead_stand_for_a_process)
{
	begin(ORACLE_call);
	add(BOB, 2, LSSUSPENDED);
	tell(EV_MARK, BOB, MARK_REPR, 0);
	silent();
	BOB->l_stat = LSZOMB;
	tell(EV_MARK, BOB, MARK_REPR, 0);
	fires("the dead stand for their process");
}

Test(fuzz_oracle, sleep_fires_on_a_wrong_result_and_a_wrong_turn)
{
	begin(ORACLE_sleep);
	add(BOB, 2, LSSLEEP)->l_syncobj = &sleep_syncobj;
	ALICE->l_syncobj = &sleep_syncobj;
	tell(EV_CALL, ALICE, SYS_tsleep, 0);
	tell(EV_SLEEP, ALICE, (uintptr_t)&p.p_channel[0], 0);
	tell(EV_SLEEP, BOB, (uintptr_t)&p.p_channel[0], 0);
	tell(EV_WAKE, ALICE, SLEEP_WOKEN, 0);
	tell(EV_SLEEP, ALICE, (uintptr_t)&p.p_channel[0], 0);
	silent();
	tell(EV_WAKE, ALICE, SLEEP_WOKEN, 0);
	fires("woken before its turn");
	begin(ORACLE_sleep);
	tell(EV_SLEEP, ALICE, (uintptr_t)&p.p_channel[0], 0);
	tell(EV_WAKE, ALICE, SLEEP_WOKEN, 0);
	tell(EV_RETURN, ALICE, SYS_tsleep, EINTR);
	fires("a wake-up was swallowed");
	begin(ORACLE_sleep);
	ALICE->l_flag = L_CANCELLED;
	tell(EV_SLEEP, ALICE, (uintptr_t)&p, 0);
	fires("a cancellation outlived its sleep");
}

Test(fuzz_oracle, creation_fires_on_a_limit_and_on_what_a_failure_leaves)
{
	begin(ORACLE_creation);
	kernel.k_boot.bp_maxlwp_proc = 2;
	tell(EV_CALL, ALICE, SYS_lwp_create, 0);
	tell(EV_LINK, add(BOB, 2, LSIDL), 0, 0);
	silent();
	tell(EV_RETURN, ALICE, SYS_lwp_create, EFAULT);
	fires("a failed creation left an LWP");
	begin(ORACLE_creation);
	kernel.k_boot.bp_maxlwp_proc = 1;
	tell(EV_LINK, add(BOB, 2, LSIDL), 0, 0);
	fires("more LWPs than the limit");
}

Test(fuzz_oracle, locks_fires_on_a_level_below_a_held_mutex)
{
	begin(ORACLE_locks);
	cpu.ci_ipl = IPL_SCHED;
	tell(EV_LOCK, NULL, (uintptr_t)&sched, 0);
	silent();
	cpu.ci_ipl = IPL_NONE;
	tell(EV_SWITCH, ALICE, 0, 0);
	fires("interrupt level below a held mutex");
}
