/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The text form, parsed.  Grammar: fuzz/README.md.
 *
 * A file is lines; a line is a directive or, under "lwp N:", an operation.
 * Which directive may follow which is one table, what a word may be are the
 * tables of prog_ops.c; every message "expected ..." is made from them.  The
 * first error ends the parse and says line, column and what was expected.
 */

#include <string.h>

#include "prog_edit.h"
#include "prog_lex.h"

#define FORMAT 1

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
			if (!(flags & 1u << i) && lex_take(ps, wd->wd_name[i]))
				break;
		}
		if (i == wd->wd_count)
			return lex_expected_word(ps, wd, "the end of the line");
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
		return lex_word(ps, ar->ar_choice, vp);
	if (ar->ar_prefix != NULL) {
		if (ps->ps_length == 0)
			return true;
		if (!lex_need(ps, ar->ar_prefix))
			return false;
		lo += lo == 0;
	}
	if (ar->ar_zero == NULL)
		return lex_byte(ps, ar->ar_what, lo, ar->ar_hi, vp);
	if (lex_take(ps, ar->ar_zero))
		return true;
	(void)snprintf(
	    what, sizeof(what), "%s, or %s", ar->ar_zero, ar->ar_what);
	return lex_byte(ps, what, lo, ar->ar_hi, vp);
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
		return lex_fail(ps, ps->ps_line,
		    "expected at most %d operations", PROG_OPS);
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
	static const char *const names[] = { "cpus", "runq", "preempt",
		"maxlwp", "perturb" };
	static const struct words settings = { "a setting", names,
		NITEMS(names) };
	struct prog *p = ps->ps_prog;
	unsigned i, seen = 0;
	const char *at;
	uint8_t percpu;
	bool good;

	while (seen == 0 || ps->ps_length != 0) {
		at = ps->ps_token;
		i = lex_find(ps, &settings);
		if (i == settings.wd_count)
			return lex_expected_word(ps, &settings, NULL);
		if (seen & 1u << i)
			return lex_fail(
			    ps, at, "expected '%s' only once", names[i]);
		seen |= 1u << i;
		good = true;
		if (i == 0)
			good = lex_byte(
			    ps, "a number", 1, SIM_CPUS, &p->pr_ncpu);
		else if (i == 1) {
			good = lex_word(ps, &words_runq, &percpu);
			p->pr_percpu = good && percpu;
		} else if (i == 2)
			p->pr_preempt = true;
		else if (i == 3)
			good = lex_byte(ps, "a number", 0, 255, &p->pr_maxlwp);
		else
			good = lex_byte(ps, "a number", 0, 255, &p->pr_perturb);
		if (!good)
			return false;
	}
	return true;
}

static bool
parse_grain(struct parser *ps)
{
	uint8_t memory;

	if (!lex_word(ps, &words_grain, &memory))
		return false;
	ps->ps_prog->pr_memory = memory != 0;
	return true;
}

static bool
parse_lwp(struct parser *ps)
{
	const char *at = ps->ps_token;
	uint64_t body, bit;

	if (!lex_number(ps, "a body", 1, PROG_BODIES, &body))
		return false;
	bit = UINT64_C(1) << (body - 1);
	if (ps->ps_bodies & bit)
		return lex_fail(
		    ps, at, "expected a body that was not yet there");
	ps->ps_bodies |= bit;
	ps->ps_body = (unsigned)body;
	return lex_need(ps, ":");
}

static bool
parse_schedule(struct parser *ps)
{
	struct prog *p = ps->ps_prog;

	return lex_word(ps, &words_strategy, &p->pr_strategy) &&
	    lex_need(ps, "seed") &&
	    lex_number(ps, "a number of 64 bits", 0, UINT64_MAX, &p->pr_seed);
}

