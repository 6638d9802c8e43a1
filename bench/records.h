/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The records of a run: what was measured, as it was measured.  A file is a
 * line of JSON for each record (bench/README.md describes them), written when
 * it is made, so that a run that is killed leaves what it had.  A run that was
 * just made and one that was read are the same thing in memory.
 */

#ifndef RECORDS_H
#define RECORDS_H

#include <jansson.h>
#include <stdio.h>

#include "bench.h"

#define RECORDS_VERSION 1

struct sample_list {
	struct sample **sl_sample;
	size_t sl_n;
};

struct records {
	FILE *rc_file;		/* where lines go, or NULL */
	json_t *rc_head;	/* the "run" record */
	json_t *rc_end;		/* the "end" record, or NULL: it was killed */
	json_t *rc_calibration; /* or NULL */
	json_t *rc_model;	/* or NULL */
	json_t *rc_warning;	/* array of texts */
	struct bench_case **rc_case;
	unsigned rc_ncase;
	struct sample_list *rc_of; /* by case: its samples, as in rc_sample */
	struct sample **rc_sample;
	size_t rc_nsample;
};

/* records_start: a new run; path may be NULL.  False after a message. */
bool records_start(struct records *, const char *path, json_t *head);
/* These keep what they are given, and write it. */
void records_case(struct records *, struct bench_case *);
void records_sample(struct records *, struct sample *);
void records_calibration(struct records *, json_t *);
void records_model(struct records *, json_t *);
void records_warning(struct records *, const char *text);
void records_skipped(struct records *, const struct bench_case *, unsigned v);
/* records_stop: the end; false after a message if it could not be written. */
bool records_stop(struct records *, bool interrupted, double seconds);

/* records_read: false after a message of one line.  A last line that was cut
 * off is left out, with a warning. */
bool records_read(struct records *, const char *path);
void records_free(struct records *);

/* sample_new, sample_free */
struct sample *sample_new(const struct bench_case *, unsigned variant);
void sample_free(struct sample *);

#endif /* RECORDS_H */
