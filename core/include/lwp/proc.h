/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The process: what LWPs have in common.
 *
 * Letters:
 *	p:  p_smutex
 *	c:  p_mutex
 *	a:  proclist_mutex
 *	@:  a cell
 *	=:  constant from fork1 to proc_free
 */

#ifndef LWP_PROC_H
#define LWP_PROC_H

#include <lwp/condvar.h>
#include <lwp/lwp.h>
#include <lwp/section.h>

enum proc_state {
	SIDL = 1, /* being made */
	SACTIVE,  /* alive */
	SSTOP,	  /* stopped by job control */
	SDYING,	  /* exit1 is past exit_lwps */
	SDEAD,	  /* its last LWP is about to become a zombie */
	SZOMB	  /* to be collected by its parent */
};

/* p_sflag (p:) */
#define PS_WEXIT     0x00000001 /* exiting; an owner of the end is chosen */
#define PS_WCORE     0x00000002 /* dumping core; likewise */
#define PS_STOPPING  0x00000004 /* being stopped, not complete */
#define PS_TELL	     0x00000008 /* p_tell is armed */
#define PS_CONTINUED 0x00000010 /* the parent is to hear of it */

/* What a process does about a signal. */
struct ksigaction {
	enum sigact ksa_act;
	void (*ksa_handler)(int sig, void *arg); /* in user mode */
	void *ksa_arg;				 /* the embedder's */
};

/* p_flag (=) */
#define P_SYSTEM      0x00000200 /* no user mode */

#define PROC_CHANNELS 4 /* wait channels of sys_tsleep() */

/* The pool's link, in a part of its own that is never poisoned. */
#define PROC_HEAD_SIZE 64

struct proc {
	_Alignas(64) struct proc *p_poolnext; /* pool_lock: free list */
	_Alignas(64) kmutex_t p_smutex;	      /* the process and its LWPs */
	kmutex_t p_mutex;		      /* what LWPs share; adaptive */
	pid_t_ p_pid;			      /* = */
	unsigned p_flag;		      /* = */
	enum proc_state p_stat;	      /* p:, and a: to become SZOMB; peeked */
	unsigned p_sflag;	      /* p: */
	int p_xstat;		      /* p: wait status */
	struct proc *p_pptr;	      /* a: parent */
	LIST_ENTRY(proc) p_list;      /* a: allproc */
	LIST_ENTRY(proc) p_siblings;  /* a: p_children of the parent */
	LIST_HEAD(, proc) p_children; /* a: */
	kcondvar_t p_waitcv; /* a: its children changed; proclist_mutex */

	kauth_cred_t p_cred;	   /* @c: who it is */
	struct lwplist p_lwps;	   /* p: newest first */
	int p_nlwps;		   /* p: length of p_lwps */
	int p_nzlwps;		   /* p: exit-marked ones, until freed */
	int p_nrlwps;		   /* p: RUN, ONPROC, SLEEP */
	int p_ndlwps;		   /* p: detached ones */
	int p_nlwpwait;		   /* p: inside lwp_wait1 */
	lwpid_t p_nlwpid;	   /* p: last LID handed out */
	lwpid_t p_siglwp;	   /* p: LID that last took a stop or a trap */
	struct lwp *p_zomblwp;	   /* @p: the parked detached zombie */
	TAILQ_HEAD(, lwp) p_zombq; /* p: joinable zombies, longest dead first */
	kcondvar_t p_lwpcv;	 /* p: an LWP's wait result may have changed */
	kcondvar_t p_refcv;	 /* p: references drained */
	uint64_t p_rtime;	 /* p: ticks of LWPs that are gone */
	void (*p_userret)(void); /* p: one-shot hook, see L_WUSERRET */
	char p_channel[PROC_CHANNELS];		 /* =: addresses to sleep on */
	struct section p_section[SECTIONS_PROC]; /* own locking */

	struct ksigaction p_sigact[KNSIG]; /* p: */
	struct sigpend p_sigpend;	   /* p: posted to the process */
	struct callout p_tell;		   /* tells the parent of stops */
	bool p_waited; /* p: the parent knows that it is stopped */

	/* Emulation hooks: called with no lock held; may sleep. */
	void (*p_lwp_fork_hook)(struct lwp *, struct lwp *); /* = */
	void (*p_lwp_exit_hook)(struct lwp *);		     /* = */
};

LIST_HEAD(proclist, proc);

/* fork1 */
#define FORK_STOPPED 0x00000001 /* the child is born stopped */
#define FORK_SYSTEM  0x00000002 /* it has no user mode */

/*
 * fork1:
 *
 *	A child of process "parent" with one LWP made after l1 (curlwp), that
 *	runs func(arg) in the kernel first.  It inherits what the parent does
 *	about signals, its hooks, and the mask, priority and CPU of l1; nothing
 *	that was asked of anybody.  Returns 0 with the PID (the child may have
 *	come to anything since), EAGAIN (limit) or ENOMEM, leaving nothing.  No
 *	lock held; may sleep.
 */
int fork1(struct lwp *l1, struct proc *parent, int flags,
    const struct usercontext *, void (*func)(void *), void *arg, pid_t_ *);

/*
 * exit1:
 *
 *	End the process of curlwp, which does not come back, with this wait
 *	status.  p_smutex held; whether somebody else owns the end already is
 *	looked at here.
 */
_Noreturn void exit1(struct lwp *, int status);

/* exit_lwps: have all LWPs of the process but curlwp exit, and collect them.
 * p_smutex held on entry and return, dropped inside. */
void exit_lwps(struct lwp *);

/* proc_wait */
#define PWAIT_NOHANG   0x00000001
#define PWAIT_UNTRACED 0x00000002 /* stopped children too, once a stop */

/*
 * proc_wait:
 *
 *	Wait for a child of curlwp's process, by PID or any (0), to become a
 *	zombie, and collect it; or to be stopped.  Returns 0 with its pid and
 *	wait status; ECHILD no such child (process 1 waits instead); EAGAIN none
 *	yet and PWAIT_NOHANG; EINTR, ERESTART.  No lock held; may sleep.
 */
int proc_wait(struct lwp *, pid_t_ pid, int options, pid_t_ *, int *status);

/* proc_find: by PID, neither SIDL nor SZOMB; proclist_mutex held. */
struct proc *proc_find(pid_t_);

/* proc_orphans: give the children of a process that ends to process 1, which
 * collects the dead ones.  No lock held. */
void proc_orphans(struct proc *);

/* proc_init: boot: the process list, and proc0 with lwp0 not yet in it. */
void proc_init(void);

/* proc_alloc: a process in SIDL with no LWP, on the lists, child of parent
 * (NULL for proc0).  NULL: limit.  No lock held. */
struct proc *proc_alloc(struct proc *parent, unsigned flag);

/* proc_broadcast: p_smutex held, no LWP locked: wait results, drains and
 * waiting suspends may have changed. */
void proc_broadcast(struct proc *);

#endif /* LWP_PROC_H */
