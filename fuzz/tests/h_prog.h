/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the tests of fuzz/prog share.
 *
 * Criterion reports each assertion that holds, by a message to another
 * process; H_HOLDS speaks only when it does not hold, for loops.
 */

#ifndef H_PROG_H
#define H_PROG_H

#include <criterion/criterion.h>
#include <string.h>

#include "../prog/prog_draw.h"

#define H_HOLDS(cond, ...)                                                     \
	do {                                                                   \
		if (!(cond))                                                   \
			cr_assert_fail(__VA_ARGS__);                           \
	} while (0)

#define H_TEXT_MAX 131072

/* h_bytes: that many random bytes. */
static inline void
h_bytes(struct draw *dr, uint8_t *b, size_t n)
{
	while (n-- > 0)
		*b++ = (uint8_t)draw_next(dr);
}

/*
 * h_any:
 *
 *	Any program: half of them a decoded accident, which has everything and
 *	makes no sense, half of them generated and mutated.
 */
static inline void
h_any(struct draw *dr, struct prog *p, unsigned max)
{
	uint8_t b[4096];
	size_t n = draw_below(dr, max < sizeof(b) ? max : sizeof(b));
	unsigned i;

	if (draw_one_in(dr, 2)) {
		prog_random(p, draw_next(dr), draw_below(dr, 40));
		for (i = draw_below(dr, 4); i > 0; i--)
			prog_mutate(p, draw_next(dr));
		return;
	}
	h_bytes(dr, b, n);
	if (n > 15) {
		/* Not only operations: records need what is left. */
		b[13] = (uint8_t)draw_below(dr, (unsigned)n / 10 + 1);
		b[14] = 0;
	}
	prog_decode(p, b, n);
}

/*
 * h_parse:
 *
 *	Text that must be a program.
 */
static inline void
h_parse(struct prog *p, const char *text)
{
	struct prog_error pe;

	H_HOLDS(prog_parse(p, text, strlen(text), &pe), "%u:%u: %s in\n%s",
	    pe.pe_line, pe.pe_column, pe.pe_text, text);
}

/*
 * h_canonical:
 *
 *	Is nothing left to do for prog_canon()?
 */
static inline bool
h_canonical(const struct prog *p)
{
	static struct prog q;

	q = *p;
	prog_canon(&q);
	return prog_equal(p, &q) && p->pr_ncpu >= 1 && p->pr_ncpu <= SIM_CPUS &&
	    p->pr_nops <= PROG_OPS && p->pr_nprio <= PROG_PRIOS &&
	    p->pr_ndeviation <= PROG_DEVIATIONS;
}

/*
 * h_same_text:
 *
 *	Is this the text of the program?  Shows both if not.
 */
static inline void
h_same_text(const struct prog *p, const char *text)
{
	static char buf[H_TEXT_MAX];

	(void)prog_print(p, buf, sizeof(buf));
	H_HOLDS(strcmp(buf, text) == 0, "expected\n%s\ngot\n%s", text, buf);
}

#endif /* H_PROG_H */
