/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The text form, parsed.  Grammar: fuzz/README.md.
 *
 * A file is lines; a line is a directive or, under "lwp N:", an operation.
 * Which directive may follow which is one table, what a word may be are the
 * tables of prog_ops.c; every message "expected ..." is made from them.  The
 * first error ends the parse and says line, column and what was expected.
 *
 * Every loop here takes a token or a line, so the parser ends; a line is
 * looked at as a whole before its tokens are, so no token holds a byte that a
 * terminal should not see.
 */

#include <stdarg.h>
#include <string.h>

#include "prog_edit.h"

#define FORMAT	  1
#define LINE_MAX_ (PROG_COMMENT_MAX + 8) /* a comment may be one long line */

struct parser {
	struct prog *ps_prog;
	struct prog_error *ps_error;
	const char *ps_next; /* the line after this one */
	const char *ps_stop; /* end of the text */
	const char *ps_line; /* this line ... */
	const char *ps_end;  /* ... and its end */
	unsigned ps_number;  /* from 1 */

	const char *ps_token; /* ps_end: no more in this line */
	size_t ps_length;

	unsigned ps_state;  /* enum directive_id: the last one */
	unsigned ps_body;   /* whose operations follow; 0 = nobody's */
	uint64_t ps_bodies; /* bit b - 1: "lwp b:" was there */
};

/*
 * fail:
 *
 *	The error is at this place of this line.  Always false.
 */
static bool __attribute__((format(printf, 3, 4)))
fail(struct parser *ps, const char *at, const char *fmt, ...)
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
 * expected:
 *
 *	The error is the current token.  Always false.
 */
static bool
expected(struct parser *ps, const char *what)
{
	char found[24];
	size_t i, n = ps->ps_length;

	if (n == 0)
		return fail(ps, ps->ps_token,
		    "expected %s, found the end of the line", what);
	if (n >= sizeof(found))
		n = sizeof(found) - 1;
	for (i = 0; i < n; i++) {
		found[i] = ps->ps_token[i];
		if ((unsigned char)found[i] > '~')
			found[i] = '?';
	}
	found[n] = '\0';
	return fail(ps, ps->ps_token, "expected %s, found '%s%s'", what, found,
	    n < ps->ps_length ? "..." : "");
}

/*
 * list_add:
 *
 *	Append a name to a list for people: "a, b, c".
 */
static void
list_add(char *list, size_t max, const char *name)
{
	size_t len = strlen(list);

	if (len < max)
		(void)snprintf(list + len, max - len, "%s%s",
		    len > 0 ? ", " : "", name);
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
		if (s - ps->ps_line == LINE_MAX_)
			return fail(ps, s,
			    "expected a line of at most %d characters",
			    LINE_MAX_);
		if (c == '\0')
			return fail(ps, s, "expected text, found a NUL byte");
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return fail(ps, s, "expected text, found the control "
			    "character 0x%02x", c);
	}
	return true;
}

/*
 * line_next:
 *
 *	Go to the next line.  False at the end of the text or with the error,
 *	which has a line number then.
 */
static bool
line_next(struct parser *ps)
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
		return fail(ps, ps->ps_stop, "expected a line that ends with "
		    "a newline: the text is cut off");
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

static void
next(struct parser *ps)
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

static bool
is_word(const struct parser *ps, const char *word)
{
	return ps->ps_length == strlen(word) &&
	    memcmp(ps->ps_token, word, ps->ps_length) == 0;
}

/*
 * take:
 *
 *	Take this word, if it is the current token.
 */
static bool
take(struct parser *ps, const char *word)
{
	if (!is_word(ps, word))
		return false;
	next(ps);
	return true;
}

static bool
need(struct parser *ps, const char *word)
{
	char quoted[32];

	if (take(ps, word))
		return true;
	(void)snprintf(quoted, sizeof(quoted), "'%s'", word);
	return expected(ps, quoted);
}

static bool
need_end(struct parser *ps)
{
	return ps->ps_length == 0 || expected(ps, "the end of the line");
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
 * need_number:
 *
 *	Take a number, decimal or with 0x, from lo to hi.
 */
static bool
need_number(struct parser *ps, const char *what, uint64_t lo, uint64_t hi,
    uint64_t *vp)
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
			(void)snprintf(text, sizeof(text), "%s from %llu to "
			    "%llu", what, (unsigned long long)lo,
			    (unsigned long long)hi);
		return expected(ps, text);
	}
	*vp = v;
	next(ps);
	return true;
}

