/* SPDX-License-Identifier: BSD-2-Clause */

/* Counting arrivals; see coord.h. */

#include "coord.h"

void
coord_begin(struct coord *co)
{
	co->co_run++;
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

bool
coord_is(const struct deviation *dv, const struct sim_pending *sp, unsigned op,
    unsigned cell, uint32_t nth)
{
	return dv->dv_nth == nth && dv->dv_cell == cell && dv->dv_op == op &&
	    dv->dv_userop == sp->sp_userop && dv->dv_who == sp->sp_who &&
	    dv->dv_role == sp->sp_role;
}
