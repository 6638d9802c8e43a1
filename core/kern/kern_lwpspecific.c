/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Specific data of LWPs: one domain, made at boot, that all LWPs share.  What
 * an LWP has goes on its way out after its references are drained, so that who
 * holds one may read it until he drops it (X2, D4).
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

void
lwp_specific_init(void)
{
	const struct boot_params *bp = &kernel.k_boot;

	/* Those of the pool, and lwp0. */
	if (specificdata_domain_init(
		&kernel.k_specific, bp->bp_maxkey, bp->bp_maxlwp + 1) != 0)
		panic("lwp_specific_init: no memory");
}

int
lwp_specific_key_create(specificdata_key_t *keyp, specificdata_dtor_t dtor)
{
	return specificdata_key_create(&kernel.k_specific, keyp, dtor);
}

void
lwp_specific_key_delete(specificdata_key_t key)
{
	lockdebug_barrier(NULL, "lwp_specific_key_delete");
	specificdata_key_delete(&kernel.k_specific, key);
}

bool
lwp_specific_key_made(specificdata_key_t key)
{
	return specificdata_key_made(&kernel.k_specific, key);
}

void
lwp_initspecific(struct lwp *l)
{
	KASSERT(l->l_stat == LSIDL);
	specificdata_init(&kernel.k_specific, &l->l_specdataref);
}

void
lwp_finispecific(struct lwp *l)
{
	lockdebug_barrier(NULL, "lwp_finispecific");
	KASSERT(l == curlwp || l->l_stat == LSIDL);
	KASSERT(l->l_refcnt == 0); /* and so it stays */
	specificdata_fini(&kernel.k_specific, &l->l_specdataref);
}

void *
lwp_getspecific(specificdata_key_t key)
{
	return specificdata_get(
	    &kernel.k_specific, &curlwp->l_specdataref, key);
}

void *
_lwp_getspecific_by_lwp(struct lwp *l, specificdata_key_t key)
{
	return specificdata_get_other(
	    &kernel.k_specific, l, &l->l_specdataref, key);
}

int
lwp_setspecific(specificdata_key_t key, void *value)
{
	return specificdata_set(
	    &kernel.k_specific, &curlwp->l_specdataref, key, value);
}
