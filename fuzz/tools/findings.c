/* SPDX-License-Identifier: BSD-2-Clause */

/* Findings of a verb; see findings.h. */

#include "findings.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNATURES 256

static struct {
	const char *folder;
	bool quiet;
	char signature[SIGNATURES][128];
	unsigned count[SIGNATURES], kinds;
	json_t *json;
} fs;

bool
findings_begin(const char *folder, bool quiet)
{
	struct stat st;
	int error = 0;

	fs.folder = folder;
	fs.quiet = quiet;
	fs.json = json_array();
	if (folder == NULL)
		return true;
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		error = errno;
	else if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
		error = ENOTDIR;
	else if (access(folder, W_OK | X_OK) != 0)
		error = errno;
	if (error != 0)
		(void)trouble("%s: %s", folder, strerror(error));
	return error == 0;
}

/*
 * finding_path:
 *
 *	A file name that says the verdict.
 */
static void
finding_path(char *buf, size_t size, const char *signature, uint64_t hash)
{
	size_t len;
	const char *s;

	len = (size_t)snprintf(buf, size, "%s/", fs.folder);
	for (s = signature; *s != '\0' && len + 24 < size && len < 120; s++)
		buf[len++] = (*s >= 'a' && *s <= 'z') ||
			(*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ?
		    *s :
		    '-';
	(void)snprintf(
	    buf + len, size - len, "-%08x.lwp", (unsigned)(hash ^ hash >> 32));
}

/*
 * finding_known:
 *
 *	Count it; false if it is the first of its kind, which *kind says.
 */
static bool
finding_known(const char *signature, unsigned *kind)
{
	unsigned n;

	for (n = 0; n < fs.kinds; n++) {
		if (strcmp(fs.signature[n], signature) == 0) {
			fs.count[n]++;
			return true;
		}
	}
	*kind = n;
	return false;
}

int
findings_add(const char *path, const struct prog *pr, const struct verdict *vd)
{
	static struct prog rec;
	struct run_options opt;
	struct verdict again;
	char file[256] = "";
	unsigned n;

	if (finding_known(vd->vd_signature, &n))
		return EXIT_FINDING;
	if (n == SIGNATURES)
		return trouble("more than %d kinds of findings, not kept: %s",
		    SIGNATURES, vd->vd_signature);
	(void)strcpy(fs.signature[n], vd->vd_signature);
	fs.count[n] = 1;
	fs.kinds++;
	run_options_init(&opt);
	if (!run_record(pr, &opt, &rec, &again))
		rec = *pr;
	(void)snprintf(
	    rec.pr_expect, sizeof(rec.pr_expect), "%s", vd->vd_signature);
	if (fs.folder != NULL) {
		finding_path(file, sizeof(file), vd->vd_signature, vd->vd_hash);
		if (!lwpsim_save(&rec, file))
			return EXIT_TROUBLE;
	}
	if (!fs.quiet) {
		(void)printf("%s: %s (seed %llu)\n", path, vd->vd_signature,
		    (unsigned long long)pr->pr_seed);
		if (file[0] != '\0')
			(void)printf(
			    "  replay: %s replay %s\n", lwpsim_name, file);
		(void)printf("%s\n", vd->vd_detail);
	}
	(void)json_array_append_new(fs.json,
	    json_pack("{s:s,s:s,s:s,s:I,s:s}", "program", path, "signature",
		vd->vd_signature, "detail", vd->vd_detail, "seed",
		(json_int_t)pr->pr_seed, "file", file));
	return EXIT_FINDING;
}

void
findings_print(void)
{
	unsigned n;

	for (n = 0; n < fs.kinds; n++)
		(void)printf("%8u  %s\n", fs.count[n], fs.signature[n]);
}

json_t *
findings_json(void)
{
	return fs.json;
}

unsigned
findings_kinds(void)
{
	return fs.kinds;
}
