/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls that run a section of kernel code under adaptive mutexes, and
 * the one that has the next call run under kernel_lock; see section.h.
 *
 *	(N1) sc_tokens > 0 with somebody asleep on sc_cv means that a wake-up
 *	     is on its way
 */

#include <machine/atomic.h>

#include <errno.h>

#include <lwp/section.h>

#include "sysent.h"

#define SECTION_STEPS_MAX 16
#define BIGCALL_MAX	  8

void
section_init(struct section *sc, unsigned n, unsigned first)
{
	for (; n > 0; n--, sc++) {
		mutex_init(&sc->sc_mutex, CELL_sect_mutex, IPL_NONE, first++);
		cv_init(&sc->sc_cv, "section");
		sc->sc_count = sc->sc_tokens = sc->sc_waiting = 0;
	}
}

void
section_destroy(struct section *sc, unsigned n)
{
	for (; n > 0; n--, sc++) {
		mutex_destroy(&sc->sc_mutex);
		cv_destroy(&sc->sc_cv);
	}
}

static struct section *
section_find(struct proc *p, unsigned n)
{
	return n < SECTIONS_PROC ? &p->p_section[n] :
				   &kernel.k_section[n - SECTIONS_PROC];
}

/*
 * section_leave:
 *
 *	Out of a section.
 */
static void
section_leave(struct section *sc)
{
	EVENT(SECTION, curlwp, sc, SECTION_LEAVE);
	mutex_exit(&sc->sc_mutex);
}

/*
 * section_enter:
 *
 *	Into a section, or not if that would mean to wait and "try".
 */
static bool
section_enter(struct section *sc, bool try)
{
	if (!try)
		mutex_enter(&sc->sc_mutex);
	else if (!mutex_tryenter(&sc->sc_mutex))
		return false;
	EVENT(SECTION, curlwp, sc, SECTION_ENTER);
	return true;
}

/*
 * section_steps:
 *
 *	Count, in two accesses each time: what the mutex must make one.
 */
static void
section_steps(struct section *sc, unsigned n)
{
	unsigned count;

	if (n > SECTION_STEPS_MAX)
		n = SECTION_STEPS_MAX;
	for (; n > 0; n--) {
		count = cell_load_relaxed(sc, sc_count);
		cell_store_relaxed(sc, sc_count, count + 1);
		EVENT(SECTION, curlwp, sc, SECTION_STEP);
	}
}

/*
 * section_wait:
 *
 *	Wait for a token.  The deadline was fixed when the call was first made.
 *	The clock is read once a turn: a tick between two readings would leave
 *	a timeout of 0, which is a sleep without one.  The mutex is held, and
 *	dropped while asleep.
 */
static int
section_wait(struct lwp *l, struct section *sc, bool intr)
{
	int error = 0, timo = 0;
	uint64_t now;

	while (sc->sc_tokens == 0 && error == 0) {
		if (l->l_deadline != 0) {
			/* One look at the clock: no time at all would be
			 * for ever. */
			now = machine_ticks();
			if (l->l_deadline <= now)
				return EWOULDBLOCK;
			timo = (int)(l->l_deadline - now);
		}
		sc->sc_waiting++;
		EVENT(SECTION, l, sc, SECTION_LEAVE);
		error = intr ?
		    cv_timedwait_sig(&sc->sc_cv, &sc->sc_mutex, timo) :
		    cv_timedwait(&sc->sc_cv, &sc->sc_mutex, timo);
		EVENT(SECTION, l, sc, SECTION_ENTER);
		sc->sc_waiting--;
	}
	if (error == 0)
		sc->sc_tokens--;
	return error;
}

/*
 * section_signal:
 *
 *	Give tokens away.  The mutex is held.
 */
static void
section_signal(struct section *sc, unsigned n)
{
	if (n == 0) {
		sc->sc_tokens += sc->sc_waiting;
		cv_broadcast(&sc->sc_cv);
		return;
	}
	for (; n > 0; n--) {
		sc->sc_tokens++;
		cv_signal(&sc->sc_cv);
	}
}

/*
 * section_run:
 *
 *	The inner section of a request.
 */
static int
section_run(struct lwp *l, const struct section_request *sr, bool try)
{
	struct section *sc = section_find(l->l_proc, sr->sr_section);
	int error = 0;

	if (!section_enter(sc, try)) {
		PROBE(SECTION_EBUSY);
		return EBUSY;
	}
	if (sr->sr_work == SECTION_WAIT)
		error = section_wait(l, sc, sr->sr_intr);
	else if (sr->sr_work == SECTION_SIGNAL)
		section_signal(sc, sr->sr_number);
	else
		section_steps(sc, sr->sr_number);
	section_leave(sc);
	return error;
}

/*
 * section_valid:
 *
 *	A wait that neither an event nor a timeout could end is refused, one
 *	that would take its mutex back against the order, and one that can be
 *	interrupted with another mutex held.
 */
static bool
section_valid(const struct section_request *sr)
{
	if (sr->sr_section >= SECTION_COUNT || sr->sr_outer > SECTION_COUNT ||
	    sr->sr_outer == sr->sr_section)
		return false;
	if (sr->sr_work != SECTION_WAIT)
		return true;
	/* Who can be stopped in its sleep holds nothing else (kern_stop.c). */
	if (sr->sr_intr && sr->sr_outer != SECTION_NONE)
		return false;
	return (sr->sr_timo > 0 || (sr->sr_timo == 0 && sr->sr_intr)) &&
	    (sr->sr_outer == SECTION_NONE || sr->sr_outer < sr->sr_section);
}

int
do_section(struct lwp *l, struct sysargs *sa)
{
	const struct section_request *sr = sa->sa_in;
	struct section *outer;
	bool try;
	int error;

	if (!section_valid(sr)) {
		PROBE(SECTION_EINVAL);
		return EINVAL;
	}
	if (sr->sr_work == SECTION_WAIT && sr->sr_timo > 0 && !sa->sa_restarted)
		l->l_deadline = machine_ticks() + (uint64_t)sr->sr_timo;
	try = sr->sr_work == SECTION_TRY;
	if (sr->sr_outer == SECTION_NONE)
		return section_run(l, sr, try);

	outer = section_find(l->l_proc, sr->sr_outer);
	(void)section_enter(outer, false);
	section_steps(outer, 1);
	error = section_run(l, sr, try || sr->sr_section < sr->sr_outer);
	section_steps(outer, 1);
	section_leave(outer);
	return error;
}

int
do_bigcall(struct lwp *l, struct sysargs *sa)
{
	unsigned n = (unsigned)sa->sa_number;

	l->l_bigcall = n < BIGCALL_MAX ? n : BIGCALL_MAX;
	return 0;
}

/*
 * User side.
 */

int
sys_section(const struct section_request *sr)
{
	return sys_enter(SYS_section, &(struct sysargs) { .sa_in = sr });
}

void
sys_bigcall(unsigned n)
{
	(void)sys_enter(SYS_bigcall, &(struct sysargs) { .sa_number = (int)n });
}
