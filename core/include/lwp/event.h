/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Events and probes: how the core tells what it does.
 *
 * An event is something that an oracle may want to see, with the LWP it is
 * about and up to two values; event.def says which.  A probe is a named
 * errno, ruling or rare branch; probe.def lists them, and the tests demand
 * that the corpus reaches each.  Neither may change what the core does.
 */

#ifndef LWP_EVENT_H
#define LWP_EVENT_H

enum event {
#define EVENT(name, what) EV_##name,
#include <lwp/event.def>
#undef EVENT
	EV_COUNT
};

/* What a MARK event tells. */
enum event_mark {
	MARK_BOX_ENTER = 1, /* inside a critical section; which */
	MARK_BOX_LEAVE,	    /* about to leave it; which */
	MARK_HOOK,	    /* the userret hook ran */
	MARK_HOOK_ARM,	    /* it is armed; 1: and was already [p_smutex] */
	MARK_DTOR,	    /* a destructor was called; value */
	MARK_REPR	    /* chosen to stand for its process [p_smutex] */
};

/* From where a signal was taken (SIGTAKE). */
enum event_sigtake { SIGTAKE_OWN, SIGTAKE_PROC, SIGTAKE_HANDED };
/* What a SECTION event tells. */
enum event_section {
	SECTION_ENTER, /* the mutex was taken */
	SECTION_STEP,  /* sc_count was read and written */
	SECTION_LEAVE  /* the mutex is about to be released */
};

/* Why a BIGLOCK event. */
enum event_biglock {
	BIGLOCK_EXPLICIT, /* by the code that runs */
	BIGLOCK_SWITCH	  /* given up for a switch, or taken back after it */
};

enum probe {
#define PROBE(name, what) PROBE_##name,
#include <lwp/probe.def>
#undef PROBE
	PROBE_COUNT
};

/*
 * A machine may tell less (<machine/atomic.h>): only what somebody asked for,
 * and no probes.
 */
#ifndef MACHINE_TELLS
#define MACHINE_TELLS(ev) true
#define MACHINE_PROBES	  true
#endif

#define EVENT(name, l, a, b)                                                   \
	(MACHINE_TELLS(EV_##name) ? machine_event(EV_##name, (l),              \
					(uintptr_t)(a), (uintptr_t)(b)) :      \
				    (void)0)
#define PROBE(name) (MACHINE_PROBES ? machine_probe(PROBE_##name) : (void)0)

#endif /* LWP_EVENT_H */
