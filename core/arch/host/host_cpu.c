/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * CPUs, contexts, the switch; beginning and end of a machine.
 *
 * A CPU is a POSIX thread that leaves its own stack for the first context and
 * comes back to it when the machine ends.  CPU 0 boots the core on a context
 * that becomes lwp0; the others wait until it is done and begin in their idle
 * contexts.
 *
 *	(C1) a context runs on one CPU at a time: who switches to it holds, or
 *	     took and let go of, the LWP lock that was held across the switch
 *	     away from it (kern_synch.c), which orders the two
 *	(C2) nothing that is thread-local is read on both sides of a switch:
 *	     host_self() reads one, out of line, and is used at the end only
 *
 * The end is decided once, by whoever gets there first.  All CPUs are told by
 * an interrupt that no level holds off; each leaves what it executes at its
 * next point, or in a loop that spins, for good: locks stay held and frames
 * are abandoned.
 */

#define _GNU_SOURCE /* pthread_getattr_np */
#include <machine/atomic.h>

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_impl.h"

#define SPARE	   8   /* contexts that a CPU keeps to itself */
#define SPIN_BOUND 64  /* looks until a spinner gives its slice away */
#define POLLS	   200 /* looks until an idle CPU sleeps */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOST_STACK ((size_t)256 * 1024)
#endif
#endif
#ifndef HOST_STACK
#define HOST_STACK ((size_t)64 * 1024)
#endif

struct host host;
uint64_t host_told;
size_t host_watched;
unsigned host_rare;

static _Thread_local struct hostcpu *self;

__attribute__((noinline)) struct hostcpu *
host_self(void)
{
	return self;
}

/*
 * host_lock:
 *
 *	A spin lock of the machine's own; held for a few instructions, except
 *	where a chunk of stacks is mapped.
 */
void
host_lock(void)
{
	while (__atomic_exchange_n(&host.lock, 1, __ATOMIC_ACQUIRE) != 0) {
		while (__atomic_load_n(&host.lock, __ATOMIC_RELAXED) != 0)
			(void)sched_yield();
	}
}

void
host_unlock(void)
{
	__atomic_store_n(&host.lock, 0, __ATOMIC_RELEASE);
}

/*
 * Spinning.
 */

void
host_pause(void)
{
	struct hostcpu *hc = host_this(curcpu());

	if ((__atomic_load_n(&hc->hc_pending, __ATOMIC_RELAXED) & INTR_END) !=
	    0)
		host_leave(hc);
	if (++hc->hc_spins % SPIN_BOUND == 0) {
		/* The holder may not have a processor. */
		host_count(&hc->hc_counts.hn_yields);
		(void)sched_yield();
	} else
		HOST_RELAX();
}

void
host_spin(unsigned *word)
{
	do {
		while (__atomic_load_n(word, __ATOMIC_RELAXED) != 0)
			host_pause();
	} while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE) != 0);
}

#if LWP_PROTOCOL_PAUSES > 0
/*
 * host_spin_while:
 *
 *	The pointer is looked at after each pause, and the pauses grow while
 *	the mutex stays held: neither line is asked for more often than it is
 *	likely to have changed.
 */
bool
host_spin_while(kmutex_t *m, kmutex_t *const *at)
{
	unsigned pauses = 1, held, n;

	do {
		do {
			for (n = 1; n < pauses; n++)
				HOST_RELAX();
			host_pause();
			if (pauses < LWP_PROTOCOL_PAUSES)
				pauses *= 2;
			/* Acquire: a mover stores the pointer and then
			 * releases, so who sees the mutex free sees where the
			 * LWP went. */
			held = __atomic_load_n(&m->mtx_word, __ATOMIC_ACQUIRE);
			if (__atomic_load_n(at, __ATOMIC_RELAXED) != m)
				return false;
		} while (held != 0);
	} while (__atomic_exchange_n(&m->mtx_word, 1, __ATOMIC_ACQUIRE) != 0);
	return true;
}
#endif

