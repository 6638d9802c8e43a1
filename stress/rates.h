/* SPDX-License-Identifier: BSD-2-Clause */

/* Between the files of lwpstress --rates. */

#ifndef RATES_H
#define RATES_H

#include <stdint.h>

/* rates_now: nanoseconds, of a clock that only goes forward. */
uint64_t rates_now(void);

/* rates_lock: measure the LWP lock and print. */
void rates_lock(void);

#endif /* RATES_H */
