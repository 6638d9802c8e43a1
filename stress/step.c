/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The trap flag makes the processor trap after each instruction.  The handler
 * looks at the one that comes next.  A switch between fibres leaves the flag
 * alone, so a path is followed from stack to stack on its thread; what other
 * threads do for it is not seen.
 *
 * A round takes thousands of times longer than usual, so whatever comes with
 * time is over-represented: hence the least of several rounds.
 */

#define _GNU_SOURCE /* REG_RIP */
#include "step.h"

#include <signal.h>
#include <stddef.h>
#include <ucontext.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STEP_SANITIZED 1
#endif
#endif

#if defined(__x86_64__) && !defined(STEP_SANITIZED)
#define STEP_WORKS 1
#else
#define STEP_WORKS 0
#endif

static struct step_counts now, begun, least;
static bool first;

#if STEP_WORKS

#define PREFIX_LOCK 0xf0
#define MOD_REG	    0xc0 /* no memory operand */

/*
 * step_is_prefix:
 *
 *	Operand and address size, segments, repetition, lock.
 */
static bool
step_is_prefix(unsigned char byte)
{
	static const unsigned char prefixes[] = { 0x66, 0x67, 0x2e, 0x36, 0x3e,
		0x26, 0x64, 0x65, 0xf2, 0xf3, PREFIX_LOCK };
	size_t n;

	for (n = 0; n < sizeof(prefixes); n++) {
		if (prefixes[n] == byte)
			return true;
	}
	return false;
}

/*
 * step_is_atomic:
 *
 *	A lock prefix, or xchg with memory, which implies one.
 */
static bool
step_is_atomic(const unsigned char *ip)
{
	for (; step_is_prefix(*ip); ip++) {
		if (*ip == PREFIX_LOCK)
			return true;
	}
	if ((*ip & 0xf0) == 0x40) /* REX */
		ip++;
	return (*ip & 0xfe) == 0x86 && (ip[1] & MOD_REG) != MOD_REG;
}

static void
step_trap(int sig, siginfo_t *si, void *arg)
{
	const ucontext_t *uc = arg;

	(void)sig;
	(void)si;
	now.sc_instructions++;
	now.sc_atomics += step_is_atomic(
	    (const unsigned char *)uc->uc_mcontext.gregs[REG_RIP]);
}

/* Below the red zone. */
#define STEP_FLAG(change)                                                      \
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"                         \
			 "pushfq\n\t" change " (%%rsp)\n\t"                    \
			 "popfq\n\t"                                           \
			 "leaq 128(%%rsp), %%rsp"                              \
			 :                                                     \
			 :                                                     \
			 : "memory", "cc")

#endif

bool
step_available(void)
{
	return STEP_WORKS;
}

void
step_begin(void)
{
#if STEP_WORKS
	struct sigaction sa = { .sa_sigaction = step_trap,
		.sa_flags = SA_SIGINFO };

	now = least = (struct step_counts) { 0 };
	first = true;
	(void)sigaction(SIGTRAP, &sa, NULL);
	STEP_FLAG("orq $0x100,");
#endif
}

void
step_end(void)
{
#if STEP_WORKS
	STEP_FLAG("andq $~0x100,");
#endif
}

void
step_round(void)
{
	struct step_counts round = { now.sc_instructions -
		    begun.sc_instructions,
		now.sc_atomics - begun.sc_atomics };

	if (!first &&
	    (least.sc_instructions == 0 ||
		round.sc_instructions < least.sc_instructions))
		least = round;
	first = false;
	begun = now;
}

struct step_counts
step_least(void)
{
	return least;
}
