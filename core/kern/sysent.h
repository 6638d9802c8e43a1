/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Kernel side of the system calls: one function for each row of syscall.def.
 *
 * It is called in the kernel with no lock held, and may sleep.  It returns an
 * errno, or ERESTART to be called again, after the user boundary, with the
 * same arguments and sa_restarted set.
 */

#ifndef KERN_SYSENT_H
#define KERN_SYSENT_H

#include <lwp/kernel.h>
#include <lwp/syscall.h>

struct sysargs {
	lwpid_t sa_lid;	 /* the LWP that the call is about */
	lwpid_t sa_lid2; /* park: whom to unpark first */
	int sa_number;	 /* flags, status, ticks, priority, count */
	unsigned sa_channel;
	specificdata_key_t sa_key;
	bool sa_intr;
	bool sa_restarted;
	const void *sa_in; /* user memory: read */
	void *sa_out;	   /* user memory: written on success */
	void *sa_out2;
	ksigset_t sa_set;
	void (*sa_handler)(int, void *);
	void *sa_arg;
};

#define SYSCALL(name, what) int do_##name(struct lwp *, struct sysargs *);
#include <lwp/syscall.def>
#undef SYSCALL

/* sys_enter: from user mode to user mode; kern_syscall.c. */
int sys_enter(enum sys_call, struct sysargs *);

/* deadline_left: ticks that are left of the timeout sa_number of a call; 0: it
 * has none; -1: it is over. */
int deadline_left(struct lwp *, struct sysargs *);

/* copyfail: user memory cannot be read or written, if the input says so. */
bool copyfail(void);

#endif /* KERN_SYSENT_H */
