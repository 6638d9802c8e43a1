/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The lightweight process.
 *
 * Letters of the locks that cover a field; two letters: both to write, either
 * to read:
 *	l:  the LWP lock, that is the mutex *l_mutex points to now
 *	p:  p_smutex of its process
 *	a:  proclist_mutex
 *	q:  the mutex of the sleep queue that it is on (which is its lock)
 *	!:  only the LWP itself, or its creator before activation
 *	c:  p_mutex of its process, see kern_cred.c
 *	@:  a cell; accessed with cell_*() where no lock is held
 *	=:  constant from newlwp to lwp_free
 *	#:  constant for ever: survives recycling
 */

#ifndef LWP_LWP_H
#define LWP_LWP_H

#include <bsd/sys/queue.h>

#include <lwp/callout.h>
#include <lwp/condvar.h>
#include <lwp/cpu.h>
#include <lwp/signal.h>
#include <lwp/cred.h>
#include <lwp/specificdata.h>
#include <lwp/syncobj.h>
#include <lwp/turnstile.h>

struct proc;
struct sleepq;

/* What a new LWP starts with in user mode. */
struct usercontext {
	void (*uc_entry)(void *); /* user code; NULL is refused */
	void *uc_arg;
	void *uc_private;   /* initial _lwp_getprivate value */
	unsigned uc_cookie; /* the embedder's number, in l_cookie */
};

/* l_stat.  The values are NetBSD's; 6 was LSDEAD and is not used. */
enum lwp_state {
	LSIDL = 1,	 /* being made, never ran */
	LSRUN = 2,	 /* on a run queue */
	LSSLEEP = 3,	 /* on a sleep queue, or about to leave its CPU */
	LSSTOP = 4,	 /* stopped with its process */
	LSZOMB = 5,	 /* gone, to be collected */
	LSONPROC = 7,	 /* on a CPU */
	LSSUSPENDED = 8, /* held until somebody continues it */
	LS_COUNT = 9
};

/* l_flag */
#define L_INMEM	    0x00000004 /* l: clear while swapped out */
#define L_SELECT    0x00000040
#define L_SINTR	    0x00000080 /* l: its sleep can be interrupted */
#define L_SYSTEM    0x00000200
#define L_WSUSPEND  0x00020000 /* lp: suspend at the user boundary */
#define L_WCORE	    0x00080000 /* lp: be held for a core dump */
#define L_WEXIT	    0x00100000 /* lp: exit at the user boundary */
#define L_PENDSIG   0x01000000 /* l: look at signals */
#define L_CANCELLED 0x02000000 /* l: break the next sleep */
#define L_WUSERRET  0x04000000 /* l: call the process' userret hook */
#define L_WREBOOT   0x08000000 /* lp: suspend, for ever */
#define L_UNPARKED  0x10000000 /* l: an unpark is pending */

/* What brings an LWP into lwp_userret(). */
#define L_USERRET                                                              \
	(L_WEXIT | L_PENDSIG | L_WREBOOT | L_WSUSPEND | L_WCORE | L_WUSERRET)
/* What an interruptible sleep does not begin with, or ends for. */
#define L_BREAKSLEEP (L_WSUSPEND | L_CANCELLED | L_WEXIT | L_WCORE)

/* l_prflag (p:) */
#define LPR_DETACHED  0x00800000
#define LPR_EXITING   0x00000001 /* exit mark: counted in p_nzlwps */
#define LPR_DRAINED   0x00000002 /* no reference will be given out */
#define LPR_CRSUSPEND 0x00000004 /* created suspended, not yet resumed */
#define LPR_DRAINING  0x00000008 /* gave its own reference up */
#define LPR_WAITBUSY  0x00000010 /* in lwp_wait1, but busy: not a waiter */

/* newlwp() and _lwp_create() */
#define LWP_DETACHED  0x00000040
#define LWP_SUSPENDED 0x00000080

/* lwp_wait1() */
#define LWPWAIT_EXITCONTROL 0x00000001

/* Why an LWP was taken off its sleep queue; the first one decides. */
enum sleep_end {
	SLEEP_ASLEEP, /* still on the queue */
	SLEEP_WOKEN,  /* by a legitimate waker: the sleep returns 0 */
	SLEEP_BROKEN, /* setrunnable: the flags say why */
	SLEEP_TIMEDOUT
};

