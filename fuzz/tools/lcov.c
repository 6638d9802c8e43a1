/* SPDX-License-Identifier: BSD-2-Clause */

/* Reading lcov's tracefile; see lcov.h. */

#include "lcov.h"

#include <errno.h>
#include <string.h>

#include "lwpsim.h"

static bool
lcov_begin(struct lcov *lc, const char *path)
{
	struct lcov_file *fi;

	if (lc->lc_nfiles == LCOV_FILES)
		return false;
	fi = &lc->lc_files[lc->lc_nfiles++];
	memset(fi, 0, sizeof(*fi));
	(void)snprintf(fi->fi_path, sizeof(fi->fi_path), "%s", path);
	fi->fi_functions = &lc->lc_functions[lc->lc_nfunctions];
	fi->fi_ranges = &lc->lc_ranges[lc->lc_nranges];
	return true;
}

static bool
lcov_function(
    struct lcov *lc, struct lcov_file *fi, unsigned line, const char *name)
{
	struct lcov_function *fu;

	if (lc->lc_nfunctions == LCOV_FUNCTIONS)
		return false;
	fu = &lc->lc_functions[lc->lc_nfunctions++];
	fu->fu_line = line;
	(void)snprintf(fu->fu_name, sizeof(fu->fu_name), "%s", name);
	fi->fi_nfunctions++;
	return true;
}

/*
 * lcov_uncovered:
 *
 *	A line that was never executed: its range grows, or one begins.
 */
static bool
lcov_uncovered(struct lcov *lc, struct lcov_file *fi, unsigned line)
{
	struct lcov_range *ra;

	ra = &lc->lc_ranges[lc->lc_nranges];
	if (fi->fi_nranges != 0 && ra[-1].ra_to + 1 == line) {
		ra[-1].ra_to = line;
		return true;
	}
	if (lc->lc_nranges == LCOV_RANGES)
		return false;
	ra->ra_from = ra->ra_to = line;
	lc->lc_nranges++;
	fi->fi_nranges++;
	return true;
}

/*
 * lcov_record:
 *
 *	One line of the tracefile.  What is not asked for is passed over.
 */
static bool
lcov_record(struct lcov *lc, const char *text)
{
	struct lcov_file *fi;
	unsigned long long count;
	unsigned line;
	char name[96];

	if (strncmp(text, "SF:", 3) == 0)
		return lcov_begin(lc, text + 3);
	if (lc->lc_nfiles == 0)
		return true;
	fi = &lc->lc_files[lc->lc_nfiles - 1];
	if (sscanf(text, "FN:%u,%95s", &line, name) == 2)
		return lcov_function(lc, fi, line, name);
	if (sscanf(text, "DA:%u,%llu", &line, &count) == 2)
		return count != 0 || lcov_uncovered(lc, fi, line);
	if (sscanf(text, "LF:%u", &line) == 1)
		fi->fi_lines = line;
	else if (sscanf(text, "LH:%u", &line) == 1)
		fi->fi_lines_hit = line;
	else if (sscanf(text, "BRF:%u", &line) == 1)
		fi->fi_branches = line;
	else if (sscanf(text, "BRH:%u", &line) == 1)
		fi->fi_branches_hit = line;
	return true;
}

bool
lcov_read(struct lcov *lc, const char *path)
{
	FILE *f = fopen(path, "r");
	char text[1024];
	bool ok = true;

	lc->lc_nfiles = lc->lc_nfunctions = lc->lc_nranges = 0;
	if (f == NULL) {
		(void)trouble("%s: %s", path, strerror(errno));
		return false;
	}
	while (ok && fgets(text, sizeof(text), f) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		ok = lcov_record(lc, text);
	}
	(void)fclose(f);
	if (!ok)
		(void)trouble("%s: more than lcov.h has room for", path);
	else if (lc->lc_nfiles == 0) {
		(void)trouble("%s: no source file in it", path);
		ok = false;
	}
	return ok;
}

const char *
lcov_function_at(const struct lcov_file *fi, unsigned line)
{
	const struct lcov_function *best = NULL;
	unsigned n;

	for (n = 0; n < fi->fi_nfunctions; n++) {
		const struct lcov_function *fu = &fi->fi_functions[n];

		if (fu->fu_line <= line &&
		    (best == NULL || fu->fu_line >= best->fu_line))
			best = fu;
	}
	return best != NULL ? best->fu_name : "";
}

bool
lcov_is(const char *full, const char *name)
{
	const char *colon = strrchr(full, ':');

	return strcmp(colon != NULL ? colon + 1 : full, name) == 0;
}
