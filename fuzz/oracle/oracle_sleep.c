/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sleeps on the channels of a process, and parks: what ends one is what it
 * returns.
 *
 *	A wake-up is never swallowed: who was woken returns success, whatever
 *	else happened to it.  Who timed out says so, and who was broken out
 *	does not claim to have been woken.
 *
 *	Wake-ups go to the best priority, and among equals to the one that has
 *	slept longest.
 *
 *	A call that is made again after an interruption keeps its deadline.
 *
 *	A cancellation belongs to the sleep that it ends; none is left over
 *	when a sleep begins.
 */

#include <errno.h>
#include <string.h>

#include <lwp/syscall.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static struct sleeper {
	uint64_t serial;
	const struct lwp *lwp;
	const void *wchan;    /* NULL: not asleep */
	uint64_t order;	      /* of going to sleep */
	uint64_t deadline;    /* of the call; 0: none yet */
	pri_t pri;	      /* when it went to sleep */
	bool sorted;	      /* is woken by priority */
	enum sleep_end ended; /* why; ASLEEP: has not slept in this attempt */
} sleepers[SLOTS];
static uint64_t sleeps;

static void
sleep_begin(void)
{
	memset(sleepers, 0, sizeof(sleepers));
	sleeps = 0;
}

static struct sleeper *
sleeper_of(const struct lwp *l)
{
	struct sleeper *s = &sleepers[l->l_slot % SLOTS];

	if (s->serial != l->l_serial)
		*s = (struct sleeper) { .serial = l->l_serial, .lwp = l };
	return s;
}

static void
sleep_wrong(const struct lwp *l, const char *what)
{
	char name[48];

	oracle_find(
	    ORACLE_sleep, what, "%s", oracle_lwp_name(l, name, sizeof(name)));
}

/*
 * sleep_own:
 *
 *	Is this the sleep that a call is about, and not one on the way?
 */
static bool
sleep_own(const struct lwp *l, const void *wchan)
{
	const struct proc *p = l->l_proc;
	unsigned n;

	for (n = 0; n < PROC_CHANNELS; n++) {
		if (wchan == &p->p_channel[n])
			return true;
	}
	return wchan == l;
}

static void
sleep_begins(const struct lwp *l, const void *wchan)
{
	struct sleeper *s = sleeper_of(l);

	if ((l->l_flag & L_CANCELLED) != 0)
		sleep_wrong(l, "a cancellation outlived its sleep");
	if (!sleep_own(l, wchan))
		return;
	if (s->deadline != 0 && s->deadline != l->l_deadline)
		sleep_wrong(l, "a restart moved the deadline");
	s->deadline = l->l_deadline;
	s->wchan = wchan;
	s->pri = l->l_priority;
	s->sorted = l->l_syncobj == &sleep_syncobj;
	s->order = ++sleeps;
}

/*
 * sleep_before:
 *
 *	Was a to be woken before b?  Equals only count where neither priority
 *	was changed in its sleep, which moves the sleeper.
 */
static bool
sleep_before(const struct sleeper *a, const struct sleeper *b)
{
	if (a->lwp->l_priority != b->lwp->l_priority)
		return a->lwp->l_priority < b->lwp->l_priority;
	return a->order < b->order && a->pri == a->lwp->l_priority &&
	    b->pri == b->lwp->l_priority;
}

static void
sleep_ends(const struct lwp *l, enum sleep_end why)
{
	struct sleeper *s = sleeper_of(l);
	const void *wchan = s->wchan;
	unsigned n;

	if (wchan == NULL)
		return;
	s->wchan = NULL;
	s->ended = why;
	for (n = 0; n < SLOTS && s->sorted && why == SLEEP_WOKEN; n++) {
		if (sleepers[n].wchan == wchan && sleep_before(&sleepers[n], s))
			sleep_wrong(l, "woken before its turn");
	}
}

/*
 * sleep_result:
 *
 *	A call that sleeps returned, or is about to be made again.
 */
static void
sleep_result(const struct lwp *l, unsigned call, int error)
{
	struct sleeper *s = sleeper_of(l);

	if (call != SYS_tsleep && call != SYS_lwp_park)
		return;
	if (s->ended == SLEEP_WOKEN && error != 0 && error != EALREADY)
		sleep_wrong(l, "a wake-up was swallowed");
	else if (s->ended == SLEEP_TIMEDOUT && error != EWOULDBLOCK &&
	    error != ETIMEDOUT)
		sleep_wrong(l, "a timeout was not reported");
	else if (s->ended == SLEEP_BROKEN && error == 0)
		sleep_wrong(l, "broken out, and said to be woken");
	s->ended = SLEEP_ASLEEP;
}

static void
sleep_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	switch (ev) {
	case EV_CALL:
		sleeper_of(l)->deadline = 0;
		sleeper_of(l)->ended = SLEEP_ASLEEP;
		break;
	case EV_KERNEL:
		sleep_result(l, (unsigned)a, ERESTART);
		break;
	case EV_RETURN:
		sleep_result(l, (unsigned)a, (int)b);
		break;
	case EV_SLEEP:
		sleep_begins(l, (const void *)a);
		break;
	default:
		sleep_ends(l, (enum sleep_end)a);
	}
}

const struct oracle oracle_sleep = {
	.or_name = "sleep",
	.or_events = 1ull << EV_CALL | 1ull << EV_KERNEL | 1ull << EV_RETURN |
	    1ull << EV_SLEEP | 1ull << EV_WAKE,
	.or_begin = sleep_begin,
	.or_event = sleep_event,
};
