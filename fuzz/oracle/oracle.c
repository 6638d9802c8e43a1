/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The table of oracles, and who hears of which event.
 *
 * An event costs a table look-up and a call for each oracle that subscribed to
 * it; others are not asked.
 */

#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ORACLE(name, what) extern const struct oracle oracle_##name;
#include "oracle.def"
#undef ORACLE

const struct oracle *const oracle_table[ORACLE_COUNT] = {
#define ORACLE(name, what) &oracle_##name,
#include "oracle.def"
#undef ORACLE
};

static struct {
	uint32_t mask;
	/* Who hears of an event, up to NULL. */
	void (*heard[EV_COUNT][ORACLE_COUNT + 1])(
	    enum event, struct lwp *, uintptr_t, uintptr_t);
	struct finding finding;
	void (*stop)(void);
	bool plain;
} or ;

void
oracle_set_stop(void (*stop)(void))
{
	or.stop = stop;
}

void
oracle_set_plain(bool plain)
{
	or.plain = plain;
}

bool
oracle_plain(void)
{
	return or.plain;
}

uint64_t
oracle_events(uint32_t mask)
{
	uint64_t events = 0;
	unsigned n;

	for (n = 0; n < ORACLE_COUNT; n++) {
		if ((mask >> n & 1) != 0)
			events |= oracle_table[n]->or_events;
	}
	return events;
}

/*
 * oracle_subscribe:
 *
 *	Who hears of what, for this mask.
 */
static void
oracle_subscribe(uint32_t mask)
{
	const struct oracle *o;
	unsigned n, ev, heard;

	or.mask = mask;
	for (ev = 0; ev < EV_COUNT; ev++) {
		heard = 0;
		for (n = 0; n < ORACLE_COUNT; n++) {
			o = oracle_table[n];
			if ((mask >> n & o->or_events >> ev & 1) != 0)
				or.heard[ev][heard++] = o->or_event;
		}
		or.heard[ev][heard] = NULL;
	}
}

void
oracle_begin(uint32_t mask)
{
	unsigned n;

	mask &= (1u << ORACLE_COUNT) - 1;
	if (mask != or.mask)
		oracle_subscribe(mask);
	or.finding.fi_found = false;
	for (n = 0; n < ORACLE_COUNT; n++) {
		if ((mask >> n & 1) != 0 && oracle_table[n]->or_begin != NULL)
			oracle_table[n]->or_begin();
	}
}

void
oracle_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	void (*const *hears)(enum event, struct lwp *, uintptr_t, uintptr_t);

	for (hears = or.heard[ev]; *hears != NULL; hears++)
		(*hears)(ev, l, a, b);
}

void
oracle_finish(void)
{
	unsigned n;

	for (n = 0; n < ORACLE_COUNT && ! or.finding.fi_found; n++) {
		if ((or.mask >> n & 1) != 0 && oracle_table[n]->or_end != NULL)
			oracle_table[n]->or_end();
	}
}

void
oracle_find(enum oracle_id id, const char *what, const char *fmt, ...)
{
	struct finding *fi = & or.finding;
	va_list ap;

	if (fi->fi_found)
		return;
	fi->fi_found = true;
	fi->fi_oracle = id;
	(void)snprintf(fi->fi_what, sizeof(fi->fi_what), "%s", what);
	va_start(ap, fmt);
	(void)vsnprintf(fi->fi_detail, sizeof(fi->fi_detail), fmt, ap);
	va_end(ap);
	if (or.stop != NULL)
		or.stop();
}

const struct finding *
oracle_finding(void)
{
	return & or.finding;
}

const char *
oracle_state_name(uintptr_t stat)
{
	static const char *const names[LS_COUNT] = {
		[LSIDL] = "IDL",
		[LSRUN] = "RUN",
		[LSSLEEP] = "SLEEP",
		[LSSTOP] = "STOP",
		[LSZOMB] = "ZOMB",
		[LSONPROC] = "ONPROC",
		[LSSUSPENDED] = "SUSPENDED",
	};

	return stat < LS_COUNT && names[stat] != NULL ? names[stat] : "?";
}

const char *
oracle_lwp_name(const struct lwp *l, char *buf, size_t size)
{
	if (l == NULL)
		(void)snprintf(buf, size, "nobody");
	else if (l->l_cpu == NULL || l->l_proc == NULL)
		(void)snprintf(buf, size, "newborn");
	else if (l->l_lid == 0)
		(void)snprintf(buf, size, "idle %u", l->l_cpu->ci_index);
	else if (l->l_proc == kernel.k_proc0)
		(void)snprintf(buf, size, "lwp0");
	else if (l->l_proc == kernel.k_initproc)
		(void)snprintf(buf, size, "init");
	else
		(void)snprintf(
		    buf, size, "lwp %u (lid %d)", l->l_cookie, l->l_lid);
	return buf;
}