/*
 * lwp_lock_wait:
 *
 *	The rest of lwp_lock_inline(), where locks are but their words.
 */
void
lwp_lock_wait(struct lwp *l, kmutex_t *mtx)
{
#if LWP_PROTOCOL_PAUSES > 0
	if (!host_spin_while(mtx, &l->l_mutex)) {
		(lwp_lock)(l);
		return;
	}
#else
	host_spin(&mtx->mtx_word);
#endif
	lwp_lock_retry(l, mtx);
}

void
lwp_lock_moved(struct lwp *l, kmutex_t *mtx)
{
	lwp_lock_retry(l, mtx);
}

/*
 * Contexts.  A CPU keeps a few free ones, with the stacks that they had, so
 * that LWPs which come and go need nothing that CPUs share.
 */

/*
 * context_cpu:
 *
 *	The CPU that runs this; NULL while it boots.
 */
static struct hostcpu *
context_cpu(void)
{
	return curlwp != NULL ? host_this(curcpu()) : NULL;
}

/* Statistics look at it. */
static void
context_spare(struct hostcpu *hc, unsigned n)
{
	__atomic_store_n(&hc->hc_nspare, n, __ATOMIC_RELAXED);
}

static struct host_context *
context_get(void)
{
	struct hostcpu *hc = context_cpu();
	struct host_context *hx = NULL;

	if (hc != NULL && (hx = hc->hc_spare) != NULL) {
		hc->hc_spare = hx->hx_next;
		context_spare(hc, hc->hc_nspare - 1);
		return hx;
	}
	host_lock();
	if (host.freecontexts != NULL) {
		hx = host.freecontexts;
		host.freecontexts = hx->hx_next;
	} else if (host.usedcontexts < host.ncontexts)
		hx = &host.contexts[host.usedcontexts++];
	host_unlock();
	return hx;
}

int
machine_context_init(struct lwp *l, void (*entry)(void *), void *arg)
{
	struct host_context *hx = context_get();

	if (hx == NULL)
		return ENOMEM;
	hx->hx_lwp = l;
	hx->hx_prev = NULL;
	hx->hx_entry = entry;
	hx->hx_arg = arg;
	if (hx->hx_stack != NULL)
		host_stack_arm(hx);
	l->l_machine = hx;
	return 0;
}

void
machine_context_free(struct lwp *l)
{
	struct host_context *hx = l->l_machine;
	struct hostcpu *hc = context_cpu();

	if (hx == NULL)
		return;
	l->l_machine = NULL;
	if (hc != NULL && hx->hx_stack != NULL && hc->hc_nspare < SPARE) {
		hx->hx_next = hc->hc_spare;
		hc->hc_spare = hx;
		context_spare(hc, hc->hc_nspare + 1);
		return;
	}
	if (hx->hx_stack != NULL)
		host_stack_unbind(hx);
	host_lock();
	hx->hx_next = host.freecontexts;
	host.freecontexts = hx;
	host_unlock();
}

struct lwp *
machine_switch(struct lwp *from, struct lwp *to)
{
	struct host_context *old = from->l_machine, *new = to->l_machine;
	struct hostcpu *hc = host_this(curcpu());

	host_rcu_quiesce(hc);
	host_stack_check(old);
	if (new->hx_stack == NULL && host_stack_bind(new) != 0)
		machine_panic("no memory for a stack");
	new->hx_prev = from;
	hc->hc_context = new;
	fiber_switch_ordered(&old->hx_fiber, &new->hx_fiber);
	return old->hx_prev;
}

struct lwp *
machine_switched_from(void)
{
	return ((struct host_context *)curlwp->l_machine)->hx_prev;
}

/*
 * machine_cpu_boot:
 *
 *	The context that boots becomes this CPU's current LWP.
 */
void
machine_cpu_boot(struct cpu_info *ci)
{
	struct hostcpu *hc = host_this(ci);
	struct lwp *l = ci->ci_curlwp;

	hc->hc_info = ci;
	hc->hc_context->hx_lwp = l;
	l->l_machine = hc->hc_context;
	l->l_cpu = ci;
	*host_stackslot() = l;
}

