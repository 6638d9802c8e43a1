/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Specific data: keys made and deleted while LWPs set values, get them and
 * exit.  Every value has a number of its own, and a count of how often its
 * destructor was called:
 *
 *	0	it was replaced by its LWP
 *	1	else: by the deletion of its key or the exit of its LWP
 *	1 to 5	its destructor sets the number less one, and so on: for each
 *		pass over an LWP that exits, and once more if the key is deleted
 *		before what the last pass left is dropped
 *
 * Readers look from outside; what they see under a key is of that key.
 *
 * The row "destroyed-twice" sets one value under two keys.
 */

#include "stress.h"

#define KEYS	    6  /* shared, of any kind */
#define SETTERS_MAX 32 /* LWPs that set values, one at a time a worker */
#define VALUES	    16 /* that one sets */

static struct {
	bool twice;
	unsigned workers;
	uint64_t key[KEYS];		     /* @: kind and key; 0: none */
	lwpid_t lid[SETTERS_MAX];	     /* @: a setter to look at */
	unsigned calls[SETTERS_MAX][VALUES]; /* @: of the destructor */
	unsigned
	    under[SETTERS_MAX]; /* @: values taken out, not yet done with */
} sp;

#define SPECIFIC_EVENTS                                                        \
	((uint64_t)1 << EV_MARK | (uint64_t)1 << EV_DTOR |                     \
	    (uint64_t)1 << EV_DTORDONE)

/* The lowest byte says how often a value of kind "again" comes back. */
#define NUMBER(n, v, again) (((n)*VALUES + (v) + 1) << 8 | (again))
#define NUMBER_PLACE(num)   (((num) >> 8) - 1)

/* A value that was set, and what may have become of it. */
struct specific_value {
	unsigned least, most; /* calls of the destructor */
};

struct specific_setter {
	unsigned n;
	uint64_t x;
	unsigned values; /* set so far */
	struct specific_value value[VALUES];
	/* By shared key, and one of its own: what it holds under it. */
	specificdata_key_t key[KEYS + 1];
	unsigned held[KEYS + 1]; /* a value's index, or VALUES */
};

/*
 * specific_event:
 *
 *	A value is taken out of its slot, its destructor called and done with,
 *	by whoever it is that destroys it.
 */
static void
specific_event(enum event ev, struct lwp *l, uintptr_t what, uintptr_t value)
{
	const unsigned place = NUMBER_PLACE(SYS_VALUE_NUMBER(value));

	(void)l;
	if ((ev == EV_MARK && what != MARK_DTOR) ||
	    place >= SETTERS_MAX * VALUES)
		return;
	if (ev != EV_MARK) {
		(void)__atomic_fetch_add(&sp.under[place / VALUES],
		    ev == EV_DTOR ? 1 : -1u, __ATOMIC_ACQ_REL);
		return;
	}
	(void)__atomic_fetch_add(
	    &sp.calls[place / VALUES][place % VALUES], 1, __ATOMIC_RELAXED);
	stress_count(TALLY_values, 1);
}

static uint64_t
specific_key(unsigned k)
{
	return __atomic_load_n(&sp.key[k], __ATOMIC_RELAXED);
}

/*
 * specific_changer:
 *
 *	Delete a shared key and make another one.
 */
static void
specific_changer(uint64_t *x)
{
	const enum sys_dtor kind = SYS_DTOR_plain +
	    stress_below(x, SYS_DTOR_COUNT - SYS_DTOR_plain);
	unsigned k = stress_below(x, KEYS);
	uint64_t old, new = 0;
	specificdata_key_t key;
	int error;

	error = sys_keycreate(kind, &key);
	if (error == 0)
		new = (uint64_t)kind << 32 | key;
	else
		STRESS_CHECK(error == EAGAIN || error == EFAULT,
		    "specific: keycreate: error %d", error);
	old = __atomic_exchange_n(&sp.key[k], new, __ATOMIC_RELAXED);
	if (old != 0)
		STRESS_CHECK(sys_keydelete((specificdata_key_t)old) == 0,
		    "specific: keydelete failed");
}

/*
 * specific_set:
 *
 *	Set the next value under a key.  If that worked the key was there, and
 *	so was the value before, which is forgotten; else it was destroyed.
 */