static bool
parse_prio(struct parser *ps)
{
	struct prog *p = ps->ps_prog;
	const char *at;
	unsigned row;
	uint8_t prio;

	if (!lex_span(
		ps, spans_context.ss_span, spans_context.ss_count, &row) ||
	    !lex_need(ps, ":"))
		return false;
	do {
		at = ps->ps_token;
		if (!lex_byte(ps, "a priority", 0, 255, &prio))
			return false;
		if (!edit_row_insert(p, row, p->pr_rowlen[row], &prio, 1))
			return lex_fail(ps, at,
			    "expected at most %d priorities", PROG_PRIOS);
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

	if (lex_take(ps, "perturb")) {
		d->dv_op = PROG_DEVIATION_PERTURB;
		if (!lex_word(ps, &words_perturbation, &d->dv_cell))
			return false;
	} else {
		i = lex_find(ps, &words_simop);
		if (i == words_simop.wd_count)
			return lex_expected_word(ps, &words_simop, "perturb");
		d->dv_op = (uint8_t)i;
		if (ps->ps_length != 0 && !lex_is(ps, "#") &&
		    !lex_is(ps, "->") && !lex_is(ps, "read") &&
		    !lex_is(ps, "write") &&
		    !lex_word(ps, &words_cell, &d->dv_cell))
			return false;
	}
	if (lex_take(ps, "#") &&
	    !lex_number(ps, "a number", 1, UINT16_MAX, &nth))
		return false;
	d->dv_nth = (uint16_t)nth;
	return true;
}

/*
 * parse_access:
 *
 *	The plain access after that point, if one is meant.
 */
static bool
parse_access(struct parser *ps, struct deviation *d)
{
	const char *at = ps->ps_token;
	uint64_t count = 1;
	unsigned field;

	if (lex_take(ps, "read"))
		d->dv_access = ACCESS_read;
	else if (lex_take(ps, "write"))
		d->dv_access = ACCESS_write;
	else
		return true;
	if (!ps->ps_prog->pr_memory)
		return lex_fail(ps, at,
		    "expected '->'; a plain access needs 'grain memory'");
	field = lex_find(ps, &words_field);
	if (field == words_field.wd_count)
		return lex_expected(ps, words_field.wd_what);
	d->dv_field = (uint16_t)field;
	if (lex_take(ps, "#") &&
	    !lex_number(ps, "a number", 1, UINT16_MAX, &count))
		return false;
	d->dv_count = (uint16_t)count;
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
		return lex_fail(ps, ps->ps_line,
		    "expected at most %d deviations", PROG_DEVIATIONS);
	memset(&d, 0, sizeof(d));
	for (v = 0; v < SIM_ROLE_COUNT - 1u; v++) {
		if (lex_is(ps, span_role[v].sp_name))
			break;
	}
	d.dv_role = (uint8_t)v;
	if (!lex_is(ps, span_role[v].sp_name))
		return lex_expected(ps, "lwp, idle, intr");
	if (!lex_span(ps, &span_role[v], 1, &v))
		return false;
	d.dv_who = (uint8_t)v;
	if (lex_take(ps, "op") &&
	    !lex_number(ps, "a number", 0, UINT16_MAX, &userop))
		return false;
	d.dv_userop = (uint16_t)userop;
	if (!parse_label(ps, &d))
		return false;
	if (d.dv_op != PROG_DEVIATION_PERTURB) {
		if (!parse_access(ps, &d) || !lex_need(ps, "->") ||
		    !lex_span(
			ps, spans_source.ss_span, spans_source.ss_count, &v))
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

	if (lex_take(ps, "pass")) {
		memcpy(to, "pass", sizeof("pass"));
		return true;
	}
	if (len == 0 || *s != '"')
		return lex_expected(ps, "pass, or a signature in quotes");
	if (len < 3 || s[len - 1] != '"' ||
	    len - 2 >= sizeof(ps->ps_prog->pr_expect))
		return lex_fail(ps, s,
		    "expected a signature of 1 to %zu "
		    "characters in quotes",
		    sizeof(ps->ps_prog->pr_expect) - 1);
	memcpy(to, s + 1, len - 2);
	to[len - 2] = '\0';
	lex_next(ps);
	return true;
}

static bool
parse_drift(struct parser *ps)
{
	uint64_t v;

	if (!lex_number(ps, "a number", 0, UINT16_MAX, &v))
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
		return lex_expected(ps, "the name of a defect");
	memcpy(ps->ps_prog->pr_defect, ps->ps_token, len);
	ps->ps_prog->pr_defect[len] = '\0';
	lex_next(ps);
	return true;
}

/*
 * What may follow what.
 */

enum directive_id {
	D_format,
	D_machine,
	D_grain,
	D_lwp,
	D_schedule,
	D_prio,
	D_at,
	D_expect,
	D_drift,
	D_defect,
	D_COUNT
};
#define M(id) (1u << D_##id)

static const struct directive {
	const char *di_name;
	bool (*di_parse)(struct parser *);
	unsigned di_next; /* mask */
	bool di_end;	  /* the text may end after it */
} directive_table[D_COUNT] = {
	[D_format] = { "lwp-program", NULL, M(machine), false },
	[D_machine] = { "machine", parse_machine,
	    M(grain) | M(lwp) | M(schedule), false },
	[D_grain] = { "grain", parse_grain, M(lwp) | M(schedule), false },
	[D_lwp] = { "lwp", parse_lwp, M(lwp) | M(schedule), false },
	[D_schedule] = { "schedule", parse_schedule,
	    M(prio) | M(at) | M(expect) | M(drift) | M(defect), true },
	[D_prio] = { "prio", parse_prio,
	    M(prio) | M(at) | M(expect) | M(drift) | M(defect), true },
	[D_at] = { "at", parse_at, M(at) | M(expect) | M(drift) | M(defect),
	    true },
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
		lex_list(list, sizeof(list), "an operation");
	for (i = 0; i < D_COUNT; i++) {
		if (directive_table[ps->ps_state].di_next & 1u << i)
			lex_list(
			    list, sizeof(list), directive_table[i].di_name);
	}
	if (directive_table[ps->ps_state].di_end)
		lex_list(list, sizeof(list), "the end of the text");
	if (at_end)
		return lex_fail(ps, ps->ps_line,
		    "expected %s, found the end of the text", list);
	return lex_expected(ps, list);
}

static bool
parse_directive(struct parser *ps)
{
	unsigned i, code;

	if (ps->ps_body != 0) {
		code = lex_find(ps, &words_op);
		if (code < OP_COUNT)
			return parse_op(ps, code) && lex_end(ps);
	}
	for (i = 0; i < D_COUNT; i++) {
		if (directive_table[ps->ps_state].di_next & 1u << i &&
		    lex_take(ps, directive_table[i].di_name))
			break;
	}
	if (i == D_COUNT)
		return expected_directive(ps, false);
	ps->ps_state = i;
	ps->ps_body = 0;
	return directive_table[i].di_parse(ps) && lex_end(ps);
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
		return lex_fail(ps, ps->ps_line,
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

	while (lex_line(ps)) {
		lex_next(ps);
		if (ps->ps_length == 0)
			continue;
		if (*ps->ps_token == '#') {
			if (!parse_comment(ps, &used))
				return false;
			continue;
		}
		if (!lex_need(ps, "lwp-program"))
			return false;
		at = ps->ps_token;
		if (!lex_number(ps, "a format number", 0, UINT64_MAX, &v))
			return false;
		if (v != FORMAT)
			return lex_fail(ps, at,
			    "expected format %d; "
			    "this program is of format %llu",
			    FORMAT, (unsigned long long)v);
		return lex_end(ps);
	}
	if (ps->ps_error->pe_line == 0)
		return lex_fail(ps, ps->ps_line,
		    "expected 'lwp-program %d', "
		    "found the end of the text",
		    FORMAT);
	return false;
}

/*
 * prog_parse:
 *
 *	Text to a canonical program.  On failure the program is some canonical
 *	one or not, and must not be used.
 */
bool
prog_parse(struct prog *p, const char *text, size_t size, struct prog_error *pe)
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
	while (lex_line(&ps)) {
		lex_next(&ps);
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
