/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The text form: canonical printing, the identity of text and program, and
 * what the parser says about anything else.
 */

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <unistd.h>

#include "h_prog.h"

static struct prog p, q;
static uint8_t bytes[PROG_BYTES_MAX];
static char text[H_TEXT_MAX], again[H_TEXT_MAX];

static const char sample[] =
    "# A continue that was lost.\n"
    "#\n"
    "# 1. lwp 1 looks at the flag.\n"
    "#    2. lwp 2 sets it.\n"
    "lwp-program 1\n"
    "machine cpus 2 runq percpu preempt maxlwp 4 perturb 16\n"
    "lwp 1:\n"
    "  create 2 detached suspended\n"
    "  wait any\n"
    "  park 3 unpark 2\n"
    "  park forever\n"
    "  sleep 0 forever intr\n"
    "  boxmove 0 1 unlock_to\n"
    "lwp 2:\n"
    "  exit\n"
    "schedule replay seed 0x1234\n"
    "  prio lwp 1: 12 200 7\n"
    "  prio idle 0: 255\n"
    "  prio clock 1: 0\n"
    "  prio soft 0: 1\n"
    "  prio time: 2 3\n"
    "  prio rcu: 4\n"
    "  at lwp 2 op 3 acquire p_smutex #2 -> cpu 1\n"
    "  at idle 0 load rq_count #1 -> time\n"
    "  at intr 0 op 2 user #65535 -> rcu\n"
    "  at lwp 1 op 2 perturb nomem #1\n"
    "expect \"progress: lost continue\"\n"
    "drift 3\n"
    "defect U1\n";

Test(prog_text, canonical_text_is_printed_as_it_was_parsed)
{
	h_parse(&p, sample);
	h_same_text(&p, sample);
	cr_assert_eq(p.pr_ndeviation, 4);
	cr_assert_eq(p.pr_deviation[0].dv_role, SIM_ROLE_lwp);
	cr_assert_eq(p.pr_deviation[0].dv_who, 2);
	cr_assert_eq(p.pr_deviation[0].dv_userop, 3);
	cr_assert_eq(p.pr_deviation[0].dv_op, SIM_OP_acquire);
	cr_assert_eq(p.pr_deviation[0].dv_cell, CELL_p_smutex);
	cr_assert_eq(p.pr_deviation[0].dv_nth, 2);
	cr_assert_eq(p.pr_deviation[0].dv_to, SIM_SRC_CPU(1));
	cr_assert_eq(p.pr_deviation[1].dv_to, SIM_SRC_TIME);
	cr_assert_eq(p.pr_deviation[3].dv_op, PROG_DEVIATION_PERTURB);
	cr_assert_eq(p.pr_deviation[3].dv_cell, PERTURB_nomem);
	cr_assert_eq(p.pr_rowlen[ROW_IDLE], 1);
	cr_assert_eq(p.pr_rowlen[ROW_AGENT + SIM_SRC_RCU - SIM_CPUS], 1);
	cr_assert_str_eq(p.pr_expect, "progress: lost continue");
	cr_assert_str_eq(p.pr_defect, "U1");
	cr_assert_eq(p.pr_drift, 3);
}

static const char plain[] =
    "lwp-program 1\n"
    "machine cpus 2 runq global\n"
    "grain memory\n"
    "lwp 1:\n"
    "  exit\n"
    "schedule replay seed 0x0\n"
    "  at lwp 1 op 1 acquire p_smutex #2 write p_nlwps #3 -> cpu 1\n"
    "  at idle 1 user #1 read memory #1 -> clock 1\n"
    "  at lwp 1 op 1 write #1 -> cpu 1\n";