/*
 * The end.
 */

/*
 * host_end:
 *
 *	True for whoever decided it.
 */
bool
host_end(enum host_end end)
{
	unsigned n;

	if (__atomic_exchange_n(&host.ending, 1, __ATOMIC_ACQ_REL) != 0)
		return false;
	host.result.hr_end = end;
	for (n = 0; n < host.ncpu; n++)
		host_post(&host.cpus[n], INTR_END);
	__atomic_store_n(&host.live, 1, __ATOMIC_RELEASE);
	host_futex_wake(&host.live, INT_MAX);
	__atomic_store_n(&host.clockword, 1, __ATOMIC_RELEASE);
	host_futex_wake(&host.clockword, 1);
	host_rcu_wake();
	return true;
}

void
host_leave(struct hostcpu *hc)
{
	fiber_switch_ordered(&hc->hc_context->hx_fiber, &hc->hc_fiber);
	abort();
}

void
host_halt(void)
{
	struct hostcpu *hc = host_self();

	if (host.cpus != NULL)
		(void)host_end(HOST_END_halted);
	if (hc != NULL)
		host_leave(hc);
}

/*
 * panic_report:
 *
 *	Where this CPU is and what it holds.
 */
static void
panic_report(const struct hostcpu *hc, char *buf, size_t size)
{
	const struct cpu_info *ci = hc->hc_info;
	const struct lwp *l = hc->hc_context->hx_lwp;
	const kmutex_t *mtx;
	int len;

	len = snprintf(buf, size, "cpu %u, lid %d of process %d, level %d",
	    hc->hc_index, l != NULL ? l->l_lid : 0,
	    l != NULL && l->l_proc != NULL ? l->l_proc->p_pid : 0,
	    ci != NULL ? ci->ci_ipl : 0);
	if (ci == NULL)
		return;
	for (mtx = ci->ci_held; mtx != NULL && (size_t)len < size;
	     mtx = mtx->mtx_nextheld)
		len += snprintf(buf + len, size - (size_t)len, ", holds %s %u",
		    cell_name(mtx->mtx_class), mtx->mtx_ordinal);
}

void
machine_panic(const char *fmt, ...)
{
	struct hostcpu *hc = host_self();
	struct host_result hr;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(hr.hr_text, sizeof(hr.hr_text), fmt, ap);
	va_end(ap);
	if (hc == NULL) {
		(void)fprintf(
		    stderr, "lwp: panic off any CPU: %s\n", hr.hr_text);
		abort();
	}
	panic_report(hc, hr.hr_report, sizeof(hr.hr_report));
	if (host_end(HOST_END_panic)) {
		memcpy(host.result.hr_text, hr.hr_text, sizeof(hr.hr_text));
		memcpy(
		    host.result.hr_report, hr.hr_report, sizeof(hr.hr_report));
	}
	host_leave(hc);
}

/*
 * The beginning.
 */

/*
 * host_boot:
 *
 *	First code of CPU 0, on the context that becomes lwp0.
 */
static void
host_boot(void *arg)
{
	struct usercontext uc = { .uc_entry = host.first, .uc_arg = host.arg };
	pid_t_ pid;
	int error;

	(void)arg;
	error = kernel_boot(&host.params.hp_boot);
	if (error == 0)
		error = host.params.hp_start != NULL ? host.params.hp_start() :
						       kernel_spawn(&uc, &pid);
	if (error != 0) {
		if (host_end(HOST_END_boot))
			host.result.hr_error = error;
		host_leave(host_self());
	}
	__atomic_store_n(&host.live, 1, __ATOMIC_RELEASE);
	host_futex_wake(&host.live, INT_MAX);
	kernel_main();
}

/*
 * cpu_first:
 *
 *	The context that a CPU begins in; NULL if the machine ended before.
 */
