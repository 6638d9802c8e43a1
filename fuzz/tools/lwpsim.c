/* SPDX-License-Identifier: BSD-2-Clause */

/* lwpsim: the simulator's one tool.  The verbs stand in verb.def. */

#include "lwpsim.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

const char *lwpsim_name = "lwpsim";
volatile sig_atomic_t lwpsim_interrupted;

static const struct verb {
	const char *name;
	const char *args;
	const char *what;
	int (*fn)(int, const char **);
} verbs[] = {
#define VERB(name, args, what) { #name, args, what, verb_##name },
#include "verb.def"
#undef VERB
};

#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

int
trouble(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "lwpsim: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return EXIT_TROUBLE;
}

static void
interrupted(int sig)
{
	(void)sig;
	lwpsim_interrupted = 1;
}

static const struct verb *
verb_find(const char *name)
{
	size_t n;

	for (n = 0; n < NVERBS; n++) {
		if (strcmp(verbs[n].name, name) == 0)
			return &verbs[n];
	}
	return NULL;
}

/* The one context of the process; here a leak checker finds it. */
static poptContext context;

bool
lwpsim_in_range(
    const char *verb, const char *option, double value, double min, double max)
{
	if (value >= min && value <= max)
		return true;
	(void)trouble("%s: --%s takes %.9g to %.9g", verb, option, min, max);
	return false;
}

bool
lwpsim_no_more(const char *verb, poptContext pc)
{
	const char *arg = poptGetArg(pc);

	if (arg != NULL)
		(void)trouble("%s: one argument too many: %s", verb, arg);
	return arg == NULL;
}

poptContext
lwpsim_options(const char *verb, int argc, const char **argv,
    const struct poptOption *options)
{
	char usage[128];
	poptContext pc;
	int rc;

	(void)snprintf(
	    usage, sizeof(usage), "%s %s", verb, verb_find(verb)->args);
	/* What is printed as the name of the program. */
	argv[0] = "lwpsim";
	/* Never freed: the verbs use its arguments to the end, and --help frees
	 * it and exits. */
	pc = poptGetContext("lwpsim", argc, argv, options, 0);
	context = pc;
	poptSetOtherOptionHelp(pc, usage);
	rc = poptGetNextOpt(pc);
	if (rc < -1) {
		(void)trouble("%s: %s: %s; see lwpsim %s --help", verb,
		    poptBadOption(pc, POPT_BADOPTION_NOALIAS), poptStrerror(rc),
		    verb);
		return NULL;
	}
	return pc;
}

static bool in_folder;
static unsigned left_out;

int
lwpsim_read(struct prog *pr, const char *path)
{
	if (!prog_read(pr, path))
		return EXIT_TROUBLE;
	if (!pr->pr_memory || sim_memory_grain())
		return EXIT_PASS;
	if (!in_folder)
		return trouble("%s: grain memory: only a build of preset "
			       "simmem runs it",
		    path);
	left_out++;
	return EXIT_LEFT_OUT;
}

int
lwpsim_grain(const char *verb, const char *option)
{
	const bool memory = option != NULL && strcmp(option, "memory") == 0;

	if (option == NULL)
		return sim_memory_grain();
	if (!memory && strcmp(option, "sync") != 0) {
		(void)trouble("%s: --grain sync or --grain memory", verb);
		return -1;
	}
	if (memory && !sim_memory_grain()) {
		(void)trouble("%s: --grain memory: only a build of preset "
			      "simmem has it",
		    verb);
		return -1;
	}
	return memory;
}

static int
lwp_file(const struct dirent *de)
{
	size_t len = strlen(de->d_name);

	return len > 4 && strcmp(de->d_name + len - 4, ".lwp") == 0;
}

static int
folder(const char *path, int (*each)(const char *, void *), void *arg)
{
	struct dirent **list;
	char file[4096];
	int n, i, rc, worst = EXIT_PASS;

	n = scandir(path, &list, lwp_file, alphasort);
	if (n < 0)
		return trouble("%s: %s", path, strerror(errno));
	if (n == 0)
		worst = trouble("%s: no .lwp file in this folder", path);
	in_folder = true;
	for (i = 0; i < n; i++) {
		if (!lwpsim_interrupted) {
			(void)snprintf(
			    file, sizeof(file), "%s/%s", path, list[i]->d_name);
			rc = each(file, arg);
			worst = rc > worst ? rc : worst;
		}
		free(list[i]);
	}
	in_folder = false;
	free(list);
	return worst;
}

int
lwpsim_files(poptContext pc, int (*each)(const char *, void *), void *arg)
{
	const char *path;
	struct stat st = { 0 };
	int rc, worst = EXIT_PASS, count = 0;

	while ((path = poptGetArg(pc)) != NULL && !lwpsim_interrupted) {
		count++;
		if (strcmp(path, "-") != 0 && stat(path, &st) != 0)
			rc = trouble("%s: %s", path, strerror(errno));
		else if (strcmp(path, "-") != 0 && S_ISDIR(st.st_mode))
			rc = folder(path, each, arg);
		else
			rc = each(path, arg);
		worst = rc > worst ? rc : worst;
	}
	if (count == 0)
		return trouble("no file or folder named");
	if (left_out != 0)
		(void)fprintf(stderr,
		    "lwpsim: %u files of grain memory left out: preset simmem "
		    "runs them\n",
		    left_out);
	return worst;
}

bool
lwpsim_print(const struct prog *pr, FILE *f)
{
	size_t len = prog_print(pr, NULL, 0);
	char *text = malloc(len + 1);
	bool ok;

	if (text == NULL)
		return false;
	(void)prog_print(pr, text, len + 1);
	ok = fwrite(text, 1, len, f) == len;
	free(text);
	return ok;
}

bool
lwpsim_save(const struct prog *pr, const char *path)
{
	FILE *f = fopen(path, "w");
	bool ok;

	if (f == NULL) {
		(void)trouble("%s: %s", path, strerror(errno));
		return false;
	}
	ok = lwpsim_print(pr, f);
	ok = fclose(f) == 0 && ok;
	if (!ok)
		(void)trouble("%s: %s", path, strerror(errno));
	return ok;
}

void
lwpsim_json(json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	(void)fputc('\n', stdout);
	json_decref(json);
}

double
lwpsim_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void
usage(FILE *f)
{
	size_t n;

	(void)fprintf(f, "usage: lwpsim VERB [OPTIONS] [ARGUMENTS]\n\n");
	for (n = 0; n < NVERBS; n++)
		(void)fprintf(f, "  %-8s %-16s %s\n", verbs[n].name,
		    verbs[n].args, verbs[n].what);
	(void)fprintf(f,
	    "\nEach verb has --help.  Exit code: 0 pass, 1 finding, "
	    "2 usage or trouble.\n");
}

int
main(int argc, const char **argv)
{
	const struct verb *v;
	int rc;

	if (argc > 0)
		lwpsim_name = argv[0];
	if (argc < 2) {
		usage(stderr);
		return EXIT_TROUBLE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return EXIT_PASS;
	}
	v = verb_find(argv[1]);
	if (v == NULL)
		return trouble(
		    "unknown verb \"%s\"; see lwpsim --help", argv[1]);
	(void)signal(SIGINT, interrupted);
	(void)signal(SIGTERM, interrupted);
	run_init();
	rc = v->fn(argc - 1, argv + 1);
	if (fflush(stdout) != 0 || ferror(stdout))
		rc = trouble("standard output: %s", strerror(errno));
	return rc;
}