/* Whom an LWP inside lwp_wait1() waits for (l_waitfor). */
#define WAITFOR_NOBODY (-1) /* not a waiter: outside, or busy freeing */
#define WAITFOR_ANY    0

/* l_running: the LWP is off its CPU, or on it, or that and waits there for
 * kernel_lock, which nobody should wait for by spinning. */
#define LWP_OFFCPU   0
#define LWP_ONCPU    1
#define LWP_WANTSBIG 2

/*
 * The head (first 64 bytes) of the structure is type-stable: it stays valid,
 * and l_mutex is never NULL, however often the memory comes back as another
 * LWP.  Whoever finds an LWP without a lock may lock it, and must then look
 * whether it still is the one.  The rest is zeroed at creation.
 */
struct lwp {
	_Alignas(64) kmutex_t *l_mutex; /* @l: the LWP lock */
	uint64_t l_serial;     /* p: number of this creation, never used twice;
				* 0 once it is off p_lwps */
	uint32_t l_generation; /* p: counts the lives of this memory */
	uint32_t l_slot;       /* #: index in the pool */
	unsigned l_running;    /* @: a CPU is on its stack; LWP_ONCPU ... */
	unsigned l_pad;
	struct lwp *l_poolnext; /* pool_lock: free list */
	struct rcu_head l_rcu;	/* the pool's */
	void *l_machine;	/* the machine's context; its own locking */

	/* Zeroed by newlwp() from here on. */
	_Alignas(64) struct proc *l_proc; /* = */
	lwpid_t l_lid;			  /* p: */
	enum lwp_state l_stat; /* @l, and p: where transition.def says so */
	unsigned l_flag;       /* @ letters at the bits */
	unsigned l_prflag;     /* p:; its own marks are peeked at without */
	unsigned l_refcnt;     /* p: references, its own included */
	unsigned l_astpending; /* @: */

	/* Scheduler and sleep. */
	struct cpu_info *l_cpu;	 /* @l: runs, ran last, or is queued here */
	pri_t l_priority;	 /* @l: its own; better while in the kernel */
	pri_t l_usrpri;		 /* l: in user mode */
	pri_t l_inheritedprio;	 /* @l: lent by others, or PRI_NONE */
	uint64_t l_rtime;	 /* !: ticks run, collected by lwp_free */
	uint64_t l_onproctick;	 /* !: when it was put on its CPU */
	TAILQ_ENTRY(lwp) l_runq; /* l: run queue */
	TAILQ_ENTRY(lwp) l_sleepchain;	 /* q: sleep queue */
	const struct syncobj *l_syncobj; /* l: how to unsleep it */
	struct sleepq *l_sleepq;	 /* q: queue that it is on */
	const void *l_wchan;	   /* q: what it waits for; NULL: not queued */
	const char *l_wmesg;	   /* q: the same in words */
	enum sleep_end l_sleepend; /* q: why its last sleep ended */
	unsigned l_sleepno;	   /* l: number of its sleep, for timeouts */
	struct callout l_timeout;  /* its sleeps' timeout */

	/* Priority inheritance. */
	struct turnstile *l_ts; /* l: its own, or the one it sleeps on */
	LIST_HEAD(, turnstile) l_pi_lenders; /* l: what it is lent by */

	/* Life. */
	LIST_ENTRY(lwp) l_sibling; /* p: p_lwps */
	LIST_ENTRY(lwp) l_list;	   /* a: alllwp */
	TAILQ_ENTRY(lwp) l_zombq;  /* p: p_zombq */
	lwpid_t l_waitfor;	   /* p: whom lwp_wait1 waits for */
	struct lwp *l_claim;	   /* p: target of its specific wait ... */
	uint64_t l_claimserial;	   /* p: ... and which life of that memory */
	unsigned l_nclaims;	   /* p: specific waits for this LWP */
	struct usercontext l_ucontext; /* !: what user mode starts with */
	void *l_private;	       /* !: _lwp_setprivate */
	void (*l_func)(void *);	       /* =: first function in the kernel */
	void *l_arg;		       /* =: its argument */

	/* Signals (kern_sig.c). */
	struct sigpend l_sigpend;    /* p: posted to this LWP */
	ksigset_t l_sigmask;	     /* p: blocked; only itself changes it */
	ksigset_t l_sigwait;	     /* p: what it is in sigwait for, or 0 */
	struct ksiginfo l_sigwaited; /* p: handed to it there */
	kcondvar_t l_sigcv;	     /* p: for that */
	uint8_t l_sigframe[KNSIG];   /* !: queued handlers, last on top */
	unsigned l_nsigframe;	     /* !: how many */
	unsigned l_sigbase; /* !: those below wait for a handler to return */

