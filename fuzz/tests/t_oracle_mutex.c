/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The oracles on adaptive mutexes, turnstiles and kernel_lock fire on a planted
 * violation and are silent on the legal variant beside it; as t_oracle.c.
 */

#include <criterion/criterion.h>

#include <string.h>

#include <lwp/syscall.h>

#include "h_oracle.h"

static struct cpu_info cpu;
static struct proc proc0, initproc, p;
static struct lwp lwps[4];
static struct sleepq_row queues[1];
static struct tschain chains[1];
static struct turnstile pool[4];
static kmutex_t sched, chain;

#define ALICE (&lwps[1])
#define BOB   (&lwps[2])
#define CAROL (&lwps[3])

static void
add(struct lwp *l, lwpid_t lid, pri_t pri)
{
	l->l_proc = &p;
	l->l_lid = lid;
	l->l_slot = (uint32_t)lid;
	l->l_stat = LSONPROC;
	l->l_cpu = &cpu;
	l->l_mutex = &sched;
	l->l_syncobj = &sched_syncobj;
	l->l_priority = l->l_usrpri = pri;
	l->l_inheritedprio = PRI_NONE;
	l->l_ts = &pool[lid - 1];
	l->l_waitfor = WAITFOR_NOBODY;
	LIST_INIT(&l->l_pi_lenders);
	LIST_INSERT_HEAD(&p.p_lwps, l, l_sibling);
	LIST_INSERT_HEAD(&kernel.k_alllwp, l, l_list);
}

static void
begin(enum oracle_id id)
{
	memset(&cpu, 0, sizeof(cpu));
	memset(&p, 0, sizeof(p));
	memset(lwps, 0, sizeof(lwps));
	memset(pool, 0, sizeof(pool));
	memset(&kernel, 0, sizeof(kernel));
	mutex_init(&sched, CELL_sched_mutex, IPL_SCHED, 0);
	mutex_init(&chain, CELL_tc_mutex, IPL_SCHED, 0);
	mutex_init(&p.p_smutex, CELL_p_smutex, IPL_SCHED, 2);
	section_init(p.p_section, SECTIONS_PROC, 0);
	queues[0].sr_queue.sq_mutex = &chain;
	kernel.k_sleepq = queues;
	kernel.k_tschain = chains;
	kernel.k_sleepqs = kernel.k_tschains = 1;
	kernel.k_tspool = pool;
	kernel.k_tsused = 3;
	memset(chains, 0, sizeof(chains));
	kernel.k_tsfree = &kernel.k_turnstile0;
	kernel.k_proc0 = &proc0;
	kernel.k_initproc = &initproc;
	LIST_INSERT_HEAD(&kernel.k_allproc, &p, p_list);
	p.p_stat = SACTIVE;
	sim_curcpu = &cpu;
	oracle_set_stop(NULL);
	oracle_begin(1u << id);
	add(ALICE, 1, 100);
	add(BOB, 2, 80);
	add(CAROL, 3, 60);
	cpu.ci_curlwp = ALICE;
}

/* blocks: l sleeps for the mutex of a section that "owner" owns. */
static void
blocks(struct lwp *l, struct lwp *owner, unsigned section)
{
	kmutex_t *mtx = &p.p_section[section].sc_mutex;

	mtx->mtx_lwp = owner != NULL ? (uintptr_t)owner | MTX_WAITERS : 0;
	l->l_stat = LSSLEEP;
	l->l_syncobj = &mutex_syncobj;
	l->l_mutex = &chain;
	l->l_wchan = mtx;
	l->l_wmesg = "sect_mutex";
}

/* queued: the turnstile of that mutex, with l as its first waiter. */
static struct turnstile *
queued(struct lwp *l)
{
	struct turnstile *ts = l->l_ts;

	ts->ts_obj = l->l_wchan;
	TAILQ_INIT(&ts->ts_sleepq.sq_queue);
	TAILQ_INSERT_TAIL(&ts->ts_sleepq.sq_queue, l, l_sleepchain);
	LIST_INSERT_HEAD(&chains[0].tc_chain, ts, ts_chain);
	return ts;
}

Test(fuzz_oracle_mutex, inherit_wants_an_owner_as_good_as_its_waiter)
{
	begin(ORACLE_inherit);
	blocks(BOB, ALICE, 0);
	ALICE->l_inheritedprio = 80;
	oracle_finish();
	silent();
	ALICE->l_inheritedprio = PRI_NONE;
	oracle_finish();
	fires("an owner is worse than its waiter");
}

Test(fuzz_oracle_mutex, inherit_follows_a_chain)
{
	begin(ORACLE_inherit);
	blocks(BOB, ALICE, 1);
	blocks(CAROL, BOB, 0);
	BOB->l_inheritedprio = 60;
	ALICE->l_inheritedprio = 80;
	tell(EV_SWITCH, CAROL, 0, 0);
	fires("an owner is worse than its waiter");
	begin(ORACLE_inherit);
	blocks(BOB, ALICE, 1);
	blocks(CAROL, BOB, 0);
	BOB->l_inheritedprio = ALICE->l_inheritedprio = 60;
	tell(EV_SWITCH, CAROL, 0, 0);
	silent();
}

