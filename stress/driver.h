/* SPDX-License-Identifier: BSD-2-Clause */

/* Between the driver and what it keeps for workloads (stress.c). */

#ifndef DRIVER_H
#define DRIVER_H

#include "stress.h"

/* stress_go: another workload begins. */
void stress_go(void);
const char *stress_failure(void);
const struct host_stats *stress_totals(void);

/* driver_report: the summary as text or JSON. */
void driver_report(bool json, double seconds);

/* driver_rates: measure and print. */
void driver_rates(void);

#endif /* DRIVER_H */
