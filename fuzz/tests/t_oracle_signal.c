/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The oracles on signals, stops, core dumps and processes fire on a planted
 * violation and are silent on the legal variant beside it; as t_oracle.c.
 */

#include <criterion/criterion.h>

#include <string.h>

#include <lwp/syscall.h>

#include "h_oracle.h"

static struct cpu_info cpu;
static struct proc proc0, initproc, p, child;
static struct lwp lwps[4];
static kmutex_t sched;

#define ALICE (&lwps[1])
#define BOB   (&lwps[2])
#define USR1  KSIG_USR1

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
	LIST_INSERT_HEAD(&p.p_lwps, l, l_sibling);
	return l;
}

static void
begin(enum oracle_id id)
{
	memset(&cpu, 0, sizeof(cpu));
	memset(&p, 0, sizeof(p));
	memset(&child, 0, sizeof(child));
	memset(lwps, 0, sizeof(lwps));
	memset(&kernel, 0, sizeof(kernel));
	mutex_init(&sched, CELL_sched_mutex, IPL_SCHED, 0);
	mutex_init(&p.p_smutex, CELL_p_smutex, IPL_SCHED, 2);
	kernel.k_proc0 = &proc0;
	kernel.k_initproc = &initproc;
	initproc.p_stat = p.p_stat = SACTIVE;
	initproc.p_pid = 1;
	initproc.p_pptr = &proc0;
	p.p_pid = 2;
	p.p_pptr = &initproc;
	LIST_INSERT_HEAD(&kernel.k_allproc, &p, p_list);
	LIST_INSERT_HEAD(&kernel.k_allproc, &initproc, p_list);
	LIST_INSERT_HEAD(&kernel.k_allproc, &proc0, p_list);
	sim_curcpu = &cpu;
	oracle_set_stop(NULL);
	oracle_begin(1u << id);
	cpu.ci_curlwp = add(ALICE, 1, LSONPROC);
}

static void
post(struct lwp *l, int sig)
{
	tell(EV_SIGPEND, l, (uintptr_t)sig, (uintptr_t)&p);
}

Test(fuzz_oracle_signal, signal_fires_on_what_is_taken_wrongly)
{
	begin(ORACLE_signal);
	post(NULL, USR1);
	tell(EV_SIGTAKE, ALICE, USR1, SIGTAKE_PROC);
	silent();
	tell(EV_SIGTAKE, ALICE, USR1, SIGTAKE_PROC);
	fires("took a signal that was not posted");
	begin(ORACLE_signal);
	post(ALICE, USR1);
	tell(EV_SIGDROP, ALICE, SIGBIT(USR1), (uintptr_t)&p);
	tell(EV_SIGTAKE, ALICE, USR1, SIGTAKE_OWN);
	fires("took a signal that was not posted");
	begin(ORACLE_signal);
	post(ALICE, USR1);
	ALICE->l_sigmask = SIGBIT(USR1);
	tell(EV_CALL, ALICE, SYS_sigwait, 0);
	tell(EV_SIGTAKE, ALICE, USR1, SIGTAKE_OWN);
	silent();
	post(ALICE, USR1);
	tell(EV_CALL, ALICE, SYS_pause, 0);
	tell(EV_SIGTAKE, ALICE, USR1, SIGTAKE_OWN);
	fires("took a signal that it blocks");
}

Test(fuzz_oracle_signal, signal_fires_on_signals_of_the_dying)
{
	begin(ORACLE_signal);
	ALICE->l_prflag = LPR_EXITING;
	post(ALICE, USR1);
	fires("a signal for the dying");
	begin(ORACLE_signal);
	post(ALICE, USR1);
	silent();
	ALICE->l_prflag = LPR_EXITING;
	tell(EV_SIGTAKE, ALICE, USR1, SIGTAKE_OWN);
	fires("took a signal on its way out");
	begin(ORACLE_signal);
	p.p_stat = SZOMB;
	post(NULL, USR1);
	fires("a signal for a dead process");
}

