/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A sequential model of lwp_wait1: what a wait must come to, given the LWPs of
 * the process as they are.  The wait oracle keeps it and compares results; the
 * progress oracle asks it whether a sleeping wait should have ended.
 */

#ifndef WAIT_MODEL_H
#define WAIT_MODEL_H

#include <lwp/kernel.h>

#define MODEL_SLEEP (-1) /* the wait must go on */

/* wait_model_inside: is the LWP inside lwp_wait1, and for whom? */
bool wait_model_inside(const struct lwp *, lwpid_t *lid);

/* wait_model: 0 and who is collected, an errno, or MODEL_SLEEP; asks as if l
 * looked now. */
int wait_model(const struct proc *, const struct lwp *l, lwpid_t *collected);

#endif /* WAIT_MODEL_H */
