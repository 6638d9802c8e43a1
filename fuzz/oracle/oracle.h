/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Oracles: what may never happen.  One file each, written from the
 * specification and not from the core's tables; a row in oracle.def each.
 *
 * An oracle looks at events as they happen and at the state at the end, and
 * calls oracle_find() for the first thing that is wrong.  It reads the core's
 * structures plainly (they do not change under it), takes no lock and changes
 * nothing.
 */

#ifndef ORACLE_H
#define ORACLE_H

#include <lwp/event.h>
#include <lwp/kernel.h>

enum oracle_id {
#define ORACLE(name, what) ORACLE_##name,
#include "oracle.def"
#undef ORACLE
	ORACLE_COUNT
};

struct oracle {
	const char *or_name;
	uint64_t or_events;	/* bits of enum event */
	void (*or_begin)(void); /* reset; or NULL */
	void (*or_event)(enum event, struct lwp *, uintptr_t, uintptr_t);
	void (*or_end)(void); /* the run ended quietly; or NULL */
};

/* By enum oracle_id. */
extern const struct oracle *const oracle_table[ORACLE_COUNT];

/* oracle_begin, oracle_event, oracle_finish: all oracles in the mask. */
void oracle_begin(uint32_t mask);
uint64_t oracle_events(uint32_t mask);
void oracle_event(enum event, struct lwp *, uintptr_t, uintptr_t);
void oracle_finish(void);

/*
 * oracle_find:
 *
 *	Something is wrong.  "what" is part of the signature: a short stable
 *	phrase without addresses, steps or numbers that vary; the format gives
 *	the details for the report.  The first finding of a run wins; the run is
 *	stopped through the function given to oracle_set_stop().
 */
void oracle_find(enum oracle_id, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void oracle_set_stop(void (*)(void));

/*
 * oracle_set_plain, oracle_plain:
 *
 *	Are CPUs switched at plain accesses as well (memory grain)?  Then a CPU
 *	may have done only half of what follows its last step when an event of
 *	another CPU is reported, so a rule that compares both halves must wait.
 */
void oracle_set_plain(bool);
bool oracle_plain(void);

struct finding {
	bool fi_found;
	enum oracle_id fi_oracle;
	char fi_what[96];
	char fi_detail[512];
};
const struct finding *oracle_finding(void);

/* oracle_lwp_name: "lwp 2 (lid 3)" for messages.
 * oracle_state_name: "SLEEP". */
const char *oracle_lwp_name(const struct lwp *, char *, size_t);
const char *oracle_state_name(uintptr_t stat);

#endif /* ORACLE_H */
