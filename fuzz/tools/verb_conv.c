/* SPDX-License-Identifier: BSD-2-Clause */

/* lwpsim conv: text to bytes and back, or text to its canonical form. */

#include <errno.h>
#include <string.h>

#include "lwpsim.h"

static char *opt_to, *opt_out;

static const struct poptOption options[] = {
	{ "to", 't', POPT_ARG_STRING, &opt_to, 0, "convert to this form",
	    "text|bytes" },
	{ "out", 'o', POPT_ARG_STRING, &opt_out, 0,
	    "write here instead of to standard output", "FILE" },
	POPT_AUTOHELP POPT_TABLEEND
};

static struct prog pr;
static uint8_t bytes[PROG_BYTES_MAX];

static bool
is_text(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".lwp") == 0;
}

static int
read_bytes(const char *path)
{
	FILE *f = fopen(path, "rb");
	bool good = false;
	size_t len;

	if (f == NULL)
		return trouble("%s: %s", path, strerror(errno));
	errno = 0;
	len = fread(bytes, 1, sizeof(bytes), f);
	if (ferror(f))
		(void)trouble("%s: %s", path, strerror(errno));
	else if (len == sizeof(bytes) && fgetc(f) != EOF)
		(void)trouble("%s: more bytes than any program has", path);
	else
		good = true;
	(void)fclose(f);
	if (!good)
		return EXIT_TROUBLE;
	prog_decode(&pr, bytes, len);
	return EXIT_PASS;
}

static int
write_out(bool text)
{
	FILE *f = opt_out != NULL ? fopen(opt_out, "wb") : stdout;
	size_t len;
	bool ok;

	if (f == NULL)
		return trouble("%s: %s", opt_out, strerror(errno));
	if (text)
		ok = lwpsim_print(&pr, f);
	else {
		len = prog_encode(&pr, bytes, sizeof(bytes));
		ok = fwrite(bytes, 1, len, f) == len;
	}
	if (f != stdout)
		ok = fclose(f) == 0 && ok;
	return ok ? EXIT_PASS :
		    trouble("%s: %s", opt_out != NULL ? opt_out : "output",
			strerror(errno));
}

int
verb_conv(int argc, const char **argv)
{
	poptContext pc;
	const char *path;
	bool text;

	pc = lwpsim_options("conv", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	path = poptGetArg(pc);
	if (path == NULL || poptGetArg(pc) != NULL)
		return trouble("conv: exactly one file");
	text = opt_to != NULL && strcmp(opt_to, "text") == 0;
	if (opt_to == NULL || (!text && strcmp(opt_to, "bytes") != 0))
		return trouble("conv: --to text or --to bytes");
	if (text && !is_text(path)) {
		if (read_bytes(path) != EXIT_PASS)
			return EXIT_TROUBLE;
	} else if (!prog_read(&pr, path))
		return EXIT_TROUBLE;
	return write_out(text);
}
