/* SPDX-License-Identifier: BSD-2-Clause */

/* Programs that are run to be measured. */

#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>

/* process_run: run it, keep the beginning of what it prints (stdout, and
 * stderr too if both), and return its exit code, or -1.  process_seconds: of
 * processors that the last one took. */
int process_run(char *const argv[], bool both, char *text, size_t size);
double process_seconds(void);

/* process_path: FOLDER/NAME of the build folders; false if it is not there. */
bool process_path(char *path, size_t size, const char *name);

/* process_temporary: a new folder; process_remove: it and the files in it. */
bool process_temporary(char *path, size_t size);
void process_remove(const char *path);

#endif /* PROCESS_H */
