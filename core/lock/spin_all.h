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

/* The rows of spin_table, as constants that a compiler looks through. */
#define SPIN(name, fair, what)                                                 \
	static const struct spin_algorithm spin_of_##name = { #name, what,     \
		fair, sizeof(struct spin_##name), spin_##name##_init,          \
		spin_##name##_fini, spin_##name##_acquire,                     \
		spin_##name##_tryacquire, spin_##name##_release,               \
		spin_##name##_held, spin_##name##_await };
#include <lwp/spin.def>
#undef SPIN

#endif /* SPIN_ALL_H */
