/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The user code of a program: one loop over the operations of a body, and a
 * small function for each operation.
 *
 * Bodies name each other by number; what a system call gets is the LID of the
 * LWP that was last created for that body, or a LID that nobody has.
 *
 * Lock boxes are LWP structures that no scheduler knows, with mutexes to lend
 * them, for programs about the lock hand-over alone.
 */

#include <errno.h>
#include <string.h>

#include <lwp/event.h>
#include <lwp/kernel.h>
#include <lwp/syscall.h>

#include "prog_exec.h"

#define INCARNATIONS 4
#define BOXES	     8
#define LENDABLE     8
#define LID_NOBODY   0x40000000 /* no program creates that many */

struct box {
	struct lwp bx_lwp;
	unsigned bx_count; /* critical sections so far, kept without care */
	unsigned bx_total; /* the same, counted atomically */
};

static struct {
	const struct prog *prog;
	void (*op)(unsigned);
	lwpid_t lid[PROG_BODIES + 1];
	uint16_t first[PROG_BODIES + 2]; /* of a body, in pr_ops */
	struct box *box;
	kmutex_t *lend;
	unsigned ops;
	uint8_t born[PROG_BODIES + 1]; /* LWPs made for a body so far */
	uint8_t failcopy[PROG_BODIES + 1];
	uint8_t failalloc[PROG_BODIES + 1];
	uint32_t count[OP_COUNT];
} ex;

static unsigned
self(void)
{
	return lwp_current()->l_cookie;
}

static lwpid_t
lid_of(unsigned body)
{
	lwpid_t lid = __atomic_load_n(&ex.lid[body], __ATOMIC_RELAXED);

	return lid != 0 ? lid : LID_NOBODY;
}

static void prog_exec_body(void *);

static void
op_create(const struct op *op)
{
	struct usercontext uc = {
		.uc_entry = (op->op_arg[1] & 4) != 0 ? NULL : prog_exec_body,
		.uc_arg = (void *)(uintptr_t)op->op_arg[0],
		.uc_cookie = op->op_arg[0],
	};
	int flags = 0;
	lwpid_t lid = 0;

	/* Bodies that create each other would go on for ever. */
	if (__atomic_fetch_add(&ex.born[op->op_arg[0]], 1, __ATOMIC_RELAXED) >=
	    INCARNATIONS)
		return;

	if ((op->op_arg[1] & 1) != 0)
		flags |= LWP_DETACHED;
	if ((op->op_arg[1] & 2) != 0)
		flags |= LWP_SUSPENDED;
	if (sys_lwp_create(&uc, flags, &lid) == 0)
		__atomic_store_n(&ex.lid[op->op_arg[0]], lid, __ATOMIC_RELAXED);
}

static void
op_exit(const struct op *op)
{
	(void)op;
	sys_lwp_exit();
}

static void
op_wait(const struct op *op)
{
	lwpid_t departed;

	(void)sys_lwp_wait(
	    op->op_arg[0] == 0 ? 0 : lid_of(op->op_arg[0]), &departed);
}

static void
op_suspend(const struct op *op)
{
	(void)sys_lwp_suspend(lid_of(op->op_arg[0]));
}

static void
op_continue(const struct op *op)
{
	(void)sys_lwp_continue(lid_of(op->op_arg[0]));
}

static void
op_wakeup(const struct op *op)
{
	(void)sys_lwp_wakeup(lid_of(op->op_arg[0]));
}

static void
op_detach(const struct op *op)
{
	(void)sys_lwp_detach(lid_of(op->op_arg[0]));
}

static int
ticks(unsigned arg)
{
	return arg == 255 ? -1 : (int)arg;
}

static void
op_park(const struct op *op)
{
	(void)sys_lwp_park(ticks(op->op_arg[0]),
	    op->op_arg[1] == 0 ? 0 : lid_of(op->op_arg[1]));
}

static void
op_unpark(const struct op *op)
{
	(void)sys_lwp_unpark(lid_of(op->op_arg[0]));
}

static void
op_unpark_all(const struct op *op)
{
	lwpid_t list[2];
	unsigned n = 0, count;

	if (op->op_arg[0] != 0)
		list[n++] = lid_of(op->op_arg[0]);
	if (op->op_arg[1] != 0)
		list[n++] = lid_of(op->op_arg[1]);
	(void)sys_lwp_unpark_all(
	    n == 2 && op->op_arg[0] == op->op_arg[1] ? NULL : list, n, &count);
}

static void
op_exitproc(const struct op *op)
{
	sys_exit(op->op_arg[0]);
}

static void
op_yield(const struct op *op)
{
	(void)op;
	sys_yield();
}

static void
op_sleep(const struct op *op)
{
	(void)sys_tsleep(
	    op->op_arg[0], ticks(op->op_arg[1]), op->op_arg[2] != 0);
}

static void
op_wake(const struct op *op)
{
	(void)sys_wakeup(op->op_arg[0], op->op_arg[1]);
}

static void
op_user(const struct op *op)
{
	unsigned n;

	for (n = 0; n < op->op_arg[0]; n++)
		user_step();
}

static void
op_ref(const struct op *op)
{
	(void)sys_ref(lid_of(op->op_arg[0]));
}

static void
op_unref(const struct op *op)
{
	(void)op;
	(void)sys_unref();
}

static void
op_hook(const struct op *op)
{
	(void)sys_userret(lid_of(op->op_arg[0]));
}