static bool
need_byte(struct parser *ps, const char *what, unsigned lo, unsigned hi,
    uint8_t *vp)
{
	uint64_t v;

	if (!need_number(ps, what, lo, hi, &v))
		return false;
	*vp = (uint8_t)v;
	return true;
}

/*
 * find_word:
 *
 *	Take one of these words: its number, or wd_count.
 */
static unsigned
find_word(struct parser *ps, const struct words *wd)
{
	unsigned i;

	for (i = 0; i < wd->wd_count; i++) {
		if (take(ps, wd->wd_name[i]))
			break;
	}
	return i;
}

/*
 * expected_word:
 *
 *	None of these words, and not "more" either; they are listed if they
 *	are few.  Always false.
 */
static bool
expected_word(struct parser *ps, const struct words *wd, const char *more)
{
	char list[100] = "";
	unsigned i;

	for (i = 0; i < wd->wd_count; i++)
		list_add(list, sizeof(list), wd->wd_name[i]);
	if (more != NULL)
		list_add(list, sizeof(list), more);
	if (strlen(list) == sizeof(list) - 1)
		return expected(ps, wd->wd_what);
	return expected(ps, list);
}

static bool
need_word(struct parser *ps, const struct words *wd, uint8_t *vp)
{
	unsigned i = find_word(ps, wd);

	if (i == wd->wd_count)
		return expected_word(ps, wd, NULL);
	*vp = (uint8_t)i;
	return true;
}

/*
 * need_span:
 *
 *	Take a name and, where there are several of it, a number.  The value
 *	is that in all of the stretches, sp_base included.
 */
static bool
need_span(struct parser *ps, const struct span *sp, unsigned count,
    unsigned *vp)
{
	char list[80] = "";
	uint64_t v = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (take(ps, sp[i].sp_name))
			break;
		list_add(list, sizeof(list), sp[i].sp_name);
	}
	if (i == count)
		return expected(ps, list);
	if (sp[i].sp_count > 1 &&
	    !need_number(ps, "a number", 0, sp[i].sp_count - 1, &v))
		return false;
	*vp = sp[i].sp_base + (unsigned)v;
	return true;
}

/*
 * Operations.
 */

/*
 * parse_flags:
 *
 *	Any of these flags, each once.
 */
static bool
parse_flags(struct parser *ps, const struct words *wd, uint8_t *vp)
{
	unsigned i, flags = 0;

	while (ps->ps_length != 0) {
		for (i = 0; i < wd->wd_count; i++) {
			if (!(flags & 1u << i) && take(ps, wd->wd_name[i]))
				break;
		}
		if (i == wd->wd_count)
			return expected_word(ps, wd, "the end of the line");
		flags |= 1u << i;
	}
	*vp = (uint8_t)flags;
	return true;
}

static bool
parse_arg(struct parser *ps, enum arg_kind kind, uint8_t *vp)
{
	const struct arg_row *ar = &arg_table[kind];
	char what[48];
	unsigned lo = ar->ar_lo;

	*vp = 0;
	if (kind == ARG_none)
		return true;
	if (ar->ar_flags != NULL)
		return parse_flags(ps, ar->ar_flags, vp);
	if (ar->ar_choice != NULL)
		return need_word(ps, ar->ar_choice, vp);
	if (ar->ar_prefix != NULL) {
		if (ps->ps_length == 0)
			return true;
		if (!need(ps, ar->ar_prefix))
			return false;
		lo += lo == 0;
	}
	if (ar->ar_zero == NULL)
		return need_byte(ps, ar->ar_what, lo, ar->ar_hi, vp);
	if (take(ps, ar->ar_zero))
		return true;
	(void)snprintf(what, sizeof(what), "%s, or %s", ar->ar_zero,
	    ar->ar_what);
	return need_byte(ps, what, lo, ar->ar_hi, vp);
}

/*
 * parse_op:
 *
 *	An operation of the current body.
 */
