/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Callouts: functions called at a tick, once, at soft-interrupt level on
 * CPU 0.
 */

#ifndef LWP_CALLOUT_H
#define LWP_CALLOUT_H

#include <bsd/sys/tree.h>

#include <lwp/param.h>

struct callout {
	RB_ENTRY(callout) c_entry; /* callout_lock */
	uint64_t c_when;	   /* callout_lock: tick; 0 = not armed */
	uint64_t c_order;	   /* callout_lock: arming order among equals */
	void (*c_func)(void *, uint64_t); /* callout_lock */
	void *c_arg;			  /* callout_lock */
	uint64_t c_arg2;    /* callout_lock: e.g. number of the sleep */
	unsigned c_running; /* @: handlers under way */
	unsigned c_alive;   /* callout_lock: between init and destroy */
};

/* callout_startup: boot. */
void callout_startup(void);
void callout_init(struct callout *);
/* callout_destroy: asserts that it is neither armed nor running. */
void callout_destroy(struct callout *);
/* callout_schedule: call func(arg, arg2) after so many ticks (at least 1).
 * It must not be armed.  May be called under a sleep-queue mutex. */
void callout_schedule(struct callout *, int ticks,
    void (*func)(void *, uint64_t), void *arg, uint64_t arg2);
/* callout_stop: take it off if it has not begun; true if so. */
bool callout_stop(struct callout *);
/* callout_halt: callout_stop, then wait for a handler that is under way.  The
 * caller holds no lock that the handler wants, and no spin mutex. */
bool callout_halt(struct callout *);
/* callout_softclock: run what is due; soft interrupt on CPU 0. */
void callout_softclock(void);
/* callout_due: something is due at this tick. */
bool callout_due(uint64_t now);

#endif /* LWP_CALLOUT_H */
