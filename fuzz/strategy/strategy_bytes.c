/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Priorities from the input: partial-order sampling (Yuan, Yang, Gu, CAV 2018)
 * with a fuzzer's bytes in place of random numbers.
 *
 * Each announced step has a priority, and the enabled step with the highest
 * goes on.  The n-th step of a context takes the n-th byte of the context's
 * row; where a row ends, a hash of seed, row and n goes on, which does not
 * depend on anything that a mutation elsewhere changes.  A context draws anew
 * after its own step, and when a step that conflicts with its announced one is
 * done (same object, one of them writes): that is what makes orders of
 * conflicting steps equally likely, and all others irrelevant.
 *
 * Virtual time and grace periods have rows, too, but where a row has ended
 * their number from the hash counts only if it is extreme; else time would run
 * away.
 */

#include "plain.h"

/* Rows of struct prog. */
static inline unsigned
bytes_row(unsigned source, const struct sim_pending *sp)
{
	if (source >= SIM_CPUS)
		return 73 + source - SIM_CPUS;
	switch (sp->sp_role) {
	case SIM_ROLE_lwp:
		return sp->sp_who <= PROG_BODIES ? sp->sp_who : 0;
	case SIM_ROLE_idle:
		return 65 + sp->sp_who;
	default:
		return 73 + sp->sp_who; /* a handler: its clock's row */
	}
}

static inline uint32_t
bytes_hash(uint64_t seed, unsigned row, uint32_t n)
{
	uint64_t z = seed + row * 0xd1342543de82ef95u + n;

	z = (z ^ z >> 32) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(z >> 32);
}

static void
bytes_begin(struct schedule *sd)
{
	unsigned row, start = 0, n;

	for (row = 0; row < PROG_ROWS; row++) {
		sd->sd_rowstart[row] = (uint16_t)start;
		start += sd->sd_prog->pr_rowlen[row];
		sd->sd_step[row] = 0;
	}
	for (n = 0; n < SIM_SOURCES; n++)
		sd->sd_priority[n] = 0;
	sd->sd_perturbs = 0;
}

/*
 * bytes_draw:
 *
 *	Priority of the next step of a row: 1 .. 65535, input bytes in the high
 *	half so that ties are broken by the generator.
 */
static inline uint16_t
bytes_draw(struct schedule *sd, unsigned source, const struct sim_pending *sp)
{
	const struct prog *pr = sd->sd_prog;
	unsigned row = bytes_row(source, sp);
	uint32_t n = sd->sd_step[row]++;
	uint32_t h = bytes_hash(pr->pr_seed, row, n);

	if (n < pr->pr_rowlen[row])
		return (uint16_t)(pr->pr_prio[sd->sd_rowstart[row] + n] << 8 |
		    (h & 0xff) | 1);
	if (source >= SIM_SRC_TIME && (h >> 16 & 127) != 0)
		return 1;
	return (uint16_t)(h | 1);
}

static unsigned
bytes_choose(struct schedule *sd, const struct sim_choice *sc)
{
	const struct sim_pending *pend = sc->sc_pending;
	unsigned best = SIM_NOBODY, n;
	uint32_t mask;
	uint16_t prio = 0;

	for (mask = sc->sc_enabled; mask != 0; mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (sd->sd_priority[n] == 0)
			sd->sd_priority[n] = bytes_draw(
			    sd, n, &pend[n < SIM_CPUS ? n : 0]);
		if (sd->sd_priority[n] > prio) {
			prio = sd->sd_priority[n];
			best = n;
		}
	}
	sd->sd_priority[best] = 0;
	if (best >= SIM_CPUS || pend[best].sp_object == NULL)
		return best;
	for (mask = sc->sc_enabled & ((1u << SIM_CPUS) - 1); mask != 0;
	     mask &= mask - 1) {
		n = (unsigned)__builtin_ctz(mask);
		if (pend[n].sp_object == pend[best].sp_object)
			sd->sd_priority[n] = 0;
	}
	return best;
}

static bool
bytes_perturb(
    struct schedule *sd, enum perturbation what, const struct sim_pending *sp)
{
	uint32_t h;

	h = bytes_hash(~sd->sd_prog->pr_seed,
	    bytes_row(0, sp) + 128 * (what + 1), sd->sd_perturbs++);
	return (h & 0x3ff) < sd->sd_prog->pr_perturb;
}

const struct strategy strategy_bytes = {
	.st_name = "bytes",
	.st_draws = true,
	.st_begin = bytes_begin,
	.st_choose = bytes_choose,
	.st_plain = plain_choose,
	.st_perturb = bytes_perturb,
};
