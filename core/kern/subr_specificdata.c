/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Specific data.
 *
 * A domain has a table of keys and a list of containers.  An LWP gets its
 * container when it first sets a value, and gives it back when it dies; the
 * container has a slot for each index of the table.
 *
 * Keys
 *
 *	FREE -> LIVE	specificdata_key_create: the index begins its next life,
 *			the generation, and the key is index and generation
 *	LIVE -> DEAD	specificdata_key_delete: no value can be set any more,
 *			those that are there are taken out and destroyed
 *	DEAD -> FREE	specificdata_settle: the last deletion and the last
 *			destructor of this life are over
 *
 *	A slot names the generation that its value belongs to.  So who comes
 *	with a key of an earlier life finds nothing and stores nothing, though
 *	the index is in use (D3).
 *
 * Destructors
 *
 *	Whoever wants to destroy a value, the dying LWP or a deletion of the
 *	key, exchanges it with NULL under the lock and calls the destructor
 *	after the lock is dropped.  The exchange decides who of several it is,
 *	and who reads the slot afterwards finds NULL (D2).  A destructor may
 *	sleep and call everything here (D1).
 *
 *	A deletion ends when no destructor of the key runs elsewhere.  If it was
 *	called by a destructor of the key it cannot wait for that one, nor for
 *	one that waits in a deletion of the same key itself: two such would wait
 *	for each other for ever.  sk_waiting counts those.
 *
 * Reading
 *
 *	An LWP reads its own slots without a lock.  Nobody else writes to them
 *	but to take a value out, so its look at the generation, which it wrote
 *	itself, is not disturbed, and the load of the value is all that counts.
 *	Somebody else reads the generation before and after the value: it only
 *	grows, and is written before a value of that life, so if both are the
 *	life that he wants the value is of that life (D3).
 *
 *	(D1) the lock is not held while a destructor runs
 *	(D2) a value that was stored is taken out once: replaced by its LWP, or
 *	     destroyed, or dropped after the last pass
 *	(D3) a slot with a value has the generation of its key, which is not
 *	     FREE
 *	(D4) a container is on the list, and in its LWP, from the first set to
 *	     the end of fini; whoever reads it from outside keeps the LWP from
 *	     getting there
 *	(D5) sk_running >= sk_waiting; a FREE key has neither, and no deletion
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/kernel.h>

CTASSERT(sizeof(struct specificdata) % sizeof(void *) == 0);

/*
 * specificdata_nothing:
 *
 *	The destructor of a key without one.
 */
static void
specificdata_nothing(void *value)
{
	(void)value;
}

int
specificdata_domain_init(
    struct specificdata_domain *sd, unsigned keys, unsigned holders)
{
	KASSERT(keys <= SPECIFICDATA_KEYS_MAX);

	mutex_init(&sd->sd_lock, CELL_specdata_lock, IPL_NONE, 0);
	cv_init(&sd->sd_cv, "specdata");
	LIST_INIT(&sd->sd_holders);
	sd->sd_nkeys = keys;
	sd->sd_key = machine_alloc(keys * sizeof(*sd->sd_key));
	if (sd->sd_key == NULL)
		return ENOMEM;
	return pool_init(&sd->sd_pool,
	    sizeof(struct specificdata) + keys * sizeof(struct specificdatum),
	    holders);
}

/*
 * specificdata_key_made:
 *
 *	Was there ever such a key?  Generations only grow, so a look without
 *	the lock is good enough, and one that is no step: nothing but an
 *	assertion hangs on it.
 */
bool
specificdata_key_made(
    const struct specificdata_domain *sd, specificdata_key_t key)
{
	unsigned n = SPECIFICDATA_INDEX(key), gen = SPECIFICDATA_GEN(key);

	return n < sd->sd_nkeys && gen != 0 &&
	    gen <= cell_peek(&sd->sd_key[n], sk_gen);
}

static void
specificdata_must_be_made(
    const struct specificdata_domain *sd, specificdata_key_t key)
{
	if (!specificdata_key_made(sd, key))
		panic("specificdata: no key");
}

/*
 * specificdata_settle:
 *
 *	Something of a key ended: tell who waits for it, and let the index go
 *	if that was the last of this life.  Lock held.
 */
