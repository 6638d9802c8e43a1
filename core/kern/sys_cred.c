/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Credentials for programs: become somebody else, and see who one is, or who
 * an LWP is that one holds a reference to.
 */

#include <machine/atomic.h>

#include <errno.h>

#include "sysent.h"

int
do_setcred(struct lwp *l, struct sysargs *sa)
{
	kauth_cred_t cr;

	(void)l;
	cr = kauth_cred_alloc((unsigned)sa->sa_number);
	if (cr == NULL)
		return ENOMEM;
	proc_set_cred(cr);
	return 0;
}

int
do_getcred(struct lwp *l, struct sysargs *sa)
{
	*(unsigned *)sa->sa_out = kauth_cred_getuid(l->l_cred);
	return 0;
}

int
do_refcred(struct lwp *l, struct sysargs *sa)
{
	kauth_cred_t cr;

	if (l->l_held == NULL) {
		PROBE(CRED_ESRCH);
		return ESRCH;
	}
	cr = lwp_cred_hold(l->l_held);
	*(unsigned *)sa->sa_out = kauth_cred_getuid(cr);
	kauth_cred_free(cr);
	return 0;
}

/*
 * User side.
 */

int
sys_setcred(unsigned uid)
{
	return sys_enter(
	    SYS_setcred, &(struct sysargs) { .sa_number = (int)uid });
}

unsigned
sys_getcred(void)
{
	unsigned uid = 0;

	(void)sys_enter(SYS_getcred, &(struct sysargs) { .sa_out = &uid });
	return uid;
}

int
sys_refcred(unsigned *uid)
{
	return sys_enter(SYS_refcred, &(struct sysargs) { .sa_out = uid });
}
