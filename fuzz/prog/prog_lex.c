/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Lines and tokens of the text form, and what is wrong with them.
 *
 * Every function takes a token or a line or fails, so whoever loops over them
 * ends.  A line is looked at as a whole before its tokens are: none holds a
 * byte that a terminal should not see.
 */

#include <stdarg.h>
#include <string.h>

#include "prog_lex.h"

/*
 * lex_fail:
 *
 *	The error is at this place of this line.  Always false.
 */
bool
lex_fail(struct parser *ps, const char *at, const char *fmt, ...)
{
	struct prog_error *pe = ps->ps_error;
	va_list ap;

	pe->pe_line = ps->ps_number;
	pe->pe_column = (unsigned)(at - ps->ps_line) + 1;
	va_start(ap, fmt);
	(void)vsnprintf(pe->pe_text, sizeof(pe->pe_text), fmt, ap);
	va_end(ap);
	return false;
}

/*
 * lex_expected:
 *
 *	The error is the current token.  Always false.
 */
bool
lex_expected(struct parser *ps, const char *what)
{
	char found[24];
	size_t i, n = ps->ps_length;

	if (n == 0)
		return lex_fail(ps, ps->ps_token,
		    "expected %s, found the end of the line", what);
	if (n >= sizeof(found))
		n = sizeof(found) - 1;
	for (i = 0; i < n; i++) {
		found[i] = ps->ps_token[i];
		if ((unsigned char)found[i] > '~')
			found[i] = '?';
	}
	found[n] = '\0';
	return lex_fail(ps, ps->ps_token, "expected %s, found '%s%s'", what,
	    found, n < ps->ps_length ? "..." : "");
}

/*
 * lex_list:
 *
 *	Append a name to a list for people: "a, b, c".
 */
void
lex_list(char *list, size_t max, const char *name)
{
	size_t len = strlen(list);

	if (len < max)
		(void)snprintf(
		    list + len, max - len, "%s%s", len > 0 ? ", " : "", name);
}

/*
 * Lines.
 */

/*
 * line_check:
 *
 *	Nothing but text in this line?
 */
static bool
line_check(struct parser *ps)
{
	const char *s;
	unsigned char c;

	for (s = ps->ps_line; s < ps->ps_end; s++) {
		c = (unsigned char)*s;
		if (s - ps->ps_line == LEX_LINE_MAX)
			return lex_fail(ps, s,
			    "expected a line of at most %d characters",
			    LEX_LINE_MAX);
		if (c == '\0')
			return lex_fail(
			    ps, s, "expected text, found a NUL byte");
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return lex_fail(ps, s,
			    "expected text, "
			    "found the control character 0x%02x",
			    c);
	}
	return true;
}

/*
 * lex_line:
 *
 *	Go to the next line.  False at the end of the text or with the error,
 *	which has a line number then.
 */
bool
lex_line(struct parser *ps)
{
	const char *s = ps->ps_next;
	size_t left = (size_t)(ps->ps_stop - s);

	ps->ps_number++;
	ps->ps_line = ps->ps_token = ps->ps_end = s;
	ps->ps_length = 0;
	if (left == 0)
		return false;
	ps->ps_end = memchr(s, '\n', left);
	if (ps->ps_end == NULL) {
		ps->ps_end = ps->ps_stop;
		if (!line_check(ps))
			return false;
		return lex_fail(ps, ps->ps_stop,
		    "expected a line that ends "
		    "with a newline: the text is cut off");
	}
	ps->ps_next = ps->ps_end + 1;
	if (ps->ps_end > s && ps->ps_end[-1] == '\r')
		ps->ps_end--;
	return line_check(ps);
}

/*
 * Tokens: ':' and '#' by themselves, a string in double quotes, or a run of
 * anything else but blanks.
 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void
lex_next(struct parser *ps)
{
	const char *s = ps->ps_token + ps->ps_length;

	while (s < ps->ps_end && is_blank(*s))
		s++;
	ps->ps_token = s;
	ps->ps_length = 0;
	if (s == ps->ps_end)
		return;
	if (*s == '"') {
		for (s++; s < ps->ps_end && *s != '"'; s++)
			continue;
		s += s < ps->ps_end;
	} else if (*s == ':' || *s == '#') {
		s++;
	} else {
		while (s < ps->ps_end && !is_blank(*s) &&
		    memchr(":#\"", *s, 3) == NULL)
			s++;
	}
	ps->ps_length = (size_t)(s - ps->ps_token);
}

bool
lex_is(const struct parser *ps, const char *word)
{
	return ps->ps_length == strlen(word) &&
	    memcmp(ps->ps_token, word, ps->ps_length) == 0;
}

/*
 * lex_take:
 *
 *	Take this word, if it is the current token.
 */
