/* SPDX-License-Identifier: BSD-2-Clause */

/* What this host is, and what it took away from us. */

#ifndef FACTS_H
#define FACTS_H

#include <jansson.h>
#include <stdint.h>

/* facts_host: a new object: model, kernel, hypervisor, governor, load. */
json_t *facts_host(void);

/* facts_steal: ticks that the hypervisor kept for others, of all ticks so far;
 * both of all processors since boot. */
void facts_steal(uint64_t *steal, uint64_t *all);

#endif /* FACTS_H */
