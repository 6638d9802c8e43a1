/* SPDX-License-Identifier: BSD-2-Clause */

/* Between the parts of the driver. */

#ifndef DRIVER_H
#define DRIVER_H

#include "records.h"

struct kept {
	struct kept *ke_next;
	_Alignas(64) char ke_bytes[];
};

struct plan {
	const char *pl_bench; /* whose cases are being added */
	struct bench_case **pl_case;
	unsigned pl_ncase;
	struct kept *pl_kept;
};
extern struct plan plan;

/* plan_clear: forget cases and what plan_keep() gave. */
void plan_clear(void);

/* plan_only: forget the cases that do not have these words; how many are left.
 */
unsigned plan_only(const char *words);

/* rota_run: run the plan for about so many seconds; left is what the rest of
 * the run will take after it. */
void rota_run(struct records *, double seconds, double left);

/* report_table: the terminal's view of what was measured. */
void report_table(const struct records *);

/* gate_all: judge and print; how many fail. */
unsigned gate_all(const struct records *);
bool config_has(const char *config, const char *words);

/* calibrate: a new object about the host, looking at so many processors,
 * for at most about so long.  calibrate_ping: ns to another processor, that
 * near; NULL: whatever. */
json_t *calibrate(unsigned most, double seconds);
void calibrate_print(const json_t *);
double calibrate_ping(const json_t *, const char *near);

/* watch_start, watch_stop: what the host does meanwhile; warns. */
void watch_start(void);
void watch_stop(void);

/* Verbs: an exit code. */
#define VERB(name, arguments, what)                                            \
	int verb_##name(int argc, const char **argv);
#include "verb.def"
#undef VERB

double driver_seconds(void);
/* driver_records: of the run that goes on. */
struct records *driver_records(void);

#endif /* DRIVER_H */