	uint64_t l_deadline; /* !: of a call that may be restarted, or 0 */
	struct lwp *l_held;  /* !: the reference that sys_ref holds */
	kmutex_t *l_locks;   /* !: adaptive mutexes held, last taken first */
	unsigned l_biglocks; /* !: holds of kernel_lock */
	unsigned l_bigcall;  /* !: of which its next system call has so many */
	unsigned l_cookie;   /* !: the embedder's number for it */

	/* Data (subr_specificdata.c, kern_cred.c). */
	specificdata_reference l_specdataref;	/* its specific data */
	struct specificdata_run *l_specificrun; /* !: destructors running */
	kauth_cred_t l_cred;			/* !c: to write; c: to read */
};

LIST_HEAD(lwplist, lwp);

/*
 * Boot and pool (kern_lwp.c).
 */

/* lwpinit: once, before any LWP but lwp0. */
void lwpinit(void);

/*
 * newlwp:
 *
 *	Make an LWP of p2 after the template l1 (curlwp), in state LSIDL.  It
 *	runs func(arg), or func(itself) for a NULL arg, once somebody calls
 *	lwp_activate().  LWP_DETACHED in flags.  The memory of the parked
 *	detached zombie of p2 is reused.
 *
 *	Returns 0; EINVAL: the process is exiting or dumping core; EAGAIN: a
 *	limit; ENOMEM: no stack, or a perturbation.  Within the limits memory
 *	that still has readers is waited for.  On error *rnewlwpp is NULL.  No
 *	spin mutex held; may sleep.  Unlike 1.54 there is no user area to hand
 *	in: the machine binds a stack and lwp_free() gives it back.
 */
int newlwp(struct lwp *l1, struct proc *p2, bool inmem, int flags,
    const struct usercontext *, void (*func)(void *), void *arg,
    struct lwp **rnewlwpp);

/*
 * lwp_activate:
 *
 *	Move an LWP out of LSIDL and count it: to RUN, to SUSPENDED for
 *	LWP_SUSPENDED in flags or a reboot, to STOP in a stopped process.
 *	Returns 0, or EINVAL with nothing done if the process began to exit or
 *	to dump core: the caller then calls lwp_undo().  No lock held.
 */
int lwp_activate(struct lwp *, int flags);

/*
 * lwp_undo:
 *
 *	Unmake an LWP that is still LSIDL, as if it had never been.  No lock
 *	held; may sleep (references are drained).
 */
void lwp_undo(struct lwp *);

/*
 * lwp_startup:
 *
 *	First code of every LWP on its own stack, on the incoming side of its
 *	first switch; then its l_func.
 */
_Noreturn void lwp_startup(void *);

/*
 * lwp_exit:
 *
 *	End an LWP: curlwp, which does not come back, or one that is LSIDL
 *	(see lwp_undo).  The last live LWP ends its process, with status 0.
 *	No lock held.
 */
void lwp_exit(struct lwp *);

/*
 * lwp_exit2:
 *
 *	Called on the incoming side after the last switch away from a dead
 *	LWP, which is locked: let go of it for good and release its lock.
 *	From then on its memory may be gone.
 */
void lwp_exit2(struct lwp *);

/*
 * lwp_free:
 *
 *	Free a zombie.  last is false: p_smutex is held, the LWP comes off
 *	p_lwps in this hold, and p_smutex is released; last is true: p_smutex
 *	is not held, the process is being freed.  recycle: keep the memory for
 *	the caller.  Waits, with no lock held, until its CPU has let go of it.
 */
void lwp_free(struct lwp *, bool recycle, bool last);

/*
 * lwp_wait1:
 *
 *	Wait for an LWP of l's process (l is curlwp) to exit and collect it:
 *	lid, or any for 0.  p_smutex held on entry and return, dropped inside.
 *	In this order: 0 and *departed for a zombie that the caller may
 *	collect; ESRCH no such joinable LWP; EINVAL lid is detached; EDEADLK
 *	lid is the caller, or the wait could not end; EINTR or ERESTART the
 *	sleep was interrupted.  LWPWAIT_EXITCONTROL (exit_lwps only): EAGAIN
 *	after a sleep that found nothing.
 */
