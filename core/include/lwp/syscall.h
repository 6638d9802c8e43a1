/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The system calls, as user code makes them.
 *
 * Each enters the kernel, runs the call, makes it again after the user
 * boundary while it returns ERESTART, and comes back through the boundary
 * (where the LWP may be suspended, or exit and not return).  curlwp is in
 * user mode: no lock held.  Results are errno values.
 */

#ifndef LWP_SYSCALL_H
#define LWP_SYSCALL_H

#include <lwp/proc.h>

/* Names of the calls, for events and tables. */
enum sys_call {
#define SYSCALL(name, what) SYS_##name,
#include <lwp/syscall.def>
#undef SYSCALL
	SYS_COUNT
};

/*
 * What a destructor of a key that user code made does besides telling that it
 * was called.
 */
enum sys_dtor {
	SYS_DTOR_none,	 /* there is none */
	SYS_DTOR_plain,	 /* nothing */
	SYS_DTOR_again,	 /* sets the number less one, if it is not 1 */
	SYS_DTOR_delete, /* deletes its key */
	SYS_DTOR_sleep,	 /* sleeps for two ticks */
	SYS_DTOR_COUNT
};

int sys_lwp_create(const struct usercontext *, int flags, lwpid_t *lid);
_Noreturn void sys_lwp_exit(void);
lwpid_t sys_lwp_self(void);
int sys_lwp_wait(lwpid_t, lwpid_t *departed);
int sys_lwp_suspend(lwpid_t);
int sys_lwp_continue(lwpid_t);
int sys_lwp_wakeup(lwpid_t);
int sys_lwp_detach(lwpid_t);
/* timo in ticks: 0 = for ever, < 0 = EINVAL.  Results: section 2.11. */
int sys_lwp_park(int timo, lwpid_t unpark);
int sys_lwp_unpark(lwpid_t);
/* list NULL: *count = the maximum; else *count = how many were unparked. */
int sys_lwp_unpark_all(const lwpid_t *list, unsigned n, unsigned *count);
void sys_lwp_setprivate(void *);
void *sys_lwp_getprivate(void);
_Noreturn void sys_exit(int status);
void sys_yield(void);
/* sys_tsleep, sys_wakeup: sleep on one of a few channels of the process;
 * intr: interruptible.  Stand for any call that sleeps.  EINVAL: a sleep that
 * neither an event nor a timeout could end. */
int sys_tsleep(unsigned channel, int timo, bool intr);
int sys_wakeup(unsigned channel, unsigned n);
int sys_setpri(lwpid_t, pri_t);
/* sys_ref, sys_unref: hold a reference on an LWP as a debugger does (at most
 * one a caller); ESRCH, EBUSY. */
int sys_ref(lwpid_t);
int sys_unref(void);
/* sys_userret: arm the one-shot userret hook of the process on an LWP. */
int sys_userret(lwpid_t);
/* sys_representative: the LID of the process' representative LWP. */
int sys_representative(lwpid_t *, int *nrlwps);
/* sys_presetlid: testing: the next LID tried is n. */
int sys_presetlid(lwpid_t);

/*
 * Signals.  sys_sigaction: EINVAL for a number out of range, and for what
 * cannot be caught or ignored.  sys_sigprocmask: what cannot be blocked is left
 * out silently.  sys_sigwait: a signal of the set, pending or to come: 0; timo
 * in ticks, 0 = for ever; EAGAIN after it, EINTR, EINVAL.  sys_pause: EINTR
 * once a handler ran.  sys_kill, sys_lwp_kill: EINVAL, ESRCH; EPERM for a
 * process of the system; signal 0 only asks.  sys_sigreturn: made for every
 * handler when it returns; what was blocked before it.
 */
enum sigmask_how { SIGMASK_BLOCK, SIGMASK_UNBLOCK, SIGMASK_SET };
int sys_sigaction(
    int sig, enum sigact, void (*handler)(int, void *), void *arg);
int sys_sigprocmask(enum sigmask_how, ksigset_t);
int sys_sigwait(ksigset_t, int timo, struct ksiginfo *);
int sys_pause(void);
void sys_sigreturn(ksigset_t mask);
int sys_kill(pid_t_, int sig);
int sys_lwp_kill(lwpid_t, int sig);

/* sys_fork: flags FORK_STOPPED; EAGAIN, ENOMEM, EINVAL.  sys_wait4: as
 * proc_wait(); either pointer may be NULL.  sys_reboot: see suspendsched().
 * sys_swapout: ESRCH, EBUSY. */
int sys_fork(const struct usercontext *, int flags, pid_t_ *);
int sys_wait4(pid_t_, int options, pid_t_ *, int *status);
void sys_reboot(void);
int sys_swapout(lwpid_t);

/*
 * Specific data, as kernel code would use it.  sys_setspecific stores the key
 * and, in the lower half, the number, so that a value names its key; the
 * number 0 stores NULL.  EINVAL: there never was such a key, or (set) it is
 * gone.  sys_keycreate: EAGAIN, EFAULT.  sys_setspecific: ENOMEM.
 * sys_refspecific: of the LWP that sys_ref holds; ESRCH.
 */
#define SYS_VALUE(key, number)	((uintptr_t)(key) << 32 | (number))
#define SYS_VALUE_KEY(value)	((specificdata_key_t)((uintptr_t)(value) >> 32))
#define SYS_VALUE_NUMBER(value) ((uint32_t)(uintptr_t)(value))
int sys_keycreate(enum sys_dtor, specificdata_key_t *);
int sys_keydelete(specificdata_key_t);
int sys_setspecific(specificdata_key_t, uint32_t number);
int sys_getspecific(specificdata_key_t, void **value);
int sys_refspecific(specificdata_key_t, void **value);

/* sys_setcred: new credentials for the process; ENOMEM.  sys_getcred: uid of
 * the caller's; sys_refcred: of those of the LWP that sys_ref holds; ESRCH. */
int sys_setcred(unsigned uid);
unsigned sys_getcred(void);
int sys_refcred(unsigned *uid);
/* sys_section: see section.h.  EINVAL, EBUSY (a try), EWOULDBLOCK (a timeout),
 * EINTR. */
struct section_request;
int sys_section(const struct section_request *);
/* sys_bigcall: the next call of this LWP runs with kernel_lock held n deep. */
void sys_bigcall(unsigned n);

/* user_step: between two steps of user code: notice an AST. */
void user_step(void);

#endif /* LWP_SYSCALL_H */