static void
specific_set(struct specific_setter *ss, unsigned k, specificdata_key_t key,
    enum sys_dtor kind)
{
	const unsigned v = ss->values++;
	const unsigned again = kind == SYS_DTOR_again ?
	    1 + stress_below(&ss->x, SPECIFICDATA_PASSES + 2) :
	    1;
	unsigned held = ss->key[k] == key ? ss->held[k] : VALUES;
	int error;

	error = sys_setspecific(key, NUMBER(ss->n, v, again));
	STRESS_CHECK(error == 0 || error == EINVAL || error == ENOMEM,
	    "specific: setspecific: error %d", error);
	ss->value[v] = (struct specific_value) { 0, 0 };
	if (error != 0)
		return;
	if (held != VALUES)
		ss->value[held] = (struct specific_value) { 0, 0 };
	ss->key[k] = key;
	ss->held[k] = v;
	ss->value[v].least = 1;
	ss->value[v].most = again <= SPECIFICDATA_PASSES ?
	    again :
	    SPECIFICDATA_PASSES + 1;
}

/*
 * specific_get:
 *
 *	What was set last, or nothing when the key is gone.
 */
static void
specific_get(struct specific_setter *ss, unsigned k)
{
	const unsigned v = ss->held[k];
	void *value = NULL;
	int error;

	if (v == VALUES)
		return;
	error = sys_getspecific(ss->key[k], &value);
	STRESS_CHECK(error == 0, "specific: getspecific: error %d", error);
	STRESS_CHECK((value == NULL && k != KEYS) ||
		(SYS_VALUE_KEY(value) == ss->key[k] &&
		    NUMBER_PLACE(SYS_VALUE_NUMBER(value)) ==
			ss->n * VALUES + v),
	    "specific: got %#lx, had set value %u of LWP %u",
	    (unsigned long)(uintptr_t)value, v, ss->n);
}

static struct specific_setter setters[SETTERS_MAX];

static void
specific_setter(void *arg)
{
	struct specific_setter *ss = arg;
	uint64_t key;
	unsigned k;

	while (ss->values < VALUES) {
		k = stress_below(&ss->x, KEYS + 1);
		key = k < KEYS ? specific_key(k) :
				 (uint64_t)SYS_DTOR_plain << 32 | ss->key[KEYS];
		if ((specificdata_key_t)key == 0)
			ss->values++;
		else
			specific_set(ss, k, (specificdata_key_t)key,
			    (enum sys_dtor)(key >> 32));
		specific_get(ss, stress_below(&ss->x, KEYS + 1));
		if (stress_below(&ss->x, 8) == 0)
			sys_yield();
	}
}

/*
 * specific_judge:
 *
 *	A setter is gone, and so are its values, but for what the deletion of a
 *	key has taken out and not done with.
 */
static void
specific_judge(const struct specific_setter *ss)
{
	unsigned v, calls;

	while (__atomic_load_n(&sp.under[ss->n], __ATOMIC_ACQUIRE) != 0)
		sys_yield();
	for (v = 0; v < VALUES; v++) {
		calls = __atomic_load_n(&sp.calls[ss->n][v], __ATOMIC_RELAXED);
		STRESS_CHECK(
		    calls >= ss->value[v].least && calls <= ss->value[v].most,
		    "specific: value %u of LWP %u was destroyed %u times, "
		    "not %u to %u",
		    v, ss->n, calls, ss->value[v].least, ss->value[v].most);
	}
}

/*
 * specific_twice:
 *
 *	For the row that is wrong.
 */
static void
specific_twice(const struct specific_setter *ss)
{
	const unsigned number = NUMBER(ss->n, 0, 1);
	specificdata_key_t key;

	if (sys_keycreate(SYS_DTOR_plain, &key) != 0)
		return;
	(void)sys_setspecific(key, number);
	(void)sys_keydelete(key);
	if (sys_keycreate(SYS_DTOR_plain, &key) != 0)
		return;
	(void)sys_setspecific(key, number);
	(void)sys_keydelete(key);
}

/*
 * specific_run:
 *
 *	One LWP that sets values, from its beginning to its end and after.
 */
