/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses of the core as names of fields: an access is told to people, and
 * to a schedule, as "write p_nlwps", never as an address or an offset.
 *
 * Which objects there are is known from the root; which of a kind it is does
 * not matter here, as it does not for cells.
 */

#include <string.h>

#include "sim_impl.h"

static const struct sim_field_row {
	const char *name;
	uint16_t from, to; /* bytes of its structure */
} sim_field_table[SIM_FIELD_COUNT] = {
	[SIM_FIELD_memory] = { "memory", 0, 0 },
#define SIM_FIELD(structure, field)                                            \
	[SIM_FIELD_##field] = { #field, offsetof(struct structure, field),     \
		offsetof(struct structure, field) +                            \
		    sizeof(((struct structure *)NULL)->field) },
#include "sim_field.def"
#undef SIM_FIELD
};

const char *
sim_field_name(enum sim_field field)
{
	return (unsigned)field < SIM_FIELD_COUNT ? sim_field_table[field].name :
						   "?";
}

/* The rows of one structure, from the first to the last. */
struct sim_array {
	const void *base;
	size_t size; /* of an element */
	size_t count;
	enum sim_field first, last;
};

static enum sim_field
sim_array_field(const struct sim_array *sr, const void *p)
{
	size_t off = (size_t)((const char *)p - (const char *)sr->base);
	enum sim_field field;

	if (sr->base == NULL || off >= sr->size * sr->count)
		return SIM_FIELD_memory;
	off %= sr->size;
	for (field = sr->first; field <= sr->last; field++) {
		if (off >= sim_field_table[field].from &&
		    off < sim_field_table[field].to)
			return field;
	}
	return SIM_FIELD_memory;
}

#define ARRAY(structure, base, count, first, last)                             \
	{                                                                      \
		(base), sizeof(struct structure), (count), SIM_FIELD_##first,  \
		    SIM_FIELD_##last                                           \
	}

enum sim_field
sim_field(const void *p)
{
	const struct boot_params *bp = &kernel.k_boot;
	/* lwp0 and the idle contexts stand side by side, before the pool. */
	const size_t nboot = 1 + bp->bp_ncpu;
	const struct sim_array arrays[] = {
		ARRAY(lwp, kernel.k_lwppool, bp->bp_maxlwp, l_mutex, l_cred),
		ARRAY(lwp, kernel.k_lwp0, nboot, l_mutex, l_cred),
		ARRAY(proc, kernel.k_procpool, bp->bp_maxproc, p_poolnext,
		    p_lwp_exit_hook),
		ARRAY(cpu_info, kernel.k_cpu, bp->bp_ncpu, ci_index,
		    ci_runqueue_store),
		ARRAY(kernel_root, &kernel, 1, k_boot, k_section),
		ARRAY(sleepq_row, kernel.k_sleepq, kernel.k_sleepqs, sr_queue,
		    sr_mutex),
		ARRAY(turnstile, kernel.k_tspool, bp->bp_maxlwp, ts_chain,
		    ts_pichain),
		ARRAY(tschain, kernel.k_tschain, kernel.k_tschains, tc_mutex,
		    tc_mutex_store),
		ARRAY(ksigentry, kernel.k_ksipool, kernel.k_ksiused, kse_free,
		    kse_info),
		ARRAY(specificdata_key, kernel.k_specific.sd_key,
		    kernel.k_specific.sd_nkeys, sk_dtor, sk_deleters),
		{ kernel.k_credpool.po_base, kernel.k_credpool.po_size,
		    kernel.k_credpool.po_max, SIM_FIELD_cr_refcnt,
		    SIM_FIELD_cr_uid },
	};
	enum sim_field field = SIM_FIELD_memory;
	size_t n;

	for (n = 0; n < sizeof(arrays) / sizeof(arrays[0]) &&
	     field == SIM_FIELD_memory;
	     n++)
		field = sim_array_field(&arrays[n], p);
	return field;
}
