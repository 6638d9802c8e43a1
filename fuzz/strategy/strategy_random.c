/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Random walk: uniform among the enabled CPUs and interrupts.  Virtual time and
 * grace periods get a chance of one in 64, or a run would be mostly them.
 */

#include "strategy.h"

#define AGENTS (1u << SIM_SRC_TIME | 1u << SIM_SRC_RCU)

static void
random_begin(struct schedule *sd)
{
	/* Never 0, which the generator would not leave. */
	sd->sd_random = (sd->sd_prog->pr_seed ^ 0x6a09e667f3bcc909u) *
		0x9e3779b97f4a7c15u |
	    1;
}

static uint64_t
random_next(struct schedule *sd)
{
	uint64_t x = sd->sd_random;

	/* xorshift64* (Vigna 2016): cheap, and good in the high bits. */
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	sd->sd_random = x;
	return x * 0x2545f4914f6cdd1du;
}

static unsigned
random_choose(struct schedule *sd, const struct sim_choice *sc)
{
	uint64_t r = random_next(sd);
	uint32_t mask = sc->sc_enabled;
	unsigned n;

	if ((mask & ~AGENTS) != 0 && (r >> 58) != 0)
		mask &= ~AGENTS;
	n = (unsigned)((r >> 20 & 0xffff) *
		(unsigned)__builtin_popcount(mask) >>
	    16);
	while (n-- > 0)
		mask &= mask - 1;
	return (unsigned)__builtin_ctz(mask);
}

static bool
random_perturb(
    struct schedule *sd, enum perturbation what, const struct sim_pending *sp)
{
	(void)what;
	(void)sp;
	return (random_next(sd) >> 32 & 0x3ff) < sd->sd_prog->pr_perturb;
}

const struct strategy strategy_random = {
	.st_name = "random",
	.st_draws = true,
	.st_begin = random_begin,
	.st_choose = random_choose,
	.st_perturb = random_perturb,
};
