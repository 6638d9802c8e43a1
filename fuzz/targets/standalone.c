/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A main for targets without an engine: replays files, and all files of
 * folders, as bytes, or as text if the name ends in .lwp; or, for "hash N",
 * prints what "lwpsim hash --random N" prints, without the libraries that
 * MemorySanitizer cannot see into.  Text of memory grain is left out, with a
 * line that says so, where the build has another one.  Exit code 0 nothing
 * found, 1 findings, 2 trouble.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "target.h"

static uint8_t bytes[1 << 20];
static unsigned replayed;

static int
replay_file(const char *path)
{
	static struct prog pr;
	size_t len = strlen(path), size;
	FILE *f;

	if (len > 4 && strcmp(path + len - 4, ".lwp") == 0) {
		if (!prog_read(&pr, path))
			return 2;
		if (pr.pr_memory && !sim_memory_grain()) {
			(void)fprintf(stderr,
			    "lwp: %s: grain memory: left out, preset simmem "
			    "runs it\n",
			    path);
			return 0;
		}
		size = prog_encode(&pr, bytes, sizeof(bytes));
	} else {
		f = fopen(path, "rb");
		if (f == NULL) {
			(void)fprintf(
			    stderr, "lwp: %s: %s\n", path, strerror(errno));
			return 2;
		}
		size = fread(bytes, 1, sizeof(bytes), f);
		(void)fclose(f);
	}
	(void)LLVMFuzzerTestOneInput(bytes, size);
	replayed++;
	return 0;
}

static int
replay(const char *path)
{
	struct dirent **list;
	struct stat st;
	char file[4096];
	int n, i, rc = 0;

	if (stat(path, &st) != 0) {
		(void)fprintf(stderr, "lwp: %s: %s\n", path, strerror(errno));
		return 2;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	n = scandir(path, &list, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.') {
			(void)snprintf(
			    file, sizeof(file), "%s/%s", path, list[i]->d_name);
			rc |= replay(file);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return rc;
}

int
main(int argc, char **argv)
{
	int i, rc = 0;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
		return 2;
	}
	(void)LLVMFuzzerInitialize(&argc, &argv);
	if (argc == 3 && strcmp(argv[1], "hash") == 0) {
		static const int go_on;
		uint64_t hash = run_hash_random(
		    1, (unsigned)strtoul(argv[2], NULL, 10), &go_on);

		(void)printf("%016llx %llu programs, %llu choice points\n",
		    (unsigned long long)hash,
		    (unsigned long long)run_totals.rt_runs,
		    (unsigned long long)run_totals.rt_steps);
		return 0;
	}
	for (i = 1; i < argc; i++)
		rc |= replay(argv[i]);
	(void)printf("%s: %u replayed, %u findings\n", target_name, replayed,
	    target_findings());
	if (rc != 0)
		return 2;
	return target_findings() != 0;
}
