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

#include <lwp/lwp.h>

/* Names of the calls, for events and tables. */
enum sys_call {
#define SYSCALL(name, what) SYS_##name,
#include <lwp/syscall.def>
#undef SYSCALL
	SYS_COUNT
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

/* sys_section: see section.h.  EINVAL, EBUSY (a try), EWOULDBLOCK (a timeout),
 * EINTR. */
struct section_request;
int sys_section(const struct section_request *);
/* sys_bigcall: the next call of this LWP runs with kernel_lock held n deep. */
void sys_bigcall(unsigned n);

/* user_step: between two steps of user code: notice an AST. */
void user_step(void);

#endif /* LWP_SYSCALL_H */
