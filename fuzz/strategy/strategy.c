/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of strategies, by strategy.def. */

#include "strategy.h"

#define STRATEGY(name, what) extern const struct strategy strategy_##name;
#include "strategy.def"
#undef STRATEGY

const struct strategy *const strategy_table[STRATEGY_COUNT] = {
#define STRATEGY(name, what) &strategy_##name,
#include "strategy.def"
#undef STRATEGY
};
