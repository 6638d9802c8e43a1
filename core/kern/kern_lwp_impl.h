/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Shared by the files on the life of LWPs and processes: the steps of
 * creation and of exit, which LWP and process take in the same order.
 * Contracts stand at the definitions.
 */

#ifndef KERN_LWP_IMPL_H
#define KERN_LWP_IMPL_H

#include <lwp/proc.h>

void lwp_init(
    struct lwp *, struct lwp *template, struct proc *, uint64_t serial);
int lwp_link(struct proc *, struct lwp *, int flags);
void lwp_unlink(struct proc *, struct lwp *);
void lwp_user_entry(void *);

void lwp_exitmark(struct lwp *);
void lwp_release(struct lwp *);
_Noreturn void lwp_zombie(struct lwp *, kmutex_t *outer);

bool lwp_unresumable(const struct lwp *);

void exit_own(struct lwp *, unsigned claim, int status);
_Noreturn void exit_coordinate(struct lwp *);
void proc_stopped(struct proc *);

#endif /* KERN_LWP_IMPL_H */