static void
op_repr(const struct op *op)
{
	lwpid_t lid;
	int running;

	(void)op;
	(void)sys_representative(&lid, &running);
}

static void
op_setpri(const struct op *op)
{
	(void)sys_setpri(lid_of(op->op_arg[0]), op->op_arg[1]);
}

static void
op_presetlid(const struct op *op)
{
	(void)sys_presetlid(LWP_LID_MAX - op->op_arg[0]);
}

static void
op_private(const struct op *op)
{
	void *value = (void *)(uintptr_t)op->op_arg[0];

	sys_lwp_setprivate(value);
	if (sys_lwp_getprivate() != value)
		machine_panic("private value was not kept");
}

static void
op_self(const struct op *op)
{
	lwpid_t lid = sys_lwp_self();

	(void)op;
	if (lid != lwp_current()->l_lid)
		machine_panic("_lwp_self is somebody else");
}

static void
op_failcopy(const struct op *op)
{
	(void)op;
	ex.failcopy[self()] = 1;
}

static void
op_failalloc(const struct op *op)
{
	ex.failalloc[self()] = op->op_arg[0];
}

/*
 * box_section:
 *
 *	A critical section on a box: two plain accesses with a step between
 *	them, so that a lock that does not exclude loses a count.
 */
static void
box_section(unsigned n)
{
	struct box *bx = &ex.box[n];
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

static void
op_boxlock(const struct op *op)
{
	struct lwp *l = &ex.box[op->op_arg[0]].bx_lwp;

	user_step();
	lwp_lock(l);
	box_section(op->op_arg[0]);
	lwp_unlock(l);
}

static void
op_boxtry(const struct op *op)
{
	struct lwp *l = &ex.box[op->op_arg[0]].bx_lwp;

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
static void
op_boxmove(const struct op *op)
{
	struct lwp *l = &ex.box[op->op_arg[0]].bx_lwp;
	kmutex_t *to = &ex.lend[op->op_arg[1]], *old;

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

static void (*const executor[OP_COUNT])(const struct op *) = {
#define OP(name, a0, a1, a2, weight, group, what) [OP_##name] = op_##name,
#include "ops.def"
#undef OP
};

/*
 * prog_exec_body:
 *
 *	User code of an LWP.
 */
static void
prog_exec_body(void *arg)
{
	unsigned body = (unsigned)(uintptr_t)arg, n, end = ex.first[body + 1];

	for (n = ex.first[body]; n < end; n++) {
		const struct op *op = &ex.prog->pr_ops[n];

		if (ex.op != NULL)
			ex.op(n - ex.first[body] + 1);
		(void)__atomic_fetch_add(&ex.ops, 1, __ATOMIC_RELAXED);
		(void)__atomic_fetch_add(
		    &ex.count[op->op_code], 1, __ATOMIC_RELAXED);
		executor[op->op_code](op);
	}
	if (ex.op != NULL)
		ex.op(n - ex.first[body] + 1);
}

void
prog_exec_begin(const struct prog *pr, void (*op)(unsigned))
{
	unsigned n = 0, body;

	memset(&ex, 0, sizeof(ex));
	ex.prog = pr;
	ex.op = op;
	ex.lid[1] = 1;
	for (body = 0; body < PROG_BODIES + 2; body++) {
		while (n < pr->pr_nops && pr->pr_ops[n].op_body < body)
			n++;
		ex.first[body] = (uint16_t)n;
	}
}

/*
 * boxes_make:
 *
 *	Only programs that have operations on them need them.
 */
static int
boxes_make(void)
{
	unsigned n;

	for (n = 0; n < ex.prog->pr_nops; n++) {
		if (ex.prog->pr_ops[n].op_code >= OP_boxlock)
			break;
	}
	if (n == ex.prog->pr_nops)
		return 0;
	ex.box = machine_alloc(BOXES * sizeof(*ex.box));
	ex.lend = machine_alloc(LENDABLE * sizeof(*ex.lend));
	if (ex.box == NULL || ex.lend == NULL)
		return ENOMEM;
	for (n = 0; n < LENDABLE; n++)
		mutex_init(&ex.lend[n], CELL_box_mutex, IPL_SCHED, n);
	for (n = 0; n < BOXES; n++) {
		ex.box[n].bx_lwp.l_mutex = &ex.lend[0];
		ex.box[n].bx_lwp.l_proc = kernel.k_proc0;
		ex.box[n].bx_lwp.l_stat = LSIDL;
	}
	return 0;
}

int
prog_exec_boot(void)
{
	struct usercontext uc = { .uc_entry = prog_exec_body,
		.uc_arg = (void *)(uintptr_t)1,
		.uc_cookie = 1 };
	struct proc *p;
	int error;

	error = boxes_make();
	if (error != 0)
		return error;
	return kernel_spawn(&uc, &p);
}

bool
prog_exec_force(unsigned perturbation)
{
	unsigned body = self();

	if (perturbation == PERTURB_copyfail && ex.failcopy[body] != 0) {
		ex.failcopy[body] = 0;
		return true;
	}
	return perturbation == PERTURB_nomem && ex.failalloc[body] != 0 &&
	    --ex.failalloc[body] == 0;
}

unsigned
prog_exec_ops(void)
{
	return ex.ops;
}

unsigned
prog_exec_count(enum op_code code)
{
	return ex.count[code];
}
