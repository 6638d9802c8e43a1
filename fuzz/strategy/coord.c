/* SPDX-License-Identifier: BSD-2-Clause */

/* Counting arrivals; see coord.h. */

#include "coord.h"

void
coord_begin(struct coord *co)
{
	unsigned n;

	co->co_run++;
	for (n = 0; n < SIM_CPUS; n++)
		co->co_cpu[n].cp_nth = 0;
}

static uint64_t
coord_key(const struct sim_pending *sp, unsigned op, unsigned cell)
{
	return (uint64_t)sp->sp_role << 56 | (uint64_t)sp->sp_who << 40 |
	    (uint64_t)sp->sp_userop << 24 | (uint64_t)op << 16 | cell;
}

uint32_t
coord_count(
    struct coord *co, const struct sim_pending *sp, unsigned op, unsigned cell)
{
	uint64_t key = coord_key(sp, op, cell);
	uint64_t h = key * 0x9e3779b97f4a7c15u;
	unsigned i = (unsigned)(h >> 40) % COORD_SLOTS, probes;

	for (probes = 0; probes < COORD_SLOTS; probes++) {
		struct coord_count *cc = &co->co_slot[i];

		if (cc->cc_run != co->co_run) {
			cc->cc_run = co->co_run;
			cc->cc_key = key;
			cc->cc_count = 0;
		}
		if (cc->cc_key == key)
			return ++cc->cc_count;
		i = (i + 1) % COORD_SLOTS;
	}
	return 0;
}

uint32_t
coord_arrive(struct coord *co, unsigned cpu, const struct sim_pending *sp)
{
	struct coord_point *cp = &co->co_cpu[cpu];

	cp->cp_point = *sp;
	cp->cp_nth = coord_count(co, sp, sp->sp_op, sp->sp_cell);
	cp->cp_epoch++;
	return cp->cp_nth;
}

uint32_t
coord_access(struct coord *co, const struct sim_plain *sa)
{
	struct coord_point *cp = &co->co_cpu[sa->sa_cpu];
	unsigned i = sa->sa_field * 2u + sa->sa_write;

	if (cp->cp_access[i].epoch != cp->cp_epoch) {
		cp->cp_access[i].epoch = cp->cp_epoch;
		cp->cp_access[i].count = 0;
	}
	if (cp->cp_access[i].count != UINT16_MAX)
		cp->cp_access[i].count++;
	return cp->cp_access[i].count;
}

static bool
coord_is_point(const struct deviation *dv, const struct sim_pending *sp,
    unsigned op, unsigned cell, uint32_t nth)
{
	return dv->dv_nth == nth && dv->dv_cell == cell && dv->dv_op == op &&
	    dv->dv_userop == sp->sp_userop && dv->dv_who == sp->sp_who &&
	    dv->dv_role == sp->sp_role;
}

bool
coord_is(const struct deviation *dv, const struct sim_pending *sp, unsigned op,
    unsigned cell, uint32_t nth)
{
	return dv->dv_access == ACCESS_none &&
	    coord_is_point(dv, sp, op, cell, nth);
}

bool
coord_is_access(const struct coord *co, const struct deviation *dv,
    const struct sim_plain *sa, uint32_t nth)
{
	const struct coord_point *cp = &co->co_cpu[sa->sa_cpu];

	return dv->dv_access == (sa->sa_write ? ACCESS_write : ACCESS_read) &&
	    dv->dv_field == sa->sa_field && dv->dv_count == nth &&
	    coord_is_point(dv, &cp->cp_point, cp->cp_point.sp_op,
		cp->cp_point.sp_cell, cp->cp_nth);
}
