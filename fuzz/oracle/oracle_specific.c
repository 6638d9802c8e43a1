/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Specific data: each value that is not NULL, from the store to its end.
 *
 * A value is replaced by its LWP, or its destructor runs, once, in the context
 * of its LWP or of who deletes the key; only what destructors still set in
 * their fourth pass is dropped.  The destructor is that of its own key.  None
 * begins after a deletion of the key returned, and none runs then, but one that
 * asked for the deletion.  Whoever reads a value finds one whose destructor has
 * not begun, of the key and the LWP that he asked for.
 *
 * Values name their key, and no two of a run are equal.
 */

#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define VALUES	1024 /* that are followed; a run stores a few dozen */
#define KEYS	256  /* deletions that are followed */
#define RUNNERS 96   /* slots of the pool; see run.c */

enum fate { STORED, DYING, DEAD, REPLACED, DROPPED };

static struct {
	struct value {
		uintptr_t value;
		specificdata_key_t key; /* that it was stored under */
		enum fate fate;
		uint64_t serial; /* whose; */
		uint32_t slot;	 /* and its slot */
		uint64_t runner; /* whose context the destructor runs in */
		unsigned calls;	 /* of the destructor itself */
		unsigned passes; /* destructors of this slot's values so far */
		bool has_dtor;
	} value[VALUES];
	unsigned nvalues;
	struct {
		specificdata_key_t key;
		bool has_dtor, dead, gone;
	} key[KEYS];
	unsigned nkeys;
	/* By slot: the key that it is deleting, and how deep. */
	specificdata_key_t deletes[RUNNERS];
	unsigned depth[RUNNERS];
} osd;

static void
specific_begin(void)
{
	osd.nvalues = osd.nkeys = 0;
	memset(osd.deletes, 0, sizeof(osd.deletes));
	memset(osd.depth, 0, sizeof(osd.depth));
}

static void
specific_find(const char *what, const struct lwp *l, uintptr_t value)
{
	char name[48];

	oracle_find(ORACLE_specific, what,
	    "%s: key %u of life %u, value of body %u, store %u, lives %u",
	    oracle_lwp_name(l, name, sizeof(name)),
	    SPECIFICDATA_INDEX(SYS_VALUE_KEY(value)),
	    SPECIFICDATA_GEN(SYS_VALUE_KEY(value)),
	    SYS_VALUE_NUMBER(value) >> 8 & 0xff, SYS_VALUE_NUMBER(value) >> 16,
	    SYS_VALUE_NUMBER(value) & 0xff);
}

static struct value *
specific_value(uintptr_t value)
{
	unsigned n;

	for (n = osd.nvalues; n > 0; n--) {
		if (osd.value[n - 1].value == value)
			return &osd.value[n - 1];
	}
	return NULL;
}

/*
 * specific_stored:
 *
 *	The value that an LWP has under a key.
 */
static struct value *
specific_stored(const struct lwp *l, specificdata_key_t key)
{
	unsigned n;

	for (n = osd.nvalues; n > 0; n--) {
		struct value *v = &osd.value[n - 1];

		if (v->fate == STORED && v->serial == l->l_serial &&
		    v->slot == l->l_slot && v->key == key)
			return v;
	}
	return NULL;
}

static unsigned
specific_key(specificdata_key_t key)
{
	unsigned n;

	for (n = 0; n < osd.nkeys; n++) {
		if (osd.key[n].key == key)
			break;
	}
	return n;
}

static void
specific_set(const struct lwp *l, specificdata_key_t key, uintptr_t value)
{
	struct value *old = specific_stored(l, key), *v;
	unsigned k = specific_key(key), n, passes = 0;

	if (k < osd.nkeys && osd.key[k].dead)
		specific_find(
		    "value stored under a key that is gone", l, value);
	if (l != lwp_current())
		specific_find("value stored by a stranger", l, value);
	if (old != NULL)
		old->fate = REPLACED;
	if (value == 0 || osd.nvalues == VALUES)
		return;
	for (n = 0; n < osd.nvalues; n++) {
		v = &osd.value[n];
		if (v->serial == l->l_serial && v->slot == l->l_slot &&
		    v->key == key && v->passes > passes)
			passes = v->passes;
	}
	osd.value[osd.nvalues++] = (struct value) { .value = value,
		.key = key,
		.fate = STORED,
		.serial = l->l_serial,
		.slot = l->l_slot,
		.passes = passes,
		.has_dtor = k == osd.nkeys || osd.key[k].has_dtor };
}

/*
 * specific_load:
 *
 *	Seen in a slot, by its LWP or another.
 */
static void
specific_load(const struct lwp *l, uintptr_t value)
{
	const struct value *v = specific_value(value);

	if (value == 0 || v == NULL)
		return;
	if (v->fate == DYING || v->fate == DEAD)
		specific_find(
		    "got a value whose destructor has begun", l, value);
}

static void
specific_get(const struct lwp *l, specificdata_key_t key, uintptr_t value)
{
	const struct value *v = specific_value(value);

	if (value == 0 || v == NULL)
		return;
	if (v->key != key)
		specific_find("got another key's value", l, value);
	if (v->serial != l->l_serial)
		specific_find("got another LWP's value", l, value);
}

/*
 * specific_dtor:
 *
 *	A destructor begins: l is whose value it is.
 */
