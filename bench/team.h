/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A team of threads that stay: each is bound to its processor and sleeps
 * between two jobs.  The caller is member 0, so that nobody has to be woken to
 * look at the clock.
 */

#ifndef TEAM_H
#define TEAM_H

#include <stdbool.h>

/*
 * team_run:
 *
 *	Run work(arg, n) for members 0 to n-1 at once, each on its processor:
 *	place[n], or the n-th of the policy if that is NULL.  All are running
 *	before any of them begins.  Returns how often one was taken off its
 *	processor meanwhile, or -1 if there are no threads to be had.
 */
long team_run(unsigned n, const unsigned *place, void (*work)(void *, unsigned),
    void *arg);

/*
 * team_urgent:
 *
 *	Until it is called with false, jobs run at SCHED_FIFO where --fifo was
 *	given, the host allows it and no member has to share a processor.  Jobs
 *	of some milliseconds only: nobody else runs meanwhile.
 */
void team_urgent(bool);

/* team_room: processors that members may use, of the policy and at all.
 * team_crowded: more members than that: whoever spins must yield. */
unsigned team_room(void);
bool team_crowded(unsigned n);

/* team_switches: how often threads of this process, of the team or not, were
 * taken off their processors until now. */
long team_switches(void);

/* team_end: the threads end. */
void team_end(void);

/* ping_pong: ns for a line to go from one processor to the other, as the best
 * of a few bursts; NAN if the two are one. */
double ping_pong(unsigned a, unsigned b, unsigned rounds);

#endif /* TEAM_H */
