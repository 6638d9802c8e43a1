/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The report of a run: a line for each step, in fixed columns.
 *
 *	(1) step	number of the choice
 *	(2) source	who was chosen
 *	(3) context	on whose behalf: lwp 2, idle 0, intr 1
 *	(4) op		which operation of its body, and its name
 *	(5) does	what it had announced: take a lock, read a cell, ...
 *	(6) where	the place in the source
 *
 * Events are told between the steps, indented: changes of state, results of
 * calls.  After the steps come the verdict, its details, and the command that
 * replays it.
 */

#include <errno.h>
#include <string.h>

#include <lwp/syscall.h>

#include "run.h"

struct report {
	const struct prog *prog;
	FILE *out;
	uint64_t step;
};

static const char *const call_names[SYS_COUNT] = {
#define SYSCALL(name, what) [SYS_##name] = #name,
#include <lwp/syscall.def>
#undef SYSCALL
};

/*
 * report_op:
 *
 *	"3 suspend": the operation that a context is in.
 */
static const char *
report_op(
    const struct prog *pr, const struct sim_pending *sp, char *buf, size_t size)
{
	unsigned n, index = 0;

	buf[0] = '\0';
	if (sp->sp_role != SIM_ROLE_lwp || sp->sp_userop == 0)
		return buf;
	for (n = 0; n < pr->pr_nops; n++) {
		if (pr->pr_ops[n].op_body != sp->sp_who)
			continue;
		if (++index == sp->sp_userop) {
			(void)snprintf(buf, size, "%u %s", index,
			    op_table[pr->pr_ops[n].op_code].or_name);
			return buf;
		}
	}
	(void)snprintf(buf, size, "%u end", sp->sp_userop);
	return buf;
}

static void
report_step(
    void *arg, unsigned source, const struct sim_pending *sp, uint32_t enabled)
{
	static const char *const roles[] = { "lwp", "idle", "intr" };
	struct report *r = arg;
	char who[24], src[16], op[32], does[48];
	const struct place *pl = sp->sp_place;

	(void)enabled;
	r->step++;
	(void)sim_source_name(source, src, sizeof(src));
	if (source >= SIM_CPUS) {
		(void)fprintf(
		    r->out, "%6llu %-8s\n", (unsigned long long)r->step, src);
		return;
	}
	(void)snprintf(
	    who, sizeof(who), "%s %u", roles[sp->sp_role], sp->sp_who);
	if (sp->sp_op == SIM_OP_read || sp->sp_op == SIM_OP_write)
		(void)snprintf(does, sizeof(does), "%s %s",
		    sim_op_name(sp->sp_op),
		    sim_field_name((enum sim_field)sp->sp_ordinal));
	else if (sp->sp_cell == CELL_none)
		(void)snprintf(
		    does, sizeof(does), "%s", sim_op_name(sp->sp_op));
	else if (sp->sp_cell <= CELL_LAST_LOCKCLASS)
		(void)snprintf(does, sizeof(does), "%s %s %u",
		    sim_op_name(sp->sp_op), cell_name(sp->sp_cell),
		    sp->sp_ordinal);
	else
		(void)snprintf(does, sizeof(does), "%s %s",
		    sim_op_name(sp->sp_op), cell_name(sp->sp_cell));
	(void)fprintf(r->out, "%6llu %-8s %-8s %-13s %-26s",
	    (unsigned long long)r->step, src, who,
	    report_op(r->prog, sp, op, sizeof(op)), does);
	if (pl != NULL)
		(void)fprintf(
		    r->out, " %s:%u %s", pl->pl_file, pl->pl_line, pl->pl_func);
	(void)fputc('\n', r->out);
}

static const char *
report_errno(int error)
{
	switch (error) {
	case 0:
		return "0";
	case ESRCH:
		return "ESRCH";
	case EDEADLK:
		return "EDEADLK";
	case EINVAL:
		return "EINVAL";
	case EINTR:
		return "EINTR";
	case ERESTART:
		return "ERESTART";
	case EAGAIN:
		return "EAGAIN";
	case ENOMEM:
		return "ENOMEM";
	case EFAULT:
		return "EFAULT";
	case ETIMEDOUT:
		return "ETIMEDOUT";
	case EALREADY:
		return "EALREADY";
	case EBUSY:
		return "EBUSY";
	case ENODEV:
		return "ENODEV";
	default:
		return "error";
	}
}

static void
report_event(void *arg, enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	struct report *r = arg;
	char name[48];

	(void)oracle_lwp_name(l, name, sizeof(name));
	switch (ev) {
	case EV_STATE:
		(void)fprintf(r->out, "       * %s: %s -> %s\n", name,
		    oracle_state_name(a), oracle_state_name(b));
		break;
	case EV_CALL:
		(void)fprintf(r->out, "       * %s calls %s(%d)\n", name,
		    call_names[a], (int)b);
		break;
	case EV_RETURN:
		(void)fprintf(r->out, "       * %s returns from %s: %s\n", name,
		    call_names[a], report_errno((int)b));
		break;
	case EV_WAITDONE:
		(void)fprintf(r->out, "       * %s: wait ends: %s\n", name,
		    report_errno((int)a));
		break;
	case EV_EXITMARK:
		(void)fprintf(r->out, "       * %s: marked as exiting\n", name);
		break;
	case EV_FREE:
		(void)fprintf(r->out, "       * %s: freed\n", name);
		break;
	default:
		break;
	}
}

void
run_report(const struct prog *pr, const struct run_options *opt,
    const char *replay, FILE *out)
{
	struct run_options o = *opt;
	struct report r = { .prog = pr, .out = out };
	struct verdict vd;

	(void)fprintf(out, "%6s %-8s %-8s %-13s %-26s %s\n", "step", "source",
	    "context", "op", "does", "where");
	o.ro_step = report_step;
	o.ro_event = report_event;
	o.ro_arg = &r;
	run(pr, &o, &vd);
	(void)fprintf(out, "\nverdict: %s\n", vd.vd_signature);
	if (vd.vd_detail[0] != '\0')
		(void)fprintf(out, "%s\n", vd.vd_detail);
	if (vd.vd_drift != 0)
		(void)fprintf(out, "drift: %u\n", vd.vd_drift);
	if (replay != NULL)
		(void)fprintf(out, "replay: %s\n", replay);
}
