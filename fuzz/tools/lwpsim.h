/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The verbs of lwpsim.  Each gets the arguments after its name and returns an
 * exit code: 0 pass, 1 finding (a drifted replay among them), 2 usage or
 * trouble of the harness.
 */

#ifndef LWPSIM_H
#define LWPSIM_H

#include <jansson.h>
#include <popt.h>
#include <signal.h>

#include "../run/run.h"

#define EXIT_PASS	       0
#define EXIT_FINDING	       1
#define EXIT_TROUBLE	       2
#define EXIT_LEFT_OUT	       (-1) /* of a file: it needs another build */

#define VERB(name, args, what) int verb_##name(int argc, const char **argv);
#include "verb.def"
#undef VERB

/* What lwpsim was called by, for commands to copy. */
extern const char *lwpsim_name;

/* Set by SIGINT and SIGTERM: finish with what there is. */
extern volatile sig_atomic_t lwpsim_interrupted;

/* lwpsim_options: parse by popt; prints help; returns the context positioned
 * at the other arguments, or NULL after a clear message (exit 2). */
poptContext lwpsim_options(
    const char *verb, int argc, const char **argv, const struct poptOption *);

/* trouble: one line on stderr; returns EXIT_TROUBLE. */
int trouble(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* lwpsim_files: call each(path) for the arguments that are left: files, and the
 * *.lwp files of folders in order of name.  EXIT_TROUBLE if a path cannot be
 * read or nothing was named; else the worst result. */
int lwpsim_files(poptContext, int (*each)(const char *path, void *), void *arg);

/*
 * lwpsim_read: a program to run here.  EXIT_PASS; EXIT_TROUBLE after a message;
 *	EXIT_LEFT_OUT: of a folder, and of memory grain where the build is not.
 *	Named by itself such a file is trouble.  lwpsim_files() says how many
 *	were left out.
 * lwpsim_grain: do schedules that are drawn have memory grain?  As the option
 *	says, else as the build is; -1 after a message.
 */
int lwpsim_read(struct prog *, const char *path);
int lwpsim_grain(const char *verb, const char *option);
#define GRAIN_HELP                                                             \
	"grain of drawn schedules; memory needs preset simmem, where it is "   \
	"the default"

/* lwpsim_save: write the canonical text; false after a message. */
bool lwpsim_save(const struct prog *, const char *path);

/* lwpsim_print: to a stream. */
bool lwpsim_print(const struct prog *, FILE *);

/* lwpsim_json: print and release. */
void lwpsim_json(json_t *);

double lwpsim_seconds(void);

/* lwpsim_in_range: is the value of an option within its bounds?  Else says so.
 * lwpsim_no_more: is no argument left?  Else says so. */
bool lwpsim_in_range(
    const char *verb, const char *option, double, double min, double max);
bool lwpsim_no_more(const char *verb, poptContext);

#endif /* LWPSIM_H */
