/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the interleaving tells a fuzzer, besides code coverage: which write was
 * read by which other CPU's read, as pairs of places in the source, and with
 * the roles of the two.  (Xu et al., KRACE, S&P 2020, call it alias coverage.)
 *
 * A pair is hashed to a byte and one of the eight buckets into which libFuzzer
 * sorts a byte's value, so 8 KiB carry 65 536 features.  The map stays small
 * because the engine scans all of it after each run.
 */

#include <string.h>

#include "sim_impl.h"

#define WRITERS 1024 /* cells remembered; a power of two */

/* Announced operations that write, as a mask. */
enum {
	WRITES = 0
#define SIM_OP(name, writes, what) | (writes) << SIM_OP_##name
#include "sim_op.def"
#undef SIM_OP
};

static struct {
	const void *object;
	uint32_t run; /* entry belongs to this run */
	uint32_t tag; /* place and role of the last write */
	unsigned cpu;
} writers[WRITERS];
static uint32_t feedback_run;

void
sim_feedback_reset(void)
{
	feedback_run++;
}

static void
feedback_add(uint32_t h)
{
	sim.cf.cf_counters[h & (SIM_COUNTERS - 1)] |= (uint8_t)(1u
	    << (h >> 13 & 7));
}

void
sim_feedback_step(const struct sim_pending *sp, unsigned cpu)
{
	uint32_t tag, i;

	if (sp->sp_object == NULL)
		return;
	i = (sim_offset(sp->sp_object) >> 2) * 0x9e3779b1u >> 22;
	tag = (sp->sp_place != NULL ? sp->sp_place->pl_tag : 0) * 8u +
	    sp->sp_role;
	tag = tag * 64 + sp->sp_cell;
	if (writers[i].object == sp->sp_object &&
	    writers[i].run == feedback_run && writers[i].cpu != cpu)
		feedback_add(
		    (writers[i].tag * 0x85ebca6bu ^ tag) * 0xc2b2ae35u >> 16);
	if ((WRITES >> sp->sp_op & 1) != 0) {
		writers[i].object = sp->sp_object;
		writers[i].run = feedback_run;
		writers[i].tag = tag;
		writers[i].cpu = cpu;
	}
}