static struct host_context *
cpu_first(struct hostcpu *hc)
{
	if (hc->hc_index == 0)
		return &host.contexts[0];
	while (__atomic_load_n(&host.live, __ATOMIC_ACQUIRE) == 0)
		host_futex_wait(&host.live, 0);
	if (__atomic_load_n(&host.ending, __ATOMIC_ACQUIRE) != 0)
		return NULL;
	hc->hc_info = &kernel.k_cpu[hc->hc_index];
	return hc->hc_info->ci_curlwp->l_machine;
}

/*
 * cpu_ownstack:
 *
 *	Where the thread's own stack is; AddressSanitizer wants to know.
 */
static void
cpu_ownstack(struct fiber *f)
{
	pthread_attr_t attr;
	void *stack;
	size_t size;

	fiber_host(f);
	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return;
	if (pthread_attr_getstack(&attr, &stack, &size) == 0) {
		f->fb_stack = stack;
		f->fb_size = size;
	}
	(void)pthread_attr_destroy(&attr);
}

static void *
cpu_main(void *arg)
{
	struct hostcpu *hc = arg;
	struct host_context *hx;

	self = hc;
	cpu_ownstack(&hc->hc_fiber);
	if (host.params.hp_bind != NULL)
		host.params.hp_bind(hc->hc_index);
	else if (host.params.hp_pin)
		host_pin(hc->hc_index, host.ncpu);
	hx = cpu_first(hc);
	if (hx == NULL || host_stack_bind(hx) != 0) {
		(void)host_end(HOST_END_boot);
		return NULL;
	}
	hc->hc_context = hx;
	host_rcu_register();
	fiber_switch_ordered(&hc->hc_fiber, &hx->hx_fiber);
	host_rcu_unregister();
	return NULL;
}

/*
 * host_defaults:
 *
 *	Fill in what is zero.
 */
static void
host_defaults(struct host_params *hp)
{
	if (hp->hp_boot.bp_ncpu == 0)
		hp->hp_boot.bp_ncpu = 1;
	if (hp->hp_boot.bp_maxlwp == 0)
		hp->hp_boot.bp_maxlwp = 64;
	if (hp->hp_boot.bp_maxlwp_proc == 0)
		hp->hp_boot.bp_maxlwp_proc = hp->hp_boot.bp_maxlwp;
	if (hp->hp_boot.bp_maxproc == 0)
		hp->hp_boot.bp_maxproc = 16;
	if (hp->hp_boot.bp_maxkey == 0)
		hp->hp_boot.bp_maxkey = 16;
	if (hp->hp_stacksize == 0)
		hp->hp_stacksize = HOST_STACK;
	if (hp->hp_guarded == 0)
		hp->hp_guarded = HOST_GUARDED;
	if (hp->hp_tick_us == 0)
		hp->hp_tick_us = 1000;
}

/*
 * host_watch:
 *
 *	Of which events somebody is to be told, and whether that, or a kernel
 *	that is preempted where the level falls, makes locks more than words.
 */
static void
host_watch(void)
{
	const uint64_t locks = 1ull << EV_LOCK | 1ull << EV_UNLOCK |
	    1ull << EV_LWPUNLOCK;

	CTASSERT(EV_COUNT <= 64);
	host_rare = host.params.hp_perturb != 0 ||
	    host.params.hp_perturbed != NULL;
	host_told = host.params.hp_events;
	host_watched = LWP_CHECKED || (host_told & locks) != 0 ||
		host.params.hp_boot.bp_preempt_kernel ?
	    offsetof(kmutex_t, mtx_lwp) - offsetof(kmutex_t, mtx_word) :
	    0;
}

/*
 * host_polls:
 *
 *	Only if somebody else can find work for it meanwhile, on a processor of
 *	its own.
 */
static unsigned
host_polls(void)
{
	cpu_set_t set;

	if (host.ncpu < 2 || sched_getaffinity(0, sizeof(set), &set) != 0 ||
	    host.ncpu > (unsigned)CPU_COUNT(&set))
		return 0;
	return POLLS;
}

