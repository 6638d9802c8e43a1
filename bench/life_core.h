/* SPDX-License-Identifier: BSD-2-Clause */

/* Machines and LWPs, for the benchmarks that run on the core. */

#ifndef LIFE_CORE_H
#define LIFE_CORE_H

#include <lwp/host.h>
#include <lwp/syscall.h>

/* life_spawn: an LWP; waits while the pool is empty.  0: it cannot be. */
lwpid_t life_spawn(void (*body)(void *), void *arg, int flags);

/* life_machine: parameters of a machine with so many CPUs and LWPs. */
struct host_params life_machine(unsigned cpus, unsigned lwps);

/* life_run: a machine whose first LWP runs first(); an errno. */
int life_run(const struct host_params *, void (*first)(void *), void *arg);

#endif /* LIFE_CORE_H */
