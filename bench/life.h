/* SPDX-License-Identifier: BSD-2-Clause */

/* Operations of life.def: how one is run.  No header of the core: it and the
 * host's system calls have names in common. */

#ifndef LIFE_H
#define LIFE_H

#include <stdbool.h>
#include <stdint.h>

#define LIFE_WORKERS  1024 /* as many CPUs as a machine has */

#define LIFE_SLEEPERS 4 /* pairs of sections that a process can use */

/* Each worker is in a process of its own. */
extern bool life_apart;

/* What a worker did: clock_ticks() round its rounds. */
struct span {
	_Alignas(64) uint64_t sp_begin, sp_end;
	int sp_error; /* an errno */
};

/*
 * life_NAME, posix_FUNCTION:
 *
 *	By worker w (each CPU has one): get ready, do so many rounds, note when
 *	they began and ended.
 */
#define LIFE(name, per, cleared, together, what)                               \
	void life_##name(unsigned w, unsigned rounds, struct span *);
#define OTHER(name, function, label)                                           \
	void posix_##function(unsigned w, unsigned rounds, struct span *);
#include "life.def"

#endif /* LIFE_H */
