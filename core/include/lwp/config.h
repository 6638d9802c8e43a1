/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the library was built as, where code outside of it must know.
 *
 * Of these only LWP_SPIN changes the layout of structures (kmutex_t), and what
 * is installed says which one it is.  Code that is inlined into programs cares
 * about all but the last, which is the library's own affair: LWP_CONFIG is a
 * symbol, named after these choices, that the library defines and
 * <lwp/fastlock.h> refers to; a program that was compiled for another library
 * than it is linked with does not link.
 *
 *	LWP_CHECKED	1: assertions and LOCKDEBUG, and on the host machine
 *			every spin mutex counts, tells and keeps the level of
 *			its CPU; 0 where NDEBUG is defined.  What is installed
 *			says for itself which one it is (pkg-config, CMake), so
 *			a program's own NDEBUG is its own affair
 *	UNIPROCESSOR	one CPU; the lock pointer of an LWP never changes
 *	LWP_SPIN	the algorithm behind a spin mutex: fas, the machine's
 *			own word, or one of spin.def, and then LWP_SPIN_LOCK is
 *			defined as well
 *	LWP_PROTOCOL_PAUSES
 *			the most pauses between two looks of who waits for an
 *			LWP lock; 0: it does not look at the pointer meanwhile
 */

#ifndef LWP_CONFIG_H
#define LWP_CONFIG_H

#ifndef LWP_CHECKED
#ifdef NDEBUG
#define LWP_CHECKED 0
#else
#define LWP_CHECKED 1
#endif
#endif

#ifdef UNIPROCESSOR
#define LWP_CONFIG_CPUS up
#else
#define LWP_CONFIG_CPUS mp
#endif

#ifndef LWP_SPIN
#define LWP_SPIN fas /* an exchange takes the word, 0 releases it */
#endif

#ifndef LWP_PROTOCOL_PAUSES
#define LWP_PROTOCOL_PAUSES 16
#endif

#define LWP_CONFIG_PASTE(machine, cpus, spin, checked)                         \
	lwp_config_##machine##_##cpus##_##spin##_checked##checked
#define LWP_CONFIG_EXPAND(machine, cpus, spin, checked)                        \
	LWP_CONFIG_PASTE(machine, cpus, spin, checked)

/* LWP_CONFIG: the symbol, for a machine: sim or host. */
#define LWP_CONFIG(machine)                                                    \
	LWP_CONFIG_EXPAND(machine, LWP_CONFIG_CPUS, LWP_SPIN, LWP_CHECKED)

#endif /* LWP_CONFIG_H */
