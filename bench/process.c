/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE
#include "process.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

extern char **environ;

/*
 * process_drain:
 *
 *	All of it is read, so that nobody blocks; what fits is kept.
 */
static void
process_drain(int fd, char *text, size_t size)
{
	char room[4096];
	size_t used = 0, keep;
	ssize_t n;

	while ((n = read(fd, room, sizeof(room))) > 0) {
		keep = (size_t)n < size - 1 - used ? (size_t)n :
						     size - 1 - used;
		memcpy(text + used, room, keep);
		used += keep;
	}
	text[used] = '\0';
}

static double seconds;

double
process_seconds(void)
{
	return seconds;
}

static double
timeval_seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

int
process_run(char *const argv[], bool both, char *text, size_t size)
{
	posix_spawn_file_actions_t fa;
	struct rusage ru = { 0 };
	int fd[2], status = -1, error;
	pid_t pid;

	text[0] = '\0';
	if (pipe2(fd, O_CLOEXEC) != 0)
		return -1;
	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_addopen(
	    &fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&fa, fd[1], STDOUT_FILENO);
	if (both)
		(void)posix_spawn_file_actions_adddup2(
		    &fa, fd[1], STDERR_FILENO);
	else
		(void)posix_spawn_file_actions_addopen(
		    &fa, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawn(&pid, argv[0], &fa, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)close(fd[1]);
	if (error == 0) {
		process_drain(fd[0], text, size);
		if (wait4(pid, &status, 0, &ru) != pid)
			status = -1;
	}
	(void)close(fd[0]);
	seconds = timeval_seconds(ru.ru_utime) + timeval_seconds(ru.ru_stime);
	return error == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool
process_path(char *path, size_t size, const char *name)
{
	return (size_t)snprintf(path, size, "%s/%s", opt.op_binaries, name) <
	    size &&
	    access(path, R_OK) == 0;
}

bool
process_temporary(char *path, size_t size)
{
	const char *where = getenv("TMPDIR");

	return (size_t)snprintf(path, size, "%s/lwpbench.XXXXXX",
		   where != NULL ? where : "/tmp") < size &&
	    mkdtemp(path) != NULL;
}

void
process_remove(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char name[8192];

	while (d != NULL && (e = readdir(d)) != NULL) {
		(void)snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(name);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}
