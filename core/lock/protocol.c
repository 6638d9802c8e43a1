/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Each protocol over each algorithm, with counts and without.
 *
 * A pair is six functions in which protocol and algorithm are inlined; the
 * table holds them.  Adding an algorithm is a file, its row in spin.def and
 * its line in spin_all.h; adding a protocol a file, its row in protocol.def,
 * and here its line among the includes and its expansion of spin.def.
 */

#include <machine/atomic.h>

#include "protocol_backoff.h"
#include "protocol_blocked.h"
#include "protocol_poll.h"
#include "protocol_queue.h"
#include "protocol_retry.h"
#include "protocol_sequence.h"
#include "spin_all.h"

const union spin protocol_blocked;

void
lwplock_init(struct lwplock *ll, union spin *sl)
{
	ll->ll_lock = sl;
	ll->ll_seq = 0;
	spin_mcs_init(&ll->ll_queue, NULL);
}

/* All rows of protocol.def; one that is missing here leaves its text unused,
 * which does not compile. */
#define PROTOCOLS(X, spin, count)                                              \
	X(retry, spin, count)                                                  \
	X(poll, spin, count)                                                   \
	X(backoff, spin, count)                                                \
	X(blocked, spin, count)                                                \
	X(sequence, spin, count)                                               \
	X(queue, spin, count)

#define PROTOCOL(name, what) static const char what_##name[] = what;
#include <lwp/protocol.def>
#undef PROTOCOL

#define NAME(p, s, count, op) p##_##s##_##count##_##op

#define FUNCTIONS(p, s, count)                                                 \
	static void NAME(p, s, count, lock)(                                   \
	    struct lwplock * ll, struct spin_cpu * sp)                         \
	{                                                                      \
		protocol_##p##_lock(&spin_of_##s##_##count, ll, sp, count);    \
	}                                                                      \
	static bool NAME(p, s, count, trylock)(                                \
	    struct lwplock * ll, struct spin_cpu * sp)                         \
	{                                                                      \
		return protocol_##p##_trylock(                                 \
		    &spin_of_##s##_##count, ll, sp, count);                    \
	}                                                                      \
	static void NAME(p, s, count, unlock)(                                 \
	    struct lwplock * ll, struct spin_cpu * sp)                         \
	{                                                                      \
		protocol_##p##_unlock(&spin_of_##s##_##count, ll, sp, count);  \
	}                                                                      \
	static void NAME(p, s, count, setlock)(                                \
	    struct lwplock * ll, union spin * to, struct spin_cpu * sp)        \
	{                                                                      \
		protocol_##p##_setlock(                                        \
		    &spin_of_##s##_##count, ll, to, sp, count);                \
	}                                                                      \
	static void NAME(p, s, count, unlock_to)(                              \
	    struct lwplock * ll, union spin * to, struct spin_cpu * sp)        \
	{                                                                      \
		protocol_##p##_unlock_to(                                      \
		    &spin_of_##s##_##count, ll, to, sp, count);                \
	}                                                                      \
	static void NAME(p, s, count, relock)(                                 \
	    struct lwplock * ll, union spin * to, struct spin_cpu * sp)        \
	{                                                                      \
		protocol_##p##_relock(                                         \
		    &spin_of_##s##_##count, ll, to, sp, count);                \
	}

#define ROW(p, s, count)                                                       \
	[PROTOCOL_##p][SPIN_##s] = { #p, what_##p, &spin_of_##s##_##count,     \
		NAME(p, s, count, lock), NAME(p, s, count, trylock),           \
		NAME(p, s, count, unlock), NAME(p, s, count, setlock),         \
		NAME(p, s, count, unlock_to), NAME(p, s, count, relock) },

#define SPIN(name, fair, what)                                                 \
	PROTOCOLS(FUNCTIONS, name, 1) PROTOCOLS(FUNCTIONS, name, 0)
#include <lwp/spin.def>
#undef SPIN

const struct protocol protocol_table[PROTOCOL_COUNT][SPIN_COUNT] = {
#define SPIN(name, fair, what) PROTOCOLS(ROW, name, 1)
#include <lwp/spin.def>
#undef SPIN
};

const struct protocol protocol_uncounted[PROTOCOL_COUNT][SPIN_COUNT] = {
#define SPIN(name, fair, what) PROTOCOLS(ROW, name, 0)
#include <lwp/spin.def>
#undef SPIN
};