Test(prog_text, a_deviation_at_a_plain_access_names_point_field_and_count)
{
	h_parse(&p, plain);
	h_same_text(&p, plain);
	cr_assert(p.pr_memory);
	cr_assert_eq(p.pr_ndeviation, 3);
	cr_assert_eq(p.pr_deviation[0].dv_cell, CELL_p_smutex);
	cr_assert_eq(p.pr_deviation[0].dv_nth, 2);
	cr_assert_eq(p.pr_deviation[0].dv_access, ACCESS_write);
	cr_assert_eq(p.pr_deviation[0].dv_field, SIM_FIELD_p_nlwps);
	cr_assert_eq(p.pr_deviation[0].dv_count, 3);
	cr_assert_eq(p.pr_deviation[1].dv_access, ACCESS_read);
	cr_assert_eq(p.pr_deviation[1].dv_cell, CELL_none);
	/* Who was stopped there comes back: a step like others. */
	cr_assert_eq(p.pr_deviation[2].dv_op, SIM_OP_write);
	cr_assert_eq(p.pr_deviation[2].dv_access, ACCESS_none);
}

Test(prog_text, what_stands_in_another_way_is_printed_in_the_canonical_one)
{
	h_parse(&p,
	    "\n  # kept  \r\nlwp-program 1\n\n"
	    "machine\tpreempt runq percpu   cpus 0x2\n# not kept\n"
	    "lwp 2:\nexit\n\tlwp 0x1 :\n    create 2 suspended detached\n"
	    "schedule bytes seed 18446744073709551615\n"
	    "prio lwp 1 : 0xff\nprio lwp 0: 1\nprio lwp 1:3\n"
	    "at lwp 1 user -> cpu 0\n");
	h_same_text(&p,
	    "# kept\nlwp-program 1\n"
	    "machine cpus 2 runq percpu preempt\n"
	    "lwp 1:\n  create 2 detached suspended\nlwp 2:\n  exit\n"
	    "schedule bytes seed 0xffffffffffffffff\n"
	    "  prio lwp 0: 1\n  prio lwp 1: 255 3\n"
	    "  at lwp 1 op 0 user #1 -> cpu 0\n");
}

/*
 * identity:
 *
 *	text -> program -> bytes -> program -> text
 */
static void
identity(const struct prog *a)
{
	struct prog_error pe;
	size_t n, m;

	n = prog_print(a, text, sizeof(text));
	H_HOLDS(n < sizeof(text), "%zu characters", n);
	H_HOLDS(prog_parse(&p, text, n, &pe), "%u:%u: %s in\n%s", pe.pe_line,
	    pe.pe_column, pe.pe_text, text);
	H_HOLDS(prog_equal(a, &p), "another program:\n%s", text);
	prog_decode(&q, bytes, prog_encode(&p, bytes, sizeof(bytes)));
	m = prog_print(&q, again, sizeof(again));
	H_HOLDS(n == m && memcmp(text, again, n) == 0, "%s\nbecame\n%s", text,
	    again);
}

Test(prog_text, text_is_the_identity_over_100000_programs)
{
	static struct prog any;
	struct draw dr = { 11 };
	unsigned i;

	for (i = 0; i < 100000; i++) {
		h_any(&dr, &any, i % 100 == 0 ? 4096 : 200);
		identity(&any);
	}
}

Test(prog_text, words_of_a_file_survive)
{
	static struct prog any;
	struct draw dr = { 12 };
	unsigned i, k;
	size_t n;

	for (i = 0; i < 3000; i++) {
		prog_random(&any, i, 3);
		n = draw_below(&dr, i % 8 == 0 ? PROG_COMMENT_MAX : 40);
		for (k = 0; k < n; k++)
			any.pr_comment[k] =
			    "ab# \n\t\"\1\300"[draw_below(&dr, 9)];
		any.pr_comment[n] = '\0';
		n = draw_below(&dr, sizeof(any.pr_expect));
		h_bytes(&dr, (uint8_t *)any.pr_expect, n);
		any.pr_expect[n] = '\0';
		n = draw_below(&dr, sizeof(any.pr_defect));
		h_bytes(&dr, (uint8_t *)any.pr_defect, n);
		any.pr_defect[n] = '\0';
		any.pr_drift = (uint16_t)draw_below(&dr, 3);
		prog_canon(&any);
		n = prog_print(&any, text, sizeof(text));
		h_parse(&p, text);
		H_HOLDS(strcmp(any.pr_comment, p.pr_comment) == 0 &&
			strcmp(any.pr_expect, p.pr_expect) == 0 &&
			strcmp(any.pr_defect, p.pr_defect) == 0 &&
			any.pr_drift == p.pr_drift,
		    "%s", text);
		H_HOLDS(prog_print(&p, again, sizeof(again)) == n &&
			strcmp(text, again) == 0,
		    "%s", text);
	}
}

