/* SPDX-License-Identifier: BSD-2-Clause */

/* Records in memory, and their way into a file. */

#include "records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct metric_row metrics[METRIC_COUNT] = {
#define METRIC(name, unit, better, shown, what)                                \
	{ #name, unit, better, shown, what },
#include "metric.def"
#undef METRIC
};

static const struct {
	unsigned bit;
	const char *name;
} rejects[] = {
	{ REJECT_SWITCH, "switch" },
	{ REJECT_STEAL, "steal" },
	{ REJECT_PING, "ping" },
};

#define NREJECTS (sizeof(rejects) / sizeof(rejects[0]))

struct sample *
sample_new(const struct bench_case *bc, unsigned variant)
{
	struct sample *sm = xcalloc(1, sizeof(*sm));
	unsigned m;

	sm->sm_case = bc;
	sm->sm_variant = variant;
	for (m = 0; m < METRIC_COUNT; m++)
		sm->sm_value[m] = NAN;
	return sm;
}

void
sample_free(struct sample *sm)
{
	free(sm->sm_ops);
	free(sm->sm_longest);
	free(sm->sm_latency);
	free(sm);
}

void
sample_done(struct sample *sm, double ops, double seconds)
{
	sm->sm_value[M_seconds] = seconds;
	sm->sm_value[M_ns] = seconds * 1e9 / ops;
	sm->sm_value[M_rate] = ops / seconds;
}

/*
 * records_line:
 *
 *	Write a record and give it up.
 */
static void
records_line(struct records *rc, json_t *o)
{
	if (rc->rc_file != NULL) {
		(void)json_dumpf(
		    o, rc->rc_file, JSON_COMPACT | JSON_REAL_PRECISION(9));
		(void)fputc('\n', rc->rc_file);
		(void)fflush(rc->rc_file);
	}
	json_decref(o);
}

bool
records_start(struct records *rc, const char *path, json_t *head)
{
	memset(rc, 0, sizeof(*rc));
	rc->rc_warning = json_array();
	rc->rc_head = head;
	if (path != NULL && (rc->rc_file = fopen(path, "w")) == NULL) {
		(void)trouble("%s: %s", path, strerror(errno));
		return false;
	}
	records_line(rc, json_incref(head));
	return true;
}

static json_t *
case_json(const struct bench_case *bc)
{
	json_t *variants = json_array();
	unsigned n;

	for (n = 0; n < bc->bc_nvariant; n++)
		(void)json_array_append_new(variants,
		    json_pack("{s:s,s:b}", "name", bc->bc_variant[n].va_name,
			"again", bc->bc_variant[n].va_again));
	return json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:i,s:o}", "type", "case",
	    "case", bc->bc_number, "bench", bc->bc_bench, "config",
	    bc->bc_config, "metric", metrics[bc->bc_metric].name, "reference",
	    bc->bc_variant[bc->bc_reference].va_name, "threads", bc->bc_threads,
	    "variants", variants);
}

void
records_case(struct records *rc, struct bench_case *bc)
{
	rc->rc_case = xrealloc(
	    rc->rc_case, (rc->rc_ncase + 1) * sizeof(struct bench_case *));
	rc->rc_of = xrealloc(
	    rc->rc_of, (rc->rc_ncase + 1) * sizeof(struct sample_list));
	rc->rc_of[rc->rc_ncase] = (struct sample_list) { NULL, 0 };
	bc->bc_number = rc->rc_ncase;
	rc->rc_case[rc->rc_ncase++] = bc;
	records_line(rc, case_json(bc));
}

static json_t *
latency_json(const struct hist *h)
{
	json_t *a = json_array();
	unsigned n;

	for (n = 0; n < HIST_BUCKETS; n++) {
		if (h->hi_bucket[n] != 0)
			(void)json_array_append_new(a,
			    json_pack("[I,I]", (json_int_t)hist_top(n),
				(json_int_t)h->hi_bucket[n]));
	}
	return a;
}

static json_t *
array_json(const double *x, unsigned n)
{
	json_t *a = json_array();
	unsigned i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(a, json_real(x[i]));
	return a;
}

