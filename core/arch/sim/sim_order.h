/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What ThreadSanitizer is told of the machine's order, where it judges the core
 * (LWP_RACES).  Elsewhere all of this is nothing.
 */

#ifndef SIM_ORDER_H
#define SIM_ORDER_H

struct lwp;
struct rcu_head;
struct sim_context;

#ifdef LWP_RACES
#define SIM_ORDER(name, ...) void sim_order_##name(__VA_ARGS__);
#else
#define SIM_ORDER(name, ...)                                                   \
	static inline void sim_order_##name(__VA_ARGS__)                       \
	{                                                                      \
	}
#endif

/* A stack was bound to an LWP, by fiber_start(). */
SIM_ORDER(bind, struct sim_context *, const struct lwp *)
/* It is given back. */
SIM_ORDER(free, struct sim_context *)
/* A CPU leaves a context for another; right before the switch. */
SIM_ORDER(switch, struct sim_context *, struct sim_context *)
/* What booted comes before an idle context of another CPU. */
SIM_ORDER(start, struct sim_context *, struct sim_context *)
/* A read section ended; a callback was deferred; it is about to run. */
SIM_ORDER(section, void)
SIM_ORDER(defer, struct rcu_head *)
SIM_ORDER(callback, struct rcu_head *)
/* A run begins; it is over. */
SIM_ORDER(begin, void)
SIM_ORDER(end, void)

#undef SIM_ORDER

#endif /* SIM_ORDER_H */