Test(prog_text, the_longest_comment_survives)
{
	prog_init(&p);
	memset(p.pr_comment, 'x', sizeof(p.pr_comment));
	prog_canon(&p);
	cr_assert_eq(strlen(p.pr_comment), PROG_COMMENT_MAX - 2);
	(void)prog_print(&p, text, sizeof(text));
	h_parse(&q, text);
	cr_assert_str_eq(p.pr_comment, q.pr_comment);
}

Test(prog_text, print_tells_the_whole_length_and_keeps_to_the_room)
{
	size_t n, max;

	h_parse(&p, sample);
	n = prog_print(&p, NULL, 0);
	cr_assert_eq(n, strlen(sample));
	for (max = 1; max < n + 2; max++) {
		memset(text, 'Z', max + 1);
		H_HOLDS(prog_print(&p, text, max) == n, "length");
		H_HOLDS(strlen(text) == (n < max ? n : max - 1), "end");
		H_HOLDS(text[max] == 'Z', "wrote past the end");
		H_HOLDS(memcmp(text, sample, strlen(text)) == 0, "text");
	}
}

#define HEAD	 "lwp-program 1\nmachine cpus 2\n"
#define SCHEDULE "schedule replay seed 0\n"

static const struct bad {
	const char *text;
	unsigned line, column;
	const char *what;
} bad_table[] = {
	{ "", 1, 1, "expected 'lwp-program 1', found the end of the text" },
	{ "# only a comment\n", 2, 1,
	    "expected 'lwp-program 1', found the end of the text" },
	{ "#!/bin/sh\necho\n", 2, 1, "expected 'lwp-program', found 'echo'" },
	{ "\x7f"
	  "ELF\n",
	    1, 1, "expected text, found the control character 0x7f" },
	{ "\xff\xfel\n", 1, 1, "expected 'lwp-program', found '?\?l'" },
	{ "lwp-program\n", 1, 12,
	    "expected a format number, found the end of the line" },
	{ "lwp-program 2\n", 1, 13,
	    "expected format 1; this program is of format 2" },
	{ "lwp-program one\n", 1, 13, "expected a format number, found 'one'" },
	{ "lwp-program 1 2\n", 1, 15,
	    "expected the end of the line, found '2'" },
	{ "lwp-program 1\n", 2, 1,
	    "expected machine, found the end of the text" },
	{ "lwp-program 1\nlwp 1:\n", 2, 1, "expected machine, found 'lwp'" },
	{ "lwp-program 1\nmachine\n", 2, 8,
	    "expected cpus, runq, preempt, "
	    "maxlwp, perturb, found the end of the line" },
	{ "lwp-program 1\nmachine cpus 9\n", 2, 14,
	    "expected a number from 1 to 8, found '9'" },
	{ "lwp-program 1\nmachine cpus 0\n", 2, 14,
	    "expected a number from 1 to 8, found '0'" },
	{ "lwp-program 1\nmachine cpus 1 cpus 1\n", 2, 16,
	    "expected 'cpus' only once" },
	{ "lwp-program 1\nmachine runq two\n", 2, 14,
	    "expected global, percpu, found 'two'" },
	{ HEAD, 3, 1,
	    "expected grain, lwp, schedule, found the end of the text" },
	{ HEAD "lwp 1:\n  exit\n", 5, 1,
	    "expected an operation, lwp, schedule, found the end of the "
	    "text" },
	{ HEAD "lwp 65:\n", 3, 5, "expected a body from 1 to 64, found '65'" },
	{ HEAD "lwp 0:\n", 3, 5, "expected a body from 1 to 64, found '0'" },
	{ HEAD "lwp 1\n", 3, 6, "expected ':', found the end of the line" },
	{ HEAD "lwp 1:\nlwp 1:\n", 4, 5,
	    "expected a body that was not yet there" },
	{ HEAD "  exit\n", 3, 3,
	    "expected grain, lwp, schedule, found 'exit'" },
	{ HEAD "lwp 1:\n  exti\n", 4, 3,
	    "expected an operation, lwp, schedule, found 'exti'" },
	{ HEAD "lwp 1:\n  exit 1\n", 4, 8,
	    "expected the end of the line, found '1'" },
	{ HEAD "lwp 1:\n  create\n", 4, 9,
	    "expected a body from 1 to 64, found the end of the line" },
	{ HEAD "lwp 1:\n  create 2 detached detached\n", 4, 21, NULL },
	{ HEAD "lwp 1:\n  wait 65\n", 4, 8,
	    "expected any, or a body from 0 to 64, found '65'" },
	{ HEAD "lwp 1:\n  park 1 2\n", 4, 10, "expected 'unpark', found '2'" },
	{ HEAD "lwp 1:\n  park 1 unpark 0\n", 4, 17,
	    "expected a body from 1 to 64, found '0'" },
	{ HEAD "lwp 1:\n  park 256\n", 4, 8,
	    "expected forever, or ticks from 0 to 255, found '256'" },
	{ HEAD "lwp 1:\n  wake 4 0\n", 4, 8,
	    "expected a channel from 0 to 3, found '4'" },
	{ HEAD "lwp 1:\n  boxmove 1 1 some\n", 4, 15,
	    "expected setlock, unlock_to, relock, found 'some'" },
	{ HEAD "schedule fifo seed 0\n", 3, 10, NULL },
	{ HEAD "schedule random\n", 3, 16,
	    "expected 'seed', found the end of the line" },
	{ HEAD "schedule random seed -1\n", 3, 22,
	    "expected a number of 64 bits, found '-1'" },
	{ HEAD "schedule random seed 0x10000000000000000\n", 3, 22,
	    "expected a number of 64 bits, found '0x10000000000000000'" },
	{ HEAD "schedule random seed 18446744073709551616\n", 3, 22, NULL },
	{ HEAD "schedule random seed 0x\n", 3, 22, NULL },
	{ HEAD SCHEDULE "prio cpu 0: 1\n", 4, 6,
	    "expected lwp, idle, clock, soft, time, rcu, found 'cpu'" },
	{ HEAD SCHEDULE "prio lwp 65: 1\n", 4, 10,
	    "expected a number from 0 to 64, found '65'" },
	{ HEAD SCHEDULE "prio time:\n", 4, 11,
	    "expected a priority from 0 to 255, found the end of the line" },
	{ HEAD SCHEDULE "prio time: 1 256\n", 4, 14,
	    "expected a priority from 0 to 255, found '256'" },
	{ HEAD SCHEDULE "at cpu 0 user -> rcu\n", 4, 4,
	    "expected lwp, idle, intr, found 'cpu'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 jump -> rcu\n", 4, 15,
	    "expected acquire, try, release, load, store, rmw, poll, idle, "
	    "spl, user, irq, read, write, perturb, found 'jump'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 user #1 read l_stat -> rcu\n", 4, 23,
	    "expected '->'; a plain access needs 'grain memory'" },
	{ HEAD "grain fine\n", 3, 7, "expected sync, memory, found 'fine'" },
	{ HEAD "grain memory\n" SCHEDULE "at lwp 1 user read x -> rcu\n", 5, 20,
	    "expected a field, found 'x'" },
	{ HEAD "grain memory\n" SCHEDULE "at lwp 1 user read l_stat rcu\n", 5,
	    27, "expected '->', found 'rcu'" },
	{ HEAD "grain memory\n" SCHEDULE
	       "at lwp 1 user read l_stat #0 -> rcu\n",
	    5, 28, "expected a number from 1 to 65535, found '0'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 load l_nothing -> rcu\n", 4, 20,
	    "expected a lock class or cell, found 'l_nothing'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 load l_stat #0 -> rcu\n", 4, 28,
	    "expected a number from 1 to 65535, found '0'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 load l_stat #1 rcu\n", 4, 30,
	    "expected '->', found 'rcu'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 load l_stat #1 -> lwp 1\n", 4, 33,
	    "expected cpu, clock, soft, time, rcu, found 'lwp'" },
	{ HEAD SCHEDULE "at lwp 1 op 1 load l_stat #1 -> cpu 8\n", 4, 37,
	    "expected a number from 0 to 7, found '8'" },
	{ HEAD SCHEDULE "at lwp 1 perturb weather #1\n", 4, 18, NULL },
	{ HEAD SCHEDULE "at lwp 1 perturb nomem #1 -> cpu 0\n", 4, 27,
	    "expected the end of the line, found '->'" },
	{ HEAD SCHEDULE "at lwp 1 user -> rcu\nprio rcu: 1\n", 5, 1,
	    "expected at, expect, drift, defect, the end of the text, found "
	    "'prio'" },
	{ HEAD SCHEDULE "expect\n", 4, 7,
	    "expected pass, or a signature in "
	    "quotes, found the end of the line" },
	{ HEAD SCHEDULE "expect fail\n", 4, 8,
	    "expected pass, or a signature in quotes, found 'fail'" },
	{ HEAD SCHEDULE "expect \"open\n", 4, 8,
	    "expected a signature of 1 to 127 characters in quotes" },
	{ HEAD SCHEDULE "expect \"\"\n", 4, 8,
	    "expected a signature of 1 to 127 characters in quotes" },
	{ HEAD SCHEDULE "drift 65536\n", 4, 7,
	    "expected a number from 0 to 65535, found '65536'" },
	{ HEAD SCHEDULE "defect\n", 4, 7,
	    "expected the name of a defect, found the end of the line" },
	{ HEAD SCHEDULE "defect U1\nlwp 1:\n", 5, 1,
	    "expected the end of the text, found 'lwp'" },
	{ HEAD SCHEDULE "expect pass\nexpect pass\n", 5, 1,
	    "expected drift, defect, the end of the text, found 'expect'" },
	{ HEAD SCHEDULE "garbage\n", 4, 1, NULL },
	{ HEAD SCHEDULE "expect pass", 4, 12,
	    "expected a line that ends "
	    "with a newline: the text is cut off" },
};