static json_t *
sample_json(const struct sample *sm)
{
	json_t *o, *reject = json_array(), *values = json_object();
	unsigned n;

	for (n = 0; n < NREJECTS; n++) {
		if ((sm->sm_reject & rejects[n].bit) != 0)
			(void)json_array_append_new(
			    reject, json_string(rejects[n].name));
	}
	for (n = 0; n < METRIC_COUNT; n++) {
		if (isfinite(sm->sm_value[n]))
			(void)json_object_set_new(values, metrics[n].name,
			    json_real(sm->sm_value[n]));
	}
	o = json_pack("{s:s,s:i,s:s,s:i,s:o,s:o}", "type", "sample", "case",
	    sm->sm_case->bc_number, "variant",
	    sm->sm_case->bc_variant[sm->sm_variant].va_name, "round",
	    sm->sm_round, "rejected", reject, "values", values);
	if (sm->sm_ops != NULL)
		(void)json_object_set_new(
		    o, "ops", array_json(sm->sm_ops, sm->sm_threads));
	if (sm->sm_longest != NULL)
		(void)json_object_set_new(
		    o, "longest", array_json(sm->sm_longest, sm->sm_threads));
	if (sm->sm_latency != NULL) {
		(void)json_object_set_new(
		    o, "latency", latency_json(sm->sm_latency));
		(void)json_object_set_new(o, "latency_max",
		    json_integer((json_int_t)sm->sm_latency->hi_max));
	}
	return o;
}

/*
 * list_add:
 *
 *	The room is the next power of two.
 */
static struct sample **
list_add(struct sample **list, size_t *n, struct sample *sm)
{
	if ((*n & (*n - 1)) == 0)
		list = xrealloc(
		    list, (*n == 0 ? 1 : 2 * *n) * sizeof(struct sample *));
	list[(*n)++] = sm;
	return list;
}

static void
records_keep(struct records *rc, struct sample *sm)
{
	struct sample_list *sl = &rc->rc_of[sm->sm_case->bc_number];

	rc->rc_sample = list_add(rc->rc_sample, &rc->rc_nsample, sm);
	sl->sl_sample = list_add(sl->sl_sample, &sl->sl_n, sm);
}

void
records_sample(struct records *rc, struct sample *sm)
{
	records_keep(rc, sm);
	records_line(rc, sample_json(sm));
}

void
records_calibration(struct records *rc, json_t *o)
{
	json_decref(rc->rc_calibration);
	rc->rc_calibration = json_incref(o);
	(void)json_object_set_new(o, "type", json_string("calibration"));
	records_line(rc, o);
}

void
records_model(struct records *rc, json_t *o)
{
	json_decref(rc->rc_model);
	rc->rc_model = json_incref(o);
	records_line(rc, o);
}

void
records_warning(struct records *rc, const char *text)
{
	(void)json_array_append_new(rc->rc_warning, json_string(text));
	records_line(
	    rc, json_pack("{s:s,s:s}", "type", "warning", "text", text));
}

void
records_skipped(struct records *rc, const struct bench_case *bc, unsigned v)
{
	records_line(rc,
	    json_pack("{s:s,s:i,s:s,s:s}", "type", "skipped", "case",
		bc->bc_number, "variant", bc->bc_variant[v].va_name, "error",
		strerror(bc->bc_variant[v].va_error)));
}

bool
records_stop(struct records *rc, bool interrupted, double seconds)
{
	bool ok = true;

	rc->rc_end = json_pack("{s:s,s:b,s:f}", "type", "end", "interrupted",
	    interrupted, "seconds", seconds);
	records_line(rc, json_incref(rc->rc_end));
	if (rc->rc_file != NULL) {
		ok = ferror(rc->rc_file) == 0;
		ok = fclose(rc->rc_file) == 0 && ok;
		rc->rc_file = NULL;
	}
	if (!ok)
		(void)trouble("the records could not be written");
	return ok;
}

/*
 * Reading.  A record is turned away unless it is exactly what was written.
 */

