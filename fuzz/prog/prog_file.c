/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A program from a file.  Separate from the parser, which sees the core's
 * error numbers and not the host's.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "prog.h"

#define FILE_MAX (1u << 20) /* ten times the longest canonical text */

/*
 * read_all:
 *
 *	A stream as memory to free, at most FILE_MAX bytes; or NULL with the
 *	reason.
 */
static char *
read_all(FILE *f, size_t *size, const char **why)
{
	char *text, *more;
	size_t max = 16384, n;

	*size = 0;
	*why = "out of memory";
	text = malloc(max);
	while (text != NULL) {
		errno = 0;
		n = fread(text + *size, 1, max - *size, f);
		*size += n;
		if (n == 0 && ferror(f))
			*why = errno != 0 ? strerror(errno) : "read error";
		else if (n == 0)
			return text;
		else if (*size > FILE_MAX)
			*why = "this is no lwp program: larger than 1 MiB";
		else if (*size < max)
			continue;
		else {
			more = realloc(text, max *= 2);
			if (more != NULL) {
				text = more;
				continue;
			}
		}
		free(text);
		text = NULL;
	}
	return NULL;
}

/*
 * prog_read:
 *
 *	Parse a file; says on stderr in one line what is wrong with it.
 */
bool
prog_read(struct prog *p, const char *path)
{
	bool in = strcmp(path, "-") == 0, good;
	FILE *f = in ? stdin : fopen(path, "r");
	struct prog_error pe;
	const char *why;
	size_t size;
	char *text;

	if (in)
		path = "standard input";
	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	text = read_all(f, &size, &why);
	if (!in)
		(void)fclose(f);
	if (text == NULL) {
		fprintf(stderr, "%s: %s\n", path, why);
		return false;
	}
	good = prog_parse(p, text, size, &pe);
	if (!good)
		fprintf(stderr, "%s:%u:%u: %s\n", path, pe.pe_line,
		    pe.pe_column, pe.pe_text);
	free(text);
	return good;
}
