/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Turnstiles, and priority inheritance.
 *
 * Whom it belongs to
 *
 *	A mutex is a word; the queue of those who wait for it would be idle
 *	memory most of the time.  So each LWP brings one turnstile along, since
 *	it waits for one mutex at a time.  The first to block on an object
 *	gives its own for the queue; later ones leave theirs on its free list;
 *	who is woken takes one away again, the last of them the queue itself.
 *	It need not be the one that it brought.
 *
 *	An object has a turnstile while somebody waits for it.  It is found on
 *	a chain that the object's number hashes to; the mutex of the chain is
 *	the LWP lock of all who sleep on its turnstiles.
 *
 * Priority
 *
 *	A turnstile lends the owner of its object the best priority among its
 *	waiters.  The owner runs at the better of its own priority and the best
 *	that is lent to it; if it is itself blocked, it moves up in its queue
 *	and the priority goes on to the next owner.  Owners that sleep for
 *	something else, a condition variable say, keep it until they wake.
 *	When the owner gives the object up, the turnstile leaves its list of
 *	lenders and what remains is computed anew.
 *
 *	A turnstile lends from the first waiter on, even where that does not
 *	improve the owner yet: the owner's own priority may get worse later.
 *
 * Locks
 *
 *	The lock of a waiter comes after that of an owner asleep on a sleep
 *	queue and before that of one that runs, so owners are locked by a try.
 *	If it fails, the way is walked again from its beginning.  Meanwhile
 *	the LWP that blocks holds no lock, although it is SLEEP and on its
 *	CPU: it may be woken there, and becomes ONPROC again without having
 *	left.  So it looks at itself once more before it switches.
 *
 * Invariants
 *
 *	(T1) an LWP has exactly one turnstile in l_ts: while it sleeps on one,
 *	     that one; else an unused one of its own
 *	(T2) a turnstile on a chain has ts_waiters waiters and ts_waiters - 1
 *	     others on its free list
 *	(T3) the owner of an object cannot change while its chain is locked
 *	     and it has a turnstile
 *	(T4) ts_eprio is the best priority of the waiters, and l_inheritedprio
 *	     of an LWP the best ts_eprio of its lenders, or PRI_NONE; where
 *	     somebody is on the way to carry an improvement on, at the latest
 *	     when he has arrived
 *	(T5) the priority of a waiter does not get worse while it waits
 *	(T6) turnstiles are of a pool and never unmapped; who was woken may use
 *	     its turnstile for something else at once, so the waker does not
 *	     look at one that it has given away
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

void
turnstile_init(void)
{
	unsigned n;

	kernel.k_tschain = machine_alloc(
	    kernel.k_tschains * sizeof(*kernel.k_tschain));
	kernel.k_tspool = machine_alloc(
	    kernel.k_boot.bp_maxlwp * sizeof(*kernel.k_tspool));
	if (kernel.k_tschain == NULL || kernel.k_tspool == NULL)
		panic("turnstile_init: no memory");
	for (n = 0; n < kernel.k_tschains; n++) {
		struct tschain *tc = &kernel.k_tschain[n];

		LIST_INIT(&tc->tc_chain);
#ifdef UNIPROCESSOR
		tc->tc_mutex = &kernel.k_sched_mutex;
#else
		tc->tc_mutex = &tc->tc_mutex_store;
		mutex_init(tc->tc_mutex, CELL_tc_mutex, IPL_SCHED, n);
#endif
	}
}

struct turnstile *
turnstile_alloc(void)
{
	struct turnstile *ts = kernel.k_tsfree;

	KASSERT(mutex_owned(&kernel.k_pool_lock));
	if (ts != NULL) {
		kernel.k_tsfree = ts->ts_free;
		ts->ts_free = NULL;
		return ts;
	}
	KASSERT(kernel.k_tsused < kernel.k_boot.bp_maxlwp);
	return &kernel.k_tspool[kernel.k_tsused++];
}

void
turnstile_free(struct turnstile *ts)
{
	KASSERT(mutex_owned(&kernel.k_pool_lock));
	KASSERT(ts->ts_obj == NULL);
	KASSERT(ts->ts_inheritor == NULL);
	ts->ts_free = kernel.k_tsfree;
	kernel.k_tsfree = ts;
}

