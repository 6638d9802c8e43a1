/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interrupts, idling and the clock.
 *
 * An interrupt is a bit of hc_pending; nothing interrupts a CPU between two
 * instructions.  It is taken, on the stack of what the CPU executes, at the
 * next of these points whose level allows it:
 *
 *	machine_spl	the level is lowered, which every release of a last
 *			spin mutex does where levels are kept (MACHINE_LEVELS)
 *	machine_user_point  between two steps of user code
 *	machine_idle	on the way out of it
 *
 * So an LWP that makes no step, and where levels are kept takes no lock either,
 * holds off the interrupts of its CPU, as code at a high level does, and the
 * end of the machine; nothing else does.
 *
 * Order
 *
 *	(H1) who posts an interrupt, or kicks, stores the reason first, then
 *	     exchanges hc_sleeping for 0; an idle CPU exchanges it for 1, then
 *	     looks at the reasons.  Both exchanges are one total order, so
 *	     either the CPU sees the reason or the poster sees it asleep and
 *	     wakes it
 *	(H2) a request of the core (l_astpending, ci_want_resched) needs no
 *	     interrupt: the user boundary and the switch look at it; a kick is
 *	     there for CPUs that sleep
 *
 * The clock thread is no CPU: it never enters the core.  It moves time, posts
 * the clock interrupt to CPUs that do not sleep, and to CPU 0 also when a
 * callout is due.  When all CPUs sleep it lets time jump (hp_warp), or finds
 * that nothing will ever happen again and ends the machine.
 */

#include <machine/atomic.h>

#include <limits.h>

#include "host_impl.h"

/*
 * host_wake:
 *
 *	The other side of (H1).  The reason was stored.
 */
static void
host_wake(struct hostcpu *hc)
{
	if (__atomic_exchange_n(&hc->hc_sleeping, 0, __ATOMIC_SEQ_CST) != 0)
		host_futex_wake(&hc->hc_sleeping, 1);
}

void
host_post(struct hostcpu *hc, unsigned intr)
{
	(void)__atomic_fetch_or(&hc->hc_pending, intr, __ATOMIC_SEQ_CST);
	host_wake(hc);
}

void
machine_kick(struct cpu_info *ci)
{
	host_wake(host_this(ci));
}

void
machine_softint(struct cpu_info *ci)
{
	struct hostcpu *hc = host_this(ci);

	(void)__atomic_fetch_or(&hc->hc_pending, INTR_SOFT, __ATOMIC_SEQ_CST);
	if (ci != curcpu())
		host_wake(hc);
}

/*
 * host_take:
 *
 *	Take one interrupt that the level allows; false if there is none.
 */
static bool
host_take(struct hostcpu *hc, int ipl)
{
	struct cpu_info *ci = hc->hc_info;
	unsigned pending, intr;

	pending = __atomic_load_n(&hc->hc_pending, __ATOMIC_ACQUIRE);
	if ((pending & INTR_END) != 0)
		host_leave(hc);
	if (ipl >= IPL_SOFT)
		pending &= INTR_CLOCK;
	if (ipl >= IPL_CLOCK || pending == 0)
		return false;
	intr = pending & -pending;
	(void)__atomic_fetch_and(&hc->hc_pending, ~intr, __ATOMIC_SEQ_CST);
	if (intr == INTR_CLOCK) {
		host_count(&hc->hc_counts.hn_clock);
		ci->ci_ipl = IPL_CLOCK;
		lwp_hardclock(ci);
		host_rcu_start(hc);
	} else {
		host_count(&hc->hc_counts.hn_soft);
		ci->ci_ipl = IPL_SOFT;
		if (intr == INTR_SOFT)
			lwp_softint(ci);
		else
			host_rcu_intr(hc);
	}
	ci->ci_ipl = ipl;
	return true;
}

void
host_intr(struct hostcpu *hc)
{
	const int ipl = hc->hc_info->ci_ipl;

	while (host_pending(hc) && host_take(hc, ipl))
		continue;
}

int
machine_spl(int level)
{
	struct cpu_info *ci = curcpu();
	int old = ci->ci_ipl;

	ci->ci_ipl = level;
	if (level < old && host_pending(host_this(ci)))
		host_intr(host_this(ci));
	return old;
}

void
machine_user_point(void)
{
	struct hostcpu *hc = host_this(curcpu());

	if (host_pending(hc))
		host_intr(hc);
	host_rcu_quiesce(hc);
}

/*
 * host_sleep:
 *
 *	Nothing to do: sleep until somebody exchanges hc_sleeping for 0.  The
 *	last CPU to do so has the clock thread look whether that is the end.
 */
static void
host_sleep(struct hostcpu *hc)
{
	host_count(&hc->hc_counts.hn_sleeps);
	(void)__atomic_fetch_add(&hc->hc_moves, 1, __ATOMIC_SEQ_CST);
	if (__atomic_add_fetch(&host.idlers, 1, __ATOMIC_SEQ_CST) ==
	    host.ncpu) {
		__atomic_store_n(&host.clockword, 1, __ATOMIC_SEQ_CST);
		host_futex_wake(&host.clockword, 1);
	}
	while (__atomic_load_n(&hc->hc_sleeping, __ATOMIC_ACQUIRE) != 0)
		host_futex_wait(&hc->hc_sleeping, 1);
	(void)__atomic_fetch_sub(&host.idlers, 1, __ATOMIC_SEQ_CST);
	(void)__atomic_fetch_add(&hc->hc_moves, 1, __ATOMIC_SEQ_CST);
}

