/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signals, each sent once and taken once.
 *
 * Every sender has a number of its own for signals to the process and one for
 * directed ones, so nobody else's merge with its own, and what must come of
 * them can be counted:
 *
 *	process	 One is under way at a time.  Its takers are LWPs that unblock
 *		 and block it, wait for it in sigwait, and exit; and one, the
 *		 standby, that never blocks any and never goes.  So it is taken
 *		 exactly once, and while it is pending somebody is told of it.
 *	directed To a child that blocks it, several count as one and it comes
 *		 before the unblocking call returns; in sigwait it is handed
 *		 over, and no handler runs; to a suspended one it comes after
 *		 the continue.  One that exits meanwhile may leave it.
 *
 * The row "lost-signal" counts a signal that is not sent.
 */

#include "stress.h"

#define SENDERS_MAX  15
#define SIG_PROC(n)  (32 + (int)(n))
#define SIG_OWN(n)   (48 + (int)(n))
#define PROC_SIGNALS ((((ksigset_t)1 << SENDERS_MAX) - 1) << SIG_PROC(0))
#define OWN_SIGNALS  ((((ksigset_t)1 << SENDERS_MAX) - 1) << SIG_OWN(0))

/* What a child does about its directed signal. */
enum signal_child {
	CHILD_BLOCKS,
	CHILD_WAITS,
	CHILD_PAUSES,
	CHILD_SUSPENDED,
	CHILD_EXITS,
	CHILD_COUNT
};

static struct {
	unsigned senders;
	bool lose;
	unsigned quit;		 /* @: the standby may go */
	unsigned handled[KNSIG]; /* @: handlers run, signals got by sigwait */
	unsigned sent[SENDERS_MAX]; /* its sender: to the process */
	unsigned step[SENDERS_MAX]; /* @: where sender and child are */
	lwpid_t lid[SENDERS_MAX];   /* its sender's */
} sg;

enum signal_step { STEP_BEGIN, STEP_READY, STEP_SENT };

static unsigned
handled(int sig)
{
	return __atomic_load_n(&sg.handled[sig], __ATOMIC_RELAXED);
}

static void
signal_handler(int sig, void *arg)
{
	(void)arg;
	(void)__atomic_fetch_add(&sg.handled[sig], 1, __ATOMIC_RELAXED);
}

static void
step_set(unsigned n, enum signal_step step)
{
	__atomic_store_n(&sg.step[n], step, __ATOMIC_RELEASE);
}

static void
step_await(unsigned n, enum signal_step step)
{
	while (__atomic_load_n(&sg.step[n], __ATOMIC_ACQUIRE) != step)
		sys_yield();
}

/*
 * signal_linger:
 *
 *	User code without a step: who is told of a signal here, and exits, has
 *	not taken it.
 */
static void
signal_linger(uint64_t *x)
{
	unsigned n;

	for (n = stress_below(x, 4000); n > 0; n--)
		__asm__ volatile("" ::: "memory");
}

/*
 * signal_taker:
 *
 *	Now and then a taker of some of the process' signals, for a while.
 */
static void
signal_taker(void *arg)
{
	uint64_t x = stress_seed((uintptr_t)arg);
	struct ksiginfo si = { .ksi_signo = 0 };
	ksigset_t set;
	unsigned n;

	for (n = 1 + stress_below(&x, 4); n > 0; n--) {
		set = stress_draw(&x) & PROC_SIGNALS;
		switch (stress_below(&x, 4)) {
		case 0:
			(void)sys_sigprocmask(SIGMASK_SET, set | OWN_SIGNALS);
			break;
		case 1:
			(void)sys_sigprocmask(SIGMASK_UNBLOCK, PROC_SIGNALS);
			break;
		case 2:
			if (set == 0 || sys_sigwait(set, 1, &si) != 0)
				break;
			STRESS_CHECK((SIGBIT(si.ksi_signo) & set) != 0,
			    "signal: sigwait got %d", si.ksi_signo);
			signal_handler(si.ksi_signo, NULL);
			break;
		default:
			sys_yield();
		}
	}
	signal_linger(&x);
}

