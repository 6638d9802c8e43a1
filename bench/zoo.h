/* SPDX-License-Identifier: BSD-2-Clause */

/* The copies of core/lock that benchmarks run, and the one of the model. */

#ifndef ZOO_H
#define ZOO_H

#include <lwp/lwplock.h>

#define ZOO_COPIES 8

struct zoo {
	const struct spin_algorithm *const *zo_spin;
	const struct protocol (*zo_protocol)[SPIN_COUNT];
	const struct protocol (*zo_uncounted)[SPIN_COUNT];
	void (*zo_pool_init)(struct spin_pool *, struct spin_node *, unsigned);
	void (*zo_cpu_init)(struct spin_cpu *, struct spin_pool *, unsigned);
	void (*zo_lock_init)(struct lwplock *, union spin *);
};

extern const struct zoo *const zoos[ZOO_COPIES];
#define model_zoo native8_zoo
extern const struct zoo model_zoo;

/* native_yields: who waits yields now and then. */
extern bool native_yields;
void native_yield(void);

#endif /* ZOO_H */
