/* SPDX-License-Identifier: BSD-2-Clause */

/* Choices at plain accesses; see plain.h. */

#include "plain.h"

#define GAP_LEAST 3 /* the mean of a run is 2 to the power of this ... */
#define GAP_SPAN  6 /* ... or of one of so many numbers from there on */
#define HOLD_SPAN 7 /* left out of 1, 2, 4 ... choices */
#define AGENTS	  (1u << SIM_SRC_TIME | 1u << SIM_SRC_RCU)

static uint32_t
plain_draw(struct schedule *sd)
{
	uint64_t z = sd->sd_plain += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z >> 32);
}

void
plain_begin(struct schedule *sd)
{
	sd->sd_plain = sd->sd_prog->pr_seed;
	sd->sd_gap = 1u << (GAP_LEAST + plain_draw(sd) % GAP_SPAN);
	sd->sd_held = 0;
	sd->sd_holdleft = 0;
}

unsigned
plain_choose(struct schedule *sd, const struct sim_plain *sa, uint64_t *next)
{
	uint32_t others = sa->sa_enabled & ~(1u << sa->sa_cpu);
	unsigned n;

	*next = SIM_PLAIN_NEVER;
	if (!sd->sd_prog->pr_memory)
		return sa->sa_cpu;
	*next = 1 + plain_draw(sd) % (2 * sd->sd_gap);
	if (others == 0)
		return sa->sa_cpu;
	sd->sd_held |= 1u << sa->sa_cpu;
	sd->sd_holdleft = 1u << plain_draw(sd) % HOLD_SPAN;
	for (n = plain_draw(sd) % (unsigned)__builtin_popcount(others); n > 0;
	     n--)
		others &= others - 1;
	return (unsigned)__builtin_ctz(others);
}

const struct sim_choice *
plain_hold(
    struct schedule *sd, const struct sim_choice *sc, struct sim_choice *left)
{
	uint32_t enabled = sc->sc_enabled & ~sd->sd_held;

	if (sd->sd_holdleft == 0 || (enabled & ~AGENTS) == 0) {
		sd->sd_held = 0;
		return sc;
	}
	sd->sd_holdleft--;
	*left = *sc;
	left->sc_enabled = enabled;
	return left;
}
