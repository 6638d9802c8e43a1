/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lwpbench plot FILE: figures by gnuplot, as SVG, and one page of HTML that
 * holds them all.
 *
 * A figure is a function that writes a gnuplot script to a pipe, with its data
 * in it, and returns false if the records have nothing for it.
 */

#include <errno.h>
#include <popt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "plot.h"
#include "driver.h"

#define PATH_ROOM 4096

static const struct figure {
	const char *name, *title;
	bool (*draw)(FILE *, const struct records *);
} figures[] = {
#define FIGURE(name, title) { #name, title, figure_##name },
#include "figure.def"
#undef FIGURE
};

#define NFIGURES (sizeof(figures) / sizeof(figures[0]))

/*
 * draw_one:
 *
 *	Into FOLDER/NAME.svg.  The script is made in memory first: a figure
 *	without data starts no gnuplot.
 */
static int
draw_one(const struct figure *f, const struct records *rc, const char *folder,
    bool *drawn)
{
	char *script = NULL, path[PATH_ROOM + 128];
	size_t size = 0;
	FILE *m = open_memstream(&script, &size), *gp;
	int status = 0;

	*drawn = false;
	if (m == NULL)
		return trouble("plot: %s", strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/%s.svg", folder, f->name);
	(void)fprintf(m,
	    "set terminal svg size 960,560 dynamic name '%s' "
	    "font 'sans-serif,13' background '#ffffff'\n"
	    "set linetype 5 lc rgb '#8c8c8c'\nset output '%s'\nset title "
	    "\"%s\"\n"
	    "set key outside right noenhanced\nset grid lc rgb '#dddddd'\n",
	    f->name, path, f->title);
	*drawn = f->draw(m, rc);
	(void)fclose(m);
	if (*drawn) {
		gp = popen("gnuplot -", "w");
		if (gp != NULL) {
			(void)fwrite(script, 1, size, gp);
			status = pclose(gp);
		}
		if (gp == NULL || status != 0) {
			free(script);
			return trouble("plot: gnuplot failed on %s%s", path,
			    status != 0 && WEXITSTATUS(status) == 127 ?
				": it is not installed" :
				"");
		}
	}
	free(script);
	return 0;
}

/*
 * page_figure:
 *
 *	The SVG itself, without its XML declaration.
 */
static void
page_figure(FILE *page, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	bool inside = false;

	if (f == NULL)
		return;
	(void)fprintf(page, "<figure>\n");
	while (getline(&line, &room, f) > 0) {
		inside = inside || strncmp(line, "<svg", 4) == 0;
		if (inside)
			(void)fputs(line, page);
	}
	(void)fprintf(page, "</figure>\n");
	free(line);
	(void)fclose(f);
}

void
page_text(FILE *page, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '<':
			(void)fputs("&lt;", page);
			break;
		case '>':
			(void)fputs("&gt;", page);
			break;
		case '&':
			(void)fputs("&amp;", page);
			break;
		default:
			(void)fputc(*s, page);
		}
	}
}

static int
draw_all(const struct records *rc, const char *folder)
{
	char path[PATH_ROOM + 128];
	bool drawn[NFIGURES];
	unsigned n, any = 0;
	FILE *page;
	int error;

	if (strpbrk(folder, "'\\\n") != NULL || strlen(folder) > 3900)
		return trouble(
		    "plot: choose a simpler name than \"%s\"", folder);
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return trouble("%s: %s", folder, strerror(errno));
	for (n = 0; n < NFIGURES; n++) {
		error = draw_one(&figures[n], rc, folder, &drawn[n]);
		if (error != 0)
			return error;
		any += drawn[n];
	}
	(void)snprintf(path, sizeof(path), "%s/report.html", folder);
	page = fopen(path, "w");
	if (page == NULL)
		return trouble("%s: %s", path, strerror(errno));
	page_head(page, rc);
	for (n = 0; n < NFIGURES; n++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s.svg", folder, figures[n].name);
		if (drawn[n])
			page_figure(page, path);
	}
	page_tables(page, rc);
	if (fclose(page) != 0)
		return trouble("%s: %s", folder, strerror(errno));
	(void)printf("%s/report.html and %u figures\n", folder, any);
	return 0;
}

static char *folder_wanted;

static const struct poptOption options[] = {
	{ "output", 'o', POPT_ARG_STRING, &folder_wanted, 0,
	    "folder for figures and report (FILE.plots)", "FOLDER" },
	POPT_AUTOHELP POPT_TABLEEND
};

int
verb_plot(int argc, const char **argv)
{
	poptContext pc = poptGetContext(
	    "lwpbench plot", argc, argv, options, 0);
	char folder[PATH_ROOM];
	struct records rc;
	const char *file;
	int error;

	/* A gnuplot that ends early is an error like another. */
	(void)signal(SIGPIPE, SIG_IGN);
	poptSetOtherOptionHelp(pc, "[OPTIONS] FILE");
	error = poptGetNextOpt(pc);
	file = error < -1 ? NULL : poptGetArg(pc);
	if (error < -1)
		error = trouble("plot: %s: %s",
		    poptBadOption(pc, POPT_BADOPTION_NOALIAS),
		    poptStrerror(error));
	else if (file == NULL || poptPeekArg(pc) != NULL)
		error = trouble("usage: lwpbench plot [OPTIONS] FILE");
	else {
		(void)snprintf(folder, sizeof(folder), "%s%s",
		    folder_wanted != NULL ? folder_wanted : file,
		    folder_wanted != NULL ? "" : ".plots");
		error = records_read(&rc, file) ? draw_all(&rc, folder) : 2;
		records_free(&rc);
	}
	poptFreeContext(pc);
	return error;
}