Test(fuzz_oracle_mutex, inherit_waits_for_those_on_the_way_to_lend)
{
	begin(ORACLE_inherit);
	blocks(BOB, ALICE, 1);
	blocks(CAROL, BOB, 0);
	BOB->l_running = LWP_ONCPU;
	tell(EV_SWITCH, CAROL, 0, 0);
	silent();
	BOB->l_running = LWP_OFFCPU;
	tell(EV_CALL, ALICE, SYS_setpri, 0);
	tell(EV_SWITCH, CAROL, 0, 0);
	silent();
	tell(EV_RETURN, ALICE, SYS_setpri, 0);
	fires("an owner is worse than its waiter");
}

Test(fuzz_oracle_mutex, inherit_fires_on_a_loan_by_nobody)
{
	begin(ORACLE_inherit);
	ALICE->l_inheritedprio = 60;
	ALICE->l_running = LWP_ONCPU;
	oracle_finish();
	silent();
	ALICE->l_running = LWP_OFFCPU;
	oracle_finish();
	fires("priority lent by nobody");
	begin(ORACLE_inherit);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	ALICE->l_inheritedprio = 60;
	tell(EV_USERRET, ALICE, 0, 0);
	fires("lent priority taken to user mode");
}

Test(fuzz_oracle_mutex, inherit_fires_on_waiters_out_of_order)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		struct lwp *first, *then;
		struct turnstile *ts;

		begin(ORACLE_inherit);
		first = wrong ? BOB : CAROL;
		then = wrong ? CAROL : BOB;
		blocks(first, ALICE, 0);
		blocks(then, ALICE, 0);
		ts = queued(first);
		TAILQ_INSERT_TAIL(&ts->ts_sleepq.sq_queue, then, l_sleepchain);
		ALICE->l_inheritedprio = 60;
		oracle_finish();
		if (wrong)
			fires("waiters out of order");
		else
			silent();
	}
}

Test(fuzz_oracle_mutex, turnstile_is_silent_where_each_is_in_one_place)
{
	struct turnstile *ts;

	begin(ORACLE_turnstile);
	oracle_finish();
	silent();
	blocks(BOB, ALICE, 0);
	blocks(CAROL, ALICE, 0);
	ts = queued(BOB);
	TAILQ_INSERT_TAIL(&ts->ts_sleepq.sq_queue, CAROL, l_sleepchain);
	ts->ts_free = CAROL->l_ts;
	CAROL->l_ts = ts;
	oracle_finish();
	silent();
}

Test(fuzz_oracle_mutex, turnstile_fires_on_each_way_to_lose_one)
{
	static const char *const what[] = { "turnstiles lost",
		"one turnstile in two places", "an LWP without a turnstile",
		"a turnstile in use given away", "not one turnstile a waiter" };

	for (unsigned n = 0; n < 5; n++) {
		begin(ORACLE_turnstile);
		if (n == 0)
			kernel.k_tsfree = NULL;
		if (n == 1)
			BOB->l_ts = CAROL->l_ts;
		if (n == 2)
			BOB->l_ts = NULL;
		if (n == 3)
			BOB->l_ts->ts_obj = &p;
		if (n == 4) {
			blocks(BOB, ALICE, 0);
			queued(BOB)->ts_free = &pool[3];
		}
		oracle_finish();
		fires(what[n]);
	}
	begin(ORACLE_turnstile);
	tell(EV_FREE, BOB, 0, 0);
	silent();
	LIST_INSERT_HEAD(&BOB->l_pi_lenders, &pool[3], ts_pichain);
	tell(EV_FREE, BOB, 0, 0);
	fires("freed while it is lent to");
}

static void
biglock(struct lwp *l, unsigned depth, enum event_biglock how)
{
	tell(EV_BIGLOCK, l, depth, how);
	l->l_biglocks = depth;
}

Test(fuzz_oracle_mutex, biglock_is_silent_when_it_comes_back_as_deep)
{
	begin(ORACLE_biglock);
	biglock(ALICE, 2, BIGLOCK_EXPLICIT);
	biglock(ALICE, 0, BIGLOCK_SWITCH);
	tell(EV_SWITCH, ALICE, 0, 0);
	biglock(BOB, 1, BIGLOCK_EXPLICIT);
	biglock(BOB, 0, BIGLOCK_EXPLICIT);
	tell(EV_USERRET, BOB, 0, 0);
	biglock(ALICE, 2, BIGLOCK_SWITCH);
	biglock(ALICE, 0, BIGLOCK_EXPLICIT);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
}

Test(fuzz_oracle_mutex, biglock_fires_on_each_wrong_hold)
{
	static const char *const what[] = { "two hold kernel_lock",
		"kernel_lock held at a switch", "kernel_lock held in user mode",
		"kernel_lock came back at another depth",
		"kernel_lock did not come back" };

	for (unsigned n = 0; n < 5; n++) {
		begin(ORACLE_biglock);
		biglock(ALICE, 2, BIGLOCK_EXPLICIT);
		if (n == 0)
			biglock(BOB, 1, BIGLOCK_EXPLICIT);
		if (n == 1)
			tell(EV_SWITCH, ALICE, 0, 0);
		if (n == 2)
			tell(EV_USERRET, ALICE, 0, 0);
		if (n >= 3)
			biglock(ALICE, 0, BIGLOCK_SWITCH);
		if (n == 3)
			biglock(ALICE, 1, BIGLOCK_SWITCH);
		if (n == 4)
			tell(EV_USERRET, ALICE, 0, 0);
		fires(what[n]);
	}
}

