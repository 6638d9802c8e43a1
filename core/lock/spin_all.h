/* SPDX-License-Identifier: BSD-2-Clause */

/* All algorithms of spin.def, inlined. */

#ifndef SPIN_ALL_H
#define SPIN_ALL_H

#include "spin_cna.h"
#include "spin_clh.h"
#include "spin_mcs.h"
#include "spin_tas.h"
#include "spin_ticket.h"
#include "spin_ttas.h"

/* The rows of spin_table, as constants that a compiler looks through: with
 * counts (1) and without (0). */
#define SPIN_ROW(name, fair, what, count, acquire)                             \
	static const struct spin_algorithm spin_of_##name##_##count = { #name, \
		what, fair, sizeof(struct spin_##name), spin_##name##_init,    \
		spin_##name##_fini, acquire, spin_##name##_tryacquire,         \
		spin_##name##_release, spin_##name##_held,                     \
		spin_##name##_await };
#define SPIN(name, fair, what)                                                 \
	SPIN_ROW(name, fair, what, 1, spin_##name##_acquire)                   \
	SPIN_ROW(name, fair, what, 0, spin_##name##_acquire_uncounted)
#include <lwp/spin.def>
#undef SPIN
#undef SPIN_ROW

#endif /* SPIN_ALL_H */
