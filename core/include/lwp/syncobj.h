/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sleep queues, and the small table of functions by which an LWP's place of
 * rest (run queue, sleep queue, turnstile) knows how to take it out again, and
 * what a change of its priority means there.
 */

#ifndef LWP_SYNCOBJ_H
#define LWP_SYNCOBJ_H

#include <bsd/sys/queue.h>

#include <lwp/mutex.h>

struct lwp;
enum sleep_end;

struct syncobj {
	const char *sobj_name;
	bool sobj_sorted; /* queue by priority; else FIFO */
	/* Take a sleeper out for this reason; unlocks it. */
	void (*sobj_unsleep)(struct lwp *, enum sleep_end);
	/* l locked, l_usrpri is stored already: new own priority.  The lock
	 * may be dropped inside, where the priority is lent on. */
	void (*sobj_changepri)(struct lwp *, pri_t);
	/* l locked: another priority is lent to it. */
	void (*sobj_lendpri)(struct lwp *, pri_t);
	/* Who owns what is waited for; NULL function: nobody ever. */
	struct lwp *(*sobj_owner)(const void *wchan);
};

extern const struct syncobj sched_syncobj;    /* on a CPU or a run queue */
extern const struct syncobj sleep_syncobj;    /* tsleep, condition variables */
extern const struct syncobj lwp_park_syncobj; /* _lwp_park */
extern const struct syncobj mutex_syncobj;    /* adaptive mutexes */

TAILQ_HEAD(sleepq_head, lwp);

/* A queue, with the mutex that covers it and all on it: of its own, or that of
 * the chain that its turnstile is on. */
struct sleepq {
	kmutex_t *sq_mutex;	     /* =: on UP, the one scheduler mutex */
	struct sleepq_head sq_queue; /* sq_mutex: */
};

/* A row of the table of queues, on a line of its own. */
struct sleepq_row {
	_Alignas(64) struct sleepq sr_queue;
	kmutex_t sr_mutex; /* that of sr_queue, but on UP */
};

/* sleepq_init: the table of queues, never freed: a mutex that was lent to an
 * LWP outlives every reader of l_mutex. */
void sleepq_init(void);

/* sleepq_lookup: the queue that wchan hashes to, its mutex held.  The hash
 * takes the offset of wchan in the arena, so it is the same in every run. */
struct sleepq *sleepq_lookup(const void *wchan);

/* sleepq_enter: lock curlwp, lend it the queue's mutex (which is held).  Its
 * scheduler mutex is released.  The queue mutex is now the LWP lock. */
void sleepq_enter(struct sleepq *, struct lwp *);

/* sleepq_enqueue: curlwp, locked by the queue: state SLEEP. */
void sleepq_enqueue(struct sleepq *, pri_t, const void *wchan,
    const char *wmesg, const struct syncobj *);

/*
 * sleepq_block:
 *
 *	Leave the CPU after sleepq_enqueue; timo in ticks, 0 = for ever; catch:
 *	may be interrupted.  The queue mutex is held on entry and not on
 *	return.  Returns 0: woken; EWOULDBLOCK; EINTR, ERESTART: interrupted,
 *	also without having slept.  The waker's reason decides.
 */
int sleepq_block(int timo, bool catch);

/* sleepq_remove: take l, on sq and locked, off for a reason; it becomes RUN
 * or ONPROC and is covered by a scheduler mutex.  A STOP or SUSPENDED LWP
 * only changes its lock and must not be touched any more.  The queue's mutex
 * stays held. */
void sleepq_remove(struct sleepq *, struct lwp *, enum sleep_end);

/* sleepq_wake: up to n sleepers on wchan; the queue is unlocked.  Returns how
 * many. */
unsigned sleepq_wake(struct sleepq *, const void *wchan, unsigned n);

/* sleepq_unsleep, sleepq_changepri, sleepq_lendpri: of sleep_syncobj. */
void sleepq_unsleep(struct lwp *, enum sleep_end);
void sleepq_changepri(struct lwp *, pri_t);
void sleepq_lendpri(struct lwp *, pri_t);

/* sleepq_timeout: callout handler of a sleep. */
void sleepq_timeout(void *lwp, uint64_t sleepno);

#endif /* LWP_SYNCOBJ_H */