static void
specificdata_settle(struct specificdata_domain *sd, struct specificdata_key *sk)
{
	KASSERT(mutex_owned(&sd->sd_lock));
	KASSERT(sk->sk_running >= sk->sk_waiting);

	if (sk->sk_state != SPECKEY_DEAD)
		return;
	if (sk->sk_running == 0 && sk->sk_deleters == 0) {
		sk->sk_state = SPECKEY_FREE;
		sk->sk_dtor = specificdata_nothing;
	} else
		cv_broadcast(&sd->sd_cv);
}

/*
 * specificdata_destroy:
 *
 *	Take the value of an index out of a container and destroy it; false if
 *	there is none.  Lock held, and dropped while the destructor runs: the
 *	container may be gone afterwards unless it is curlwp's.
 */
static bool
specificdata_destroy(
    struct specificdata_domain *sd, struct specificdata *sc, unsigned n)
{
	struct specificdata_key *sk = &sd->sd_key[n];
	struct specificdatum *datum = &sc->sc_datum[n];
	struct lwp *l = curlwp;
	struct specificdata_run run = { .sr_outer = l->l_specificrun,
		.sr_key = SPECIFICDATA_KEY(n, sk->sk_gen) };
	specificdata_dtor_t dtor = sk->sk_dtor;
	void *value;

	KASSERT(mutex_owned(&sd->sd_lock));
	if (datum->sd_value == NULL)
		return false;
	KASSERT(sk->sk_state != SPECKEY_FREE);
	KASSERT(datum->sd_gen == sk->sk_gen);

	value = cell_exchange(datum, sd_value, NULL);
	EVENT(DTOR, sc->sc_lwp, run.sr_key, value);
	sk->sk_running++;
	mutex_exit(&sd->sd_lock);

	l->l_specificrun = &run;
	(*dtor)(value);
	l->l_specificrun = run.sr_outer;
	EVENT(DTORDONE, l, run.sr_key, value);

	mutex_enter(&sd->sd_lock);
	sk->sk_running--;
	specificdata_settle(sd, sk);
	return true;
}

/*
 * specificdata_free_key:
 *
 *	A key that can begin another life, or NULL.  Lock held.
 */
static struct specificdata_key *
specificdata_free_key(struct specificdata_domain *sd)
{
	unsigned n;

	for (n = 0; n < sd->sd_nkeys; n++) {
		struct specificdata_key *sk = &sd->sd_key[n];

		if (sk->sk_state == SPECKEY_DEAD)
			PROBE(KEY_BUSY);
		/* An index that used up its generations is not used again. */
		if (sk->sk_state == SPECKEY_FREE &&
		    sk->sk_gen < SPECIFICDATA_GEN_MAX)
			return sk;
	}
	return NULL;
}

int
specificdata_key_create(struct specificdata_domain *sd,
    specificdata_key_t *keyp, specificdata_dtor_t dtor)
{
	struct specificdata_key *sk;

	mutex_enter(&sd->sd_lock);
	sk = specificdata_free_key(sd);
	if (sk == NULL) {
		PROBE(KEY_EAGAIN);
		mutex_exit(&sd->sd_lock);
		return EAGAIN;
	}
	if (sk->sk_gen != 0)
		PROBE(KEY_REUSED);
	KASSERT(sk->sk_running == 0 && sk->sk_deleters == 0);
	sk->sk_state = SPECKEY_LIVE;
	sk->sk_dtor = dtor != NULL ? dtor : specificdata_nothing;
	cell_store_relaxed(sk, sk_gen, sk->sk_gen + 1);
	*keyp = SPECIFICDATA_KEY((unsigned)(sk - sd->sd_key), sk->sk_gen);
	EVENT(KEYCREATE, NULL, *keyp, dtor != NULL);
	mutex_exit(&sd->sd_lock);
	return 0;
}

/*
 * specificdata_own_runs:
 *
 *	How many destructors of the key curlwp is in the middle of.
 */
static unsigned
specificdata_own_runs(specificdata_key_t key)
{
	const struct specificdata_run *run;
	unsigned n = 0;

	for (run = curlwp->l_specificrun; run != NULL; run = run->sr_outer)
		n += run->sr_key == key;
	return n;
}

/*
 * specificdata_wait:
 *
 *	Wait until no destructor of a dead key runs elsewhere: none at all, or,
 *	for a caller that is itself in the middle of some, none but those that
 *	wait here.  Lock held, dropped while asleep.
 */
