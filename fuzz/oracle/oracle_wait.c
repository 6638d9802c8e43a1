/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Results of lwp_wait1, against a sequential model.
 *
 * The model is as simple as the rules: it walks the list, looks who claims
 * whom and who could still do something, and says what one look must come to.
 * It keeps nothing but who is inside a wait, whether it is busy there, and the
 * order of deaths.  An interrupted sleep may return its error whatever the
 * model says.
 */

#include "wait_model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oracle.h"

#define SLOTS 96 /* of the pool; see run.c */

static struct shadow {
	uint64_t serial; /* of the LWP that this is about */
	uint64_t death;	 /* order of its death */
	lwpid_t lid;	 /* whom it waits for; 0 any */
	uint64_t target; /* that one's serial when the wait began */
	bool inside;
	bool busy;    /* freeing somebody */
	bool exiting; /* the exit coordinator's wait */
	bool slept;
	int interrupted; /* error of its last sleep */
} shadows[SLOTS];
static uint64_t deaths;

static struct shadow *
shadow_of(const struct lwp *l)
{
	struct shadow *s = &shadows[l->l_slot % SLOTS];

	if (s->serial != l->l_serial)
		*s = (struct shadow) { .serial = l->l_serial };
	return s;
}

bool
wait_model_inside(const struct lwp *l, lwpid_t *lid)
{
	const struct shadow *s = shadow_of(l);

	*lid = s->lid;
	return s->inside;
}

static const struct lwp *
model_find(const struct proc *p, lwpid_t lid)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		if (l->l_lid == lid)
			return l;
	}
	return NULL;
}

/*
 * model_claimed:
 *
 *	Does a specific wait other than by "but" name this LWP?
 */
static bool
model_claimed(const struct proc *p, const struct lwp *t, const struct lwp *but)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
	{
		const struct shadow *s = shadow_of(l);

		if (l != but && s->inside && s->lid != 0 &&
		    s->target == t->l_serial)
			return true;
	}
	return false;
}

/*
 * model_outcome:
 *
 *	What a look comes to, deadlock apart.
 */
static int
model_outcome(const struct proc *p, const struct lwp *l, lwpid_t *collected)
{
	const struct shadow *s = shadow_of(l);
	const struct lwp *t, *best = NULL;
	bool found = false;

	if (s->lid != 0) {
		t = model_find(p, s->lid);
		if (t == NULL || t->l_serial != s->target)
			return ESRCH;
		if ((t->l_prflag & LPR_DETACHED) != 0)
			return EINVAL;
		*collected = t->l_lid;
		return t->l_stat == LSZOMB ? 0 : MODEL_SLEEP;
	}
	LIST_FOREACH(t, &p->p_lwps, l_sibling)
	{
		if (t == l)
			continue;
		if ((t->l_prflag & LPR_DETACHED) != 0) {
			found |= s->exiting;
			continue;
		}
		found = true;
		if (t->l_stat == LSZOMB &&
		    (s->exiting || !model_claimed(p, t, l)) &&
		    (best == NULL ||
			shadow_of(t)->death < shadow_of(best)->death))
			best = t;
	}
	if (best != NULL) {
		*collected = best->l_lid;
		return 0;
	}
	return found ? MODEL_SLEEP : ESRCH;
}

/*
 * model_able:
 *
 *	May it do something though the wait in question goes on?
 */
static bool
model_able(const struct proc *p, const struct lwp *l)
{
	const struct shadow *s = shadow_of(l);
	lwpid_t lid;

	if (l->l_stat == LSZOMB || l->l_stat == LSSUSPENDED)
		return false;
	if (!s->inside || s->busy)
		return true;
	if (model_outcome(p, l, &lid) != MODEL_SLEEP)
		return true;
	if (((p->p_sigpend.sp_set | l->l_sigpend.sp_set) & ~l->l_sigmask) != 0)
		return true;
	return (l->l_flag & (L_WSUSPEND | L_WEXIT | L_WCORE | L_CANCELLED)) !=
	    0 ||
	    l->l_sleepend == SLEEP_BROKEN;
}