Test(prog_text, errors_name_line_and_column_and_what_was_expected)
{
	const struct bad *b;
	struct prog_error pe;
	unsigned i;

	for (i = 0; i < NITEMS(bad_table); i++) {
		b = &bad_table[i];
		H_HOLDS(!prog_parse(&p, b->text, strlen(b->text), &pe),
		    "taken: %s", b->text);
		H_HOLDS(pe.pe_line == b->line && pe.pe_column == b->column &&
			(b->what == NULL || strcmp(pe.pe_text, b->what) == 0),
		    "expected %u:%u: %s\ngot %u:%u: %s\nfor %s", b->line,
		    b->column, b->what, pe.pe_line, pe.pe_column, pe.pe_text,
		    b->text);
		H_HOLDS(
		    strncmp(pe.pe_text, "expected ", 9) == 0, "%s", pe.pe_text);
	}
}

Test(prog_text, a_nul_byte_is_refused_where_it_stands)
{
	static const char nul[] = "# a\nlwp-program 1\0\n";
	struct prog_error pe;

	cr_assert(!prog_parse(&p, nul, sizeof(nul) - 1, &pe));
	cr_assert_eq(pe.pe_line, 2);
	cr_assert_eq(pe.pe_column, 14);
	cr_assert_str_eq(pe.pe_text, "expected text, found a NUL byte");
}

