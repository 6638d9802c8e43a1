/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Operations of group "lock".  Lock boxes are LWP structures that no scheduler
 * knows, with mutexes to lend them, for programs about the hand-over of the LWP
 * lock alone.
 */

#include <errno.h>

#include "prog_exec_impl.h"

#define BOXES	 8
#define LENDABLE 8

struct box {
	struct lwp bx_lwp;
	unsigned bx_count; /* critical sections so far, kept without care */
	unsigned bx_total; /* the same, counted atomically */
};

static struct {
	struct box *box;
	kmutex_t *lend;
} locks;

/*
 * box_section:
 *
 *	A critical section on a box: two plain accesses with a step between
 *	them, so that a lock that does not exclude loses a count.
 */
static void
box_section(unsigned n)
{
	struct box *bx = &locks.box[n];
	unsigned count;

	machine_event(EV_MARK, lwp_current(), MARK_BOX_ENTER, n);
	count = bx->bx_count;
	machine_user_point();
	bx->bx_count = count + 1;
	(void)__atomic_fetch_add(&bx->bx_total, 1, __ATOMIC_RELAXED);
	machine_event(EV_MARK, lwp_current(), MARK_BOX_LEAVE, n);
	if (bx->bx_count != __atomic_load_n(&bx->bx_total, __ATOMIC_RELAXED))
		machine_panic("exclusion: a critical section was lost");
}

void
op_boxlock(const struct op *op)
{
	struct lwp *l = &locks.box[op->op_arg[0]].bx_lwp;

	user_step();
	lwp_lock(l);
	box_section(op->op_arg[0]);
	lwp_unlock(l);
}

void
op_boxtry(const struct op *op)
{
	struct lwp *l = &locks.box[op->op_arg[0]].bx_lwp;

	user_step();
	if (!lwp_trylock(l))
		return;
	box_section(op->op_arg[0]);
	lwp_unlock(l);
}

/*
 * op_boxmove:
 *
 *	Lent mutexes are taken in ascending order, so a move downwards is made
 *	by a try.
 */
void
op_boxmove(const struct op *op)
{
	struct lwp *l = &locks.box[op->op_arg[0]].bx_lwp;
	kmutex_t *to = &locks.lend[op->op_arg[1]], *old;

	user_step();
	lwp_lock(l);
	old = l->l_mutex;
	if (old == to) {
		lwp_unlock(l);
		return;
	}
	if (old->mtx_ordinal < to->mtx_ordinal) {
		if (op->op_arg[2] == 2) {
			lwp_relock(l, to);
			box_section(op->op_arg[0]);
			lwp_unlock(l);
			return;
		}
		mutex_enter(to);
	} else if (!mutex_tryenter(to)) {
		lwp_unlock(l);
		return;
	}
	box_section(op->op_arg[0]);
	if (op->op_arg[2] == 0) {
		lwp_setlock(l, to);
		mutex_exit(old);
		lwp_unlock(l);
	} else {
		lwp_unlock_to(l, to);
		mutex_exit(to);
	}
}

/*
 * exec_lock_boot:
 *
 *	Only programs that have operations on boxes need them.
 */
int
exec_lock_boot(void)
{
	unsigned n;

	if (!exec_uses("lock"))
		return 0;
	locks.box = machine_alloc(BOXES * sizeof(*locks.box));
	locks.lend = machine_alloc(LENDABLE * sizeof(*locks.lend));
	if (locks.box == NULL || locks.lend == NULL)
		return ENOMEM;
	for (n = 0; n < LENDABLE; n++)
		mutex_init(&locks.lend[n], CELL_box_mutex, IPL_SCHED, n);
	for (n = 0; n < BOXES; n++) {
		locks.box[n].bx_lwp.l_mutex = &locks.lend[0];
		locks.box[n].bx_lwp.l_proc = kernel.k_proc0;
		locks.box[n].bx_lwp.l_stat = LSIDL;
	}
	return 0;
}