static bool
parse_op(struct parser *ps, unsigned code)
{
	struct prog *p = ps->ps_prog;
	struct op *o;
	unsigned i;

	if (p->pr_nops == PROG_OPS)
		return fail(ps, ps->ps_line, "expected at most %d operations",
		    PROG_OPS);
	o = &p->pr_ops[p->pr_nops++];
	o->op_body = (uint8_t)ps->ps_body;
	o->op_code = (uint8_t)code;
	for (i = 0; i < PROG_OPARGS; i++) {
		if (!parse_arg(ps, op_table[code].or_arg[i], &o->op_arg[i]))
			return false;
	}
	return true;
}

/*
 * Directives, each after its first word.
 */

static bool
parse_machine(struct parser *ps)
{
	static const char *const names[] =
	    { "cpus", "runq", "preempt", "maxlwp", "perturb" };
	static const struct words settings =
	    { "a setting", names, NITEMS(names) };
	struct prog *p = ps->ps_prog;
	unsigned i, seen = 0;
	const char *at;
	uint8_t percpu;
	bool good;

	while (seen == 0 || ps->ps_length != 0) {
		at = ps->ps_token;
		i = find_word(ps, &settings);
		if (i == settings.wd_count)
			return expected_word(ps, &settings, NULL);
		if (seen & 1u << i)
			return fail(ps, at, "expected '%s' only once",
			    names[i]);
		seen |= 1u << i;
		good = true;
		if (i == 0)
			good = need_byte(ps, "a number", 1, SIM_CPUS,
			    &p->pr_ncpu);
		else if (i == 1) {
			good = need_word(ps, &words_runq, &percpu);
			p->pr_percpu = good && percpu;
		} else if (i == 2)
			p->pr_preempt = true;
		else if (i == 3)
			good = need_byte(ps, "a number", 0, 255,
			    &p->pr_maxlwp);
		else
			good = need_byte(ps, "a number", 0, 255,
			    &p->pr_perturb);
		if (!good)
			return false;
	}
	return true;
}

static bool
parse_lwp(struct parser *ps)
{
	const char *at = ps->ps_token;
	uint64_t body, bit;

	if (!need_number(ps, "a body", 1, PROG_BODIES, &body))
		return false;
	bit = UINT64_C(1) << (body - 1);
	if (ps->ps_bodies & bit)
		return fail(ps, at, "expected a body that was not yet there");
	ps->ps_bodies |= bit;
	ps->ps_body = (unsigned)body;
	return need(ps, ":");
}

static bool
parse_schedule(struct parser *ps)
{
	struct prog *p = ps->ps_prog;

	return need_word(ps, &words_strategy, &p->pr_strategy) &&
	    need(ps, "seed") &&
	    need_number(ps, "a number of 64 bits", 0, UINT64_MAX, &p->pr_seed);
}

static bool
parse_prio(struct parser *ps)
{
	struct prog *p = ps->ps_prog;
	const char *at;
	unsigned row;
	uint8_t prio;

	if (!need_span(ps, spans_context.ss_span, spans_context.ss_count, &row)
	    || !need(ps, ":"))
		return false;
	do {
		at = ps->ps_token;
		if (!need_byte(ps, "a priority", 0, 255, &prio))
			return false;
		if (!edit_row_insert(p, row, p->pr_rowlen[row], &prio, 1))
			return fail(ps, at, "expected at most %d priorities",
			    PROG_PRIOS);
	} while (ps->ps_length != 0);
	return true;
}

/*
 * parse_label:
 *
 *	What is announced or perturbed, and the n-th time.
 */
static bool
parse_label(struct parser *ps, struct deviation *d)
{
	uint64_t nth = 1;
	unsigned i;

	if (take(ps, "perturb")) {
		d->dv_op = PROG_DEVIATION_PERTURB;
		if (!need_word(ps, &words_perturbation, &d->dv_cell))
			return false;
	} else {
		i = find_word(ps, &words_simop);
		if (i == words_simop.wd_count)
			return expected_word(ps, &words_simop, "perturb");
		d->dv_op = (uint8_t)i;
		if (ps->ps_length != 0 && !is_word(ps, "#") &&
		    !is_word(ps, "->") &&
		    !need_word(ps, &words_cell, &d->dv_cell))
			return false;
	}
	if (take(ps, "#") &&
	    !need_number(ps, "a number", 1, UINT16_MAX, &nth))
		return false;
	d->dv_nth = (uint16_t)nth;
	return true;
}

