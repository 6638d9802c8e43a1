/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpsim cover: what seeds and tests execute of the core.
 *
 * It reads what ./lwp cover measured: which function was reached by which
 * seed or test, lines "seed|test NAME FUNCTION", and llvm-cov's report over
 * all of them.  It prints the functions that the core must have, with the
 * seeds and tests that reach each; lines and branches by file; and what no
 * line of it was executed of, with the reason from uncovered.def.
 */

#include <errno.h>
#include <string.h>

#include "lcov.h"
#include "lwpsim.h"

#define COVER_LINES_MIN 90 /* per cent of core/kern */
#define COVER_NAMED	2  /* seeds or tests that are named in the table */

static char *opt_reach, *opt_lcov;

static const struct poptOption options[] = {
	{ "reach", 0, POPT_ARG_STRING, &opt_reach, 0,
	    "which seed or test reached which function", "FILE" },
	{ "lcov", 0, POPT_ARG_STRING, &opt_lcov, 0,
	    "coverage of all of them, in lcov's format", "FILE" },
	POPT_AUTOHELP POPT_TABLEEND
};

/* Who reached a function. */
struct reach {
	unsigned re_count;
	char re_name[COVER_NAMED][96];
	char re_last[96];
};

enum who { WHO_seed, WHO_test, WHO_COUNT };
static const char *const who_names[WHO_COUNT] = { "seed", "test" };

static struct function {
	const char *fn_name, *fn_kind, *fn_what;
	bool fn_exists;
	struct reach fn_reach[WHO_COUNT];
} functions[] = {
#define FUNCTION(name, kind, what) { #name, #kind, what, false, { { 0 } } },
#include <lwp/function.def>
#undef FUNCTION
};

#define NFUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static struct reason {
	const char *rs_function, *rs_text, *rs_why;
	unsigned rs_ranges;
} reasons[] = {
#define UNCOVERED(function, text, why) { function, text, why, 0 },
#include "uncovered.def"
#undef UNCOVERED
};

#define NREASONS (sizeof(reasons) / sizeof(reasons[0]))

static struct lcov lcov;

/*
 * Functions.
 */

/*
 * reach_note:
 *
 *	Names come in order; a test of several processes comes several times.
 */
static void
reach_note(struct reach *re, const char *name)
{
	if (strcmp(re->re_last, name) == 0)
		return;
	(void)snprintf(re->re_last, sizeof(re->re_last), "%s", name);
	if (re->re_count < COVER_NAMED)
		(void)snprintf(re->re_name[re->re_count],
		    sizeof(re->re_name[0]), "%s", name);
	re->re_count++;
}

static bool
reach_read(const char *path)
{
	char text[512], who[8], name[96], function[96];
	FILE *f = fopen(path, "r");
	unsigned line = 0, w;
	size_t n;

	if (f == NULL) {
		(void)trouble("%s: %s", path, strerror(errno));
		return false;
	}
	while (fgets(text, sizeof(text), f) != NULL) {
		line++;
		for (w = 0; w < WHO_COUNT; w++) {
			if (sscanf(text, "%7s %95s %95s", who, name,
				function) == 3 &&
			    strcmp(who, who_names[w]) == 0)
				break;
		}
		if (w == WHO_COUNT) {
			(void)trouble("%s:%u: expected \"seed|test NAME "
				      "FUNCTION\"",
			    path, line);
			(void)fclose(f);
			return false;
		}
		for (n = 0; n < NFUNCTIONS; n++) {
			if (lcov_is(function, functions[n].fn_name))
				reach_note(&functions[n].fn_reach[w], name);
		}
	}
	(void)fclose(f);
	return true;
}

/*
 * reach_print:
 *
 *	How many, and so many of their names.
 */
static void
reach_print(const struct reach *re, unsigned names, int width)
{
	char text[256];
	size_t len = 0;
	unsigned n;

	text[0] = '\0';
	for (n = 0; n < re->re_count && n < names; n++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
		    n > 0 ? ", " : "", re->re_name[n]);
	(void)printf(" %5u  %-*s", re->re_count, width, text);
}

/*
 * functions_print:
 *
 *	The table, and what is wrong with it.  Returns how many rows are.
 */
static unsigned
functions_print(void)
{
	unsigned wrong = 0;
	size_t n, k;

	for (n = 0; n < NFUNCTIONS; n++) {
		for (k = 0; k < lcov.lc_nfunctions; k++)
			functions[n].fn_exists |= lcov_is(
			    lcov.lc_functions[k].fu_name, functions[n].fn_name);
	}
	(void)printf("%-25s %-9s %5s  %-58s %5s  %s\n", "function", "kind",
	    "seeds", "", "tests", "");
	for (n = 0; n < NFUNCTIONS; n++) {
		const struct function *fn = &functions[n];
		const char *why = "";

		if (!fn->fn_exists)
			why = "NO SUCH FUNCTION IN THIS BUILD";
		else if (fn->fn_reach[WHO_seed].re_count == 0)
			why = "NO SEED REACHES IT";
		else if (fn->fn_reach[WHO_test].re_count == 0)
			why = "NO TEST REACHES IT";
		wrong += why[0] != '\0';
		(void)printf("%-25s %-9s", fn->fn_name, fn->fn_kind);
		reach_print(&fn->fn_reach[WHO_seed], COVER_NAMED, 58);
		reach_print(&fn->fn_reach[WHO_test], 1, 0);
		(void)printf("%s%s\n", why[0] != '\0' ? " " : "", why);
	}
	return wrong;
}

