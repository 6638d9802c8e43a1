/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Races, where ThreadSanitizer judges the core (LWP_RACES, preset simtsan):
 * what it found.  What it is told stands in sim_order.c.
 *
 * A report is a verdict: it is noted here, inside the runtime and with its
 * locks held, and the run ends at the next point.  Function names are looked up
 * in the symbols of the executable, so that a signature depends on no tool;
 * lines come from the runtime's symbolizer if it finds one.
 */

#include "sim_impl.h"

#ifdef LWP_RACES

#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>
#include <sanitizer/tsan_interface.h>

#define FRAMES 16

/* Each race is to be reported again in the next run. */
const char *__tsan_default_options(void);
const char *
__tsan_default_options(void)
{
	return "suppress_equal_stacks=0:suppress_equal_addresses=0:"
	       "report_thread_leaks=0:report_signal_unsafe=0:"
	       "atexit_sleep_ms=0:"
	       "external_symbolizer_path=" LWP_SYMBOLIZER;
}

/* <tsan/rtl/tsan_debugging.cpp> */
int __tsan_get_report_data(void *, const char **, int *, int *, int *, int *,
    int *, int *, int *, void **, unsigned long);
int __tsan_get_report_mop(void *, unsigned long, int *, void **, int *, int *,
    int *, void **, unsigned long);
int __tsan_get_report_thread(void *, unsigned long, int *, unsigned long *,
    int *, const char **, int *, void **, unsigned long);

struct access {
	void *ac_addr;
	int ac_tid, ac_size, ac_write, ac_atomic;
	char ac_who[16];
	void *ac_frame[FRAMES]; /* innermost first */
};

static struct {
	struct access access[2]; /* this one, the earlier one */
	unsigned cpu;
	uint64_t step;
} race;
bool sim_raced;

/*
 * race_name:
 *
 *	The context that an access belongs to.
 */
static void
race_name(void *report, struct access *ac, int threads)
{
	unsigned long os;
	const char *name;
	int n, tid, running, parent;
	void *trace[1];
	size_t i;

	for (n = 0; n < threads; n++) {
		name = NULL;
		(void)__tsan_get_report_thread(report, (unsigned long)n, &tid,
		    &os, &running, &name, &parent, trace, 1);
		if (tid != ac->ac_tid || name == NULL)
			continue;
		for (i = 0; i < sizeof(ac->ac_who) - 1 && name[i] != '\0'; i++)
			ac->ac_who[i] = name[i];
	}
}

/*
 * race_on_report:
 *
 *	Called by the runtime with a report; true: it is not to print it.
 *	Nothing may be called here that allocates or is intercepted.
 */
bool race_on_report(void *, bool) __asm__(
    "_ZN6__tsan8OnReportEPKNS_10ReportDescEb");
bool
race_on_report(void *report, bool suppressed)
{
	int count, stacks, mops, locs, mutexes, threads, tids, n;
	const char *what;
	void *sleep[1];

	(void)__tsan_get_report_data(report, &what, &count, &stacks, &mops,
	    &locs, &mutexes, &threads, &tids, sleep, 1);
	if (suppressed || sim.cpu == NULL || mops != 2)
		return suppressed;
	if (sim_raced)
		return true;
	for (n = 0; n < 2; n++) {
		struct access *ac = &race.access[n];

		/* A stack may be short, or lost: no frame of another race is
		 * to stand behind it. */
		memset(ac, 0, sizeof(*ac));
		(void)__tsan_get_report_mop(report, (unsigned long)n,
		    &ac->ac_tid, &ac->ac_addr, &ac->ac_size, &ac->ac_write,
		    &ac->ac_atomic, ac->ac_frame, FRAMES);
		race_name(report, ac, threads);
	}
	race.cpu = sim.cpu->sc_index;
	race.step = sim.steps;
	sim_raced = true;
	return true;
}

/* The symbols of this executable. */
static struct {
	const Elf64_Sym *sym;
	const char *name;
	size_t n;
} symbols;
extern const char __ehdr_start[];

