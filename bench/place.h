/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which thread goes to which processor (hwloc).  Processors are known by their
 * index in the order of the topology, 0 to place_count()-1.
 */

#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>

/* How near two processors are to each other. */
enum nearness {
	NEAR_self,
	NEAR_smt,
	NEAR_cache,
	NEAR_package,
	NEAR_far,
	NEAR_COUNT
};
extern const char *const nearness_name[NEAR_COUNT];

/*
 * place_init:
 *
 *	Read the topology.  The policy is "compact": neighbours first, cache
 *	after cache, in each the cores before their siblings; "scatter": as far
 *	from each other as possible; "l3:N": those of the N-th L3 cache; or a
 *	list like 0-3,8 of the host's processor numbers.  False after a message.
 */
bool place_init(const char *policy);
void place_fini(void);

/* place_count: processors that the policy names; place_real: those that this
 * process really may use, whatever topology it was told. */
unsigned place_count(void);
unsigned place_real(void);

/* place_bind: the calling thread, to the n-th processor of the policy.  A host
 * that does not allow it is no error. */
void place_bind(unsigned n);
/* place_unbind: to all of them. */
void place_unbind(void);

/* Where a processor is, by numbers of the topology; wh_os is the host's.  Where
 * the host names no core, cache or package, it has one of its own. */
struct where {
	unsigned wh_os, wh_core, wh_cache, wh_package, wh_node;
};

/* place_where: the n-th processor of the policy. */
struct where place_where(unsigned n);

/* where_nearness: the largest cache decides, however small it is. */
enum nearness where_nearness(struct where, struct where);

/* place_pair: two processors that near to each other, the first that come at or
 * after *a; false: there are none. */
bool place_pair(enum nearness, unsigned *a, unsigned *b);

/* place_l3s: how many L3 caches the first so many processors have; 0 where the
 * host names none. */
unsigned place_l3s(unsigned threads);

/* place_xml: the topology, for place_free_xml(); NULL if hwloc cannot. */
char *place_xml(void);
void place_free_xml(char *);

/* place_describe: "2 packages, 4 L3, 64 cores, 128 processors". */
const char *place_describe(void);

#endif /* PLACE_H */