static bool
parse_at(struct parser *ps)
{
	struct prog *p = ps->ps_prog;
	struct deviation d;
	uint64_t userop = 0;
	unsigned v;

	if (p->pr_ndeviation == PROG_DEVIATIONS)
		return fail(ps, ps->ps_line, "expected at most %d deviations",
		    PROG_DEVIATIONS);
	memset(&d, 0, sizeof(d));
	for (v = 0; v < SIM_ROLE_COUNT - 1u; v++) {
		if (is_word(ps, span_role[v].sp_name))
			break;
	}
	d.dv_role = (uint8_t)v;
	if (!is_word(ps, span_role[v].sp_name))
		return expected(ps, "lwp, idle, intr");
	if (!need_span(ps, &span_role[v], 1, &v))
		return false;
	d.dv_who = (uint8_t)v;
	if (take(ps, "op") &&
	    !need_number(ps, "a number", 0, UINT16_MAX, &userop))
		return false;
	d.dv_userop = (uint16_t)userop;
	if (!parse_label(ps, &d))
		return false;
	if (d.dv_op != PROG_DEVIATION_PERTURB) {
		if (!need(ps, "->") || !need_span(ps, spans_source.ss_span,
		    spans_source.ss_count, &v))
			return false;
		d.dv_to = (uint8_t)v;
	}
	p->pr_deviation[p->pr_ndeviation++] = d;
	return true;
}

static bool
parse_expect(struct parser *ps)
{
	const char *s = ps->ps_token;
	char *to = ps->ps_prog->pr_expect;
	size_t len = ps->ps_length;

	if (take(ps, "pass")) {
		memcpy(to, "pass", sizeof("pass"));
		return true;
	}
	if (len == 0 || *s != '"')
		return expected(ps, "pass, or a signature in quotes");
	if (len < 3 || s[len - 1] != '"' ||
	    len - 2 >= sizeof(ps->ps_prog->pr_expect))
		return fail(ps, s, "expected a signature of 1 to %zu "
		    "characters in quotes",
		    sizeof(ps->ps_prog->pr_expect) - 1);
	memcpy(to, s + 1, len - 2);
	to[len - 2] = '\0';
	next(ps);
	return true;
}

static bool
parse_drift(struct parser *ps)
{
	uint64_t v;

	if (!need_number(ps, "a number", 0, UINT16_MAX, &v))
		return false;
	ps->ps_prog->pr_drift = (uint16_t)v;
	return true;
}

static bool
parse_defect(struct parser *ps)
{
	size_t len = ps->ps_length;

	if (len == 0 || memchr("\":#", *ps->ps_token, 3) != NULL ||
	    len >= sizeof(ps->ps_prog->pr_defect))
		return expected(ps, "the name of a defect");
	memcpy(ps->ps_prog->pr_defect, ps->ps_token, len);
	ps->ps_prog->pr_defect[len] = '\0';
	next(ps);
	return true;
}

/*
 * What may follow what.
 */

enum directive_id {
	D_format, D_machine, D_lwp, D_schedule, D_prio, D_at, D_expect,
	D_drift, D_defect, D_COUNT
};
#define M(id) (1u << D_##id)

static const struct directive {
	const char *di_name;
	bool (*di_parse)(struct parser *);
	unsigned di_next; /* mask */
	bool di_end;	  /* the text may end after it */
} directive_table[D_COUNT] = {
	[D_format] = { "lwp-program", NULL, M(machine), false },
	[D_machine] = { "machine", parse_machine, M(lwp) | M(schedule), false },
	[D_lwp] = { "lwp", parse_lwp, M(lwp) | M(schedule), false },
	[D_schedule] = { "schedule", parse_schedule,
	    M(prio) | M(at) | M(expect) | M(drift) | M(defect), true },
	[D_prio] = { "prio", parse_prio,
	    M(prio) | M(at) | M(expect) | M(drift) | M(defect), true },
	[D_at] = { "at", parse_at,
	    M(at) | M(expect) | M(drift) | M(defect), true },
	[D_expect] = { "expect", parse_expect, M(drift) | M(defect), true },
	[D_drift] = { "drift", parse_drift, M(defect), true },
	[D_defect] = { "defect", parse_defect, 0, true },
};

