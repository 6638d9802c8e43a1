/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signals: pending sets, posting, taking, stopping, and the end by a signal.
 *
 * The names have a K, as in kmutex, because a host's <signal.h> has the plain
 * ones.
 */

#ifndef LWP_SIGNAL_H
#define LWP_SIGNAL_H

#include <bsd/sys/queue.h>

#include <lwp/param.h>

struct lwp;
struct proc;

#define KNSIG 64 /* numbers 1 .. KNSIG - 1; a set is a word */

enum ksignal {
	KSIG_NONE,
#define SIGNAL(name, number, prop) KSIG_##name = number,
#include <lwp/signal.def>
#undef SIGNAL
};

typedef uint64_t ksigset_t;
#define SIGBIT(sig)   ((ksigset_t)1 << (sig))
#define KSIG_CANTMASK (SIGBIT(KSIG_KILL) | SIGBIT(KSIG_STOP))
#define KSIG_STOPS                                                             \
	(SIGBIT(KSIG_STOP) | SIGBIT(KSIG_TSTP) | SIGBIT(KSIG_TTIN) |           \
	    SIGBIT(KSIG_TTOU))

/* What a signal does by default. */
#define SA_KILL	    0x01
#define SA_CORE	    0x02 /* and dumps core first */
#define SA_STOP	    0x04
#define SA_CONT	    0x08
#define SA_IGNORE   0x10
#define SA_CANTMASK 0x20 /* can be neither blocked, caught nor ignored */

/* What a process does about it. */
enum sigact {
	SIGACT_DEFAULT,
	SIGACT_IGNORE,
	SIGACT_HANDLER, /* an interrupted call returns EINTR */
	SIGACT_RESTART, /* a handler too; an interrupted call is made again */
	SIGACT_COUNT
};

/* Who sent it; user memory gets that by sigwait. */
struct ksiginfo {
	int ksi_signo;
	pid_t_ ksi_pid;
	lwpid_t ksi_lid;
};

/* Details of a pending signal; from a pool, freed when it is taken.  The pool's
 * link is in a part of its own that is never poisoned. */
#define KSIGENTRY_HEAD_SIZE 64
struct ksigentry {
	_Alignas(64) struct ksigentry *kse_free;      /* pool_lock: free list */
	_Alignas(64) TAILQ_ENTRY(ksigentry) kse_list; /* p: sp_info */
	struct ksiginfo kse_info;		      /* p: */
};

TAILQ_HEAD(ksigentry_queue, ksigentry);

/* Pending signals of an LWP or of a process (p:). */
struct sigpend {
	ksigset_t sp_set;		/* at most one of each number */
	struct ksigentry_queue sp_info; /* those that have details */
};

/* Wait status: the low byte is the signal and SA of a dump, the next the
 * number given to exit; a stopped process has 0x7f there. */
#define W_EXITCODE(code, sig) ((int)(((unsigned)(code)&0xff) << 8 | (sig)))
#define W_STOPCODE(sig)	      ((int)((unsigned)(sig) << 8 | 0x7f))
#define W_COREFLAG	      0x80

/* signal_prop: bits SA_*; of any number in range. */
unsigned signal_prop(int sig);

/*
 * Pending sets (kern_sigq.c).  p_smutex is held for all of them.
 */

void ksigentry_init(void);
void sigpend_init(struct sigpend *);
/* sigput: add a signal; false if it is pending already.  Details are kept if
 * there is memory for them. */
bool sigput(struct sigpend *, const struct ksiginfo *);
/* sigget: take a signal out; *si gets its details, or only its number. */
void sigget(struct sigpend *, int sig, struct ksiginfo *si);
/* sigclear: drop all signals of a set. */
void sigclear(struct sigpend *, ksigset_t);

/*
 * Posting and taking (kern_sig.c).
 */

/*
 * kpsignal:
 *
 *	Post a signal to a process, or to one LWP of it.  p_smutex held on entry
 *	and return; no LWP locked; callable from soft interrupts.  A process
 *	that is not SACTIVE or SSTOP, and an LWP with an exit mark, do not take
 *	any.
 */
void kpsignal(struct proc *, struct lwp *, const struct ksiginfo *);

/* sigispending: a signal that l would take now; p_smutex held. */
bool sigispending(const struct proc *, const struct lwp *);

/*
 * issignal:
 *
 *	The next signal that curlwp has to act on: one with a handler, or one
 *	that ends the process; it stays pending until postsig().  Ignored ones
 *	are dropped on the way, stops are carried out.  0: none, and
 *	L_PENDSIG is cleared.  p_smutex held; dropped while stopped.
 */
int issignal(struct lwp *);

/*
 * postsig:
 *
 *	Take the signal that issignal() returned: queue its handler for user
 *	mode, or end the process and not return.  p_smutex held on entry and
 *	return.
 */
void postsig(struct lwp *, int sig);

/* sig_ignored: would taking it be without effect?  sig_discard: drop signals
 * of a set wherever they are pending in the process.  sig_take: take one that
 * is pending for curlwp or its process.  p_smutex held. */
bool sig_ignored(const struct proc *, int sig);
void sig_discard(struct proc *, ksigset_t);
void sig_take(struct lwp *, int sig, struct ksiginfo *);

/* sig_handoff: l will not take these any more, since it exits or blocks them:
 * post what is pending of them for the process anew among the others.  p_smutex
 * held, no LWP locked. */
void sig_handoff(struct proc *, struct lwp *, ksigset_t);

/* sig_user: run the handlers that are queued for curlwp, in user mode, last
 * queued first; they may make calls. */
void sig_user(struct lwp *);

/*
 * Job control (kern_stop.c).  p_smutex is held for all of them, and no LWP is
 * locked.
 */

/* proc_stop: begin to stop the process; who can be stopped at once is. */
void proc_stop(struct proc *, int sig);
/* proc_unstop: the opposite, also while the stop is not complete. */
void proc_unstop(struct proc *);
/* proc_stopping: nobody of it may reach user mode. */
bool proc_stopping(const struct proc *);
/* proc_killed: SIGKILL is on its way to one of it: it ends, and does not stop
 * any more. */
bool proc_killed(const struct proc *);
/* proc_stop_self: curlwp stops, with its process; p_smutex is dropped while
 * it is stopped. */
void proc_stop_self(struct lwp *);
/* proc_stop_check: p_nrlwps was lowered: is the stop complete? */
void proc_stop_check(struct proc *);

/*
 * The end by a signal (kern_core.c).
 */

/* sigexit: curlwp ends its process, dumping core if the signal says so.
 * p_smutex held on entry; does not return. */
_Noreturn void sigexit(struct lwp *, int sig);

#endif /* LWP_SIGNAL_H */
