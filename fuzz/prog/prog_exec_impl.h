/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Between prog_exec.c, which runs the operations of a body one after the
 * other, and the exec_GROUP.c, which hold a function for each operation.
 */

#ifndef PROG_EXEC_IMPL_H
#define PROG_EXEC_IMPL_H

#include <lwp/event.h>
#include <lwp/kernel.h>
#include <lwp/syscall.h>

#include "prog_exec.h"

#define PID_NOBODY 0x40000000 /* no program makes that many */

/* The executors, by the rows of ops.def. */
#define OP(name, a0, a1, a2, weight, group, what)                              \
	void op_##name(const struct op *);
#include "ops.def"
#undef OP

/* exec_body: user code of an LWP; the argument is the number of its body. */
void exec_body(void *);
/* exec_ops: the operations of a body, by whoever calls; what they do counts as
 * part of the operation that the caller is in. */
void exec_ops(unsigned body);
/* exec_self: body of the calling LWP. */
unsigned exec_self(void);
/* exec_lid: LID of the LWP that was last made for a body, or one that nobody
 * has: before it was made, and for LWPs of other processes. */
lwpid_t exec_lid(unsigned body);
/* exec_pid: process of that LWP; 0 before it was made. */
pid_t_ exec_pid(unsigned body);
/* exec_may_make: false once a body was made so often that bodies which make
 * each other would go on for ever.  exec_made: remember who runs it now. */
bool exec_may_make(unsigned body);
void exec_made(unsigned body, pid_t_, lwpid_t);
/* exec_ticks: an argument of kind ticks, as the calls take it. */
int exec_ticks(unsigned arg);
/* exec_fail: have a perturbation happen to the calling LWP the n-th time that
 * it is offered (n from 1; 0 takes that back). */
void exec_fail(enum perturbation, unsigned n);
/* exec_uses: does the program have an operation of this group? */
bool exec_uses(const char *group);

/* exec_GROUP_boot: after kernel_boot(), by lwp0: what the operations of a
 * group need; an errno. */
int exec_lock_boot(void);
int exec_signal_boot(void);
int exec_data_boot(void);
int exec_mutex_boot(void);

#endif /* PROG_EXEC_IMPL_H */