static struct tschain *
turnstile_chain(const void *obj)
{
	uint32_t h = machine_object_id(obj) * 0x9e3779b1u;

	return &kernel.k_tschain[h >> 16 & (kernel.k_tschains - 1)];
}

struct turnstile *
turnstile_lookup(const void *obj)
{
	struct tschain *tc = turnstile_chain(obj);
	struct turnstile *ts;

	mutex_enter(tc->tc_mutex);
	LIST_FOREACH(ts, &tc->tc_chain, ts_chain)
	{
		if (ts->ts_obj == obj)
			break;
	}
	return ts;
}

void
turnstile_exit(const void *obj)
{
	mutex_exit(turnstile_chain(obj)->tc_mutex);
}

/*
 * turnstile_join:
 *
 *	Find curlwp a turnstile to sleep on: its own becomes the object's, or
 *	is left with the object's (T1, T2).  The chain is locked.
 */
static struct turnstile *
turnstile_join(struct turnstile *ts, const void *obj)
{
	struct tschain *tc = turnstile_chain(obj);
	struct turnstile *own = curlwp->l_ts;

	KASSERT(mutex_owned(tc->tc_mutex));
	KASSERT(own->ts_obj == NULL);
	if (ts == NULL) {
		ts = own;
		ts->ts_obj = obj;
		ts->ts_waiters = 0;
		ts->ts_sleepq.sq_mutex = tc->tc_mutex;
		TAILQ_INIT(&ts->ts_sleepq.sq_queue);
		LIST_INSERT_HEAD(&tc->tc_chain, ts, ts_chain);
	} else {
		PROBE(TURNSTILE_SHARED);
		own->ts_free = ts->ts_free;
		ts->ts_free = own;
		curlwp->l_ts = ts;
	}
	ts->ts_waiters++;
	return ts;
}

/*
 * turnstile_leave:
 *
 *	Give a waiter a turnstile to go with: one from the free list, or the
 *	object's own if it is the last.  The chain is locked.
 */
static void
turnstile_leave(struct turnstile *ts, struct lwp *l)
{
	struct turnstile *other = ts->ts_free;

	KASSERT(l->l_ts == ts);
	ts->ts_waiters--;
	if (other != NULL) {
		KASSERT(ts->ts_waiters > 0);
		ts->ts_free = other->ts_free;
		other->ts_free = NULL;
		l->l_ts = other;
	} else {
		KASSERT(ts->ts_waiters == 0);
		LIST_REMOVE(ts, ts_chain);
		ts->ts_obj = NULL;
	}
}

/*
 * turnstile_owner:
 *
 *	The owner of what l, which is locked, waits for; NULL if it does not
 *	wait, or for something that nobody owns.
 */
static struct lwp *
turnstile_owner(const struct lwp *l)
{
	if (l->l_wchan == NULL || l->l_syncobj->sobj_owner == NULL)
		return NULL;
	return l->l_syncobj->sobj_owner(l->l_wchan);
}

/*
 * turnstile_inherit:
 *
 *	The best of what is left of an LWP's lenders.  l is locked.
 */
static void
turnstile_inherit(struct lwp *l)
{
	const struct turnstile *ts;
	pri_t pri = PRI_NONE;

	LIST_FOREACH(ts, &l->l_pi_lenders, ts_pichain)
	{
		if (ts->ts_eprio < pri)
			pri = ts->ts_eprio;
	}
	lwp_lendpri(l, pri);
}

/*
 * turnstile_lendto:
 *
 *	Lend the owner the priority of a waiter.  Chain and owner are locked.
 */
static void
turnstile_lendto(struct turnstile *ts, struct lwp *owner, pri_t pri)
{
	KASSERT(mutex_owned(ts->ts_sleepq.sq_mutex));
	KASSERT(lwp_locked(owner, NULL));
	if (ts->ts_inheritor == NULL) {
		ts->ts_inheritor = owner;
		ts->ts_eprio = pri;
		LIST_INSERT_HEAD(&owner->l_pi_lenders, ts, ts_pichain);
	}
	KASSERT(ts->ts_inheritor == owner);
	if (pri < ts->ts_eprio)
		ts->ts_eprio = pri;
	turnstile_inherit(owner);
}

