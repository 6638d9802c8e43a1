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
/* A stack was bound to an LWP, by fiber_start(). */
void sim_order_bind(struct sim_context *, const struct lwp *);
/* It is given back. */
void sim_order_free(struct sim_context *);
/* A CPU leaves a context for another; right before the switch. */
void sim_order_switch(struct sim_context *from, struct sim_context *to);
/* What booted comes before an idle context of another CPU. */
void sim_order_start(struct sim_context *booted, struct sim_context *idle);
/* A read section ended; a callback was deferred; it is about to run. */
void sim_order_section(void);
void sim_order_defer(struct rcu_head *);
void sim_order_callback(struct rcu_head *);
/* A run begins; it is over. */
void sim_order_begin(void);
void sim_order_end(void);
#else
#define sim_order_bind(cx, l)	    ((void)(cx), (void)(l))
#define sim_order_free(cx)	    ((void)(cx))
#define sim_order_switch(from, to)  ((void)(from), (void)(to))
#define sim_order_start(boot, idle) ((void)(boot), (void)(idle))
#define sim_order_section()	    ((void)0)
#define sim_order_defer(head)	    ((void)(head))
#define sim_order_callback(head)    ((void)(head))
#define sim_order_begin()	    ((void)0)
#define sim_order_end()		    ((void)0)
#endif

#endif /* SIM_ORDER_H */
