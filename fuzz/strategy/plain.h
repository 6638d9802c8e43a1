/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What strategies that draw at random do at plain accesses, if the program is
 * of memory grain: one rule for all of them, independent of what they do at
 * choice points.
 *
 * To show a race between two accesses a CPU must be stopped just before its
 * access, and the others must get far enough before it goes on.  So
 *
 *	(1) a CPU is stopped after a random number of accesses; the mean of
 *	    that number is drawn for each run
 *	(2) another source, a CPU or an interrupt, is drawn to go on instead
 *	(3) the stopped CPU is passed over in a random number of choices, unless
 *	    no other source can go on
 *
 * The numbers come from a generator of their own: until a CPU is stopped the
 * run is the same as at the grain of synchronisation.
 */

#ifndef PLAIN_H
#define PLAIN_H

#include "strategy.h"

/* plain_begin: of a run. */
void plain_begin(struct schedule *);

/* plain_choose: st_plain of a strategy that draws. */
unsigned plain_choose(
    struct schedule *, const struct sim_plain *, uint64_t *next);

/* plain_hold: if somebody is stopped, *left gets the choice without him. */
const struct sim_choice *plain_hold(
    struct schedule *, const struct sim_choice *, struct sim_choice *left);

#endif /* PLAIN_H */