int lwp_wait1(struct lwp *, lwpid_t lid, lwpid_t *departed, int flags);

/* lwp_setstate: the one place that stores l_stat; l is locked, and p_smutex
 * is held where transition.def says so.  An illegal pair panics. */
void lwp_setstate(struct lwp *, enum lwp_state);

/*
 * Suspension and the user boundary (kern_lwpsusp.c).
 */

/*
 * lwp_suspend:
 *
 *	Ask for l's suspension; does not wait for it.  p_smutex held, l
 *	locked; on every return l is unlocked and p_smutex still held.
 *	EDEADLK: curl is to exit or dump core, or nobody would be left who
 *	could continue (ruled for _lwp_suspend, see sys_lwp.c); EINTR: l is
 *	IDL, ZOMB or exiting.
 */
int lwp_suspend(struct lwp *curl, struct lwp *l);

/*
 * lwp_continue:
 *
 *	Undo any number of suspends, pending or done.  p_smutex held, l
 *	locked; l is unlocked on return.  Refused (nothing happens) under
 *	L_WREBOOT and for an LWP held for a core dump.
 */
void lwp_continue(struct lwp *);

/* lwp_userret: curlwp is about to run user code and has a L_USERRET flag.
 * No lock held; may suspend, or exit and not return. */
void lwp_userret(struct lwp *);

/* suspendsched: a reboot begins: every user LWP but curlwp is asked to suspend,
 * for ever; no continue takes that back.  No lock held. */
void suspendsched(void);

/* lwp_need_userret: l is locked, a L_USERRET flag is set already: have it
 * come to the user boundary.  Boosts l_priority, never l_usrpri. */
void lwp_need_userret(struct lwp *);

/* userret: the whole user boundary: AST, resched, lwp_userret, priority. */
void userret(struct lwp *);

/* lwp_setflags, lwp_clearflags: bits of l_flag; l is locked, and p_smutex is
 * held where the letter says so.  Others may look without a lock. */
void lwp_setflags(struct lwp *, unsigned);
void lwp_clearflags(struct lwp *, unsigned);

/*
 * References and look-up (kern_lwp.c, kern_lwplid.c).
 */

/* lwp_find: p_smutex held.  A live or exiting LWP that is neither IDL, ZOMB
 * nor drained; not locked; valid while p_smutex is held. */
struct lwp *lwp_find(struct proc *, lwpid_t);

/* lwp_find_ref: as lwp_find, with no lock held: a look-up in constant time
 * and a reference, or NULL.  Takes p_smutex. */
struct lwp *lwp_find_ref(struct proc *, lwpid_t);

/* lwp_addref: p_smutex held; l is not drained, not ZOMB.  It will not become
 * a zombie before lwp_delref. */
void lwp_addref(struct lwp *);

/* lwp_delref: p_smutex not held: it is taken. */
void lwp_delref(struct lwp *);

/* lwp_dropheld: release what sys_ref holds for curlwp, if anything; p_smutex
 * not held. */
void lwp_dropheld(struct lwp *);

/* lwp_drainrefs: p_smutex held, dropped while asleep (uninterruptibly).  On
 * return nobody has a reference or will get one. */
void lwp_drainrefs(struct lwp *);

/*
 * proc_representative_lwp:
 *
 *	The LWP that stands for its process: the one that took the last
 *	signal if it is live, else the oldest of the first class that is not
 *	empty: ONPROC, RUN, SLEEP, STOP, SUSPENDED; else the first.  *nrlwps:
 *	how many are ONPROC or RUN.  p_smutex held if locking.
 */
struct lwp *proc_representative_lwp(struct proc *, int *nrlwps, bool locking);

/*
 * The LWP lock (kern_lwplock.c).  Which mutex it is changes as the LWP moves
 * between queues; only the holder of the current one may change it.
 */

/* lwp_locked: held by this CPU, and (unless NULL) equal to mtx. */
bool lwp_locked(const struct lwp *, const kmutex_t *mtx);
/* lwp_lock, lwp_unlock, lwp_trylock: (points) */
void lwp_lock(struct lwp *);
void lwp_unlock(struct lwp *);
bool lwp_trylock(struct lwp *);
/* lwp_lock_retry: entered holding old, which was l_mutex once; returns
 * holding what l_mutex points to. */
