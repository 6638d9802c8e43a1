/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The program as a value: a machine set-up, what each LWP body does, and who
 * goes on when.
 *
 * It knows nothing of running.  Three forms of it are equivalent: this
 * structure, the text form (.lwp, grammar in fuzz/README.md) that people read
 * and git keeps, and bytes, where every byte string is a program.
 */

#ifndef PROG_H
#define PROG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Limits, each with its reason. */
#define PROG_BODIES	 64   /* LWPs a program; a bit set of them is a word */
#define PROG_OPS	 256  /* in all; 8 LWPs of 32 are long already */
#define PROG_PRIOS	 4096 /* priority bytes in all: a step takes one */
#define PROG_ROWS	 96   /* bodies 0..64, idle contexts, agents */
#define PROG_DEVIATIONS	 512  /* a minimised schedule has fewer than ten */
#define PROG_BYTES_MAX	 16384
#define PROG_OPARGS	 3
#define PROG_KEYS	 4 /* keys of specific data; few: they run out */
#define PROG_COMMENT_MAX 8192

/* An operation of a body.  Body 1 is the first LWP of the process. */
struct op {
	uint8_t op_body;	     /* 1 .. PROG_BODIES */
	uint8_t op_code;	     /* row of ops.def */
	uint8_t op_arg[PROG_OPARGS]; /* meaning by the row's arguments */
};

enum strategy_id {
#define STRATEGY(name, what) STRATEGY_##name,
#include "../strategy/strategy.def"
#undef STRATEGY
	STRATEGY_COUNT
};

/*
 * A deviation from the default schedule, by local coordinate: when the
 * context (role, who) in its operation "userop" comes for the n-th time to a
 * point with this label (what it announces, and the cell), the source dv_to
 * is chosen; or, for dv_op == PROG_DEVIATION_PERTURB, the perturbation dv_cell
 * happens the n-th time that it is offered.
 */
#define PROG_DEVIATION_PERTURB 255
/*
 * At memory grain the CPU may be past that point: dv_access says that it is
 * about to read or write a plain field, for the n-th time since.
 */
enum deviation_access { ACCESS_none, ACCESS_read, ACCESS_write, ACCESS_COUNT };
struct deviation {
	uint8_t dv_role;    /* enum sim_role */
	uint8_t dv_who;	    /* body, or CPU */
	uint16_t dv_userop; /* index of the operation in its body, from 1; 0:
			     * before the first */
	uint8_t dv_op;	    /* enum sim_op, or PROG_DEVIATION_PERTURB */
	uint8_t dv_cell;    /* enum cell, or enum perturbation */
	uint16_t dv_nth;    /* from 1 */
	uint8_t dv_to;	    /* source; 0 for a perturbation */
	uint8_t dv_access;  /* enum deviation_access; with none ... */
	uint16_t dv_field;  /* ... 0, else enum sim_field */
	uint16_t dv_count;  /* ... 0, else from 1 */
};

struct prog {
	/* Set-up. */
	uint8_t pr_ncpu;    /* 1 .. 8 */
	bool pr_percpu;	    /* run queues per CPU */
	bool pr_preempt;    /* preemption in the kernel */
	uint8_t pr_maxlwp;  /* LWPs a process; 0 = no limit of its own */
	uint8_t pr_perturb; /* rate in 1/1024, for drawing strategies */
	bool pr_memory;	    /* memory grain: needs a build of that grain */

	/* Operations, sorted by body, in order of execution in each. */
	uint16_t pr_nops;
	struct op pr_ops[PROG_OPS];

	/* Schedule. */
	uint8_t pr_strategy; /* enum strategy_id */
	uint64_t pr_seed;    /* goes on where priorities run out */
	/* Priority rows: pr_rowlen[r] bytes for context r, one after the
	 * other in pr_prio.  Rows: body 0..64, idle of CPU n (65 + n), then
	 * agents (73 + source - SIM_CPUS). */
	uint16_t pr_rowlen[PROG_ROWS];
	uint16_t pr_nprio;
	uint8_t pr_prio[PROG_PRIOS];
	uint16_t pr_ndeviation;
	struct deviation pr_deviation[PROG_DEVIATIONS];

	/* What a corpus file says besides; not part of the byte form. */
	uint16_t pr_drift;   /* deviations that find no match */
	char pr_expect[128]; /* "" or "pass" or a verdict's signature */
	char pr_defect[32];  /* seeded defect that it guards, or "" */
	char pr_comment[PROG_COMMENT_MAX]; /* leading # lines */
};