bool
lex_take(struct parser *ps, const char *word)
{
	if (!lex_is(ps, word))
		return false;
	lex_next(ps);
	return true;
}

bool
lex_need(struct parser *ps, const char *word)
{
	char quoted[32];

	if (lex_take(ps, word))
		return true;
	(void)snprintf(quoted, sizeof(quoted), "'%s'", word);
	return lex_expected(ps, quoted);
}

bool
lex_end(struct parser *ps)
{
	return ps->ps_length == 0 || lex_expected(ps, "the end of the line");
}

/*
 * digit:
 *
 *	The value of a digit, or something larger than any base.
 */
static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

/*
 * lex_number:
 *
 *	Take a number, decimal or with 0x, from lo to hi.
 */
bool
lex_number(
    struct parser *ps, const char *what, uint64_t lo, uint64_t hi, uint64_t *vp)
{
	const char *s = ps->ps_token, *end = s + ps->ps_length;
	unsigned base = 10, d;
	uint64_t v = 0;
	bool good;
	char text[80];

	if (end - s > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	good = s < end;
	for (; good && s < end; s++) {
		d = digit(*s);
		good = d < base && v <= (UINT64_MAX - d) / base;
		v = v * base + d;
	}
	if (!good || v < lo || v > hi) {
		if (hi == UINT64_MAX)
			(void)snprintf(text, sizeof(text), "%s", what);
		else
			(void)snprintf(text, sizeof(text),
			    "%s from %llu to "
			    "%llu",
			    what, (unsigned long long)lo,
			    (unsigned long long)hi);
		return lex_expected(ps, text);
	}
	*vp = v;
	lex_next(ps);
	return true;
}

bool
lex_byte(
    struct parser *ps, const char *what, unsigned lo, unsigned hi, uint8_t *vp)
{
	uint64_t v;

	if (!lex_number(ps, what, lo, hi, &v))
		return false;
	*vp = (uint8_t)v;
	return true;
}

/*
 * lex_find:
 *
 *	Take one of these words: its number, or wd_count.
 */
unsigned
lex_find(struct parser *ps, const struct words *wd)
{
	unsigned i;

	for (i = 0; i < wd->wd_count; i++) {
		if (lex_take(ps, wd->wd_name[i]))
			break;
	}
	return i;
}

/*
 * lex_expected_word:
 *
 *	None of these words, and not "more" either; they are listed if they
 *	are few.  Always false.
 */
bool
lex_expected_word(struct parser *ps, const struct words *wd, const char *more)
{
	char list[100] = "";
	unsigned i;

	for (i = 0; i < wd->wd_count; i++)
		lex_list(list, sizeof(list), wd->wd_name[i]);
	if (more != NULL)
		lex_list(list, sizeof(list), more);
	if (strlen(list) == sizeof(list) - 1)
		return lex_expected(ps, wd->wd_what);
	return lex_expected(ps, list);
}

bool
lex_word(struct parser *ps, const struct words *wd, uint8_t *vp)
{
	unsigned i = lex_find(ps, wd);

	if (i == wd->wd_count)
		return lex_expected_word(ps, wd, NULL);
	*vp = (uint8_t)i;
	return true;
}

/*
 * lex_span:
 *
 *	Take a name and, where there are several of it, a number.  The value
 *	is that in all of the stretches, sp_base included.
 */
bool
lex_span(struct parser *ps, const struct span *sp, unsigned count, unsigned *vp)
{
	char list[80] = "";
	uint64_t v = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (lex_take(ps, sp[i].sp_name))
			break;
		lex_list(list, sizeof(list), sp[i].sp_name);
	}
	if (i == count)
		return lex_expected(ps, list);
	if (sp[i].sp_count > 1 &&
	    !lex_number(ps, "a number", 0, sp[i].sp_count - 1, &v))
		return false;
	*vp = sp[i].sp_base + (unsigned)v;
	return true;
}
