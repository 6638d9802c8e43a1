/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Credentials, by counts of our own: nobody touches any after the last hold was
 * dropped, an LWP that is referenced has the ones that it took, and when all is
 * quiet each is held exactly by the processes and LWPs that point to it.
 */

#include <string.h>

#include "oracle.h"

#define CREDS 128 /* of the pool; see run.c */
#define SLOTS 96  /* LWPs of the pool */

static struct {
	unsigned
	    count[CREDS]; /* holds; of those made before the run: as told */
	bool known[CREDS];
	uintptr_t lwp[SLOTS];	/* by slot: what the LWP took ... */
	uint64_t serial[SLOTS]; /* ... in this life */
} ocr;

static void
cred_begin(void)
{
	memset(&ocr, 0, sizeof(ocr));
}

static unsigned
cred_index(uintptr_t cr)
{
	return pool_index(&kernel.k_credpool, (const void *)cr) % CREDS;
}

static void
cred_find(const char *what, unsigned n, unsigned count)
{
	oracle_find(ORACLE_cred, what, "credentials %u, %u holds", n, count);
}

/*
 * cred_touch:
 *
 *	Somebody relies on these being there.
 */
static void
cred_touch(uintptr_t cr)
{
	unsigned n = cred_index(cr);

	if (ocr.known[n] && ocr.count[n] == 0)
		cred_find("used after the last release", n, 0);
}

static void
cred_count(uintptr_t cr, unsigned told, bool hold)
{
	unsigned n = cred_index(cr);

	cred_touch(cr);
	if (!ocr.known[n])
		ocr.count[n] = told - hold + !hold;
	ocr.known[n] = true;
	ocr.count[n] += hold ? 1u : -1u;
	if (ocr.count[n] != told)
		cred_find("the count is wrong", n, ocr.count[n]);
}

/*
 * cred_lwp:
 *
 *	An LWP gives up old ones and takes new ones, or none.
 */
static void
cred_lwp(const struct lwp *l, uintptr_t old, uintptr_t new)
{
	unsigned slot = l->l_slot % SLOTS;
	bool same = ocr.serial[slot] == l->l_serial;

	if (same && ocr.lwp[slot] != old)
		oracle_find(ORACLE_cred, "released what it does not hold",
		    "slot %u", slot);
	ocr.serial[slot] = l->l_serial;
	ocr.lwp[slot] = new;
}

/*
 * cred_ref:
 *
 *	Read from outside, under a reference.
 */
static void
cred_ref(const struct lwp *l, uintptr_t cr)
{
	unsigned slot = l->l_slot % SLOTS;
	char name[48];

	if (cr == 0 || (ocr.serial[slot] == l->l_serial && ocr.lwp[slot] != cr))
		oracle_find(ORACLE_cred,
		    "credentials of a referenced LWP are gone", "%s",
		    oracle_lwp_name(l, name, sizeof(name)));
	else
		cred_touch(cr);
}

static void
cred_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_CREDNEW:
		ocr.known[cred_index(a)] = true;
		ocr.count[cred_index(a)] = 1;
		break;
	case EV_CREDHOLD:
		cred_count(a, (unsigned)b, true);
		break;
	case EV_CREDFREE:
		cred_count(a, (unsigned)b, false);
		break;
	case EV_CREDUSE:
		cred_touch(a);
		break;
	case EV_CREDREF:
		cred_ref(l, a);
		break;
	default:
		cred_lwp(l, a, b);
	}
}

/*
 * cred_end:
 *
 *	Who points where.
 */
static void
cred_end(void)
{
	const struct pool *po = &kernel.k_credpool;
	unsigned expect[CREDS] = { 0 }, n;
	const struct proc *p;
	const struct lwp *l;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		if (p->p_cred != NULL)
			expect[cred_index((uintptr_t)p->p_cred)]++;
	}
	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		if (l->l_cred != NULL)
			expect[cred_index((uintptr_t)l->l_cred)]++;
	}
	for (n = 0; n < po->po_used && n < CREDS; n++) {
		if (ocr.known[n] && ocr.count[n] != expect[n])
			cred_find(
			    "not held by who points there", n, ocr.count[n]);
	}
}

const struct oracle oracle_cred = {
	.or_name = "cred",
	.or_events = 1ull << EV_CREDNEW | 1ull << EV_CREDHOLD |
	    1ull << EV_CREDFREE | 1ull << EV_CREDUSE | 1ull << EV_CREDREF |
	    1ull << EV_LWPCRED,
	.or_begin = cred_begin,
	.or_event = cred_event,
	.or_end = cred_end,
};
