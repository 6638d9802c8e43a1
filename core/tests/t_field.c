/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every field of the structures that sim_field.def lists has a name: what
 * has none is padding.
 */

#include "h_sim.h"

/*
 * named:
 *
 *	What has no name in an object of this size is fewer than eight (four)
 *	bytes before something aligned to as many, or stands before a cache
 *	line of its own: padding, or what nobody can tell from it.
 */
static void
named(const char *what, const void *object, size_t size, size_t align)
{
	static char text[80];
	const char *p = object;
	size_t off, gap = 0;

	for (off = 0; off <= size; off++) {
		if (off < size && sim_field(p + off) == SIM_FIELD_memory) {
			gap++;
			continue;
		}
		if (gap != 0 && (gap >= 8 || off % 8 != 0) &&
		    (gap >= 4 || off % 4 != 0) &&
		    (gap >= align || off % 64 != 0)) {
			(void)snprintf(text, sizeof(text),
			    "%s: no name before offset %zu", what, off);
			h_fail(text, __func__, __LINE__);
		}
		gap = 0;
	}
}

static void
all_named(void *arg)
{
	(void)arg;
	named("lwp", kernel.k_lwppool, sizeof(struct lwp), 64);
	named("lwp0", kernel.k_lwp0, sizeof(struct lwp), 64);
	named("proc", kernel.k_proc0, sizeof(struct proc), 64);
	named("cpu_info", kernel.k_cpu, sizeof(struct cpu_info), 64);
	named("kernel_root", &kernel, sizeof(kernel), 64);
	named("sleepq_row", kernel.k_sleepq, sizeof(struct sleepq_row), 64);
	named("turnstile", kernel.k_tspool, sizeof(struct turnstile), 8);
	named("tschain", kernel.k_tschain, sizeof(struct tschain), 64);
	named("specificdata_key", kernel.k_specific.sd_key,
	    sizeof(struct specificdata_key), 8);
	named("kauth_cred", kernel.k_credpool.po_base,
	    sizeof(struct kauth_cred), 64);
}

Test(core_field, every_field_has_a_name)
{
	h_run(NULL, all_named, NULL);
}

static void
by_name(void *arg)
{
	const struct lwp *l = lwp_current();
	const char *fields[] = { sim_field_name(sim_field(&l->l_stat)),
		sim_field_name(sim_field(&l->l_proc->p_nlwps)),
		sim_field_name(sim_field(&l->l_proc->p_smutex.mtx_owner)),
		sim_field_name(sim_field(&kernel.k_serial)),
		sim_field_name(sim_field(&l)) };

	(void)arg;
	H_CHECK(strcmp(fields[0], "l_stat") == 0);
	H_CHECK(strcmp(fields[1], "p_nlwps") == 0);
	H_CHECK(strcmp(fields[2], "p_smutex") == 0);
	H_CHECK(strcmp(fields[3], "k_serial") == 0);
	H_CHECK(strcmp(fields[4], "memory") == 0);
}

Test(core_field, an_address_is_told_by_its_field)
{
	h_run(NULL, by_name, NULL);
}
