/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a verb finds: each signature is kept and told once, then counted.
 */

#ifndef FINDINGS_H
#define FINDINGS_H

#include "lwpsim.h"

/* findings_begin: write each new one as a replay file to this folder, which is
 * made if need be, or NULL; tell of it on standard output unless "quiet".
 * False after a message. */
bool findings_begin(const char *folder, bool quiet);

/* findings_add: the program did this; it is run once more to be recorded.
 * EXIT_FINDING, or EXIT_TROUBLE after a message. */
int findings_add(const char *path, const struct prog *, const struct verdict *);

/* findings_print: how often each was found.  findings_json: as an array, which
 * the caller owns.  findings_kinds: how many signatures. */
void findings_print(void);
json_t *findings_json(void);
unsigned findings_kinds(void);

#endif /* FINDINGS_H */
