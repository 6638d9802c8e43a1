/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Operations of group "mutex": sections of kernel code under adaptive mutexes,
 * one or two of them, and kernel_lock around any call.
 */

#include <string.h>

#include <lwp/section.h>

#include "prog_exec_impl.h"

/* By body: the section that is to be held around its next one, and 1. */
static uint8_t outer[PROG_BODIES + 1];

/*
 * exec_section:
 *
 *	Make the call, inside the section that an operation "hold" named.
 */
static void
exec_section(struct section_request *sr, const struct op *op)
{
	/* LWPs of one body share it. */
	unsigned hold = __atomic_exchange_n(
	    &outer[exec_self()], 0, __ATOMIC_RELAXED);

	sr->sr_section = op->op_arg[0];
	sr->sr_outer = SECTION_NONE;
	if (hold != 0 && hold - 1u != sr->sr_section)
		sr->sr_outer = hold - 1u;
	(void)sys_section(sr);
}

void
op_section(const struct op *op)
{
	struct section_request sr = { .sr_work = SECTION_WORK,
		.sr_number = op->op_arg[1] };

	exec_section(&sr, op);
}

void
op_trysection(const struct op *op)
{
	struct section_request sr = { .sr_work = SECTION_TRY,
		.sr_number = op->op_arg[1] };

	exec_section(&sr, op);
}

void
op_cvwait(const struct op *op)
{
	struct section_request sr = { .sr_work = SECTION_WAIT,
		.sr_timo = exec_ticks(op->op_arg[1]),
		.sr_intr = op->op_arg[2] != 0 };

	exec_section(&sr, op);
}

void
op_cvsignal(const struct op *op)
{
	struct section_request sr = { .sr_work = SECTION_SIGNAL,
		.sr_number = op->op_arg[1] };

	exec_section(&sr, op);
}

void
op_hold(const struct op *op)
{
	__atomic_store_n(&outer[exec_self()], (uint8_t)(op->op_arg[0] + 1),
	    __ATOMIC_RELAXED);
}

void
op_big(const struct op *op)
{
	sys_bigcall(op->op_arg[0]);
}

int
exec_mutex_boot(void)
{
	memset(outer, 0, sizeof(outer));
	return 0;
}
