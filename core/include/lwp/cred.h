/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Credentials: who somebody is, counted, never changed once made.  A process
 * has current ones, p_cred, which a setuid replaces; each LWP keeps the ones
 * it entered the kernel with, l_cred, so that a call is made by one identity
 * from its beginning to its end.
 */

#ifndef LWP_CRED_H
#define LWP_CRED_H

#include <lwp/kassert.h>

struct lwp;
struct proc;

struct kauth_cred {
	_Alignas(64) unsigned cr_refcnt; /* @: who points here */
	unsigned cr_uid;		 /* =: */
};
typedef struct kauth_cred *kauth_cred_t;

/* kauth_cred_alloc: new ones, held once by the caller; NULL: no memory. */
kauth_cred_t kauth_cred_alloc(unsigned uid);
/* kauth_cred_hold: once more; the caller knows of a hold that stays. */
void kauth_cred_hold(kauth_cred_t);
/* kauth_cred_free: drop a hold; the last one frees.  One too many panics. */
void kauth_cred_free(kauth_cred_t);
/* kauth_cred_getuid: of credentials that the caller holds. */
unsigned kauth_cred_getuid(kauth_cred_t);

/*
 * lwp_update_creds:
 *
 *	Have l_cred be what the process has now.  Only for curlwp, or by the
 *	creator for an LWP that is LSIDL: the old ones are released without a
 *	lock, and two callers would both release them (C1).  Takes p_mutex; no
 *	spin mutex held.
 */
void lwp_update_creds(struct lwp *);

/* lwp_drop_creds: on the way out: release l_cred and clear it.  References
 * are drained.  No lock held. */
void lwp_drop_creds(struct lwp *);

/*
 * lwp_cred_hold:
 *
 *	What an LWP has as credentials, held for the caller, who has a
 *	reference to it or is it itself.  Takes p_mutex; no spin mutex held.
 */
kauth_cred_t lwp_cred_hold(struct lwp *);

/*
 * proc_set_cred:
 *
 *	Replace the credentials of curlwp's process and of curlwp; the caller's
 *	hold goes over to the process.  Its other LWPs notice when they enter
 *	the kernel next.  Takes p_mutex; no spin mutex held.
 */
void proc_set_cred(kauth_cred_t);

/* cred_init: boot: the pool.  cred_boot: root's, for proc0. */
void cred_init(void);
void cred_boot(struct proc *);
/* cred_fork: what l1's process has, for a new process that nobody runs in.
 * cred_proc_free: no LWP of it is left.  No lock held. */
void cred_fork(struct lwp *l1, struct proc *);
void cred_proc_free(struct proc *);

#endif /* LWP_CRED_H */