/*
 * host_poll:
 *
 *	Look for a while before sleeping: to wake a thread takes microseconds
 *	of two processors, which a kernel's idle loop does not.  As guests do
 *	before they halt (Linux, haltpoll).
 */
static void
host_poll(struct hostcpu *hc, const unsigned *word, unsigned expected)
{
	unsigned n;

	for (n = 0; n < host.polls &&
	     __atomic_load_n(word, __ATOMIC_RELAXED) == expected &&
	     !host_pending(hc);
	     n++)
		HOST_RELAX();
}

/*
 * machine_idle:
 *
 *	A CPU that sleeps is offline for RCU, or each grace period would wait
 *	for it.
 */
void
machine_idle(const unsigned *word, unsigned expected)
{
	struct hostcpu *hc = host_this(curcpu());

	if (hc->hc_rcunest != 0)
		machine_panic("rcu: idle inside a read section");
	host_rcu_start(hc);
	host_rcu_offline(hc);
	host_poll(hc, word, expected);
	(void)__atomic_exchange_n(&hc->hc_sleeping, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == expected &&
	    __atomic_load_n(&hc->hc_pending, __ATOMIC_SEQ_CST) == 0)
		host_sleep(hc);
	__atomic_store_n(&hc->hc_sleeping, 0, __ATOMIC_SEQ_CST);
	host_rcu_online();
	host_intr(hc);
}

uint64_t
machine_ticks(void)
{
	return __atomic_load_n(&host.ticks, __ATOMIC_ACQUIRE);
}

void
machine_timer(uint64_t when)
{
	__atomic_store_n(&host.timer, when, __ATOMIC_SEQ_CST);
}

/*
 * clock_asleep:
 *
 *	Do all CPUs sleep with nothing pending?  "moves" gets the sum of their
 *	moves: if it is the same after a second look, they slept all the time
 *	between the two.
 */
static bool
clock_asleep(unsigned *moves)
{
	unsigned n, sum = 0;

	for (n = 0; n < host.ncpu; n++) {
		struct hostcpu *hc = &host.cpus[n];

		sum += __atomic_load_n(&hc->hc_moves, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&hc->hc_sleeping, __ATOMIC_SEQ_CST) == 0 ||
		    __atomic_load_n(&hc->hc_pending, __ATOMIC_SEQ_CST) != 0 ||
		    (__atomic_load_n(&hc->hc_moves, __ATOMIC_SEQ_CST) & 1) ==
			0 ||
		    host_rcu_busy(hc))
			return false;
	}
	*moves = sum;
	return true;
}

/*
 * clock_quiet:
 *
 *	All CPUs sleep and nobody but time or an embedder's thread could wake
 *	them.  The timer is what they left.
 */
static bool
clock_quiet(void)
{
	unsigned before, after;

	return clock_asleep(&before) && clock_asleep(&after) && before == after;
}

/*
 * clock_tick:
 *
 *	Time moved to now.
 */
static void
clock_tick(uint64_t now)
{
	unsigned n;

	__atomic_store_n(&host.ticks, now, __ATOMIC_RELEASE);
	for (n = 0; n < host.ncpu; n++) {
		struct hostcpu *hc = &host.cpus[n];

		/* One that falls asleep just now is woken for nothing. */
		if (__atomic_load_n(&hc->hc_sleeping, __ATOMIC_RELAXED) == 0)
			host_post(hc, INTR_CLOCK);
	}
	if (__atomic_load_n(&host.timer, __ATOMIC_SEQ_CST) <= now)
		host_post(&host.cpus[0], INTR_CLOCK);
}

/*
 * clock_idle:
 *
 *	The machine is quiet: jump to what is due next, or end it.  False: all
 *	wait for time to pass.
 */
static bool
clock_idle(uint64_t *now)
{
	uint64_t timer = __atomic_load_n(&host.timer, __ATOMIC_SEQ_CST);

	if (timer == UINT64_MAX)
		return host_end(HOST_END_quiet);
	if (!host.params.hp_warp || timer <= *now)
		return false;
	*now = timer;
	clock_tick(*now);
	return true;
}

/*
 * host_clock_main:
 *
 *	The clock thread.  Time that jumped does not run backwards: ticks are
 *	counted from the last one that was due.
 */
void *
host_clock_main(void *arg)
{
	const uint64_t tick = (uint64_t)host.params.hp_tick_us * 1000;
	uint64_t due = host_now() + tick, ticks = machine_ticks(), now;

	(void)arg;
	while (__atomic_load_n(&host.ending, __ATOMIC_ACQUIRE) == 0) {
		now = host_now();
		if (now >= due) {
			ticks += 1 + (now - due) / tick;
			due += (1 + (now - due) / tick) * tick;
			clock_tick(ticks);
		}
		__atomic_store_n(&host.clockword, 0, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&host.live, __ATOMIC_ACQUIRE) != 0 &&
		    clock_quiet() && clock_idle(&ticks))
			continue;
		host_futex_timedwait(
		    &host.clockword, 0, due - now < tick ? due - now : tick);
	}
	return NULL;
}