static void
specific_run(struct specific_setter *ss)
{
	specificdata_key_t own = 0;
	unsigned k, v;
	lwpid_t lid;

	for (v = 0; v < VALUES; v++)
		__atomic_store_n(&sp.calls[ss->n][v], 0, __ATOMIC_RELAXED);
	for (k = 0; k <= KEYS; k++) {
		ss->key[k] = 0;
		ss->held[k] = VALUES;
	}
	ss->values = 0;
	if (sys_keycreate(SYS_DTOR_plain, &own) == 0)
		ss->key[KEYS] = own;
	for (v = 0; v < VALUES; v++)
		ss->value[v] = (struct specific_value) { 0, 0 };
	if (sp.twice)
		specific_twice(ss);
	lid = stress_create(specific_setter, (uintptr_t)ss, 0);
	if (lid != 0) {
		__atomic_store_n(&sp.lid[ss->n], lid, __ATOMIC_RELAXED);
		STRESS_CHECK(sys_lwp_wait(lid, NULL) == 0,
		    "specific: a setter was not collected");
	}
	if (own != 0)
		(void)sys_keydelete(own);
	specific_judge(ss);
}

/*
 * specific_reader:
 *
 *	From outside.
 */
static void
specific_reader(uint64_t *x)
{
	uint64_t key = specific_key(stress_below(x, KEYS));
	lwpid_t lid = __atomic_load_n(
	    &sp.lid[stress_below(x, sp.workers)], __ATOMIC_RELAXED);
	void *value = NULL;
	unsigned n;

	if (key == 0 || lid == 0 || sys_ref(lid) != 0)
		return;
	for (n = stress_below(x, 4); n > 0; n--) {
		if (sys_refspecific((specificdata_key_t)key, &value) != 0 ||
		    value == NULL)
			continue;
		STRESS_CHECK(SYS_VALUE_KEY(value) == (specificdata_key_t)key,
		    "specific: key %#x has the value %#lx",
		    (specificdata_key_t)key, (unsigned long)(uintptr_t)value);
	}
	(void)sys_unref();
}

static void
specific_worker(void *arg)
{
	const unsigned n = (unsigned)(uintptr_t)arg;
	uint64_t x = stress_seed(n);

	setters[n].n = n;
	setters[n].x = stress_draw(&x);
	while (!stress_stopped()) {
		if (n % 4 == 1)
			specific_changer(&x);
		else if (n % 4 == 3)
			specific_reader(&x);
		else
			specific_run(&setters[n]);
		if (n % 2 == 0)
			stress_count(TALLY_operations, 1);
		else if (stress_below(&x, 4) == 0)
			(void)sys_lwp_park(1, 0);
		else
			sys_yield();
	}
}

/*
 * specific_first:
 *
 *	The shared keys that are left go last.
 */
static void
specific_first(void *arg)
{
	unsigned k;

	(void)arg;
	stress_workers(specific_worker, sp.workers);
	for (k = 0; k < KEYS; k++) {
		if (specific_key(k) != 0)
			(void)sys_keydelete(
			    (specificdata_key_t)specific_key(k));
	}
}

static int
specific_begin(bool twice)
{
	sp = (__typeof__(sp)) {
		.twice = twice,
		.workers = stress.st_lwps < SETTERS_MAX ? stress.st_lwps :
							  SETTERS_MAX,
	};
	return stress_spawn(specific_first);
}

static int
specific_start(void)
{
	return specific_begin(false);
}

static int
destroyed_twice_start(void)
{
	return specific_begin(true);
}

/*
 * specific_end:
 *
 *	All containers went back, and no key is left.
 */
static void
specific_end(void)
{
	const struct specificdata_domain *sd = &kernel.k_specific;
	unsigned n;

	STRESS_CHECK(sd->sd_pool.po_used == sd->sd_pool.po_nfree,
	    "specific: %u containers are left",
	    sd->sd_pool.po_used - sd->sd_pool.po_nfree);
	for (n = 0; n < sd->sd_nkeys; n++)
		STRESS_CHECK(sd->sd_key[n].sk_state == SPECKEY_FREE,
		    "specific: key %u is left", n);
}

const struct workload workload_specific = {
	.wl_start = specific_start,
	.wl_end = specific_end,
	.wl_events = SPECIFIC_EVENTS,
	.wl_event = specific_event,
};

const struct workload workload_destroyed_twice = {
	.wl_start = destroyed_twice_start,
	.wl_end = specific_end,
	.wl_events = SPECIFIC_EVENTS,
	.wl_event = specific_event,
};