Test(fuzz_oracle_mutex, exclusion_fires_on_two_in_a_section_and_a_lost_step)
{
	struct section *sc = &p.p_section[0];

	begin(ORACLE_exclusion);
	tell(EV_SECTION, ALICE, (uintptr_t)sc, SECTION_ENTER);
	sc->sc_count++;
	tell(EV_SECTION, ALICE, (uintptr_t)sc, SECTION_STEP);
	tell(EV_SECTION, ALICE, (uintptr_t)sc, SECTION_LEAVE);
	tell(EV_SECTION, BOB, (uintptr_t)sc, SECTION_ENTER);
	silent();
	tell(EV_SECTION, ALICE, (uintptr_t)sc, SECTION_ENTER);
	fires("two inside a section");
	begin(ORACLE_exclusion);
	tell(EV_SECTION, ALICE, (uintptr_t)sc, SECTION_ENTER);
	tell(EV_SECTION, ALICE, (uintptr_t)sc, SECTION_STEP);
	fires("a step in a section was lost");
}

Test(fuzz_oracle_mutex, locks_keeps_adaptive_mutexes_by_LWP)
{
	uintptr_t m0 = (uintptr_t)&p.p_section[0].sc_mutex;
	uintptr_t m1 = (uintptr_t)&p.p_section[1].sc_mutex;

	begin(ORACLE_locks);
	tell(EV_MTXENTER, ALICE, m0, 0);
	tell(EV_MTXENTER, ALICE, m1, 0);
	tell(EV_MTXENTER, BOB, m1, 0);
	tell(EV_MTXENTER, BOB, m0, 1);
	tell(EV_MTXEXIT, ALICE, m0, 0);
	tell(EV_MTXEXIT, ALICE, m1, 0);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	tell(EV_MTXENTER, ALICE, m1, 0);
	tell(EV_MTXENTER, ALICE, m0, 0);
	fires("lock order");
}

Test(fuzz_oracle_mutex, locks_fires_on_adaptive_mutexes_in_wrong_places)
{
	static const char *const what[] = { "adaptive mutex under a spin mutex",
		"adaptive mutex held in user mode",
		"adaptive mutex held by the dying",
		"kernel_lock under a spin mutex",
		"released a mutex that is not held" };
	uintptr_t m0 = (uintptr_t)&p.p_section[0].sc_mutex;

	for (unsigned n = 0; n < 5; n++) {
		begin(ORACLE_locks);
		cpu.ci_ipl = n == 0 || n == 3 ? IPL_SCHED : IPL_NONE;
		if (n == 0 || n == 3)
			tell(EV_LOCK, NULL, (uintptr_t)&sched, 0);
		if (n < 3)
			tell(EV_MTXENTER, ALICE, m0, 0);
		if (n == 1)
			tell(EV_USERRET, ALICE, 0, 0);
		if (n == 2)
			tell(EV_EXITMARK, ALICE, 0, 0);
		if (n == 3)
			tell(EV_BIGLOCK, ALICE, 1, BIGLOCK_EXPLICIT);
		if (n == 4)
			tell(EV_MTXEXIT, ALICE, m0, 0);
		fires(what[n]);
	}
}

Test(fuzz_oracle_mutex, statelock_wants_the_chain_for_a_mutex)
{
	begin(ORACLE_statelock);
	blocks(BOB, ALICE, 0);
	tell(EV_LWPUNLOCK, BOB, (uintptr_t)&chain, 0);
	silent();
	BOB->l_syncobj = &sleep_syncobj;
	tell(EV_LWPUNLOCK, BOB, (uintptr_t)&chain, 0);
	fires("wrong mutex for the state");
}

Test(fuzz_oracle_mutex, progress_judges_those_who_wait_for_mutexes)
{
	static const char *const what[] = { NULL,
		"a waiter for a mutex was not woken", "mutexes in a cycle",
		"a signal was lost" };

	for (unsigned n = 0; n < 4; n++) {
		begin(ORACLE_progress);
		LIST_REMOVE(CAROL, l_sibling);
		/* The owner sleeps for a reason of the program's own. */
		ALICE->l_stat = LSSLEEP;
		ALICE->l_syncobj = &sleep_syncobj;
		ALICE->l_wchan = n == 3 ? (void *)&p.p_section[1].sc_cv :
					  (void *)&p.p_channel[0];
		p.p_section[1].sc_tokens = n == 3;
		blocks(BOB, n == 1 ? NULL : ALICE, 0);
		if (n == 2)
			blocks(ALICE, BOB, 1);
		oracle_finish();
		if (what[n] == NULL)
			silent();
		else
			fires(what[n]);
	}
}
