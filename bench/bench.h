/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Benchmarks: what the driver, the benchmarks and the reports share.
 *
 * A benchmark is a row of bench.def and a function bench_NAME() that adds
 * cases to the plan.  A case is one configuration, measured by several
 * variants: ways to do the same thing, of which one is the reference that the
 * others are divided by.  A variant takes one sample at a time.
 *
 *	(B1) in a round every variant of a case takes one sample; who is first
 *	     rotates from round to round
 *	(B2) only samples of the same case and round are divided by each other
 *	(B3) samples are kept as they were measured, the rejected ones too,
 *	     with the reason; every figure is derived from them
 *	(B4) what is drawn is drawn from the seed
 */

#ifndef BENCH_H
#define BENCH_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hist.h"

enum metric {
#define METRIC(name, unit, better, shown, what) M_##name,
#include "metric.def"
#undef METRIC
	METRIC_COUNT
};

struct metric_row {
	const char *name, *unit;
	int better;
	bool shown;
	const char *what;
};
extern const struct metric_row metrics[METRIC_COUNT];

/* Why a sample is not used, as bits. */
#define REJECT_SWITCH 0x1 /* a thread of it was taken off its processor */
#define REJECT_STEAL  0x2 /* the hypervisor took time away */
#define REJECT_PING   0x4 /* lines got 1.5 times slower or faster meanwhile */

#define VARIANT_MAX   48
#define NAME_MAX_     64
#define CONFIG_MAX    192

struct bench_case;
struct variant;

struct sample {
	const struct bench_case *sm_case;
	unsigned sm_variant; /* index in the case */
	unsigned sm_round;
	unsigned sm_reject;
	double sm_value[METRIC_COUNT]; /* NAN: not measured */
	unsigned sm_threads;	       /* length of what follows */
	double *sm_ops;		       /* operations by thread, or NULL */
	double *sm_longest;	       /* longest wait by thread, ns, or NULL */
	struct hist *sm_latency;       /* of an operation in ns, or NULL */
};

/*
 * A variant: va_run takes one sample, of about opt.op_sample seconds.  It
 * returns 0, or an errno if it cannot be done here; then it is left out.
 */
struct variant {
	char va_name[NAME_MAX_];
	int (*va_run)(
	    const struct bench_case *, const struct variant *, struct sample *);
	const void *va_arg;
	bool va_again; /* the reference a second time: the A/A pair */
	int va_error;  /* could not be done */
};

struct bench_case {
	unsigned bc_number;
	char bc_bench[NAME_MAX_];
	char bc_config[CONFIG_MAX]; /* name=value, by blanks */
	enum metric bc_metric;	    /* what is divided */
	unsigned bc_reference;	    /* index of a variant */
	unsigned bc_threads;	    /* 0: does not matter */
	const void *bc_arg;
	bool bc_loose; /* long samples: switches are no reason to reject */
	double bc_sample,
	    bc_spent; /* s: a sample should take; all of it took */
	unsigned bc_nvariant;
	struct variant bc_variant[VARIANT_MAX];
};

/* Options of a run, and what came of them. */
struct options {
	double op_seconds;
	bool op_full;
	bool op_fifo;
	uint64_t op_seed;
	unsigned op_threads[16]; /* the axis */
	unsigned op_nthreads;
	double op_sample;	 /* s: how long a sample should take */
	double op_budget;	 /* s: for all of the benchmark at work */
	const char *op_binaries; /* folder with the build folders */
};
extern struct options opt;

/* bench_interrupted: somebody wants the run to end. */
bool bench_interrupted(void);

#define BENCH(name, weight, what) void bench_##name(void);
#include "bench.def"
#undef BENCH

/*
 * plan_case:
 *
 *	Add a case; the configuration is printed to name=value pairs.  The
 *	first variant that is added to it is the reference.
 */
struct bench_case *plan_case(enum metric, unsigned threads, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* plan_variant: add a variant.  plan_again: the reference once more. */
void plan_variant(struct bench_case *, const char *name,
    int (*run)(
	const struct bench_case *, const struct variant *, struct sample *),
    const void *arg);
void plan_again(struct bench_case *);

/* plan_keep: memory that lives as long as the plan; never NULL. */
void *plan_keep(size_t);

/* case_parameter: the value of a name of the configuration, or NAN. */
double case_parameter(const struct bench_case *, const char *name);

/* sample_done: an operation of so many, by all threads together, in so many
 * seconds. */
void sample_done(struct sample *, double ops, double seconds);

/* trouble: one line on stderr; returns 2. */
int trouble(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* warning: one line on stderr, and into the records. */
void warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* xcalloc, xrealloc: memory (zeroed); end the process if there is none. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *, size_t size);

#endif /* BENCH_H */
