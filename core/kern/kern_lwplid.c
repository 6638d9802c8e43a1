/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * LIDs, and looking LWPs up by them.
 *
 * One table for the machine, hashed by process id and LID, chained through
 * rows that are allocated with the LWP pool: the row of an LWP is that of its
 * slot.  Writers hold p_smutex of the process and, since processes share
 * chains, lid_mutex.  Readers either hold p_smutex, and then what they find is
 * there, or are inside an RCU section, and then it is a hint: the LWP may be
 * gone or another one by the time they look.  LWP memory is type-stable, so
 * that a hint may be followed; it must be checked under p_smutex.
 *
 *	(T1) every LWP on p_lwps is in the table under its LID, IDL and ZOMB
 *	     included, and no two of a process have one LID
 *	(T2) LIDs are positive and go up from 1; after INT_MAX they start again
 *	     at 1 with those that are free
 */

#include <machine/atomic.h>

#include <lwp/kernel.h>

struct lid_row {
	struct lid_row *lid_slot; /* @lid_mutex: next of its chain */
	uint64_t lid_key;	  /* @lid_mutex: process id and LID */
	struct lwp *lr_lwp;	  /* =: the LWP of this slot */
};

struct lid_chain {
	struct lid_row *lid_slot; /* @lid_mutex: first row */
};

struct lid_table {
	unsigned lt_mask;	    /* = */
	struct lid_chain *lt_chain; /* = */
	struct lid_row *lt_row;	    /* =: by slot of the pool */
	_Alignas(64) kmutex_t lt_mutex;
	_Alignas(64) unsigned lid_moves; /* @lid_mutex: rows taken out so far */
};

/*
 * lid_init:
 *
 *	A power of two of chains, about one for each LWP.
 */
void
lid_init(void)
{
	struct lid_table *lt;
	unsigned n = 16;

	while (n < kernel.k_boot.bp_maxlwp)
		n *= 2;
	lt = machine_alloc(sizeof(*lt));
	if (lt == NULL)
		panic("lid_init: no memory");
	lt->lt_chain = machine_alloc(n * sizeof(*lt->lt_chain));
	lt->lt_row = machine_alloc(
	    (kernel.k_boot.bp_maxlwp + 1) * sizeof(*lt->lt_row));
	if (lt->lt_chain == NULL || lt->lt_row == NULL)
		panic("lid_init: no memory");
	lt->lt_mask = n - 1;
	mutex_init(&lt->lt_mutex, CELL_lid_mutex, IPL_SCHED, 0);
	kernel.k_lid = lt;
}

static struct lid_chain *
lid_chain(struct lid_table *lt, pid_t_ pid, lwpid_t lid)
{
	uint32_t h = (uint32_t)lid + (uint32_t)pid * 0x9e3779b1u;

	return &lt->lt_chain[h & lt->lt_mask];
}

static uint64_t
lid_key(const struct proc *p, lwpid_t lid)
{
	return (uint64_t)(uint32_t)p->p_pid << 32 | (uint32_t)lid;
}

struct lwp *
lid_lookup(struct proc *p, lwpid_t lid)
{
	struct lid_table *lt = kernel.k_lid;
	const uint64_t key = lid_key(p, lid);
	struct lid_row *row;

	/* Acquire: pairs with the release in lid_enter(). */
	row = cell_load_acquire(lid_chain(lt, p->p_pid, lid), lid_slot);
	while (row != NULL) {
		if (cell_load_relaxed(row, lid_key) == key)
			return row->lr_lwp;
		row = cell_load_acquire(row, lid_slot);
	}
	return NULL;
}

/*
 * lid_enter:
 *
 *	Put the row of an LWP at the head of its chain.
 */
