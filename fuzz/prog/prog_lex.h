/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Lines and tokens of the text form.  Internal to fuzz/prog.
 *
 * lex_x(ps, ...) that return bool: false means that the error is filled in.
 */

#ifndef PROG_LEX_H
#define PROG_LEX_H

#include "prog_words.h"

#define LEX_LINE_MAX (PROG_COMMENT_MAX + 8) /* a comment may be one line */

struct parser {
	/* The lexer's. */
	struct prog_error *ps_error;
	const char *ps_next; /* the line after this one */
	const char *ps_stop; /* end of the text */
	const char *ps_line; /* this line ... */
	const char *ps_end;  /* ... and its end */
	unsigned ps_number;  /* from 1 */
	const char *ps_token;
	size_t ps_length; /* 0: no more in this line */

	/* The parser's. */
	struct prog *ps_prog;
	unsigned ps_state;  /* enum directive_id: the last one */
	unsigned ps_body;   /* whose operations follow; 0 = nobody's */
	uint64_t ps_bodies; /* bit b - 1: "lwp b:" was there */
};

/* Errors: always false. */
bool lex_fail(struct parser *, const char *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool lex_expected(struct parser *, const char *what);
bool lex_expected_word(struct parser *, const struct words *, const char *more);
void lex_list(char *list, size_t max, const char *name);

/* Go to the next line; to the next token of this line. */
bool lex_line(struct parser *);
void lex_next(struct parser *);

/* Is it this word?  Take it if it is. */
bool lex_is(const struct parser *, const char *word);
bool lex_take(struct parser *, const char *word);
unsigned lex_find(struct parser *, const struct words *);

/* Take it; it must be there. */
bool lex_need(struct parser *, const char *word);
bool lex_end(struct parser *);
bool lex_number(
    struct parser *, const char *what, uint64_t lo, uint64_t hi, uint64_t *);
bool lex_byte(
    struct parser *, const char *what, unsigned lo, unsigned hi, uint8_t *);
bool lex_word(struct parser *, const struct words *, uint8_t *);
bool lex_span(struct parser *, const struct span *, unsigned count, unsigned *);

#endif /* PROG_LEX_H */
