/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Critical sections on the lock boxes, and sections of kernel code under
 * adaptive mutexes: one LWP inside at a time, and no step of it is lost.
 */

#include <lwp/section.h>

#include "oracle.h"

#define BOXES	 8

#define SECTIONS 64

static const struct lwp *inside[BOXES];

/* Sections by address, in order of appearance. */
static struct {
	const struct section *section;
	const struct lwp *inside;
	unsigned count; /* steps that were told */
} sections[SECTIONS];
static unsigned nsections;

static void
exclusion_begin(void)
{
	unsigned n;

	for (n = 0; n < BOXES; n++)
		inside[n] = NULL;
	nsections = 0;
}

static unsigned
exclusion_find(const struct section *sc)
{
	unsigned n;

	for (n = 0; n < nsections; n++) {
		if (sections[n].section == sc)
			return n;
	}
	if (nsections == SECTIONS)
		nsections = 0;
	n = nsections++;
	sections[n].section = sc;
	sections[n].inside = NULL;
	sections[n].count = sc->sc_count;
	return n;
}

static void
exclusion_section(
    const struct lwp *l, const struct section *sc, enum event_section what)
{
	unsigned n = exclusion_find(sc);
	char a[48], b[48];

	if (what == SECTION_LEAVE) {
		sections[n].inside = NULL;
		return;
	}
	if (what == SECTION_ENTER) {
		if (sections[n].inside != NULL)
			oracle_find(ORACLE_exclusion, "two inside a section",
			    "section %u: %s while %s is inside",
			    sc->sc_mutex.mtx_ordinal,
			    oracle_lwp_name(l, a, sizeof(a)),
			    oracle_lwp_name(sections[n].inside, b, sizeof(b)));
		sections[n].inside = l;
		sections[n].count = sc->sc_count;
		return;
	}
	if (sc->sc_count != ++sections[n].count)
		oracle_find(ORACLE_exclusion, "a step in a section was lost",
		    "section %u: count %u", sc->sc_mutex.mtx_ordinal,
		    sc->sc_count);
}

static void
exclusion_event(enum event ev, struct lwp *l, uintptr_t what, uintptr_t box)
{
	char a[48], b[48];

	if (ev == EV_SECTION) {
		exclusion_section(
		    l, (const struct section *)what, (enum event_section)box);
		return;
	}
	if (box >= BOXES)
		return;
	if (what == MARK_BOX_ENTER) {
		if (inside[box] != NULL)
			oracle_find(ORACLE_exclusion,
			    "two inside a critical section",
			    "box %u: %s while %s is inside", (unsigned)box,
			    oracle_lwp_name(l, a, sizeof(a)),
			    oracle_lwp_name(inside[box], b, sizeof(b)));
		inside[box] = l;
	} else if (what == MARK_BOX_LEAVE)
		inside[box] = NULL;
}

const struct oracle oracle_exclusion = {
	.or_name = "exclusion",
	.or_events = 1ull << EV_MARK | 1ull << EV_SECTION,
	.or_begin = exclusion_begin,
	.or_event = exclusion_event,
};
