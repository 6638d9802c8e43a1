/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Pending signals: a set, and details for those that have any.
 *
 * A signal is pending at most once in a set.  Its details come from a pool of
 * fixed size; when that is empty the signal is pending without them, since a
 * signal may be posted where nobody can wait for memory.
 *
 *	(Q1) details on the queue belong to signals of the set, one each
 *	(Q2) details leave the queue with their signal, and go back to the pool
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

#define KSIGENTRY_MAX 64 /* of all processes; more are without details */

CTASSERT(offsetof(struct ksigentry, kse_list) == KSIGENTRY_HEAD_SIZE);
CTASSERT(sizeof(struct ksigentry) == KSIGENTRY_HEAD_SIZE + 64);

void
ksigentry_init(void)
{
	kernel.k_ksipool = machine_alloc(
	    KSIGENTRY_MAX * sizeof(*kernel.k_ksipool));
	if (kernel.k_ksipool == NULL)
		panic("ksigentry_init: no memory");
}

/*
 * ksigentry_poison:
 *
 *	Tell the memory oracle about everything but the pool's link.
 */
static void
ksigentry_poison(struct ksigentry *kse, bool usable)
{
	machine_object((char *)kse + KSIGENTRY_HEAD_SIZE,
	    sizeof(*kse) - KSIGENTRY_HEAD_SIZE, usable);
}

static struct ksigentry *
ksigentry_get(void)
{
	struct ksigentry *kse;

	if (machine_perturb(PERTURB_nomem))
		return NULL;
	mutex_enter(&kernel.k_pool_lock);
	kse = kernel.k_ksifree;
	if (kse != NULL) {
		ksigentry_poison(kse, true);
		kernel.k_ksifree = kse->kse_free;
	} else if (kernel.k_ksiused < KSIGENTRY_MAX)
		kse = &kernel.k_ksipool[kernel.k_ksiused++];
	mutex_exit(&kernel.k_pool_lock);
	return kse;
}

static void
ksigentry_put(struct ksigentry *kse)
{
	mutex_enter(&kernel.k_pool_lock);
	kse->kse_free = kernel.k_ksifree;
	kernel.k_ksifree = kse;
	ksigentry_poison(kse, false);
	mutex_exit(&kernel.k_pool_lock);
}

void
sigpend_init(struct sigpend *sp)
{
	sp->sp_set = 0;
	TAILQ_INIT(&sp->sp_info);
}

bool
sigput(struct sigpend *sp, const struct ksiginfo *si)
{
	struct ksigentry *kse;

	KASSERT(si->ksi_signo > 0 && si->ksi_signo < KNSIG);
	if ((sp->sp_set & SIGBIT(si->ksi_signo)) != 0) {
		PROBE(SIG_PENDING_ALREADY);
		return false;
	}
	sp->sp_set |= SIGBIT(si->ksi_signo);
	kse = ksigentry_get();
	if (kse == NULL) {
		PROBE(SIG_NOINFO);
		return true;
	}
	kse->kse_info = *si;
	TAILQ_INSERT_TAIL(&sp->sp_info, kse, kse_list);
	return true;
}

void
sigget(struct sigpend *sp, int sig, struct ksiginfo *si)
{
	struct ksigentry *kse;

	KASSERT((sp->sp_set & SIGBIT(sig)) != 0);
	sp->sp_set &= ~SIGBIT(sig);
	*si = (struct ksiginfo) { .ksi_signo = sig };
	TAILQ_FOREACH(kse, &sp->sp_info, kse_list)
	{
		if (kse->kse_info.ksi_signo == sig)
			break;
	}
	if (kse == NULL)
		return;
	*si = kse->kse_info;
	TAILQ_REMOVE(&sp->sp_info, kse, kse_list);
	ksigentry_put(kse);
}

void
sigclear(struct sigpend *sp, ksigset_t set)
{
	struct ksiginfo si;

	for (set &= sp->sp_set; set != 0; set &= set - 1)
		sigget(sp, __builtin_ctzll(set), &si);
}
