/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The adapter between a target and the engine that drives it: where coverage
 * is kept, and which coverage the engine is not shown.  Each engine_NAME.c
 * defines all of it; an executable links one.
 *
 * Booting the machine covers the same edges the same number of times in every
 * run.  These counts are cleared after the boot, so that what remains is the
 * coverage of the program.
 */

#ifndef ENGINE_H
#define ENGINE_H

#include <stdint.h>

/* engine_init: once, after run_init(); may run programs. */
void engine_init(void);

/* engine_counters: the feedback map of the run that begins: SIM_COUNTERS
 * bytes. */
uint8_t *engine_counters(void);

/* engine_live: the machine is booted: forget all edges so far. */
void engine_live(void);

/* engine_ran: a program's run is over. */
void engine_ran(void);

/* engine_done: an input is done with: all that it covered is known. */
void engine_done(void);

/* engine_figures: edges of the core, and features, that were ever covered;
 * both 0 where the engine's own log has them. */
void engine_figures(unsigned *edges, unsigned *features);

#endif /* ENGINE_H */
