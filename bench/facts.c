/* SPDX-License-Identifier: BSD-2-Clause */

#include "facts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define LINE 4096

/*
 * facts_line:
 *
 *	What stands behind a key and a colon in a file like /proc/cpuinfo, or
 *	its first line if there is no key.
 */
static bool
facts_line(const char *path, const char *key, char *value, size_t size)
{
	FILE *f = fopen(path, "r");
	char line[LINE];
	const char *at;
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		at = line;
		if (key != NULL) {
			if (strncmp(line, key, strlen(key)) != 0 ||
			    (at = strchr(line, ':')) == NULL)
				continue;
			at += strspn(at, ": \t");
		}
		(void)snprintf(value, size, "%s", at);
		found = true;
	}
	(void)fclose(f);
	return found;
}

static void
facts_add(json_t *o, const char *name, const char *path, const char *key)
{
	char value[LINE];

	if (facts_line(path, key, value, sizeof(value)))
		(void)json_object_set_new(o, name, json_string(value));
}

json_t *
facts_host(void)
{
	json_t *o = json_object();
	struct utsname un;
	char flags[LINE];

	facts_add(o, "model", "/proc/cpuinfo", "model name");
	facts_add(o, "microcode", "/proc/cpuinfo", "microcode");
	facts_add(o, "governor",
	    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", NULL);
	facts_add(o, "load", "/proc/loadavg", NULL);
	facts_add(o, "memory", "/proc/meminfo", "MemTotal");
	facts_add(o, "product", "/sys/class/dmi/id/product_name", NULL);
	if (facts_line("/proc/cpuinfo", "flags", flags, sizeof(flags)))
		(void)json_object_set_new(o, "hypervisor",
		    json_boolean(strstr(flags, " hypervisor") != NULL));
	if (uname(&un) == 0) {
		(void)json_object_set_new(o, "kernel", json_string(un.release));
		(void)json_object_set_new(
		    o, "machine", json_string(un.machine));
	}
	return o;
}

void
facts_steal(uint64_t *steal, uint64_t *all)
{
	FILE *f = fopen("/proc/stat", "r");
	unsigned long long t[8] = { 0 };
	unsigned n;

	*steal = *all = 0;
	if (f == NULL)
		return;
	if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0],
		&t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) == 8) {
		*steal = t[7];
		for (n = 0; n < 8; n++)
			*all += t[n];
	}
	(void)fclose(f);
}