/*
 * turnstile_lend:
 *
 *	Lend the priority of an LWP to the owner of what it waits for, that of
 *	the owner to the next, and so on.  first is locked on entry and return;
 *	its lock may have been dropped between, and it may be awake.
 */
static void
turnstile_lend(struct lwp *first)
{
	struct lwp *l = first, *owner;
	kmutex_t *busy;

	while ((owner = turnstile_owner(l)) != NULL) {
		KASSERT(owner != first);
		/* Equal to the lock that is held: nobody else can move it. */
		if (cell_load_acquire(owner, l_mutex) != l->l_mutex &&
		    !lwp_trylock(owner)) {
			PROBE(TURNSTILE_RETRY);
			busy = cell_load_acquire(owner, l_mutex);
			lwp_unlock(l);
			mutex_enter(busy);
			mutex_exit(busy);
			l = first;
			lwp_lock(l);
			continue;
		}
		if (l != first)
			PROBE(TURNSTILE_CHAIN);
		turnstile_lendto(l->l_ts, owner, lwp_eprio(l));
		if (owner->l_mutex != l->l_mutex)
			lwp_unlock(l);
		l = owner;
	}
	if (l->l_mutex != first->l_mutex) {
		lwp_unlock(l);
		lwp_lock(first);
	}
}

/*
 * turnstile_unlend:
 *
 *	The owner, which is curlwp, gives the object up: it is lent nothing by
 *	its turnstile any more.  It may be locked already, on the sleep queue
 *	of a condition variable.  The chain is locked.
 */
static void
turnstile_unlend(struct turnstile *ts)
{
	struct lwp *l = ts->ts_inheritor;
	bool locked;

	KASSERT(l == curlwp);
	/* On UP the chain's mutex is that of everybody. */
	locked = l->l_wchan != NULL || l->l_mutex == ts->ts_sleepq.sq_mutex;
	KASSERT(locked == lwp_locked(l, NULL));
	if (!locked)
		lwp_lock(l);
	LIST_REMOVE(ts, ts_pichain);
	ts->ts_inheritor = NULL;
	turnstile_inherit(l);
	if (!locked)
		lwp_unlock(l);
}

void
turnstile_block(struct turnstile *ts, const void *obj, const char *wmesg,
    const struct syncobj *so)
{
	struct lwp *l = curlwp;

	ts = turnstile_join(ts, obj);
	sleepq_enter(&ts->ts_sleepq, l);
	/* Its priority stays what it is: it is what it has to lend. */
	sleepq_enqueue(&ts->ts_sleepq, MAXPRI, obj, wmesg, so);
	turnstile_lend(l);
	if (l->l_wchan != NULL)
		mi_switch(l);
	else {
		PROBE(TURNSTILE_AWAKE);
		lwp_unlock(l);
	}
	KASSERT(l->l_sleepend == SLEEP_WOKEN);
	KASSERT(l->l_ts->ts_obj == NULL);
}

/*
 * turnstile_wakeup:
 *
 *	Counts, and does not look for the end of the queue: that is in the
 *	turnstile that the last one takes away (T6).
 */
void
turnstile_wakeup(struct turnstile *ts)
{
	kmutex_t *mtx = ts->ts_sleepq.sq_mutex;
	unsigned n;
	struct lwp *l;

	KASSERT(mutex_owned(mtx));
	if (ts->ts_inheritor != NULL)
		turnstile_unlend(ts);
	for (n = ts->ts_waiters; n > 0; n--) {
		l = TAILQ_FIRST(&ts->ts_sleepq.sq_queue);
		turnstile_leave(ts, l);
		sleepq_remove(&ts->ts_sleepq, l, SLEEP_WOKEN);
	}
	mutex_exit(mtx);
}

/*
 * turnstile_unsleep:
 *
 *	Nothing ends these sleeps but a wake-up.
 */
void
turnstile_unsleep(struct lwp *l, enum sleep_end end)
{
	panic(
	    "turnstile_unsleep: state %d, reason %d", (int)l->l_stat, (int)end);
}

/*
 * turnstile_changepri:
 *
 *	A better priority is lent on at once.
 */
void
turnstile_changepri(struct lwp *l, pri_t pri)
{
	PROBE(TURNSTILE_CHANGEPRI);
	sleepq_changepri(l, pri);
	turnstile_lend(l);
}