/*
 * expected_directive:
 *
 *	Neither a directive that may follow nor, in a body, an operation.
 *	Always false.
 */
static bool
expected_directive(struct parser *ps, bool at_end)
{
	char list[100] = "";
	unsigned i;

	if (ps->ps_body != 0)
		list_add(list, sizeof(list), "an operation");
	for (i = 0; i < D_COUNT; i++) {
		if (directive_table[ps->ps_state].di_next & 1u << i)
			list_add(list, sizeof(list),
			    directive_table[i].di_name);
	}
	if (directive_table[ps->ps_state].di_end)
		list_add(list, sizeof(list), "the end of the text");
	if (at_end)
		return fail(ps, ps->ps_line,
		    "expected %s, found the end of the text", list);
	return expected(ps, list);
}

static bool
parse_directive(struct parser *ps)
{
	unsigned i, code;

	if (ps->ps_body != 0) {
		code = find_word(ps, &words_op);
		if (code < OP_COUNT)
			return parse_op(ps, code) && need_end(ps);
	}
	for (i = 0; i < D_COUNT; i++) {
		if (directive_table[ps->ps_state].di_next & 1u << i &&
		    take(ps, directive_table[i].di_name))
			break;
	}
	if (i == D_COUNT)
		return expected_directive(ps, false);
	ps->ps_state = i;
	ps->ps_body = 0;
	return directive_table[i].di_parse(ps) && need_end(ps);
}

/*
 * parse_comment:
 *
 *	A comment before the first directive is kept, without the '#' and one
 *	blank.
 */
static bool
parse_comment(struct parser *ps, size_t *used)
{
	char *to = ps->ps_prog->pr_comment;
	const char *s = ps->ps_token + 1, *end = ps->ps_end;
	size_t len;

	if (s < end && *s == ' ')
		s++;
	len = (size_t)(end - s);
	if (*used + len + 2 > PROG_COMMENT_MAX)
		return fail(ps, ps->ps_line,
		    "expected a comment of at most %d characters",
		    PROG_COMMENT_MAX - 2);
	memcpy(to + *used, s, len);
	*used += len;
	to[(*used)++] = '\n';
	to[*used] = '\0';
	return true;
}

/*
 * parse_format:
 *
 *	Leading comments and "lwp-program 1".
 */
static bool
parse_format(struct parser *ps)
{
	size_t used = 0;
	const char *at;
	uint64_t v;

	while (line_next(ps)) {
		next(ps);
		if (ps->ps_length == 0)
			continue;
		if (*ps->ps_token == '#') {
			if (!parse_comment(ps, &used))
				return false;
			continue;
		}
		if (!need(ps, "lwp-program"))
			return false;
		at = ps->ps_token;
		if (!need_number(ps, "a format number", 0, UINT64_MAX, &v))
			return false;
		if (v != FORMAT)
			return fail(ps, at, "expected format %d; this program "
			    "is of format %llu", FORMAT,
			    (unsigned long long)v);
		return need_end(ps);
	}
	if (ps->ps_error->pe_line == 0)
		return fail(ps, ps->ps_line, "expected 'lwp-program %d', "
		    "found the end of the text", FORMAT);
	return false;
}

/*
 * prog_parse:
 *
 *	Text to a canonical program.  On failure the program is some canonical
 *	one or not, and must not be used.
 */
bool
prog_parse(struct prog *p, const char *text, size_t size,
    struct prog_error *pe)
{
	struct parser ps;

	memset(&ps, 0, sizeof(ps));
	memset(pe, 0, sizeof(*pe));
	prog_init(p);
	ps.ps_prog = p;
	ps.ps_error = pe;
	ps.ps_next = size > 0 ? text : "";
	ps.ps_stop = ps.ps_next + size;
	if (!parse_format(&ps))
		return false;
	while (line_next(&ps)) {
		next(&ps);
		if (ps.ps_length != 0 && *ps.ps_token != '#' &&
		    !parse_directive(&ps))
			return false;
	}
	if (pe->pe_line != 0)
		return false;
	if (!directive_table[ps.ps_state].di_end)
		return expected_directive(&ps, true);
	prog_canon(p);
	return true;
}