Test(prog_text, an_overlong_line_is_refused)
{
	struct prog_error pe;

	memset(text, 'x', 20000);
	text[20000] = '\n';
	cr_assert(!prog_parse(&p, text, 20001, &pe));
	cr_assert_eq(pe.pe_line, 1);
	cr_assert_eq(pe.pe_column, 8201);
	text[0] = '#';
	cr_assert(!prog_parse(&p, text, 20001, &pe));
	memset(text, ' ', 20000);
	cr_assert(!prog_parse(&p, text, 20001, &pe));
	cr_assert_eq(pe.pe_column, 8201);
}

Test(prog_text, a_comment_that_is_too_long_is_refused)
{
	struct prog_error pe;
	unsigned i;
	size_t n = 0;

	for (i = 0; i < 200; i++) {
		memset(text + n, '#', 60);
		text[n + 60] = '\n';
		n += 61;
	}
	cr_assert(!prog_parse(&p, text, n, &pe));
	cr_assert_gt(pe.pe_line, 100);
	cr_assert_str_eq(
	    pe.pe_text, "expected a comment of at most 8190 characters");
}

/*
 * repeated:
 *
 *	The head, then so many times this, then a schedule where it is needed.
 */
static bool
repeated(const char *head, const char *item, unsigned n, const char *tail,
    struct prog_error *pe)
{
	static char all[1 << 20];
	size_t len = 0;