static bool
model_deadlock(const struct proc *p, const struct lwp *l)
{
	const struct lwp *t;
	bool alone = true;
	int hops;

	LIST_FOREACH(t, &p->p_lwps, l_sibling)
	alone = alone && (t == l || !model_able(p, t));
	if (alone)
		return true;
	if (shadow_of(l)->lid == 0)
		return false;
	t = l;
	for (hops = 0; hops <= p->p_nlwps; hops++) {
		const struct shadow *s = shadow_of(t);

		t = model_find(p, s->lid);
		if (t != NULL && t->l_serial != s->target)
			return false;
		if (t == l)
			return true;
		if (t == NULL || !shadow_of(t)->inside ||
		    shadow_of(t)->lid == 0 || model_able(p, t) ||
		    t->l_stat == LSZOMB || t->l_stat == LSSUSPENDED)
			return false;
	}
	return false;
}

int
wait_model(const struct proc *p, const struct lwp *l, lwpid_t *collected)
{
	int outcome;

	outcome = model_outcome(p, l, collected);
	if (outcome != MODEL_SLEEP || shadow_of(l)->exiting)
		return outcome;
	if ((p->p_sflag & PS_WEXIT) != 0)
		return EDEADLK;
	return model_deadlock(p, l) ? EDEADLK : MODEL_SLEEP;
}

static const char *
wait_name(int outcome)
{
	switch (outcome) {
	case MODEL_SLEEP:
		return "sleep";
	case 0:
		return "collect";
	case ESRCH:
		return "ESRCH";
	case EINVAL:
		return "EINVAL";
	case EDEADLK:
		return "EDEADLK";
	case EAGAIN:
		return "EAGAIN";
	case EINTR:
		return "EINTR";
	case ERESTART:
		return "ERESTART";
	default:
		return "another error";
	}
}

/*
 * wait_compare:
 *
 *	The LWP did this; what should it have done?
 */
static void
wait_compare(const struct lwp *l, int did, lwpid_t departed)
{
	const struct shadow *s = shadow_of(l);
	lwpid_t lid = 0;
	int should;
	char name[48], what[64];

	if (did != 0 && did == s->interrupted)
		return;
	if (did == EINTR && (l->l_proc->p_sflag & PS_WCORE) != 0)
		return;
	should = wait_model(l->l_proc, l, &lid);
	if (s->exiting && did == EAGAIN && s->slept && should == MODEL_SLEEP)
		return;
	(void)oracle_lwp_name(l, name, sizeof(name));
	if (should != did) {
		(void)snprintf(what, sizeof(what), "%s instead of %s",
		    wait_name(did), wait_name(should));
		oracle_find(
		    ORACLE_wait, what, "%s waiting for %d", name, s->lid);
	} else if (did == 0 && departed != lid)
		oracle_find(ORACLE_wait, "collected the wrong LWP",
		    "%s got %d, should have got %d", name, departed, lid);
}

static void
wait_begin(void)
{
	deaths = 0;
	memset(shadows, 0, sizeof(shadows));
}

static void
wait_enter(const struct proc *p, struct shadow *s, lwpid_t lid, unsigned flags)
{
	const struct lwp *t = model_find(p, lid);

	s->target = t != NULL ? t->l_serial : 0;
	s->inside = true;
	s->busy = s->slept = false;
	s->interrupted = 0;
	s->lid = lid;
	s->exiting = (flags & LWPWAIT_EXITCONTROL) != 0;
}

static void
wait_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	struct shadow *s = shadow_of(l);

	switch (ev) {
	case EV_WAITENTER:
		wait_enter(l->l_proc, s, (lwpid_t)a, (unsigned)b);
		break;
	case EV_WAITBUSY:
		s->busy = true;
		break;
	case EV_WAITLOOK:
		s->busy = false;
		s->interrupted = (int)a;
		break;
	case EV_WAITSLEEP:
		s->interrupted = 0;
		wait_compare(l, MODEL_SLEEP, 0);
		s->slept = true;
		break;
	case EV_WAITDONE:
		wait_compare(l, (int)a, (lwpid_t)b);
		s->inside = false;
		break;
	default:
		if (b == LSZOMB)
			s->death = ++deaths;
	}
}

const struct oracle oracle_wait = {
	.or_name = "wait",
	.or_events = 1ull << EV_WAITENTER | 1ull << EV_WAITBUSY |
	    1ull << EV_WAITLOOK | 1ull << EV_WAITSLEEP | 1ull << EV_WAITDONE |
	    1ull << EV_STATE,
	.or_begin = wait_begin,
	.or_event = wait_event,
};
