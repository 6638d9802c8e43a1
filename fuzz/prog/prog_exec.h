/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Executing a program: the user code of its LWPs.  Runs on either machine and
 * so uses only system calls and other out-of-line calls of the core.
 */

#ifndef PROG_EXEC_H
#define PROG_EXEC_H

#include "prog.h"

/* prog_exec_begin: before a run; the program must stay until its end.  op, if
 * not NULL, is called by each LWP before each operation with its index in its
 * body, from 1. */
void prog_exec_begin(const struct prog *, void (*op)(unsigned index));
/* prog_exec_boot: after kernel_boot(), by lwp0: boxes, and the process whose
 * first LWP runs body 1.  An errno. */
int prog_exec_boot(void);
/* prog_exec_force: did an operation ask for this failure of the calling LWP
 * (failcopy, failalloc)?  Consumes it.  The machine's perturbation hook asks
 * here first. */
bool prog_exec_force(unsigned perturbation);
/* prog_exec_count: operations begun so far in this run; of one code. */
unsigned prog_exec_ops(void);
unsigned prog_exec_count(enum op_code);

#endif /* PROG_EXEC_H */
