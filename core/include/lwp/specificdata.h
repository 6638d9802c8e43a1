/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Specific data: values that parts of the kernel hang on LWPs, each under a
 * key of its own, with a destructor for what is left when an LWP goes.
 *
 * Letters:
 *	d:  the lock of the domain
 *	@:  a cell
 *	!:  only the LWP itself
 *	=:  constant after creation
 */

#ifndef LWP_SPECIFICDATA_H
#define LWP_SPECIFICDATA_H

#include <bsd/sys/queue.h>

#include <lwp/condvar.h>
#include <lwp/pool.h>

struct lwp;

/* An index into the table of keys and which life of it; 0 is never a key. */
typedef uint32_t specificdata_key_t;
typedef void (*specificdata_dtor_t)(void *);

#define SPECIFICDATA_INDEX_BITS 8
#define SPECIFICDATA_KEYS_MAX	(1u << SPECIFICDATA_INDEX_BITS)
#define SPECIFICDATA_GEN_MAX	(UINT32_MAX >> SPECIFICDATA_INDEX_BITS)
#define SPECIFICDATA_INDEX(key) ((key) & (SPECIFICDATA_KEYS_MAX - 1))
#define SPECIFICDATA_GEN(key)	((key) >> SPECIFICDATA_INDEX_BITS)
#define SPECIFICDATA_KEY(index, gen)                                           \
	((specificdata_key_t)(gen) << SPECIFICDATA_INDEX_BITS | (index))

/* How often a dying LWP's destructors may set values anew. */
#define SPECIFICDATA_PASSES 4

enum specificdata_keystate { SPECKEY_FREE, SPECKEY_LIVE, SPECKEY_DEAD };

/* A row of the table of keys. */
struct specificdata_key {
	specificdata_dtor_t sk_dtor;	     /* d: never NULL */
	enum specificdata_keystate sk_state; /* d: */
	uint32_t sk_gen;      /* @d: which life; 0: it was never a key */
	unsigned sk_running;  /* d: destructors of it under way */
	unsigned sk_waiting;  /* d: of these, inside a deletion of it */
	unsigned sk_deleters; /* d: deletions of it under way */
};

/* A slot: the value under the key of this index. */
struct specificdatum {
	void *sd_value;	 /* @d: */
	uint32_t sd_gen; /* @d, written by the LWP itself: life of the key
			  * that the value is of */
};

/* All values of an LWP. */
struct specificdata {
	LIST_ENTRY(specificdata) sc_list; /* d: */
	struct lwp *sc_lwp;		  /* =: whose */
	struct specificdatum sc_datum[];  /* by index of the key */
};

/* In an LWP: its values, once it has set one. */
typedef struct specificdata_reference {
	struct specificdata *sr_data; /* @!: */
} specificdata_reference;

/* A destructor that runs, on the stack of the LWP that runs it. */
struct specificdata_run {
	struct specificdata_run *sr_outer; /* ! */
	specificdata_key_t sr_key;	   /* ! */
};

struct specificdata_domain {
	kmutex_t sd_lock;
	kcondvar_t sd_cv;  /* d: a destructor or a deletion ended */
	unsigned sd_nkeys; /* = */
	struct specificdata_key *sd_key;      /* =: sd_nkeys of them */
	LIST_HEAD(, specificdata) sd_holders; /* d: all containers */
	struct pool sd_pool;		      /* where they come from */
};

/*
 * specificdata_domain_init:
 *
 *	Boot: a domain of so many keys for so many LWPs.  Returns 0 or ENOMEM.
 */
int specificdata_domain_init(
    struct specificdata_domain *, unsigned keys, unsigned holders);

/*
 * specificdata_key_create:
 *
 *	A new key; dtor (or nothing, for NULL) is called for each value under
 *	it that is not NULL when its LWP dies or the key is deleted.  Returns
 *	0, or EAGAIN: all keys are in use.  No spin mutex held; may sleep.
 */
int specificdata_key_create(struct specificdata_domain *,
    specificdata_key_t *keyp, specificdata_dtor_t dtor);

/*
 * specificdata_key_delete:
 *
 *	From now on get is NULL and set refused under this key; the destructor
 *	is run here for the value of each LWP.  On return no destructor of the
 *	key runs any more, but for one that deletes its own key: it waits for
 *	all others but those that wait here as well.  No lock held; may sleep,
 *	uninterruptibly.  Nothing for a key that is gone.
 */
void specificdata_key_delete(
    struct specificdata_domain *, specificdata_key_t key);

/* specificdata_key_made: was there ever such a key?  Any lock. */
bool specificdata_key_made(
    const struct specificdata_domain *, specificdata_key_t key);

/* specificdata_init: a new LWP, with no values.  Cannot fail. */
void specificdata_init(struct specificdata_domain *, specificdata_reference *);

/*
 * specificdata_fini:
 *
 *	Run the destructors of all values of an LWP that is curlwp, or was
 *	never activated; again while they set new ones, SPECIFICDATA_PASSES
 *	times at most.  What is left then is dropped.  No lock held; sleeps if
 *	a destructor does.
 */
void specificdata_fini(struct specificdata_domain *, specificdata_reference *);

/*
 * specificdata_get, specificdata_get_other:
 *
 *	The value under a key, NULL if there is none or the key is gone; no
 *	lock, any lock held.  get: of curlwp.  get_other: of an LWP to which
 *	the caller has a reference, or that cannot die for another reason; it
 *	may set values meanwhile.  The destructor of the value has not begun
 *	when it is read.
 */
void *specificdata_get(const struct specificdata_domain *,
    const specificdata_reference *, specificdata_key_t);
void *specificdata_get_other(const struct specificdata_domain *, struct lwp *,
    const specificdata_reference *, specificdata_key_t);

/*
 * specificdata_set:
 *
 *	Store a value of curlwp; the one before is forgotten, not destroyed.
 *	Returns 0; EINVAL: the key is gone, nothing was stored; ENOMEM: the
 *	first value of this LWP, and no memory for any.  No spin mutex held;
 *	may sleep.
 */
int specificdata_set(struct specificdata_domain *, specificdata_reference *,
    specificdata_key_t, void *);

/*
 * Of LWPs (kern_lwpspecific.c): the same in the one domain that all share.
 */
/* lwp_specific_init: boot, from lwpinit(). */
void lwp_specific_init(void);
int lwp_specific_key_create(specificdata_key_t *, specificdata_dtor_t);
void lwp_specific_key_delete(specificdata_key_t);
bool lwp_specific_key_made(specificdata_key_t);
void lwp_initspecific(struct lwp *);
void lwp_finispecific(struct lwp *);
void *lwp_getspecific(specificdata_key_t);
void *_lwp_getspecific_by_lwp(struct lwp *, specificdata_key_t);
int lwp_setspecific(specificdata_key_t, void *);

#endif /* LWP_SPECIFICDATA_H */
