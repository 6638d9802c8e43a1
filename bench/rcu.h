/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The rcu benchmark: a table that readers look things up in while somebody
 * replaces entries, and the ways to protect it.
 */

#ifndef RCU_H
#define RCU_H

#include <stdbool.h>
#include <stdint.h>

#define RCU_SPARE 8 /* entries that are not in the table */

struct rcu_entry {
	_Alignas(64) struct rcu_entry *re_next; /* @: of the chain or list */
	unsigned re_key;
	unsigned re_value;
};

struct rcu_table {
	unsigned rt_objects, rt_mask;
	bool rt_list;			/* one chain for all, as 1.54 has it */
	struct rcu_entry **rt_chain;	/* @ */
	struct rcu_entry *rt_entry;	/* rt_objects + RCU_SPARE of them */
	struct rcu_entry *rt_spare;	/* the updater's: free ones */
	_Alignas(128) unsigned rt_word; /* spin lock of the locked ways */
};

/* What a member counts. */
struct rcu_count {
	_Alignas(128) uint64_t rn_ops;
	uint64_t rn_missed; /* must stay 0 */
	uint64_t rn_random;
	uint64_t rn_ticks; /* from its begin to its end */
};

struct rcu_job {
	struct rcu_table *rj_table;
	_Alignas(128) unsigned rj_stop; /* @ */
};

/* A way: a reader and an updater, until rj_stop. */
struct rcu_way {
	const char *rw_name;
	bool rw_list;
	void (*rw_read)(struct rcu_job *, struct rcu_count *);
	void (*rw_update)(struct rcu_job *, struct rcu_count *);
};
extern const struct rcu_way rcu_way_qsbr, rcu_way_memb, rcu_way_mb;

/* rcu_job_over: called by the member that keeps the time. */
bool rcu_job_over(struct rcu_job *);

static inline struct rcu_entry **
rcu_head_of(struct rcu_table *rt, unsigned key)
{
	return &rt->rt_chain[rt->rt_list ? 0 : key & rt->rt_mask];
}

static inline struct rcu_entry *
rcu_look(struct rcu_table *rt, unsigned key)
{
	struct rcu_entry *re;

	re = __atomic_load_n(rcu_head_of(rt, key), __ATOMIC_CONSUME);
	while (re != NULL && re->re_key != key)
		re = __atomic_load_n(&re->re_next, __ATOMIC_CONSUME);
	return re;
}

/* rcu_replace: a copy in place of the entry of a key, which is returned. */
struct rcu_entry *rcu_replace(struct rcu_table *, unsigned key);
/* rcu_recycle: nobody looks at it any more. */
void rcu_recycle(struct rcu_table *, struct rcu_entry *);

#endif /* RCU_H */
