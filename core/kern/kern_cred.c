/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Credentials.
 *
 * The count is one for each p_cred and each l_cred that points there, and one
 * for each function that works with them.  p_cred is replaced under p_mutex.
 * l_cred is written by its LWP alone, or by the creator before anybody else
 * can see it, with p_mutex held; who holds a reference to the LWP may read it
 * with p_mutex held and take a hold there: what l_cred pointed to is released
 * only after the mutex was.
 *
 * On entry to the kernel an LWP compares l_cred with p_cred without the mutex.
 * It may miss a change that is being made; then it acts as who it was, which
 * is as if it had entered a little earlier.  A match cannot be a mistake: its
 * own hold keeps the memory from coming back as other credentials.
 *
 *	(K1) cr_refcnt is the number of holds; at 0 the memory is gone
 *	(K2) l_cred is not NULL from creation until the LWP has drained its
 *	     references and let go of it
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

#define UID_ROOT 0

/*
 * cred_init:
 *
 *	Each LWP and each process may keep different ones.
 */
void
cred_init(void)
{
	const struct boot_params *bp = &kernel.k_boot;

	if (pool_init(&kernel.k_credpool, sizeof(struct kauth_cred),
		bp->bp_maxlwp + bp->bp_maxproc) != 0)
		panic("cred_init: no memory");
}

kauth_cred_t
kauth_cred_alloc(unsigned uid)
{
	kauth_cred_t cr;

	cr = pool_get(&kernel.k_credpool);
	if (cr == NULL) {
		PROBE(CRED_ENOMEM);
		return NULL;
	}
	cr->cr_refcnt = 1;
	cr->cr_uid = uid;
	EVENT(CREDNEW, NULL, cr, uid);
	return cr;
}

void
kauth_cred_hold(kauth_cred_t cr)
{
	unsigned old;

	old = cell_add(cr, cr_refcnt, 1);
	if (old == 0)
		panic("kauth_cred_hold: nobody holds them");
	EVENT(CREDHOLD, NULL, cr, old + 1);
}

void
kauth_cred_free(kauth_cred_t cr)
{
	unsigned old;

	/* seq_cst: what others did under their holds comes before the end. */
	old = cell_add(cr, cr_refcnt, -1u);
	if (old == 0)
		panic("kauth_cred_free: nobody holds them");
	EVENT(CREDFREE, NULL, cr, old - 1);
	if (old == 1) {
		PROBE(CRED_LAST);
		pool_put(&kernel.k_credpool, cr);
	}
}

unsigned
kauth_cred_getuid(kauth_cred_t cr)
{
	KASSERT(cell_peek(cr, cr_refcnt) != 0);
	EVENT(CREDUSE, curlwp, cr, cr->cr_uid);
	return cr->cr_uid;
}

/*
 * lwp_update_creds:
 *
 *	Unlike 1.54 the caller is asserted to be the only one there can be, and
 *	the old pointer is read under p_mutex (C1).
 */
void
lwp_update_creds(struct lwp *l)
{
	struct proc *p = l->l_proc;
	kauth_cred_t old;

	lockdebug_barrier(NULL, "lwp_update_creds");
	KASSERT(l == curlwp || l->l_stat == LSIDL);

	mutex_enter(&p->p_mutex);
	old = l->l_cred;
	kauth_cred_hold(p->p_cred);
	l->l_cred = p->p_cred;
	EVENT(LWPCRED, l, old, l->l_cred);
	mutex_exit(&p->p_mutex);
	if (old != NULL)
		kauth_cred_free(old);
}

void
lwp_drop_creds(struct lwp *l)
{
	kauth_cred_t old = l->l_cred;

	KASSERT(l == curlwp || l->l_stat == LSIDL);
	KASSERT(l->l_refcnt == 0); /* and so it stays */
	KASSERT(old != NULL);

	l->l_cred = NULL;
	EVENT(LWPCRED, l, old, NULL);
	kauth_cred_free(old);
}

kauth_cred_t
lwp_cred_hold(struct lwp *l)
{
	struct proc *p = l->l_proc;
	kauth_cred_t cr;

	mutex_enter(&p->p_mutex);
	cr = l->l_cred;
	EVENT(CREDREF, l, cr, 0);
	KASSERT(cr != NULL);
	kauth_cred_hold(cr);
	mutex_exit(&p->p_mutex);
	return cr;
}

void
proc_set_cred(kauth_cred_t cr)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	kauth_cred_t old;

	lockdebug_barrier(NULL, "proc_set_cred");
	mutex_enter(&p->p_mutex);
	old = p->p_cred;
	cell_store_relaxed(p, p_cred, cr);
	EVENT(PROCCRED, NULL, p, cr);
	mutex_exit(&p->p_mutex);
	kauth_cred_free(old);
	lwp_update_creds(l);
}

void
cred_boot(struct proc *p)
{
	p->p_cred = kauth_cred_alloc(UID_ROOT);
	KASSERT(p->p_cred != NULL);
}

void
cred_fork(struct lwp *l1, struct proc *p)
{
	struct proc *p1 = l1->l_proc;

	mutex_enter(&p1->p_mutex);
	kauth_cred_hold(p1->p_cred);
	p->p_cred = p1->p_cred;
	EVENT(PROCCRED, NULL, p, p->p_cred);
	mutex_exit(&p1->p_mutex);
}

void
cred_proc_free(struct proc *p)
{
	kauth_cred_t old = p->p_cred;

	KASSERT(p->p_nlwps == 0);
	p->p_cred = NULL;
	kauth_cred_free(old);
}