static bool
read_case(struct records *rc, const json_t *o)
{
	struct bench_case *bc = xcalloc(1, sizeof(*bc));
	const char *bench, *config, *metric, *reference, *name;
	const json_t *variants, *v;
	int number, threads, again;
	size_t n;
	struct records quiet = *rc;

	if (json_unpack((json_t *)o, "{s:i,s:s,s:s,s:s,s:s,s:i,s:o}", "case",
		&number, "bench", &bench, "config", &config, "metric", &metric,
		"reference", &reference, "threads", &threads, "variants",
		&variants) != 0 ||
	    number != (int)rc->rc_ncase ||
	    json_array_size(variants) > VARIANT_MAX)
		goto bad;
	(void)snprintf(bc->bc_bench, sizeof(bc->bc_bench), "%s", bench);
	(void)snprintf(bc->bc_config, sizeof(bc->bc_config), "%s", config);
	bc->bc_threads = (unsigned)threads;
	for (n = 0; n < METRIC_COUNT; n++) {
		if (strcmp(metrics[n].name, metric) == 0)
			break;
	}
	if (n == METRIC_COUNT)
		goto bad;
	bc->bc_metric = (enum metric)n;
	bc->bc_reference = VARIANT_MAX;
	json_array_foreach(variants, n, v)
	{
		if (json_unpack((json_t *)v, "{s:s,s:b}", "name", &name,
			"again", &again) != 0)
			goto bad;
		(void)snprintf(
		    bc->bc_variant[n].va_name, NAME_MAX_, "%s", name);
		bc->bc_variant[n].va_again = again != 0;
		if (strcmp(name, reference) == 0 && !again)
			bc->bc_reference = (unsigned)n;
		bc->bc_nvariant++;
	}
	if (bc->bc_reference == VARIANT_MAX)
		goto bad;
	quiet.rc_file = NULL;
	records_case(&quiet, bc);
	*rc = quiet;
	return true;
bad:
	free(bc);
	return false;
}

static bool
read_latency(struct sample *sm, const json_t *a, json_int_t max)
{
	json_int_t top, count;
	const json_t *pair;
	size_t n;

	if (!json_is_array(a))
		return false;
	sm->sm_latency = xcalloc(1, sizeof(*sm->sm_latency));
	json_array_foreach(a, n, pair)
	{
		if (json_unpack((json_t *)pair, "[I,I]", &top, &count) != 0 ||
		    top < 0 || count < 0)
			return false;
		sm->sm_latency
		    ->hi_bucket[hist_index((uint64_t)top)] += (uint64_t)count;
		sm->sm_latency->hi_total += (uint64_t)count;
	}
	sm->sm_latency->hi_max = (uint64_t)max;
	return true;
}

/*
 * read_values:
 *
 *	Names that this version does not know are left out.
 */
static void
read_values(struct sample *sm, json_t *values)
{
	const json_t *v;
	unsigned n;

	for (n = 0; n < METRIC_COUNT; n++) {
		v = json_object_get(values, metrics[n].name);
		if (json_is_number(v))
			sm->sm_value[n] = json_number_value(v);
	}
}

static bool
read_rejects(struct sample *sm, const json_t *a)
{
	const json_t *v;
	size_t n, i;

	json_array_foreach(a, n, v)
	{
		for (i = 0; i < NREJECTS; i++) {
			if (json_is_string(v) &&
			    strcmp(json_string_value(v), rejects[i].name) == 0)
				break;
		}
		if (i == NREJECTS)
			return false;
		sm->sm_reject |= rejects[i].bit;
	}
	return json_is_array(a);
}

/*
 * read_array:
 *
 *	By thread; all arrays of a sample have one length.
 */
static bool
read_array(struct sample *sm, double **array, const json_t *a)
{
	const json_t *v;
	size_t n;

	if (a == NULL)
		return true;
	if (!json_is_array(a) ||
	    (sm->sm_threads != 0 && sm->sm_threads != json_array_size(a)))
		return false;
	sm->sm_threads = (unsigned)json_array_size(a);
	*array = xcalloc(sm->sm_threads + 1, sizeof(**array));
	json_array_foreach(a, n, v)
	{
		if (!json_is_number(v))
			return false;
		(*array)[n] = json_number_value(v);
	}
	return true;
}

static bool
read_sample(struct records *rc, const json_t *o)
{
	const json_t *reject, *ops = NULL, *latency = NULL, *longest = NULL;
	json_t *values;
	const char *variant;
	int number, round;
	json_int_t max = 0;
	const struct bench_case *bc;
	struct sample *sm;
	unsigned v;

	if (json_unpack((json_t *)o, "{s:i,s:s,s:i,s:o,s:o,s?o,s?o,s?o,s?I}",
		"case", &number, "variant", &variant, "round", &round,
		"rejected", &reject, "values", &values, "ops", &ops, "longest",
		&longest, "latency", &latency, "latency_max", &max) != 0 ||
	    number < 0 || number >= (int)rc->rc_ncase || round < 0 || max < 0 ||
	    !json_is_object(values))
		return false;
	bc = rc->rc_case[number];
	for (v = 0; v < bc->bc_nvariant; v++) {
		if (strcmp(bc->bc_variant[v].va_name, variant) == 0)
			break;
	}
	if (v == bc->bc_nvariant)
		return false;
	sm = sample_new(bc, v);
	sm->sm_round = (unsigned)round;
	read_values(sm, values);
	if (!read_rejects(sm, reject) || !read_array(sm, &sm->sm_ops, ops) ||
	    !read_array(sm, &sm->sm_longest, longest) ||
	    (latency != NULL && !read_latency(sm, latency, max))) {
		sample_free(sm);
		return false;
	}
	records_keep(rc, sm);
	return true;
}