/*
 * host_setup:
 *
 *	Memory for CPUs and contexts: each LWP has one, each idle loop, and
 *	lwp0.  An errno.
 */
static int
host_setup(const struct host_params *hp)
{
	unsigned n;
	int error;

	host = (struct host) { .params = *hp, .ticks = 1, .timer = UINT64_MAX };
	host_defaults(&host.params);
	host_watch();
	host.ncpu = host.params.hp_boot.bp_ncpu;
	if (host.ncpu > HOST_CPUS)
		return EINVAL;
	host.polls = host_polls();
	error = host_stack_init(host.params.hp_stacksize);
	if (error != 0)
		return error;
	host.ncontexts = host.params.hp_boot.bp_maxlwp +
	    host.ncpu * (1 + SPARE) + 1;
	host.contexts = aligned_alloc(
	    HOST_APART, host.ncontexts * sizeof(*host.contexts));
	host.cpus = aligned_alloc(HOST_APART, host.ncpu * sizeof(*host.cpus));
	if (host.contexts == NULL || host.cpus == NULL ||
	    host_memory_init() != 0)
		return ENOMEM;
	memset(host.contexts, 0, host.ncontexts * sizeof(*host.contexts));
	memset(host.cpus, 0, host.ncpu * sizeof(*host.cpus));
	for (n = 0; n < host.ncpu; n++) {
		host.cpus[n].hc_index = n;
		host.cpus[n].hc_random = (host.params.hp_seed + n + 1) *
		    0x9e3779b97f4a7c15u;
	}
	host.usedcontexts = 1;
	host.contexts[0].hx_entry = host_boot;
	host_rcu_init();
	return 0;
}

/*
 * host_threads:
 *
 *	Run the CPUs and the two threads that are none until all have ended.
 *	An errno if a thread cannot be made.
 */
static int
host_threads(void)
{
	static void *(*const beside[])(
	    void *) = { host_clock_main, host_rcu_main };
	const unsigned all = host.ncpu + 2;
	pthread_t thread[HOST_CPUS + 2];
	unsigned n, made;
	int error = 0;

	for (made = 0; made < all; made++) {
		if (made < host.ncpu)
			error = pthread_create(
			    &thread[made], NULL, cpu_main, &host.cpus[made]);
		else
			error = pthread_create(&thread[made], NULL,
			    beside[made - host.ncpu], NULL);
		if (error != 0) {
			(void)host_end(HOST_END_boot);
			break;
		}
	}
	for (n = 0; n < made; n++)
		(void)pthread_join(thread[n], NULL);
	return error;
}

/*
 * host_teardown:
 *
 *	Stacks of contexts that were abandoned go back to the pool.
 */
static void
host_teardown(void)
{
	unsigned n;

	for (n = 0; n < host.usedcontexts; n++) {
		if (host.contexts[n].hx_stack != NULL)
			host_stack_unbind(&host.contexts[n]);
	}
	for (n = 0; n < host.ncpu && host.cpus != NULL; n++) {
		host.cpus[n].hc_spare = NULL;
		host.cpus[n].hc_nspare = 0;
	}
	free(host.contexts);
	host.contexts = NULL;
}

/*
 * host_release:
 *
 *	What the last machine left for others to look at.
 */
static void
host_release(void)
{
	host_memory_fini();
	free(host.cpus);
	host.cpus = NULL;
}

enum host_end
host_run(const struct host_params *hp, void (*first)(void *), void *arg,
    struct host_result *hr)
{
	int error;

	host_release();
	error = host_setup(hp);
	host.first = first;
	host.arg = arg;
	if (error == 0)
		error = host_threads();
	if (error != 0) {
		host.result.hr_end = HOST_END_boot;
		host.result.hr_error = error;
	}
	host_teardown();
	if (hr != NULL)
		*hr = host.result;
	return host.result.hr_end;
}

void
host_fini(void)
{
	host_release();
	host_stack_fini();
}