static void
specificdata_wait(
    struct specificdata_domain *sd, struct specificdata_key *sk, unsigned own)
{
	KASSERT(mutex_owned(&sd->sd_lock));
	KASSERT(sk->sk_state == SPECKEY_DEAD);

	if (own != 0) {
		PROBE(KEY_DELETE_OWN);
		sk->sk_waiting += own;
		specificdata_settle(sd, sk);
	}
	while (sk->sk_running != (own != 0 ? sk->sk_waiting : 0)) {
		PROBE(KEY_DELETE_WAIT);
		cv_wait(&sd->sd_cv, &sd->sd_lock);
	}
	sk->sk_waiting -= own;
}

/*
 * specificdata_holder:
 *
 *	A container with a value of this index, or NULL.  Lock held.
 */
static struct specificdata *
specificdata_holder(struct specificdata_domain *sd, unsigned n)
{
	struct specificdata *sc;

	LIST_FOREACH(sc, &sd->sd_holders, sc_list)
	{
		if (sc->sc_datum[n].sd_value != NULL)
			break;
	}
	return sc;
}

/*
 * specificdata_key_delete:
 *
 *	Unlike Oct 2006 destructors run without the lock (D1), a value leaves
 *	its slot before its destructor begins (D2), and those that dying LWPs
 *	run are waited for.  The list may change under each destructor, so the
 *	search begins anew; no value can come back, for the key is dead.
 */
void
specificdata_key_delete(struct specificdata_domain *sd, specificdata_key_t key)
{
	unsigned n = SPECIFICDATA_INDEX(key), own = specificdata_own_runs(key);
	struct specificdata_key *sk = &sd->sd_key[n];
	struct specificdata *sc;

	specificdata_must_be_made(sd, key);
	mutex_enter(&sd->sd_lock);
	if (sk->sk_gen != SPECIFICDATA_GEN(key) ||
	    sk->sk_state == SPECKEY_FREE) {
		PROBE(KEY_DELETE_GONE);
		mutex_exit(&sd->sd_lock);
		return;
	}
	sk->sk_state = SPECKEY_DEAD;
	sk->sk_deleters++;
	EVENT(KEYDELETE, curlwp, key, 0);
	while ((sc = specificdata_holder(sd, n)) != NULL) {
		if (sc->sc_lwp != curlwp)
			PROBE(KEY_DELETE_FOREIGN);
		(void)specificdata_destroy(sd, sc, n);
	}
	specificdata_wait(sd, sk, own);
	EVENT(KEYGONE, curlwp, key, own);
	sk->sk_deleters--;
	specificdata_settle(sd, sk);
	mutex_exit(&sd->sd_lock);
}

void
specificdata_init(struct specificdata_domain *sd, specificdata_reference *ref)
{
	(void)sd;
	ref->sr_data = NULL;
}

/*
 * specificdata_drop:
 *
 *	After the last pass: what destructors still set is dropped.  Lock held.
 */
static void
specificdata_drop(struct specificdata_domain *sd, struct specificdata *sc)
{
	unsigned n;

	for (n = 0; n < sd->sd_nkeys; n++) {
		struct specificdatum *datum = &sc->sc_datum[n];

		if (datum->sd_value == NULL)
			continue;
		PROBE(SPECIFIC_DROPPED);
		EVENT(SPECDROP, sc->sc_lwp, SPECIFICDATA_KEY(n, datum->sd_gen),
		    datum->sd_value);
		cell_store_relaxed(datum, sd_value, NULL);
	}
}

/*
 * specificdata_fini:
 *
 *	Unlike Oct 2006 the container stays on the list, and destructors run
 *	without the lock, until none of them sets anything any more: a deletion
 *	meanwhile may be who takes a value out.
 */
void
specificdata_fini(struct specificdata_domain *sd, specificdata_reference *ref)
{
	struct specificdata *sc = ref->sr_data;
	unsigned n, pass;
	bool again = true;

	if (sc == NULL)
		return;
	KASSERT(sc->sc_lwp == curlwp);
	mutex_enter(&sd->sd_lock);
	for (pass = 0; pass < SPECIFICDATA_PASSES && again; pass++) {
		again = false;
		for (n = 0; n < sd->sd_nkeys; n++)
			again |= specificdata_destroy(sd, sc, n);
		if (again && pass != 0)
			PROBE(SPECIFIC_AGAIN);
	}
	specificdata_drop(sd, sc);
	LIST_REMOVE(sc, sc_list);
	cell_store_relaxed(ref, sr_data, NULL);
	EVENT(SPECFINI, sc->sc_lwp, 0, 0);
	mutex_exit(&sd->sd_lock);
	pool_put(&sd->sd_pool, sc);
}