/*
 * signal_told:
 *
 *	A signal is pending for the process: if anybody could take it, somebody
 *	who could must know.
 */
static void
signal_told(int sig)
{
	struct proc *p = lwp_current()->l_proc;
	unsigned able = 0, told = 0;
	struct lwp *l;
	bool pending;

	mutex_enter(&p->p_smutex);
	pending = (p->p_sigpend.sp_set & SIGBIT(sig)) != 0;
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		const unsigned stat = __atomic_load_n(
		    &l->l_stat, __ATOMIC_RELAXED);

		if (stat == LSIDL || stat == LSZOMB ||
		    (l->l_prflag & LPR_EXITING) != 0 ||
		    (l->l_sigmask & SIGBIT(sig)) != 0)
			continue;
		able++;
		told += (__atomic_load_n(&l->l_flag, __ATOMIC_RELAXED) &
			    L_PENDSIG) != 0;
	}
	mutex_exit(&p->p_smutex);
	STRESS_CHECK(!pending || able == 0 || told != 0,
	    "signal: %d is pending, %u LWPs could take it, none was told", sig,
	    able);
}

/*
 * signal_process:
 *
 *	Send one to the process, perhaps beside a taker of its own, and wait
 *	until it was taken.  When time is up that is left to the end.
 */
static void
signal_process(unsigned n, bool taker, uint64_t *x)
{
	const int sig = SIG_PROC(n);
	lwpid_t lid = 0;
	unsigned look;

	if (taker)
		lid = stress_create(signal_taker, stress_draw(x) >> 8, 0);
	sg.sent[n]++;
	if (!sg.lose || n != 0)
		STRESS_CHECK(
		    sys_kill(stress_pid(), sig) == 0, "signal: kill failed");
	for (look = 1; handled(sig) != sg.sent[n] && !stress_stopped();
	     look++) {
		signal_told(sig);
		if (look % 64 == 0)
			(void)sys_lwp_park(1, 0);
		else
			sys_yield();
	}
	STRESS_CHECK(handled(sig) <= sg.sent[n],
	    "signal: %d was sent %u times and taken %u times", sig, sg.sent[n],
	    handled(sig));
	stress_count(TALLY_signals, 1);
	if (lid != 0)
		STRESS_CHECK(sys_lwp_wait(lid, NULL) == 0,
		    "signal: a taker was not collected");
}

/*
 * Children: what a directed signal finds.
 */

static void
child_blocks(unsigned n, int sig)
{
	const unsigned before = handled(sig);

	step_set(n, STEP_READY);
	step_await(n, STEP_SENT);
	STRESS_CHECK(handled(sig) == before,
	    "signal: %d was taken by an LWP that blocks it", sig);
	(void)sys_sigprocmask(SIGMASK_UNBLOCK, SIGBIT(sig));
	STRESS_CHECK(handled(sig) == before + 1,
	    "signal: %d was pending and unblocked, and taken %u times", sig,
	    handled(sig) - before);
}

static void
child_waits(unsigned n, int sig)
{
	const unsigned before = handled(sig);
	struct ksiginfo si = { .ksi_signo = 0 };
	int error;

	step_set(n, STEP_READY);
	while ((error = sys_sigwait(SIGBIT(sig), (int)(n % 2), &si)) == EAGAIN)
		continue;
	/* Where memory ran out the sender is not known. */
	STRESS_CHECK(error == 0 && si.ksi_signo == sig &&
		(si.ksi_lid == sg.lid[n] || si.ksi_lid == 0),
	    "signal: sigwait for %d: error %d, signal %d of LID %d", sig, error,
	    si.ksi_signo, si.ksi_lid);
	error = sys_sigwait(SIGBIT(sig), 1, &si);
	STRESS_CHECK(error == EAGAIN, "signal: %d came twice", sig);
	STRESS_CHECK(handled(sig) == before,
	    "signal: a handler ran for %d, which sigwait got", sig);
}

