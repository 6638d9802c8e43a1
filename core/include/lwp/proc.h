/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The process: what LWPs have in common.
 *
 * Letters:
 *	p:  p_smutex
 *	a:  proclist_mutex
 *	@:  a cell
 *	=:  constant from fork1 to proc_free
 */

#ifndef LWP_PROC_H
#define LWP_PROC_H

#include <lwp/condvar.h>
#include <lwp/lwp.h>

enum proc_state {
	SIDL = 1, /* being made */
	SACTIVE,  /* alive */
	SSTOP,	  /* stopped by job control */
	SDYING,	  /* exit1 is past exit_lwps */
	SDEAD,	  /* its last LWP is about to become a zombie */
	SZOMB	  /* to be collected by its parent */
};

/* p_sflag (p:) */
#define PS_WEXIT    0x00000001 /* exiting; an owner of the end is chosen */
#define PS_WCORE    0x00000002 /* dumping core; likewise */
#define PS_STOPPING 0x00000004

/* p_flag (=) */
#define P_SYSTEM      0x00000200 /* no user mode */

#define PROC_CHANNELS 4 /* wait channels of sys_tsleep() */

/* The pool's link, in a part of its own that is never poisoned. */
#define PROC_HEAD_SIZE 64

struct proc {
	_Alignas(64) struct proc *p_poolnext; /* pool_lock: free list */
	_Alignas(64) kmutex_t p_smutex;	      /* the process and its LWPs */
	pid_t_ p_pid;			      /* = */
	unsigned p_flag;		      /* = */
	enum proc_state p_stat;	      /* p:, and a: to become SZOMB; peeked */
	unsigned p_sflag;	      /* p: */
	int p_xstat;		      /* p: exit status */
	struct proc *p_pptr;	      /* a: parent */
	LIST_ENTRY(proc) p_list;      /* a: allproc */
	LIST_ENTRY(proc) p_siblings;  /* a: p_children of the parent */
	LIST_HEAD(, proc) p_children; /* a: */
	kcondvar_t p_waitcv; /* a: its children changed; proclist_mutex */

	struct lwplist p_lwps; /* p: newest first */
	int p_nlwps;	       /* p: length of p_lwps */
	int p_nzlwps;	       /* p: exit-marked ones, until freed */
	int p_nrlwps;	       /* p: RUN, ONPROC, SLEEP */
	int p_ndlwps;	       /* p: detached ones */
	int p_nlwpwait;	       /* p: inside lwp_wait1 */
	lwpid_t p_nlwpid;      /* p: last LID handed out */
	lwpid_t p_siglwp;      /* p: LID that took the last signal; 0 none */
	struct lwp *p_zomblwp; /* @p: the parked detached zombie */
	TAILQ_HEAD(, lwp) p_zombq; /* p: joinable zombies, longest dead first */
	kcondvar_t p_lwpcv;	 /* p: an LWP's wait result may have changed */
	kcondvar_t p_refcv;	 /* p: references drained */
	uint64_t p_rtime;	 /* p: ticks of LWPs that are gone */
	void (*p_userret)(void); /* p: one-shot hook, see L_WUSERRET */
	char p_channel[PROC_CHANNELS]; /* =: addresses to sleep on */

	/* Emulation hooks: called with no lock held; may sleep. */
	void (*p_lwp_fork_hook)(struct lwp *, struct lwp *); /* = */
	void (*p_lwp_exit_hook)(struct lwp *);		     /* = */
};

LIST_HEAD(proclist, proc);

/*
 * fork1:
 *
 *	A child of process "parent" with one LWP made after l1 (curlwp), that
 *	runs func(arg) in the kernel first.  On success the LWP is runnable.
 *	Returns 0, EAGAIN (limit) or ENOMEM, leaving nothing.  No lock held;
 *	may sleep.
 */
int fork1(struct lwp *l1, struct proc *parent, const struct usercontext *,
    void (*func)(void *), void *arg, struct proc **);

/*
 * exit1:
 *
 *	End the process of curlwp, which does not come back.  p_smutex held;
 *	whether somebody else owns the end already is looked at here.
 */
_Noreturn void exit1(struct lwp *, int status);

/* exit_lwps: have all LWPs of the process but curlwp exit, and collect them.
 * p_smutex held on entry and return, dropped inside. */
void exit_lwps(struct lwp *);

/*
 * proc_wait:
 *
 *	Collect a zombie child of curlwp's process.  Returns 0 with its pid and
 *	status, ECHILD (process 1 waits instead), or EAGAIN if there is none
 *	yet and nohang.  No lock held; sleeps uninterruptibly.
 */
int proc_wait(struct lwp *, bool nohang, pid_t_ *, int *status);

/* proc_init: boot: the process list, and proc0 with lwp0 not yet in it. */
void proc_init(void);

/* proc_alloc: a process in SIDL with no LWP, on the lists, child of parent
 * (NULL for proc0).  NULL: limit.  No lock held. */
struct proc *proc_alloc(struct proc *parent, unsigned flag);

/* proc_broadcast: p_smutex held, no LWP locked: wait results, drains and
 * waiting suspends may have changed. */
void proc_broadcast(struct proc *);

#endif /* LWP_PROC_H */