static void
symbols_read(void)
{
	const Elf64_Ehdr *eh;
	const Elf64_Shdr *sh;
	struct stat st;
	unsigned n;
	int fd;

	fd = open("/proc/self/exe", O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	eh = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (eh == MAP_FAILED)
		return;
	sh = (const void *)((const char *)eh + eh->e_shoff);
	for (n = 0; n < eh->e_shnum; n++) {
		if (sh[n].sh_type != SHT_SYMTAB)
			continue;
		symbols.sym = (const void *)((const char *)eh +
		    sh[n].sh_offset);
		symbols.n = sh[n].sh_size / sizeof(*symbols.sym);
		symbols.name = (const char *)eh + sh[sh[n].sh_link].sh_offset;
	}
}

/*
 * race_function:
 *
 *	The function that an address belongs to.
 */
static const char *
race_function(const void *pc)
{
	const Elf64_Addr at = (Elf64_Addr)((const char *)pc - __ehdr_start);
	size_t n;

	if (symbols.sym == NULL)
		symbols_read();
	for (n = 0; n < symbols.n; n++) {
		const Elf64_Sym *sy = &symbols.sym[n];

		if (ELF64_ST_TYPE(sy->st_info) == STT_FUNC &&
		    at - sy->st_value < sy->st_size)
			return symbols.name + sy->st_name;
	}
	return "?";
}

/*
 * race_foreign:
 *
 *	Frames of the runtime, and of the machine, around those of the core.
 */
static bool
race_foreign(const char *function)
{
	static const char *const prefix[] = { "__", "mem", "sim_", "machine_",
		"fiber_" };
	unsigned n;

	for (n = 0; n < sizeof(prefix) / sizeof(prefix[0]); n++) {
		if (strncmp(function, prefix[n], strlen(prefix[n])) == 0)
			return true;
	}
	return false;
}

static const char *
race_side(const struct access *ac)
{
	const char *function = "?";
	unsigned n;

	for (n = 0; n < FRAMES && ac->ac_frame[n] != NULL; n++) {
		function = race_function(ac->ac_frame[n]);
		if (!race_foreign(function))
			break;
	}
	return function;
}

void
sim_race_signature(char *buf, size_t size)
{
	const char *a = race_side(&race.access[0]);
	const char *b = race_side(&race.access[1]);
	const bool swap = strcmp(a, b) > 0;

	(void)snprintf(buf, size, "race: %s, %s", swap ? b : a, swap ? a : b);
}

/* A text that grows to the end of its buffer and no further. */
struct text {
	char *buf;
	size_t size, len;
};

static void __attribute__((format(printf, 2, 3)))
text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n;
	if (t->len >= t->size)
		t->len = t->size - 1;
}

/*
 * race_where:
 *
 *	An address as numbers that are the same in every run.
 */
static void
race_where(const struct access *ac, struct text *t)
{
	const char *p = ac->ac_addr;
	const size_t n = (size_t)(p - (const char *)kernel.k_lwppool);
	const uint32_t offset = sim_offset(p);

	if (n < kernel.k_boot.bp_maxlwp * sizeof(struct lwp))
		text_add(t, "byte %zu of the struct lwp of slot %zu",
		    n % sizeof(struct lwp), n / sizeof(struct lwp));
	else if (offset != 0)
		text_add(t, "byte %u of the core's memory", (unsigned)offset);
	else
		text_add(t, "what a context left");
}

static void
race_stack(const struct access *ac, struct text *t)
{
	char line[256];
	const char *base;
	unsigned n;

	for (n = 0; n < FRAMES && ac->ac_frame[n] != NULL; n++) {
		const char *function = race_function(ac->ac_frame[n]);

		if (race_foreign(function))
			continue;
		text_add(t, "\n    %s", function);
		__sanitizer_symbolize_pc(
		    ac->ac_frame[n], "%s:%l", line, sizeof(line));
		base = strrchr(line, '/');
		if (base != NULL)
			text_add(t, " %s", base + 1);
	}
}

void
sim_race_detail(char *buf, size_t size)
{
	struct text t = { buf, size, 0 };
	unsigned n;

	for (n = 0; n < 2; n++) {
		const struct access *ac = &race.access[n];

		text_add(&t, "%s%s%s of %d bytes by %s", n != 0 ? "\n" : "",
		    ac->ac_atomic ? "atomic " : "",
		    ac->ac_write ? "write" : "read", ac->ac_size,
		    ac->ac_who[0] != '\0' ? ac->ac_who : "lwp 0");
		if (n == 0) {
			text_add(&t, " on cpu %u, after step %llu, in ",
			    race.cpu, (unsigned long long)race.step);
			race_where(ac, &t);
		} else
			text_add(&t, ", earlier, and nothing orders the two");
		race_stack(ac, &t);
	}
}

#else

#include <stdlib.h>

/* Nothing ends with SIM_END_race here. */
void
sim_race_signature(char *buf, size_t size)
{
	(void)buf;
	(void)size;
	abort();
}

void
sim_race_detail(char *buf, size_t size)
{
	(void)buf;
	(void)size;
	abort();
}

#endif /* LWP_RACES */
