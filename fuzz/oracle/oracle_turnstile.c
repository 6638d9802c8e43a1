/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Turnstiles are conserved.  When all is quiet each is in one place: with an
 * LWP that is not blocked, unused; with an object that LWPs are blocked on, one
 * for each of them; or in the pool.  Each LWP has one, and none is lost.
 */

#include <string.h>

#include "oracle.h"

#define TURNSTILES 128

static bool seen[TURNSTILES];
static unsigned found;

/*
 * turnstile_see:
 *
 *	One more; each may be found in one place only.
 */
static void
turnstile_see(const struct turnstile *ts)
{
	unsigned n = TURNSTILES - 1;

	if (ts == NULL) {
		oracle_find(ORACLE_turnstile, "an LWP without a turnstile",
		    "%u found before", found);
		return;
	}
	if (ts != &kernel.k_turnstile0)
		n = (unsigned)(ts - kernel.k_tspool) % TURNSTILES;
	if (seen[n])
		oracle_find(ORACLE_turnstile, "one turnstile in two places",
		    "number %u", n);
	seen[n] = true;
	found++;
}

/*
 * turnstile_object:
 *
 *	The turnstile of an object, with those that its waiters left there.
 */
static void
turnstile_object(const struct turnstile *ts)
{
	const struct turnstile *other;
	const struct lwp *l;
	unsigned waiters = 0, left = 1;

	TAILQ_FOREACH(l, &ts->ts_sleepq.sq_queue, l_sleepchain)
	{
		waiters++;
		if (l->l_ts != ts || l->l_wchan != ts->ts_obj)
			oracle_find(ORACLE_turnstile,
			    "a waiter on another's turnstile", "lid %d",
			    l->l_lid);
	}
	turnstile_see(ts);
	for (other = ts->ts_free; other != NULL; other = other->ts_free) {
		turnstile_see(other);
		left++;
	}
	if (waiters != left)
		oracle_find(ORACLE_turnstile, "not one turnstile a waiter",
		    "%u waiters, %u turnstiles", waiters, left);
}

/*
 * turnstile_lwp:
 *
 *	An LWP that is on no turnstile has one, which is unused.
 */
static void
turnstile_lwp(const struct lwp *l)
{
	if (l->l_stat == LSSLEEP && l->l_syncobj == &mutex_syncobj)
		return;
	if (l->l_ts != NULL && l->l_ts->ts_obj != NULL)
		oracle_find(ORACLE_turnstile, "a turnstile in use given away",
		    "lid %d", l->l_lid);
	turnstile_see(l->l_ts);
}

/*
 * turnstile_event:
 *
 *	What an LWP leaves behind when it is freed.
 */
static void
turnstile_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	(void)ev;
	(void)a;
	(void)b;
	if (l->l_ts == NULL || l->l_ts->ts_obj != NULL)
		oracle_find(ORACLE_turnstile,
		    "freed without an unused turnstile", "lid %d", l->l_lid);
	if (!LIST_EMPTY(&l->l_pi_lenders))
		oracle_find(ORACLE_turnstile, "freed while it is lent to",
		    "lid %d", l->l_lid);
}

static void
turnstile_end(void)
{
	const struct turnstile *ts;
	const struct proc *p;
	const struct lwp *l;
	unsigned n;

	memset(seen, 0, sizeof(seen));
	found = 0;
	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
		turnstile_lwp(l);
	}
	for (n = 0; n < kernel.k_tschains; n++) {
		LIST_FOREACH(ts, &kernel.k_tschain[n].tc_chain, ts_chain)
		turnstile_object(ts);
	}
	for (ts = kernel.k_tsfree; ts != NULL; ts = ts->ts_free)
		turnstile_see(ts);
	if (found != kernel.k_tsused + 1)
		oracle_find(ORACLE_turnstile, "turnstiles lost",
		    "%u of %u found", found, kernel.k_tsused + 1);
}

const struct oracle oracle_turnstile = {
	.or_name = "turnstile",
	.or_events = 1ull << EV_FREE,
	.or_event = turnstile_event,
	.or_end = turnstile_end,
};