void lwp_lock_retry(struct lwp *, kmutex_t *old);
/* lwp_setlock: l locked; new is held too, except by sleepq_remove of an LWP
 * that is STOP or SUSPENDED.  The old mutex stays held. */
void lwp_setlock(struct lwp *, kmutex_t *new);
/* lwp_unlock_to: as lwp_setlock, then release the old mutex. */
void lwp_unlock_to(struct lwp *, kmutex_t *new);
/* lwp_relock: exchange the lock for new, which is taken while the old one is
 * held: only in lock order. */
void lwp_relock(struct lwp *, kmutex_t *new);

#define lwp_lock(l)	    (MACHINE_HERE(), (lwp_lock)(l))
#define lwp_unlock(l)	    (MACHINE_HERE(), (lwp_unlock)(l))
#define lwp_trylock(l)	    (MACHINE_HERE(), (lwp_trylock)(l))
#define lwp_setlock(l, m)   (MACHINE_HERE(), (lwp_setlock)((l), (m)))
#define lwp_unlock_to(l, m) (MACHINE_HERE(), (lwp_unlock_to)((l), (m)))
#define lwp_relock(l, m)    (MACHINE_HERE(), (lwp_relock)((l), (m)))

/*
 * LIDs (kern_lwplid.c).  A table of all LIDs of all processes with look-up in
 * constant time, read in RCU sections.
 */
void lid_init(void);
/* lid_alloc: p_smutex held; the next LID of the process that no LWP on p_lwps
 * has; enters it into the table. */
lwpid_t lid_alloc(struct proc *, struct lwp *);
/* lid_free: p_smutex held. */
void lid_free(struct proc *, struct lwp *);
/* lid_lookup: inside an RCU section or with p_smutex held; a hint that may be
 * stale in the first case. */
struct lwp *lid_lookup(struct proc *, lwpid_t);

/*
 * The scheduler (kern_synch.c).
 */

/*
 * mi_switch:
 *
 *	Leave the CPU.  l is curlwp, locked, and its lock is the only spin
 *	mutex held; unlocked on return.  An ONPROC LWP is put on the run
 *	queue; any other state just leaves.
 */
void mi_switch(struct lwp *);

/* mi_switch_entry: the incoming side of a first switch: let go of the LWP
 * that ran before, and lower the interrupt level. */
void mi_switch_entry(void);

/*
 * setrunnable:
 *
 *	Make a STOP, SUSPENDED or sleeping LWP go on.  p_smutex held, l locked;
 *	l is unlocked on return.  A sleep is broken whether it is interruptible
 *	or not: the caller looks at L_SINTR, and has set the flag that says why.
 */
void setrunnable(struct lwp *);

/* sched_addrunnable: l is locked by the scheduler mutex of its l_cpu, in RUN:
 * queue it, choose and wake a CPU.  Unlocks nothing. */
void sched_addrunnable(struct lwp *);

/* lwp_changepri: l locked on entry and return.  The base priority, and its own
 * of the moment.  If l is blocked on a mutex the lock is dropped inside, to
 * lend the priority on: p_smutex keeps l, or it is curlwp. */
void lwp_changepri(struct lwp *, pri_t);

/* lwp_lendpri: l locked.  The best that others lend to it, or PRI_NONE. */
void lwp_lendpri(struct lwp *, pri_t);

/* lwp_eprio: the effective priority.  l locked. */
static inline pri_t
lwp_eprio(const struct lwp *l)
{
	return l->l_inheritedprio < l->l_priority ? l->l_inheritedprio :
						    l->l_priority;
}

/* lwp_current: curlwp, out of line, for code that is not of the core. */
struct lwp *lwp_current(void);

/* yield, preempt: give the CPU to somebody else; no lock held.  kpreempt: if
 * that was asked for; called where the interrupt level falls to nothing. */
void yield(void);
void preempt(void);
void kpreempt(void);

/* tsleep, wakeup, wakeup_one: sleep on an address, without an interlock.
 * tsleep returns 0, EWOULDBLOCK, and with PCATCH EINTR or ERESTART. */
int tsleep(const void *wchan, pri_t pri, const char *wmesg, int timo);
/* mtsleep: releases the interlock once on the queue, takes it back after. */
int mtsleep(
    const void *wchan, pri_t pri, const char *wmesg, int timo, kmutex_t *);
void wakeup(const void *wchan);
void wakeup_one(const void *wchan);

#endif /* LWP_LWP_H */
