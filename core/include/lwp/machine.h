/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The machine layer: all that the core asks of the machine it runs on.
 *
 * Two machines implement it, chosen at link time: arch/sim, one host thread
 * on which every call marked (point) below is a choice of the simulator, and
 * arch/host, one POSIX thread for each CPU.  The core cannot tell which.
 *
 * The interface lies below spin locks: mutexes, sleep queues and the idle
 * protocol are code of the core, and so are under test like all of it.  The
 * other half of this layer are the accesses to shared cells and spin words;
 * they are inlined in <machine/atomic.h> and described in cell.h.
 *
 * Unless a block says otherwise: callable at any interrupt level, with any
 * locks held, does not sleep, is no choice point.
 */

#ifndef LWP_MACHINE_H
#define LWP_MACHINE_H

#include <lwp/event.h>
#include <lwp/param.h>

struct cpu_info;
struct kmutex;
struct lwp;
struct rcu_head;

/* What an input may decide besides the interleaving: rare, but legal. */
enum perturbation {
#define PERTURBATION(name, what) PERTURB_##name,
#include <lwp/perturbation.def>
#undef PERTURBATION
	PERTURB_COUNT
};

/*
 * machine_cpu_boot:
 *
 *	Tell the machine which CPU the caller is.  Called at boot, before the
 *	first lock is taken; ci_curlwp is set.
 */
void machine_cpu_boot(struct cpu_info *);

/*
 * Switching.
 */

/*
 * machine_context_init:
 *
 *	Bind a stack to an LWP (or idle context) and arrange that the first
 *	switch to it calls entry(arg), which must not return.  Returns 0, or
 *	ENOMEM with nothing bound.
 */
int machine_context_init(struct lwp *, void (*entry)(void *), void *arg);

/*
 * machine_context_free:
 *
 *	Give the stack back.  The LWP is off its CPU and never runs again.
 */
void machine_context_free(struct lwp *);

/*
 * machine_switch:
 *
 *	Leave the context of "from" for that of "to", on this CPU; ci_curlwp
 *	has been set by the caller.  Returns in "from" when somebody switches
 *	back to it, on whatever CPU, with the LWP that this CPU ran before.
 *	The first entry of a context finds it with machine_switched_from().
 */
struct lwp *machine_switch(struct lwp *from, struct lwp *to);
struct lwp *machine_switched_from(void);

/*
 * machine_idle:
 *
 *	(point) Sleep while *word holds expected, as futex(2) does; taking an
 *	interrupt may end it early.  Only idle contexts call it, at IPL_NONE.
 */
void machine_idle(const unsigned *word, unsigned expected);

/*
 * machine_kick:
 *
 *	Have another CPU notice something: end its machine_idle(), or bring it
 *	to the user boundary if it is in user mode.  The caller has stored the
 *	reason before.
 */
void machine_kick(struct cpu_info *);

/*
 * Interrupt level.
 */

/* machine_spl: set this CPU's level; returns the one before. Lowering it
 * (point, if something is pending) delivers what was held back. */
int machine_spl(int level);

/* machine_softint: have lwp_softint() called on a CPU at IPL_SOFT, soon. */
void machine_softint(struct cpu_info *);

/*
 * Clock.
 */

/* machine_ticks: virtual time, in clock ticks since boot. */
uint64_t machine_ticks(void);

/* machine_timer: the earliest tick at which a callout wants to run, UINT64_MAX
 * for none.  Time may jump there while all CPUs are idle. */
void machine_timer(uint64_t when);

/*
 * RCU.  A read section contains no switch, no user point and no machine_idle.
 */
struct rcu_head {
	struct rcu_head *rcu_next;
	void (*rcu_func)(struct rcu_head *);
};
void machine_rcu_read_enter(void);
void machine_rcu_read_exit(void);

/* machine_rcu_defer: call func(head) once every section that is open now has
 * ended.  The callback may take spin locks, and must not sleep. */
void machine_rcu_defer(struct rcu_head *, void (*func)(struct rcu_head *));

/*
 * Memory.
 */

/*
 * machine_alloc:
 *
 *	Zeroed memory, aligned to 64 bytes, that lives until the machine is
 *	halted.  Boot only; NULL if there is none.
 */
void *machine_alloc(size_t);

/* machine_object_id: a number for an object in such memory that is the same
 * in every run; for hashing in place of its address. */
uint32_t machine_object_id(const void *);

/*
 * machine_object:
 *
 *	Tell the memory oracle what became of an object (or of a part of it):
 *	usable, or poisoned, that is freed and not to be touched.  The size is
 *	a multiple of 64.
 */
void machine_object(void *, size_t, bool usable);

/*
 * Choices.
 */

/* machine_perturb: true if the input wants the rare event here. */
bool(machine_perturb)(enum perturbation);

/* machine_user_point: (point) between two steps of user code. */
void machine_user_point(void);

/*
 * Watching and the end.
 */

/* machine_event, machine_probe: told to oracles and reports; no effect. */
void machine_event(enum event, struct lwp *, uintptr_t, uintptr_t);
void machine_probe(enum probe);

/* machine_panic: the core is broken.  Never returns; addresses in a message
 * would spoil signatures, so "%p" is not known to it. */
_Noreturn void machine_panic(const char *, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * Up-calls: what the machine calls in the core.
 */

/* lwp_hardclock: one tick on this CPU, at IPL_CLOCK. */
void lwp_hardclock(struct cpu_info *);
/* lwp_softint: as asked for by machine_softint(), at IPL_SOFT. */
void lwp_softint(struct cpu_info *);

#endif /* LWP_MACHINE_H */