Test(fuzz_oracle_signal, signal_fires_on_user_mode_beside_a_signal)
{
	begin(ORACLE_signal);
	post(ALICE, USR1);
	ALICE->l_sigmask = SIGBIT(USR1);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	ALICE->l_sigmask = 0;
	tell(EV_USERRET, ALICE, 0, 0);
	fires("user mode beside a signal");
	begin(ORACLE_signal);
	ALICE->l_flag = L_PENDSIG;
	ALICE->l_astpending = 1;
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	ALICE->l_astpending = 0;
	tell(EV_USERRET, ALICE, 0, 0);
	fires("told of a signal without an AST");
}

Test(fuzz_oracle_signal, signal_fires_on_masks_that_are_wrong)
{
	begin(ORACLE_signal);
	ALICE->l_sigmask = SIGBIT(USR1);
	tell(EV_HANDLER, ALICE, USR1, 1);
	tell(EV_SIGMASK, ALICE, SIGBIT(USR1), 0);
	silent();
	ALICE->l_sigmask = 0;
	tell(EV_HANDLER, ALICE, USR1, 1);
	fires("handler runs with its signal unblocked");
	begin(ORACLE_signal);
	tell(EV_SIGMASK, ALICE, SIGBIT(KSIG_KILL), 0);
	fires("blocks what cannot be blocked");
}

Test(fuzz_oracle_signal, signal_fires_on_who_is_left_beside_one)
{
	begin(ORACLE_signal);
	post(NULL, USR1);
	ALICE->l_stat = LSSLEEP; /* cannot be interrupted */
	oracle_finish();
	silent();
	ALICE->l_flag = L_SINTR;
	oracle_finish();
	fires("sleeps beside a signal");
	begin(ORACLE_signal);
	post(NULL, USR1);
	ALICE->l_sigmask = ALICE->l_sigwait = SIGBIT(USR1);
	ALICE->l_stat = LSSLEEP;
	oracle_finish();
	fires("in sigwait beside its signal");
	begin(ORACLE_signal);
	post(NULL, KSIG_KILL);
	ALICE->l_stat = LSSUSPENDED;
	ALICE->l_flag = L_WREBOOT;
	oracle_finish();
	silent();
	ALICE->l_flag = 0;
	oracle_finish();
	fires("held beside SIGKILL");
}

Test(fuzz_oracle_signal, stop_fires_on_a_stop_that_is_not_one)
{
	begin(ORACLE_stop);
	add(BOB, 2, LSSTOP);
	tell(EV_PROCSTOP, NULL, (uintptr_t)&p, 1); /* by ALICE, who stops too */
	silent();
	tell(EV_PROCSTOP, NULL, (uintptr_t)&p, 1);
	fires("stopped twice");
	begin(ORACLE_stop);
	add(BOB, 2, LSRUN);
	tell(EV_PROCSTOP, NULL, (uintptr_t)&p, 1);
	fires("stopped while somebody runs");
	begin(ORACLE_stop);
	p.p_sflag = PS_STOPPING;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	silent();
	ALICE->l_stat = LSSTOP;
	tell(EV_UNLOCK, NULL, (uintptr_t)&p.p_smutex, 0);
	fires("a stop was not completed");
}

Test(fuzz_oracle_signal, stop_fires_on_who_does_not_stop_with_its_process)
{
	begin(ORACLE_stop);
	p.p_sflag = PS_STOPPING;
	tell(EV_STATE, ALICE, LSONPROC, LSSTOP);
	silent();
	p.p_sflag = 0;
	tell(EV_STATE, ALICE, LSONPROC, LSSTOP);
	fires("stopped alone");
	begin(ORACLE_stop);
	tell(EV_USERRET, ALICE, 0, 0);
	silent();
	tell(EV_PROCSTOP, NULL, (uintptr_t)&p, 1);
	tell(EV_USERRET, ALICE, 0, 0);
	fires("user mode while stopped");
	begin(ORACLE_stop);
	ALICE->l_stat = LSSTOP;
	oracle_finish();
	fires("left stopped");
	begin(ORACLE_stop);
	p.p_sflag = PS_STOPPING;
	ALICE->l_stat = LSSLEEP;
	oracle_finish();
	silent();
	ALICE->l_flag = L_SINTR;
	oracle_finish();
	fires("asleep through a stop");
}