	len += (size_t)sprintf(all + len, "%s", head);
	while (n-- > 0)
		len += (size_t)sprintf(all + len, "%s", item);
	len += (size_t)sprintf(all + len, "%s", tail);
	return prog_parse(&p, all, len, pe);
}

Test(prog_text, limits_are_reached_and_not_passed)
{
	struct prog_error pe;

	cr_assert(repeated(HEAD "lwp 1:\n", "exit\n", PROG_OPS, SCHEDULE, &pe));
	cr_assert(
	    !repeated(HEAD "lwp 1:\n", "exit\n", PROG_OPS + 1, SCHEDULE, &pe));
	cr_assert_eq(pe.pe_line, 4 + PROG_OPS);
	cr_assert_str_eq(pe.pe_text, "expected at most 256 operations");
	cr_assert(
	    repeated(HEAD SCHEDULE, "prio rcu: 1\n", PROG_PRIOS, "", &pe));
	cr_assert(
	    !repeated(HEAD SCHEDULE, "prio rcu: 1\n", PROG_PRIOS + 1, "", &pe));
	cr_assert_str_eq(pe.pe_text, "expected at most 4096 priorities");
	cr_assert(repeated(
	    HEAD SCHEDULE, "at lwp 1 user -> rcu\n", PROG_DEVIATIONS, "", &pe));
	cr_assert(!repeated(HEAD SCHEDULE, "at lwp 1 user -> rcu\n",
	    PROG_DEVIATIONS + 1, "", &pe));
	cr_assert_str_eq(pe.pe_text, "expected at most 512 deviations");
}

Test(prog_text, a_text_that_is_cut_off_in_a_line_is_refused)
{
	struct prog_error pe;
	size_t n, len = strlen(sample);
	bool taken;

	for (n = 0; n < len; n++) {
		taken = prog_parse(&p, sample, n, &pe);
		H_HOLDS(!taken || sample[n - 1] == '\n', "taken: %.*s", (int)n,
		    sample);
		H_HOLDS(taken || pe.pe_line != 0, "no line");
	}
}

