/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What drawing strategies do at plain accesses, where the program is of memory
 * grain: one rule for all of them, beside what they do at points.
 *
 * Two accesses race only if a CPU is stopped just there, and the others get
 * far enough before it goes on.  So (1) the number of accesses that pass until
 * a CPU is stopped is drawn, around a mean that is drawn for the run; (2) who
 * goes on instead is drawn among the others, interrupts too; (3) who was
 * stopped is left out of as many choices as is drawn, unless nobody else can
 * go on.
 *
 * The numbers come from a generator of their own: until somebody is stopped
 * the run is what it is without.
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
