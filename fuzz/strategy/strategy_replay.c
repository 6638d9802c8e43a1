/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Replay: the default schedule but for the deviations that the program lists.
 *
 * A deviation applies when its context comes to its point for its n-th time.
 * One that never finds its point, or whose source is not enabled there, is
 * drift: the program does not do any more what it was recorded to do.
 */

#include "coord.h"
#include "strategy.h"

static struct coord replay_coord;

static void
replay_begin(struct schedule *sd)
{
	unsigned n;

	coord_begin(&replay_coord);
	sd->sd_drift = 0;
	for (n = 0; n < (sd->sd_prog->pr_ndeviation + 31u) / 32; n++)
		sd->sd_matched[n] = 0;
}

/*
 * replay_find:
 *
 *	The deviation at this point, marked as met; NULL for none.
 */
static const struct deviation *
replay_find(struct schedule *sd, const struct sim_pending *sp, unsigned op,
    unsigned cell, uint32_t nth)
{
	const struct prog *pr = sd->sd_prog;
	unsigned n;

	for (n = 0; n < pr->pr_ndeviation; n++) {
		if (coord_is(&pr->pr_deviation[n], sp, op, cell, nth)) {
			sd->sd_matched[n / 32] |= 1u << n % 32;
			return &pr->pr_deviation[n];
		}
	}
	return NULL;
}

static unsigned
replay_choose(struct schedule *sd, const struct sim_choice *sc)
{
	const struct sim_pending *sp = &sc->sc_pending[sc->sc_arrived];
	const struct deviation *dv;
	uint32_t nth;

	if (sd->sd_prog->pr_ndeviation == 0)
		return sc->sc_default;
	nth = coord_arrive(&replay_coord, sc->sc_arrived, sp);
	dv = replay_find(sd, sp, sp->sp_op, sp->sp_cell, nth);
	if (dv == NULL)
		return sc->sc_default;
	if (dv->dv_to < SIM_SOURCES && (sc->sc_enabled >> dv->dv_to & 1) != 0)
		return dv->dv_to;
	sd->sd_drift++;
	return sc->sc_default;
}

static bool
replay_perturb(
    struct schedule *sd, enum perturbation what, const struct sim_pending *sp)
{
	uint32_t nth;

	if (sd->sd_prog->pr_ndeviation == 0)
		return false;
	nth = coord_count(&replay_coord, sp, PROG_DEVIATION_PERTURB, what);
	return replay_find(sd, sp, PROG_DEVIATION_PERTURB, what, nth) != NULL;
}

static unsigned
replay_plain(struct schedule *sd, const struct sim_plain *sa, uint64_t *next)
{
	const struct prog *pr = sd->sd_prog;
	const struct deviation *dv;
	uint32_t nth;
	unsigned n;

	*next = pr->pr_memory ? 1 : SIM_PLAIN_NEVER;
	if (!pr->pr_memory)
		return sa->sa_cpu;
	nth = coord_access(&replay_coord, sa);
	for (n = 0; n < pr->pr_ndeviation; n++) {
		dv = &pr->pr_deviation[n];
		if (!coord_is_access(&replay_coord, dv, sa, nth))
			continue;
		sd->sd_matched[n / 32] |= 1u << n % 32;
		if (dv->dv_to < SIM_SOURCES &&
		    (sa->sa_enabled >> dv->dv_to & 1) != 0)
			return dv->dv_to;
		sd->sd_drift++;
		break;
	}
	return sa->sa_cpu;
}

static unsigned
replay_drift(struct schedule *sd)
{
	unsigned n, drift = sd->sd_drift;

	for (n = 0; n < sd->sd_prog->pr_ndeviation; n++) {
		if ((sd->sd_matched[n / 32] >> n % 32 & 1) == 0)
			drift++;
	}
	return drift;
}

const struct strategy strategy_replay = {
	.st_name = "replay",
	.st_begin = replay_begin,
	.st_choose = replay_choose,
	.st_plain = replay_plain,
	.st_perturb = replay_perturb,
	.st_drift = replay_drift,
};
