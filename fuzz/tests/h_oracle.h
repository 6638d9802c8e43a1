/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the tests of oracles share: events are told by hand, and a finding is
 * expected, or none.
 */

#ifndef H_ORACLE_H
#define H_ORACLE_H

#include <criterion/criterion.h>

#include "../oracle/oracle.h"

extern struct cpu_info *sim_curcpu; /* whose lwp_current() is asked for */

/* tell: if any oracle wants to hear of it. */
static inline void
tell(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	if ((oracle_events(~0u) >> ev & 1) != 0)
		oracle_event(ev, l, a, b);
}

/* fires: the one that watches found this. */
static inline void
fires(const char *what)
{
	cr_assert(oracle_finding()->fi_found, "silent, expected: %s", what);
	cr_assert_str_eq(oracle_finding()->fi_what, what);
}

/* silent: it found nothing. */
static inline void
silent(void)
{
	cr_assert_not(oracle_finding()->fi_found, "fired: %s (%s)",
	    oracle_finding()->fi_what, oracle_finding()->fi_detail);
}

#endif /* H_ORACLE_H */
