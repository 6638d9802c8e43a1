/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The user code of a program: one loop over the operations of a body.
 *
 * Bodies name each other by number; what a system call gets is the LID of the
 * LWP that was last made for that body, or a LID that nobody has.
 */

#include <string.h>

#include "prog_exec_impl.h"

#define INCARNATIONS 4
#define LID_NOBODY   0x40000000 /* no program creates that many */

static struct {
	const struct prog *prog;
	void (*op)(unsigned);
	struct {
		pid_t_ pid;
		lwpid_t lid;
	} who[PROG_BODIES + 1];		 /* runs this body */
	uint16_t first[PROG_BODIES + 2]; /* of a body, in pr_ops */
	unsigned ops;
	uint8_t born[PROG_BODIES + 1]; /* LWPs made for a body so far */
	uint8_t fail[PROG_BODIES + 1][PERTURB_COUNT];
	uint32_t count[OP_COUNT];
} ex;

unsigned
exec_self(void)
{
	return lwp_current()->l_cookie;
}

pid_t_
exec_pid(unsigned body)
{
	return __atomic_load_n(&ex.who[body].pid, __ATOMIC_RELAXED);
}

lwpid_t
exec_lid(unsigned body)
{
	if (exec_pid(body) != lwp_current()->l_proc->p_pid)
		return LID_NOBODY;
	return __atomic_load_n(&ex.who[body].lid, __ATOMIC_RELAXED);
}

bool
exec_may_make(unsigned body)
{
	/* Counted only while it matters: the count must not wrap. */
	return __atomic_load_n(&ex.born[body], __ATOMIC_RELAXED) <
	    INCARNATIONS &&
	    __atomic_fetch_add(&ex.born[body], 1, __ATOMIC_RELAXED) <
	    INCARNATIONS;
}

void
exec_made(unsigned body, pid_t_ pid, lwpid_t lid)
{
	__atomic_store_n(&ex.who[body].lid, lid, __ATOMIC_RELAXED);
	__atomic_store_n(&ex.who[body].pid, pid, __ATOMIC_RELAXED);
}

int
exec_ticks(unsigned arg)
{
	return arg == 255 ? -1 : (int)arg;
}

void
exec_fail(enum perturbation what, unsigned n)
{
	__atomic_store_n(
	    &ex.fail[exec_self()][what], (uint8_t)n, __ATOMIC_RELAXED);
}

bool
exec_uses(const char *group)
{
	unsigned n;

	for (n = 0; n < ex.prog->pr_nops; n++) {
		if (strcmp(op_table[ex.prog->pr_ops[n].op_code].or_group,
			group) == 0)
			return true;
	}
	return false;
}

static void (*const executor[OP_COUNT])(const struct op *) = {
#define OP(name, a0, a1, a2, weight, group, what) [OP_##name] = op_##name,
#include "ops.def"
#undef OP
};

static void
exec_op(const struct op *op)
{
	(void)__atomic_fetch_add(&ex.ops, 1, __ATOMIC_RELAXED);
	(void)__atomic_fetch_add(&ex.count[op->op_code], 1, __ATOMIC_RELAXED);
	executor[op->op_code](op);
}

void
exec_ops(unsigned body)
{
	unsigned n;

	for (n = ex.first[body]; n < ex.first[body + 1]; n++)
		exec_op(&ex.prog->pr_ops[n]);
}

void
exec_body(void *arg)
{
	unsigned body = (unsigned)(uintptr_t)arg, n, end = ex.first[body + 1];

	for (n = ex.first[body]; n < end; n++) {
		if (ex.op != NULL)
			ex.op(n - ex.first[body] + 1);
		exec_op(&ex.prog->pr_ops[n]);
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
	for (body = 0; body < PROG_BODIES + 2; body++) {
		while (n < pr->pr_nops && pr->pr_ops[n].op_body < body)
			n++;
		ex.first[body] = (uint16_t)n;
	}
}

int
prog_exec_boot(void)
{
	struct usercontext uc = { .uc_entry = exec_body,
		.uc_arg = (void *)(uintptr_t)1,
		.uc_cookie = 1 };
	pid_t_ pid;
	int error;

	error = exec_lock_boot();
	if (error == 0)
		error = exec_signal_boot();
	if (error == 0)
		error = exec_mutex_boot();
	if (error == 0)
		error = exec_data_boot();
	if (error == 0)
		error = kernel_spawn(&uc, &pid);
	if (error == 0)
		exec_made(1, pid, 1);
	return error;
}

bool
prog_exec_force(unsigned perturbation)
{
	uint8_t *fail = &ex.fail[exec_self()][perturbation];
	uint8_t left = __atomic_load_n(fail, __ATOMIC_RELAXED);

	/* LWPs of one body share the count; who meets another counts once. */
	if (left == 0)
		return false;
	__atomic_store_n(fail, left - 1, __ATOMIC_RELAXED);
	return left == 1;
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