static void
child_pauses(unsigned n, int sig)
{
	const unsigned before = handled(sig);

	(void)sys_sigprocmask(SIGMASK_UNBLOCK, SIGBIT(sig));
	step_set(n, STEP_READY);
	while (handled(sig) == before)
		STRESS_CHECK(sys_pause() == EINTR, "signal: pause went on");
}

static void
child_steps(unsigned n, int sig)
{
	const unsigned before = handled(sig);

	(void)sys_sigprocmask(SIGMASK_UNBLOCK, SIGBIT(sig));
	step_set(n, STEP_READY);
	while (handled(sig) == before)
		user_step();
}

/*
 * child_exits:
 *
 *	May be the one that is told of its sender's signal to the process.
 */
static void
child_exits(unsigned n, int sig)
{
	uint64_t x = stress_seed(handled(sig));

	(void)sys_sigprocmask(
	    SIGMASK_UNBLOCK, SIGBIT(sig) | SIGBIT(SIG_PROC(n)));
	step_set(n, STEP_READY);
	signal_linger(&x);
}

static void (*const children[CHILD_COUNT])(unsigned, int) = {
	[CHILD_BLOCKS] = child_blocks,
	[CHILD_WAITS] = child_waits,
	[CHILD_PAUSES] = child_pauses,
	[CHILD_SUSPENDED] = child_steps,
	[CHILD_EXITS] = child_exits,
};

static void
signal_child(void *arg)
{
	const unsigned n = (uintptr_t)arg % SENDERS_MAX;

	children[(uintptr_t)arg / SENDERS_MAX](n, SIG_OWN(n));
}

/*
 * signal_suspended:
 *
 *	A suspended target takes nothing.
 */
static void
signal_suspended(lwpid_t lid, int sig, unsigned k)
{
	const unsigned before = handled(sig);
	int error;

	error = sys_lwp_suspend(lid);
	STRESS_CHECK(error == 0, "signal: suspend: error %d", error);
	for (; k > 0; k--)
		(void)sys_lwp_kill(lid, sig);
	sys_yield();
	STRESS_CHECK(handled(sig) == before,
	    "signal: %d was taken by a suspended LWP", sig);
	(void)sys_lwp_continue(lid);
}

/*
 * signal_send:
 *
 *	What the sender does to a child that is ready; how many it sent.
 */
static unsigned
signal_send(unsigned n, enum signal_child how, lwpid_t lid, uint64_t *x)
{
	const int sig = SIG_OWN(n);
	unsigned k = how == CHILD_WAITS ? 1 : 1 + stress_below(x, 3), i;
	int error;

	if (how == CHILD_SUSPENDED) {
		signal_suspended(lid, sig, k);
		return 1;
	}
	for (i = 0; i < k; i++) {
		error = sys_lwp_kill(lid, sig);
		STRESS_CHECK(error == 0 ||
			(error == ESRCH &&
			    (how == CHILD_EXITS || how == CHILD_PAUSES)),
		    "signal: _lwp_kill: error %d", error);
		if (error != 0)
			break;
	}
	if (how == CHILD_BLOCKS)
		step_set(n, STEP_SENT);
	if (how == CHILD_EXITS)
		signal_process(n, false, x);
	return i;
}

/*
 * signal_pausing:
 *
 *	One that came before it paused is not one that ends the pause.
 */
static unsigned
signal_pausing(unsigned n, lwpid_t lid)
{
	unsigned sent = 0;

	while (sys_lwp_kill(lid, SIG_OWN(n)) == 0) {
		sent++;
		sys_yield();
	}
	return sent;
}

