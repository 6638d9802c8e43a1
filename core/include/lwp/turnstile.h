/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Turnstiles: where LWPs sleep for an adaptive mutex, and through which they
 * lend its owner their priority (kern_turnstile.c).
 *
 * Letters of the locks that cover a field; two letters: both to write, either
 * to read:
 *	t:  the mutex of the chain that it is on; while unused, its LWP only
 *	o:  the LWP lock of the inheritor
 */

#ifndef LWP_TURNSTILE_H
#define LWP_TURNSTILE_H

#include <lwp/syncobj.h>

struct turnstile {
	LIST_ENTRY(turnstile) ts_chain; /* t: turnstiles of the chain */
	const void *ts_obj;		/* t: what it is for; NULL: unused */
	struct turnstile *ts_free;	/* t: those of later waiters; pool_lock:
					 * free ones */
	struct sleepq ts_sleepq;	/* t: waiters, best priority first */
	unsigned ts_waiters;		/* t: how many */
	struct lwp *ts_inheritor;	/* to: the owner, once it was lent to */
	pri_t ts_eprio;			/* to: what is lent */
	LIST_ENTRY(turnstile) ts_pichain; /* to: l_pi_lenders of the owner */
};

/* A chain: turnstiles of objects with one hash.  Chains live for ever, each on
 * a line of its own. */
struct tschain {
	_Alignas(64) kmutex_t *tc_mutex; /* =: on UP, the one scheduler mutex */
	LIST_HEAD(, turnstile) tc_chain; /* tc_mutex: */
	kmutex_t tc_mutex_store;
};

/* turnstile_init: boot: chains and pool. */
void turnstile_init(void);

/* turnstile_alloc, turnstile_free: from and to the pool.  pool_lock held.
 * There is one for each LWP that there can be. */
struct turnstile *turnstile_alloc(void);
void turnstile_free(struct turnstile *);

/* turnstile_lookup: the turnstile of an object, NULL if nobody waits; its
 * chain is locked on return.  turnstile_exit: unlock it again. */
struct turnstile *turnstile_lookup(const void *obj);
void turnstile_exit(const void *obj);

/*
 * turnstile_block:
 *
 *	Sleep until somebody wakes the turnstile of obj (ts, as looked up), and
 *	lend the owner of obj our priority meanwhile, through chains of owners
 *	that are blocked as well.  The chain is locked on entry, no lock is
 *	held on return.  Uninterruptible.
 */
void turnstile_block(struct turnstile *ts, const void *obj, const char *wmesg,
    const struct syncobj *);

/*
 * turnstile_wakeup:
 *
 *	Wake all who wait for the object of ts, which curlwp has just given up:
 *	what they lent is taken back.  The chain is locked on entry, unlocked
 *	on return.
 */
void turnstile_wakeup(struct turnstile *);

/* turnstile_unsleep, turnstile_changepri: for synchronisation objects that
 * use turnstiles. */
void turnstile_unsleep(struct lwp *, enum sleep_end);
void turnstile_changepri(struct lwp *, pri_t);

#endif /* LWP_TURNSTILE_H */