/*
 * Lines and branches.
 */

/*
 * is_core:
 *
 *	Headers are in the report for their functions only.
 */
static bool
is_core(const struct lcov_file *fi)
{
	return strstr(fi->fi_path, "/core/kern/") != NULL;
}

static const char *
file_name(const struct lcov_file *fi)
{
	return strrchr(fi->fi_path, '/') + 1;
}

static double
percent(unsigned hit, unsigned all)
{
	return all != 0 ? 100.0 * hit / all : 100.0;
}

static void
lines_print_row(const char *name, const struct lcov_file *fi)
{
	(void)printf("%-22s %5u of %5u %6.1f %%  %5u of %5u %6.1f %%\n", name,
	    fi->fi_lines_hit, fi->fi_lines,
	    percent(fi->fi_lines_hit, fi->fi_lines), fi->fi_branches_hit,
	    fi->fi_branches, percent(fi->fi_branches_hit, fi->fi_branches));
}

/*
 * lines_print:
 *
 *	By file and in all.  Returns the share of lines.
 */
static double
lines_print(void)
{
	struct lcov_file all = { .fi_lines = 0 };
	unsigned n;

	(void)printf("\n%-22s %23s  %23s\n", "core/kern", "lines", "branches");
	for (n = 0; n < lcov.lc_nfiles; n++) {
		const struct lcov_file *fi = &lcov.lc_files[n];

		if (!is_core(fi))
			continue;
		lines_print_row(file_name(fi), fi);
		all.fi_lines += fi->fi_lines;
		all.fi_lines_hit += fi->fi_lines_hit;
		all.fi_branches += fi->fi_branches;
		all.fi_branches_hit += fi->fi_branches_hit;
	}
	lines_print_row("all", &all);
	return percent(all.fi_lines_hit, all.fi_lines);
}

/*
 * What is not covered.
 */

/*
 * source_line:
 *
 *	What a range of lines begins with: the first line that is more than a
 *	brace or a label, without the blanks before it.  A source that is not
 *	there has no text.
 */
static void
source_line(
    const char *path, const struct lcov_range *ra, char *text, size_t max)
{
	FILE *f = fopen(path, "r");
	char line[512];
	unsigned n;
	size_t len;

	text[0] = '\0';
	if (f == NULL)
		return;
	for (n = 1; n <= ra->ra_to && fgets(line, sizeof(line), f) != NULL;
	     n++) {
		if (n < ra->ra_from)
			continue;
		len = strcspn(line, "\n");
		line[len] = '\0';
		(void)snprintf(text, max, "%s", line + strspn(line, " \t"));
		if (len != 0 && strchr("{}:", line[len - 1]) == NULL)
			break;
	}
	(void)fclose(f);
}

static const char *
reason_find(const char *function, const char *text)
{
	size_t n;

	for (n = 0; n < NREASONS; n++) {
		struct reason *rs = &reasons[n];

		if ((rs->rs_function[0] == '\0' ||
			lcov_is(function, rs->rs_function)) &&
		    strstr(text, rs->rs_text) != NULL) {
			rs->rs_ranges++;
			return rs->rs_why;
		}
	}
	return NULL;
}

/*
 * uncovered_print:
 *
 *	Each range with its reason.  Returns how many rows of uncovered.def
 *	are the reason of nothing.
 */
static unsigned
uncovered_print(void)
{
	char text[512], place[64];
	unsigned n, k, without = 0, stale = 0;

	(void)printf("\nnot covered\n");
	for (n = 0; n < lcov.lc_nfiles; n++) {
		const struct lcov_file *fi = &lcov.lc_files[n];

		for (k = 0; is_core(fi) && k < fi->fi_nranges; k++) {
			const struct lcov_range *ra = &fi->fi_ranges[k];
			const char *fn = lcov_function_at(fi, ra->ra_from);
			const char *why;

			source_line(fi->fi_path, ra, text, sizeof(text));
			why = reason_find(fn, text);
			without += why == NULL;
			(void)snprintf(place, sizeof(place), "%s:%u-%u",
			    file_name(fi), ra->ra_from, ra->ra_to);
			(void)printf("%-26s %-48.48s %s\n", place, text,
			    why != NULL ? why : "NO REASON GIVEN");
		}
	}
	for (n = 0; n < NREASONS; n++) {
		if (reasons[n].rs_ranges != 0)
			continue;
		stale++;
		(void)printf("uncovered.def: nothing is uncovered for \"%s\" "
			     "\"%s\": take the row out\n",
		    reasons[n].rs_function, reasons[n].rs_text);
	}
	(void)printf("%u ranges without a reason\n", without);
	return stale;
}

int
verb_cover(int argc, const char **argv)
{
	unsigned wrong, stale;
	poptContext pc;
	double lines;

	pc = lwpsim_options("cover", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	if (opt_reach == NULL || opt_lcov == NULL || poptPeekArg(pc) != NULL)
		return trouble("cover: --reach FILE --lcov FILE");
	if (!reach_read(opt_reach) || !lcov_read(&lcov, opt_lcov))
		return EXIT_TROUBLE;
	wrong = functions_print();
	lines = lines_print();
	stale = uncovered_print();
	(void)printf("\n%zu functions, %u not reached as they must be; %.1f %% "
		     "of the lines, %d %% wanted\n",
	    NFUNCTIONS, wrong, lines, COVER_LINES_MIN);
	return wrong != 0 || stale != 0 || lines < COVER_LINES_MIN ?
	    EXIT_FINDING :
	    EXIT_PASS;
}