Test(prog_text, garbled_text_is_refused_or_a_program)
{
	struct draw dr = { 13 };
	struct prog_error pe;
	unsigned i, k, taken = 0;
	size_t n, at, some;

	for (i = 0; i < 50000; i++) {
		prog_random(&p, i, 6);
		n = prog_print(&p, text, sizeof(text));
		for (k = draw_small(&dr, 4); k > 0; k--) {
			at = draw_below(&dr, (unsigned)n);
			some = draw_below(&dr, 9);
			if (some > n - at)
				some = n - at;
			if (draw_one_in(&dr, 2))
				text[at] = (char)draw_next(&dr);
			else if (draw_one_in(&dr, 2))
				memmove(
				    text + at, text + at + some, n - at - some);
			else
				memmove(text + at,
				    text +
					draw_below(
					    &dr, (unsigned)(n - some + 1)),
				    some);
		}
		if (!prog_parse(&q, text, n, &pe)) {
			H_HOLDS(pe.pe_line > 0 && pe.pe_column > 0 &&
				pe.pe_text[0] != '\0',
			    "no place");
			continue;
		}
		taken++;
		H_HOLDS(h_canonical(&q), "not canonical");
		identity(&q);
	}
	cr_assert_gt(taken, 1000);
}

/*
 * Files.
 */

static void
write_file(const char *path, const char *s, size_t n)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(s, 1, n, f), n);
	cr_assert_eq(fclose(f), 0);
}

static const char *
file(void)
{
	static char path[64];

	(void)snprintf(
	    path, sizeof(path), "/tmp/t_prog_text.%ld.lwp", (long)getpid());
	return path;
}

Test(prog_text, a_file_is_read)
{
	write_file(file(), sample, strlen(sample));
	cr_assert(prog_read(&p, file()));
	unlink(file());
	h_same_text(&p, sample);
}

/*
 * The manual shows a program between "```lwp" and "```".
 */
Test(prog_text, the_sample_of_the_manual_is_canonical)
{
	char path[4096], *from, *to;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s", __FILE__);
	to = strrchr(path, '/');
	(void)snprintf(to != NULL ? to + 1 : path,
	    sizeof(path) - (size_t)(to != NULL ? to + 1 - path : 0),
	    "../README.md");
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	n = fread(again, 1, sizeof(again) - 1, f);
	(void)fclose(f);
	again[n] = '\0';
	from = strstr(again, "```lwp\n");
	cr_assert_not_null(from);
	from += strlen("```lwp\n");
	to = strstr(from, "```");
	cr_assert_not_null(to);
	*to = '\0';
	h_parse(&p, from);
	h_same_text(&p, from);
}

Test(prog_text, a_bad_file_gives_one_line_with_its_place,
    .init = cr_redirect_stderr)
{
	char line[160];

	write_file(file(), HEAD "lwp 1:\n exot\n", strlen(HEAD) + 13);
	cr_assert(!prog_read(&p, file()));
	fflush(stderr);
	unlink(file());
	(void)snprintf(line, sizeof(line),
	    "%s:4:2: expected an operation, "
	    "lwp, schedule, found 'exot'\n",
	    file());
	cr_assert_stderr_eq_str(line);
}

Test(prog_text, a_missing_file_gives_one_line, .init = cr_redirect_stderr)
{
	cr_assert(!prog_read(&p, "/nonexistent/x.lwp"));
	fflush(stderr);
	cr_assert_stderr_eq_str(
	    "/nonexistent/x.lwp: No such file or directory\n");
}

Test(prog_text, a_folder_gives_one_line, .init = cr_redirect_stderr)
{
	cr_assert(!prog_read(&p, "/"));
	fflush(stderr);
	cr_assert_stderr_eq_str("/: Is a directory\n");
}

Test(prog_text, an_endless_file_gives_one_line, .init = cr_redirect_stderr)
{
	cr_assert(!prog_read(&p, "/dev/zero"));
	fflush(stderr);
	cr_assert_stderr_eq_str(
	    "/dev/zero: this is no lwp program: larger than 1 MiB\n");
}
