/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A coverage report in lcov's tracefile format, as llvm-cov exports it: for
 * each source file its functions, what it has of lines and branches, and the
 * ranges of lines that were never executed.
 */

#ifndef LCOV_H
#define LCOV_H

#include <stdbool.h>

#define LCOV_FILES     128
#define LCOV_FUNCTIONS 4096
#define LCOV_RANGES    4096

struct lcov_function {
	unsigned fu_line; /* where it begins */
	char fu_name[96]; /* "file.c:name" if it is static */
};

struct lcov_range {
	unsigned ra_from, ra_to; /* lines, both included */
};

struct lcov_file {
	char fi_path[1024];
	unsigned fi_lines, fi_lines_hit;
	unsigned fi_branches, fi_branches_hit;
	const struct lcov_function *fi_functions;
	unsigned fi_nfunctions;
	const struct lcov_range *fi_ranges;
	unsigned fi_nranges;
};

struct lcov {
	struct lcov_file lc_files[LCOV_FILES];
	unsigned lc_nfiles;
	struct lcov_function lc_functions[LCOV_FUNCTIONS];
	unsigned lc_nfunctions;
	struct lcov_range lc_ranges[LCOV_RANGES];
	unsigned lc_nranges;
};

/* lcov_read: false after a message: cannot be read, or does not fit. */
bool lcov_read(struct lcov *, const char *path);

/* lcov_function_at: the function that a line belongs to, or "". */
const char *lcov_function_at(const struct lcov_file *, unsigned line);

/* lcov_is: is the full name that of this function, static or not? */
bool lcov_is(const char *full, const char *name);

#endif /* LCOV_H */