void *
specificdata_get(const struct specificdata_domain *sd,
    const specificdata_reference *ref, specificdata_key_t key)
{
	struct specificdata *sc = ref->sr_data;
	struct specificdatum *datum;
	void *value;

	specificdata_must_be_made(sd, key);
	KASSERT(sc == NULL || sc->sc_lwp == curlwp);
	if (sc == NULL)
		return NULL;
	datum = &sc->sc_datum[SPECIFICDATA_INDEX(key)];
	if (datum->sd_gen != SPECIFICDATA_GEN(key))
		return NULL;
	value = cell_load_relaxed(datum, sd_value);
	EVENT(SPECLOAD, curlwp, key, value);
	EVENT(SPECGET, curlwp, key, value);
	return value;
}

void *
specificdata_get_other(const struct specificdata_domain *sd, struct lwp *l,
    const specificdata_reference *ref, specificdata_key_t key)
{
	uint32_t gen = SPECIFICDATA_GEN(key);
	struct specificdata *sc;
	struct specificdatum *datum;
	void *value;

	specificdata_must_be_made(sd, key);
	/* Acquire, pairs with the releases in specificdata_set(): whoever sees
	 * the container sees it empty or fuller, whoever sees a value sees the
	 * generation that was stored before it. */
	sc = cell_load_acquire(ref, sr_data);
	if (sc == NULL)
		return NULL;
	datum = &sc->sc_datum[SPECIFICDATA_INDEX(key)];
	if (cell_load_acquire(datum, sd_gen) != gen)
		return NULL;
	value = cell_load_acquire(datum, sd_value);
	EVENT(SPECLOAD, l, key, value);
	if (cell_load_relaxed(datum, sd_gen) != gen) {
		PROBE(SPECIFIC_MOVED);
		return NULL;
	}
	EVENT(SPECGET, l, key, value);
	return value;
}

/*
 * specificdata_hold:
 *
 *	curlwp's container: there already, or a new one, which is not on the
 *	list yet; NULL if there is no memory.  No lock held.
 */
static struct specificdata *
specificdata_hold(struct specificdata_domain *sd, specificdata_reference *ref)
{
	struct specificdata *sc = ref->sr_data;

	if (sc != NULL)
		return sc;
	sc = pool_get(&sd->sd_pool);
	if (sc == NULL) {
		PROBE(SPECIFIC_ENOMEM);
		return NULL;
	}
	__builtin_memset(sc, 0, sd->sd_pool.po_size);
	sc->sc_lwp = curlwp;
	return sc;
}

/*
 * specificdata_set:
 *
 *	Unlike Oct 2006 it always takes the lock: a deletion that looked at
 *	this container already must not miss a value (D3).
 */
int
specificdata_set(struct specificdata_domain *sd, specificdata_reference *ref,
    specificdata_key_t key, void *value)
{
	unsigned n = SPECIFICDATA_INDEX(key);
	struct specificdata_key *sk = &sd->sd_key[n];
	struct specificdata *sc;
	struct specificdatum *datum;

	specificdata_must_be_made(sd, key);
	sc = specificdata_hold(sd, ref);
	if (sc == NULL)
		return ENOMEM;
	KASSERT(sc->sc_lwp == curlwp);
	datum = &sc->sc_datum[n];

	mutex_enter(&sd->sd_lock);
	if (ref->sr_data == NULL) {
		LIST_INSERT_HEAD(&sd->sd_holders, sc, sc_list);
		cell_store_release(ref, sr_data, sc);
	}
	if (sk->sk_state != SPECKEY_LIVE ||
	    sk->sk_gen != SPECIFICDATA_GEN(key)) {
		PROBE(SPECIFIC_NOKEY);
		mutex_exit(&sd->sd_lock);
		return EINVAL;
	}
	if (datum->sd_gen != sk->sk_gen) {
		KASSERT(datum->sd_value == NULL);
		cell_store_release(datum, sd_gen, sk->sk_gen);
	}
	cell_store_release(datum, sd_value, value);
	EVENT(SPECSET, curlwp, key, value);
	mutex_exit(&sd->sd_lock);
	return 0;
}