static void
specific_dtor(const struct lwp *l, specificdata_key_t key, uintptr_t value)
{
	const struct lwp *self = lwp_current();
	unsigned slot = self->l_slot % RUNNERS, k = specific_key(key);
	struct value *v = specific_value(value);

	if (v == NULL)
		return;
	if (v->fate == REPLACED)
		specific_find("destructor of a replaced value", l, value);
	if (v->fate != STORED)
		specific_find("destructor runs twice", l, value);
	if (v->key != key || SYS_VALUE_KEY(value) != key)
		specific_find("another key's destructor", l, value);
	if (l != self && (osd.depth[slot] == 0 || osd.deletes[slot] != key))
		specific_find("destructor in a stranger's context", l, value);
	if (k < osd.nkeys && osd.key[k].gone)
		specific_find("destructor after the key's deletion", l, value);
	v->fate = DYING;
	v->runner = self->l_serial;
	v->passes += l == self;
}

static void
specific_dtor_called(const struct lwp *l, uintptr_t value)
{
	struct value *v = specific_value(value);

	if (v == NULL)
		return;
	if (v->fate != DYING || v->calls++ != 0)
		specific_find("destructor runs twice", l, value);
}

static void
specific_dtor_done(const struct lwp *l, uintptr_t value)
{
	struct value *v = specific_value(value);

	if (v == NULL)
		return;
	if (v->has_dtor && v->calls != 1)
		specific_find("destructor was not called", l, value);
	v->fate = DEAD;
}

static void
specific_delete(const struct lwp *l, specificdata_key_t key)
{
	unsigned k = specific_key(key), slot = l->l_slot % RUNNERS;

	if (k < osd.nkeys)
		osd.key[k].dead = true;
	osd.deletes[slot] = key;
	osd.depth[slot]++;
}

/*
 * specific_deleting:
 *
 *	Is this LWP inside a deletion of the key?
 */
static bool
specific_deleting(uint64_t serial, specificdata_key_t key)
{
	const struct lwp *l;

	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		if (l->l_serial == serial)
			return osd.depth[l->l_slot % RUNNERS] != 0 &&
			    osd.deletes[l->l_slot % RUNNERS] == key;
	}
	return false;
}

/*
 * specific_gone:
 *
 *	A deletion returns; "own" of the key's destructors asked for it.
 */
static void
specific_gone(const struct lwp *l, specificdata_key_t key, unsigned own)
{
	unsigned n, k = specific_key(key);

	osd.depth[l->l_slot % RUNNERS]--;
	for (n = 0; n < osd.nvalues; n++) {
		const struct value *v = &osd.value[n];

		if (v->key != key)
			continue;
		if (v->fate == STORED)
			specific_find("value outlived its key", l, v->value);
		if (v->fate == DYING && v->runner != l->l_serial &&
		    (own == 0 || !specific_deleting(v->runner, key)))
			specific_find("deletion did not wait for a destructor",
			    l, v->value);
	}
	if (k < osd.nkeys)
		osd.key[k].gone = true;
}

static void
specific_drop(const struct lwp *l, uintptr_t value)
{
	struct value *v = specific_value(value);

	if (v == NULL)
		return;
	if (v->passes < SPECIFICDATA_PASSES)
		specific_find("value dropped too early", l, value);
	v->fate = DROPPED;
}

/*
 * specific_left:
 *
 *	An LWP has given up its data, or is dead: nothing may be left.
 */
static void
specific_left(const struct lwp *l)
{
	unsigned n;

	for (n = 0; n < osd.nvalues; n++) {
		const struct value *v = &osd.value[n];

		if (v->fate == STORED && v->serial == l->l_serial &&
		    v->slot == l->l_slot)
			specific_find("value lost at exit", l, v->value);
	}
}

static void
specific_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	specificdata_key_t key = (specificdata_key_t)a;

	switch (ev) {
	case EV_KEYCREATE:
		if (osd.nkeys < KEYS) {
			osd.key[osd.nkeys].key = key;
			osd.key[osd.nkeys].has_dtor = b != 0;
			osd.key[osd.nkeys].dead = false;
			osd.key[osd.nkeys++].gone = false;
		}
		break;
	case EV_KEYDELETE:
		specific_delete(l, key);
		break;
	case EV_KEYGONE:
		specific_gone(l, key, (unsigned)b);
		break;
	case EV_SPECSET:
		specific_set(l, key, b);
		break;
	case EV_SPECLOAD:
		specific_load(l, b);
		break;
	case EV_SPECGET:
		specific_get(l, key, b);
		break;
	case EV_DTOR:
		specific_dtor(l, key, b);
		break;
	case EV_DTORDONE:
		specific_dtor_done(l, b);
		break;
	case EV_SPECDROP:
		specific_drop(l, b);
		break;
	case EV_MARK:
		if (a == MARK_DTOR)
			specific_dtor_called(l, b);
		break;
	case EV_STATE:
		if (b == LSZOMB)
			specific_left(l);
		break;
	default:
		specific_left(l);
	}
}

/*
 * specific_end:
 *
 *	Destructors of programs end by themselves, so all waits for them do.
 */
static void
specific_end(void)
{
	const struct lwp *l;

	LIST_FOREACH(l, &kernel.k_alllwp, l_list)
	{
		if (l->l_wchan == &kernel.k_specific.sd_cv)
			oracle_find(ORACLE_specific, "a deletion was not woken",
			    "LID %d", l->l_lid);
	}
}

const struct oracle oracle_specific = {
	.or_name = "specific",
	.or_events = 1ull << EV_KEYCREATE | 1ull << EV_KEYDELETE |
	    1ull << EV_KEYGONE | 1ull << EV_SPECSET | 1ull << EV_SPECLOAD |
	    1ull << EV_SPECGET | 1ull << EV_DTOR | 1ull << EV_DTORDONE |
	    1ull << EV_SPECDROP | 1ull << EV_SPECFINI | 1ull << EV_MARK |
	    1ull << EV_STATE,
	.or_begin = specific_begin,
	.or_event = specific_event,
	.or_end = specific_end,
};
