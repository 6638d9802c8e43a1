/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Names and limits of what a schedule is made of.  A program carries a
 * schedule and is a value (fuzz/prog), so these are all that it knows of the
 * simulator, and the same objects link with either machine.
 */

#ifndef SIM_NAME_H
#define SIM_NAME_H

#define SIM_CPUS 8

/* Sources: bits in a mask, so at most 32. */
#define SIM_SRC_CPU(n)	 (n)
#define SIM_SRC_CLOCK(n) (SIM_CPUS + (n))
#define SIM_SRC_SOFT(n)	 (2 * SIM_CPUS + (n))
#define SIM_SRC_TIME	 (3 * SIM_CPUS)
#define SIM_SRC_RCU	 (3 * SIM_CPUS + 1)
#define SIM_SOURCES	 (3 * SIM_CPUS + 2)
#define SIM_NOBODY	 SIM_SOURCES

/* What a CPU announces. */
enum sim_op {
#define SIM_OP(name, writes, what) SIM_OP_##name,
#include "sim_op.def"
#undef SIM_OP
	SIM_OP_COUNT
};

/* What a plain access is to, at memory grain; SIM_FIELD_memory: no field that
 * has a row. */
enum sim_field {
	SIM_FIELD_memory,
#define SIM_FIELD(structure, field) SIM_FIELD_##field,
#include "sim_field.def"
#undef SIM_FIELD
	SIM_FIELD_COUNT
};

/* On whose behalf a CPU executes. */
enum sim_role {
	SIM_ROLE_lwp,  /* an LWP; sc_who is the embedder's l_cookie */
	SIM_ROLE_idle, /* the idle context of CPU sc_who */
	SIM_ROLE_intr, /* an interrupt handler on CPU sc_who */
	SIM_ROLE_COUNT
};

#endif /* SIM_NAME_H */