static void
signal_directed(unsigned n, uint64_t *x)
{
	const enum signal_child how = stress_below(x, CHILD_COUNT);
	const unsigned before = handled(SIG_OWN(n));
	unsigned sent, taken;
	lwpid_t lid;

	step_set(n, STEP_BEGIN);
	lid = stress_create(signal_child, how * SENDERS_MAX + n, 0);
	if (lid == 0)
		return;
	step_await(n, STEP_READY);
	sent = signal_send(n, how, lid, x);
	if (how == CHILD_PAUSES)
		sent += signal_pausing(n, lid);
	STRESS_CHECK(
	    sys_lwp_wait(lid, NULL) == 0, "signal: a child was not collected");
	taken = handled(SIG_OWN(n)) - before;
	STRESS_CHECK(taken <= sent &&
		(taken == 1 || how == CHILD_WAITS || how == CHILD_EXITS ||
		    (how == CHILD_PAUSES && taken != 0)),
	    "signal: %d: of %u sent %u were taken (case %u)", SIG_OWN(n), sent,
	    taken, how);
	stress_count(TALLY_signals, sent);
}

static void
signal_worker(void *arg)
{
	const unsigned n = (unsigned)(uintptr_t)arg;
	uint64_t x = stress_seed(n);

	sg.lid[n] = sys_lwp_self();
	while (!stress_stopped()) {
		if (stress_below(&x, 2) == 0)
			signal_process(n, stress_below(&x, 4) != 0, &x);
		else
			signal_directed(n, &x);
		stress_count(TALLY_operations, 1);
	}
}

static void
signal_standby(void *arg)
{
	(void)arg;
	(void)sys_sigprocmask(SIGMASK_SET, OWN_SIGNALS);
	while (__atomic_load_n(&sg.quit, __ATOMIC_RELAXED) == 0)
		(void)sys_pause();
}

/*
 * signal_balance:
 *
 *	Nobody else is left.  What is still pending comes now.
 */
static void
signal_balance(void)
{
	unsigned n;

	(void)sys_sigprocmask(SIGMASK_UNBLOCK, PROC_SIGNALS);
	for (n = 0; n < sg.senders; n++)
		STRESS_CHECK(handled(SIG_PROC(n)) == sg.sent[n],
		    "signal: %d was sent %u times and taken %u times",
		    SIG_PROC(n), sg.sent[n], handled(SIG_PROC(n)));
}

static void
signal_first(void *arg)
{
	lwpid_t standby;
	unsigned n;

	(void)arg;
	for (n = 0; n < SENDERS_MAX; n++) {
		(void)sys_sigaction(SIG_PROC(n),
		    n % 2 != 0 ? SIGACT_HANDLER : SIGACT_RESTART,
		    signal_handler, NULL);
		(void)sys_sigaction(
		    SIG_OWN(n), SIGACT_HANDLER, signal_handler, NULL);
	}
	(void)sys_sigaction(KSIG_USR1, SIGACT_HANDLER, signal_handler, NULL);
	(void)sys_sigprocmask(SIGMASK_SET, PROC_SIGNALS | OWN_SIGNALS);
	while ((standby = stress_create(signal_standby, 0, 0)) == 0)
		sys_yield();
	stress_workers(signal_worker, sg.senders);
	__atomic_store_n(&sg.quit, 1, __ATOMIC_RELAXED);
	while (sys_lwp_kill(standby, KSIG_USR1) == 0)
		sys_yield();
	STRESS_CHECK(sys_lwp_wait(standby, NULL) == 0,
	    "signal: the standby was not collected");
	signal_balance();
}

static int
signal_begin(bool lose)
{
	sg = (__typeof__(sg)) {
		.senders = stress.st_lwps < SENDERS_MAX ? stress.st_lwps :
							  SENDERS_MAX,
		.lose = lose,
	};
	return stress_spawn(signal_first);
}

static int
signal_start(void)
{
	return signal_begin(false);
}

static int
lost_signal_start(void)
{
	return signal_begin(true);
}

const struct workload workload_signal = {
	.wl_start = signal_start,
};

const struct workload workload_lost_signal = {
	.wl_start = lost_signal_start,
};