Test(fuzz_oracle_signal, process_fires_on_an_end_with_two_owners)
{
	begin(ORACLE_process);
	add(BOB, 2, LSONPROC);
	p.p_xstat = 7;
	tell(EV_PROCEXIT, ALICE, PS_WCORE, 7);
	tell(EV_PROCEXIT, ALICE, PS_WEXIT, 7);
	tell(EV_PROCZOMB, ALICE, 2, 7);
	tell(EV_PROCFREE, NULL, 2, 0);
	silent();
	tell(EV_PROCFREE, NULL, 2, 0);
	fires("collected twice");
	begin(ORACLE_process);
	tell(EV_PROCEXIT, ALICE, PS_WEXIT, 0);
	tell(EV_PROCEXIT, add(BOB, 2, LSONPROC), PS_WEXIT, 0);
	fires("two owners of an end");
	begin(ORACLE_process);
	tell(EV_PROCEXIT, ALICE, PS_WEXIT, 0);
	tell(EV_PROCZOMB, add(BOB, 2, LSONPROC), 2, 0);
	fires("not ended by its owner");
	begin(ORACLE_process);
	tell(EV_PROCEXIT, ALICE, PS_WEXIT, 0);
	tell(EV_PROCZOMB, ALICE, 2, 9);
	fires("not the status of its owner");
	begin(ORACLE_process);
	tell(EV_PROCEXIT, ALICE, PS_WEXIT, 0);
	tell(EV_PROCFREE, NULL, 2, 0);
	fires("freed alive");
}

/* p waits for a child in this state, with these options. */
static void
waits(enum proc_state stat, int options)
{
	begin(ORACLE_process);
	child.p_pid = 3;
	child.p_stat = stat;
	child.p_pptr = &p;
	LIST_INSERT_HEAD(&kernel.k_allproc, &child, p_list);
	ALICE->l_stat = LSSLEEP;
	tell(EV_PROCWAIT, ALICE, 0, (uintptr_t)options);
	oracle_finish();
}

Test(fuzz_oracle_signal, process_fires_on_waits_and_children_that_are_left)
{
	waits(SACTIVE, 0);
	silent();
	waits(SSTOP, 0);
	silent();
	waits(SSTOP, PWAIT_UNTRACED);
	fires("a wait for a stopped child goes on");
	waits(SZOMB, 0);
	fires("a wait for a dead child goes on");
	begin(ORACLE_process);
	ALICE->l_stat = LSSLEEP;
	tell(EV_PROCWAIT, ALICE, 0, 0);
	tell(EV_RETURN, ALICE, SYS_wait4, 0);
	oracle_finish();
	silent();
	tell(EV_PROCWAIT, ALICE, 0, 0);
	oracle_finish();
	fires("a wait for nobody goes on");
	begin(ORACLE_process);
	p.p_stat = SZOMB;
	oracle_finish();
	fires("an orphan was not collected");
	waits(SACTIVE, 0);
	p.p_stat = SZOMB;
	p.p_pptr = &child;
	oracle_finish();
	fires("child of a dead parent");
}

Test(fuzz_oracle_signal, core_fires_on_who_is_not_held)
{
	begin(ORACLE_core);
	add(BOB, 2, LSSUSPENDED);
	tell(EV_STATE, BOB, LSONPROC, LSSUSPENDED);
	tell(EV_CORE, ALICE, 1, 0);
	tell(EV_STATE, ALICE, LSONPROC, LSSLEEP);
	tell(EV_CORE, ALICE, 0, 0);
	tell(EV_STATE, BOB, LSSUSPENDED, LSRUN);
	silent();
	BOB->l_stat = LSRUN;
	tell(EV_CORE, ALICE, 1, 0);
	fires("not held for the dump");
	begin(ORACLE_core);
	add(BOB, 2, LSSUSPENDED)->l_running = 1;
	tell(EV_CORE, ALICE, 1, 0);
	fires("held for the dump on its CPU");
	begin(ORACLE_core);
	add(BOB, 2, LSSUSPENDED);
	tell(EV_CORE, ALICE, 1, 0);
	tell(EV_STATE, BOB, LSSUSPENDED, LSRUN);
	fires("moved during a core dump");
	begin(ORACLE_core);
	tell(EV_CORE, ALICE, 1, 0);
	tell(EV_LINK, add(BOB, 2, LSIDL), 0, 0);
	fires("the list changed during a core dump");
	begin(ORACLE_core);
	p.p_sflag = PS_WCORE;
	oracle_finish();
	fires("a core dump hangs");
}