static void
lid_enter(struct proc *p, struct lwp *l, lwpid_t lid)
{
	struct lid_table *lt = kernel.k_lid;
	struct lid_row *row = &lt->lt_row[l->l_slot];
	struct lid_chain *chain = lid_chain(lt, p->p_pid, lid);

	mutex_enter(&lt->lt_mutex);
	/* A row is always the same LWP's.  A reader led astray may stand on it
	 * without a lock, so it is not stored again. */
	if (row->lr_lwp != l)
		row->lr_lwp = l;
	cell_store_relaxed(row, lid_key, lid_key(p, lid));
	cell_store_relaxed(row, lid_slot, chain->lid_slot);
	cell_store_release(chain, lid_slot, row);
	mutex_exit(&lt->lt_mutex);
}

/*
 * lid_free:
 *
 *	Take the row out of its chain.  It keeps its link: a reader that stands
 *	on it goes on.
 */
void
lid_free(struct proc *p, struct lwp *l)
{
	struct lid_table *lt = kernel.k_lid;
	struct lid_row *row = &lt->lt_row[l->l_slot], *r;
	struct lid_chain *chain = lid_chain(lt, p->p_pid, l->l_lid);

	KASSERT(mutex_owned(&p->p_smutex));
	KASSERT(cell_peek(row, lid_key) == lid_key(p, l->l_lid));
	mutex_enter(&lt->lt_mutex);
	cell_store_release(lt, lid_moves, lt->lid_moves + 1);
	if (chain->lid_slot == row)
		cell_store_release(chain, lid_slot, row->lid_slot);
	else {
		for (r = chain->lid_slot; r->lid_slot != row; r = r->lid_slot)
			KASSERT(r->lid_slot != NULL);
		cell_store_release(r, lid_slot, row->lid_slot);
	}
	mutex_exit(&lt->lt_mutex);
}

/*
 * lid_alloc:
 *
 *	Unlike 1.54 a LID that somebody has is never given out, and there is no
 *	overflow (N3).
 */
lwpid_t
lid_alloc(struct proc *p, struct lwp *l)
{
	lwpid_t lid = p->p_nlwpid;

	KASSERT(mutex_owned(&p->p_smutex));
	do {
		if (lid == LWP_LID_MAX) {
			PROBE(LID_WRAP);
			lid = 0;
		}
		lid++;
	} while (p->p_nlwps != 0 && lid_lookup(p, lid) != NULL);
	p->p_nlwpid = lid;
	lid_enter(p, l, lid);
	return lid;
}

/*
 * lwp_find:
 *
 *	Unlike the comment of 1.54 says, the result is not locked (P4).
 */
struct lwp *
lwp_find(struct proc *p, lwpid_t lid)
{
	enum lwp_state stat;
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_smutex));
	if (lid <= 0)
		return NULL;
	l = lid_lookup(p, lid);
	if (l == NULL)
		return NULL;
	stat = cell_peek(l, l_stat);
	if (stat == LSIDL || stat == LSZOMB ||
	    (l->l_prflag & LPR_DRAINED) != 0) {
		PROBE(FIND_ABSENT);
		return NULL;
	}
	return l;
}

/*
 * lwp_find_ref:
 *
 *	The table without a lock says quickly that there is nobody, if no row
 *	left its chain meanwhile (one that is used again at once may lead a
 *	reader astray); that there is somebody must be looked at again under
 *	p_smutex.
 */
struct lwp *
lwp_find_ref(struct proc *p, lwpid_t lid)
{
	struct lid_table *lt = kernel.k_lid;
	struct lwp *hint, *l;
	unsigned moves;

	if (lid <= 0)
		return NULL;
	machine_rcu_read_enter();
	moves = cell_load_acquire(lt, lid_moves);
	hint = lid_lookup(p, lid);
	machine_rcu_read_exit();
	if (hint == NULL && cell_load_acquire(lt, lid_moves) == moves)
		return NULL;
	mutex_enter(&p->p_smutex);
	l = lwp_find(p, lid);
	if (l != hint)
		PROBE(FIND_REF_STALE);
	if (l != NULL)
		lwp_addref(l);
	mutex_exit(&p->p_smutex);
	return l;
}
