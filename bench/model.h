/* SPDX-License-Identifier: BSD-2-Clause */

/* The model: how it is run, and fitted to records. */

#ifndef MODEL_H
#define MODEL_H

#include <jansson.h>

#include "lock.h"
#include "place.h"
#include "records.h"

#define MODEL_CPUS 256

/* Times in ns; fractions of the time a line takes from one processor to the
 * other. */
struct model_params {
	double mp_load;	    /* fraction: a load that misses */
	double mp_upgrade;  /* fraction: a store or exchange that misses */
	double mp_data;	    /* fraction: the line that the lock protects */
	double mp_occupied; /* the line's slot, by a load */
	double mp_own;	    /* an acquisition's own work */
	double mp_ns[NEAR_COUNT];     /* a line's way, by nearness */
	const struct where *mp_where; /* of each thread; NULL: clusters */
	double mp_pause, mp_rmw;
};

#define MODEL_CLUSTER 8 /* processors that share a cache; others are far */

struct model_result {
	double mr_rate;				 /* acquisitions a second */
	double mr_handover;			 /* an acquisition */
	double mr_moves, mr_waiters, mr_retries; /* an acquisition, a move */
	double mr_jain;
};

/* model_nearness: of two threads. */
enum nearness model_nearness(const struct model_params *, unsigned, unsigned);

/* model_run: false if it does not end. */
bool model_run(const struct model_params *, const struct lock_config *,
    const struct lock_kind *, struct model_result *);

/* model_default: before anything is fitted, from a calibration or NULL. */
struct model_params model_default(const json_t *calibration);

/* model_fit: to what the records hold of queues, in about so many seconds, or
 * as many as it takes if that is 0; prediction beside every measurement, and
 * beyond; NULL if there is nothing to fit to. */
json_t *model_fit(const struct records *, double seconds);
void model_print(const json_t *);

#endif /* MODEL_H */