static bool
read_head(struct records *rc, json_t *o)
{
	const char *schema;
	int version;

	if (rc->rc_head != NULL ||
	    json_unpack(
		o, "{s:s,s:i}", "schema", &schema, "version", &version) != 0 ||
	    strcmp(schema, "lwpbench") != 0 || version != RECORDS_VERSION)
		return false;
	rc->rc_head = json_incref(o);
	return true;
}

/*
 * read_named:
 *
 *	An array of objects that have a text of this name.
 */
static bool
read_named(const json_t *a, const char *name)
{
	const json_t *v;
	size_t n;

	json_array_foreach(a, n, v)
	{
		if (!json_is_string(json_object_get(v, name)))
			return false;
	}
	return json_is_array(a);
}

static bool
read_model(struct records *rc, json_t *o)
{
	if (!read_named(json_object_get(o, "predictions"), "variant") ||
	    !read_named(json_object_get(o, "beyond"), "variant"))
		return false;
	json_decref(rc->rc_model);
	rc->rc_model = json_incref(o);
	return true;
}

/*
 * read_record:
 *
 *	Types that this version does not know are left out.
 */
static bool
read_record(struct records *rc, json_t *o)
{
	const char *type = json_string_value(json_object_get(o, "type"));

	if (type == NULL)
		return false;
	if (strcmp(type, "run") == 0)
		return read_head(rc, o);
	if (rc->rc_head == NULL)
		return false;
	if (strcmp(type, "case") == 0)
		return read_case(rc, o);
	if (strcmp(type, "sample") == 0)
		return read_sample(rc, o);
	if (strcmp(type, "model") == 0)
		return read_model(rc, o);
	if (strcmp(type, "calibration") == 0) {
		json_decref(rc->rc_calibration);
		rc->rc_calibration = json_incref(o);
	} else if (strcmp(type, "warning") == 0)
		return json_is_string(json_object_get(o, "text")) &&
		    json_array_append(
			rc->rc_warning, json_object_get(o, "text")) == 0;
	else if (strcmp(type, "end") == 0) {
		json_decref(rc->rc_end);
		rc->rc_end = json_incref(o);
	}
	return true;
}

bool
records_read(struct records *rc, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	unsigned long number = 0;
	json_error_t error;
	json_t *o;
	bool ok = true;

	memset(rc, 0, sizeof(*rc));
	if (f == NULL) {
		(void)trouble("%s: %s", path, strerror(errno));
		return false;
	}
	rc->rc_warning = json_array();
	while (ok && (length = getline(&line, &room, f)) > 0) {
		number++;
		o = json_loadb(line, (size_t)length, 0, &error);
		if (o == NULL && line[length - 1] != '\n' && number > 1) {
			(void)fprintf(stderr,
			    "lwpbench: %s: the last line is cut off\n", path);
			break;
		}
		if (o == NULL)
			ok = trouble("%s:%lu:%d: %s", path, number,
				 error.column, error.text) == 0;
		else if (!read_record(rc, o))
			ok = trouble("%s:%lu: not a record of lwpbench, "
				     "version %d",
				 path, number, RECORDS_VERSION) == 0;
		json_decref(o);
	}
	if (ok && ferror(f) != 0)
		ok = trouble("%s: %s", path, strerror(errno)) == 0;
	if (ok && rc->rc_head == NULL)
		ok = trouble("%s: it holds no run", path) == 0;
	free(line);
	(void)fclose(f);
	return ok;
}

void
records_free(struct records *rc)
{
	size_t n;

	for (n = 0; n < rc->rc_nsample; n++)
		sample_free(rc->rc_sample[n]);
	for (n = 0; n < rc->rc_ncase; n++) {
		free(rc->rc_of[n].sl_sample);
		free(rc->rc_case[n]);
	}
	free(rc->rc_of);
	free(rc->rc_sample);
	free(rc->rc_case);
	json_decref(rc->rc_head);
	json_decref(rc->rc_end);
	json_decref(rc->rc_calibration);
	json_decref(rc->rc_model);
	json_decref(rc->rc_warning);
	memset(rc, 0, sizeof(*rc));
}