/* prog_init: the empty program: one CPU, random strategy, seed 0. */
void prog_init(struct prog *);

/*
 * Bytes (prog_bytes.c).
 */
/* prog_decode: total: any bytes are a program. */
void prog_decode(struct prog *, const uint8_t *, size_t);
/* prog_encode: at most max bytes; returns how many.  decode(encode(p)) equals
 * p but for what is not part of the byte form. */
size_t prog_encode(const struct prog *, uint8_t *, size_t max);
/* prog_canon: bring into range and order; what decode and parse end with. */
void prog_canon(struct prog *);
/* prog_equal: do two canonical programs have the same byte form? */
bool prog_equal(const struct prog *, const struct prog *);

/*
 * Text (prog_text.c, prog_print.c, prog_file.c).
 */
struct prog_error {
	unsigned pe_line;   /* from 1 */
	unsigned pe_column; /* from 1 */
	char pe_text[160];  /* what was expected */
};
/* prog_parse: false with the error filled in. */
bool prog_parse(struct prog *, const char *text, size_t, struct prog_error *);
/* prog_print: the canonical text, as by snprintf: returns the whole length. */
size_t prog_print(const struct prog *, char *, size_t max);
/* prog_read: parse a file, "-" = standard input.  On failure one line goes to
 * stderr (file, line, column, what was expected) and false is returned. */
bool prog_read(struct prog *, const char *path);

/*
 * Change (prog_random.c, prog_mutate.c).  All draw from the given seed only
 * and leave a canonical program.
 */
/* prog_random: a useful program of about nops operations. */
void prog_random(struct prog *, uint64_t seed, unsigned nops);
/* prog_mutate: one to four changes. */
void prog_mutate(struct prog *, uint64_t seed);
/* prog_cross: each body from either; out is neither of them. */
void prog_cross(
    struct prog *out, const struct prog *, const struct prog *, uint64_t seed);

/*
 * Minimising (prog_minimise.c).  keep() says whether a candidate still shows
 * what is wanted; it may replace the candidate's schedule by an equivalent
 * one.  Returns the number of candidates tried.
 */
unsigned prog_minimise(struct prog *, bool (*keep)(struct prog *, void *),
    void *arg, unsigned budget);

/*
 * Operations (ops.def).
 */
enum arg_kind {
	ARG_none,
	ARG_lwp,      /* body number */
	ARG_lwpany,   /* body number, or any */
	ARG_ticks,    /* 0 = for ever, 255 = an invalid number */
	ARG_number,   /* 0 .. 255 */
	ARG_channel,  /* 0 .. 3 */
	ARG_crflags,  /* bits: 1 detached, 2 suspended, 4 no entry */
	ARG_intr,     /* 0 plain, 1 intr */
	ARG_box,      /* 0 .. 7: an LWP whose lock moves (lock tests) */
	ARG_lend,     /* 0 .. 7: a mutex to move it to */
	ARG_how,      /* 0 setlock, 1 unlock_to, 2 relock */
	ARG_pri,      /* 50 .. 127; 49 is refused */
	ARG_unpark,   /* body number to unpark first; 0 = nobody */
	ARG_sig,      /* see prog_signal(); some are out of range */
	ARG_sigall,   /* the same, 0 = all */
	ARG_act,      /* enum sigact */
	ARG_mhow,     /* enum sigmask_how, and a bad one */
	ARG_stopped,  /* 0 plain, 1 stopped */
	ARG_woptions, /* bits: 1 nohang, 2 untraced */
	ARG_key,      /* 0 .. 3: where a key is kept */
	ARG_dtor,     /* what a destructor does */
	ARG_section,  /* 0 .. 7: of the process; from 4 on, of the machine */
	ARG_KIND_COUNT
};
struct op_row {
	const char *or_name;
	enum arg_kind or_arg[PROG_OPARGS];
	unsigned or_weight;   /* how often generators draw it */
	const char *or_group; /* "life", "lock": targets choose by it */
	const char *or_what;
};
enum op_code {
#define OP(name, a0, a1, a2, weight, group, what) OP_##name,
#include "ops.def"
#undef OP
	OP_COUNT
};
extern const struct op_row op_table[OP_COUNT];
/* prog_signal: the signal that an argument of kind sig stands for. */
int prog_signal(unsigned arg);
/* prog_set_groups: generators and mutators draw only from these groups, a
 * comma-separated list; NULL = all. */
void prog_set_groups(const char *);

#endif /* PROG_H */
