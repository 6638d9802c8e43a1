/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The byte form, for the engines: every byte string is a program.
 *
 *	header		HEADER_SIZE bytes: strategy, CPUs, flags, LWP limit,
 *			perturbation rate, eight bytes of seed, count of
 *			operations (two), one byte that means nothing
 *	operations	OP_SIZE bytes each: body, code, arguments
 *	records		until the end, in any order, told apart by bit 7 of
 *			the first byte:
 *	  clear		priorities of a row: row, length, as many bytes; a
 *			later record for the same row continues it
 *	  set		deviation, DEVIATION_SIZE bytes: role, who, operation
 *			(two), what is announced, cell, n-th (two), source;
 *			with bit 6 set as well, ACCESS_SIZE more: read or
 *			write, field (two), n-th (two)
 *
 * Numbers of two and more bytes have their low byte first.
 *
 * Every record names its body or row, so inserting or removing one does not
 * change the meaning of the others.  A number that is out of range is brought
 * into range; an operation or deviation that is cut off is dropped, a row that
 * is cut off is shorter; what is missing is 0.
 *
 * Decoding is part of every execution, so it clears only what it uses, and
 * brings each record into canonical form at once.
 */

#include <string.h>

#include "prog_words.h"

#define HEADER_SIZE    16
#define OP_SIZE	       5
#define ROW_SIZE       2 /* and the priorities */
#define ROW_MAX	       255
#define DEVIATION_SIZE 9
#define DEVIATION_MARK 0x80
#define ACCESS_SIZE    5
#define ACCESS_MARK    0x40

#define FLAG_PERCPU    0x01
#define FLAG_PREEMPT   0x02
#define FLAG_MEMORY    0x04

_Static_assert(OP_SIZE == 2 + PROG_OPARGS, "an operation");
_Static_assert(ROW_COUNT <= DEVIATION_MARK, "rows fit seven bits");
_Static_assert(HEADER_SIZE + PROG_OPS * OP_SIZE + PROG_PRIOS +
	    (ROW_COUNT + PROG_PRIOS / ROW_MAX + 1) * ROW_SIZE +
	    PROG_DEVIATIONS * (DEVIATION_SIZE + ACCESS_SIZE) <=
	PROG_BYTES_MAX,
    "all of it fits");

static unsigned
get16(const uint8_t *b)
{
	return b[0] | (unsigned)b[1] << 8;
}

static void
put16(uint8_t *b, unsigned v)
{
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

/*
 * decode_header:
 *
 *	Returns the count of operations that it promises.
 */
static unsigned
decode_header(struct prog *p, const uint8_t *h)
{
	uint64_t seed = 0;
	unsigned i;

	prog_init(p);
	/* The rest are the first three, which an engine can do something
	 * with, in turn. */
	p->pr_strategy = h[0] < STRATEGY_COUNT ? h[0] :
						 h[0] % (STRATEGY_replay + 1);
	p->pr_ncpu = (uint8_t)canon_value(h[1], 1, SIM_CPUS);
	p->pr_percpu = (h[2] & FLAG_PERCPU) != 0;
	p->pr_preempt = (h[2] & FLAG_PREEMPT) != 0;
	p->pr_memory = (h[2] & FLAG_MEMORY) != 0;
	p->pr_maxlwp = h[3];
	p->pr_perturb = h[4];
	for (i = 0; i < 8; i++)
		seed |= (uint64_t)h[5 + i] << (8 * i);
	p->pr_seed = seed;
	return get16(h + 13) % (PROG_OPS + 1);
}

static size_t
deviation_size(uint8_t first)
{
	return DEVIATION_SIZE + ((first & ACCESS_MARK) != 0 ? ACCESS_SIZE : 0);
}

static void
decode_deviation(struct prog *p, const uint8_t *b)
{
	struct deviation *d;

	if (p->pr_ndeviation == PROG_DEVIATIONS)
		return;
	d = &p->pr_deviation[p->pr_ndeviation++];
	d->dv_role = b[0] & (ACCESS_MARK - 1);
	d->dv_who = b[1];
	d->dv_userop = (uint16_t)get16(b + 2);
	d->dv_op = b[4];
	d->dv_cell = b[5];
	d->dv_nth = (uint16_t)get16(b + 6);
	d->dv_to = b[8];
	d->dv_access = ACCESS_none;
	if ((b[0] & ACCESS_MARK) != 0) {
		d->dv_access = b[9];
		d->dv_field = (uint16_t)get16(b + 10);
		d->dv_count = (uint16_t)get16(b + 12);
	}
	canon_deviation(d);
	p->pr_memory |= d->dv_access != ACCESS_none;
}

/*
 * decode_row:
 *
 *	A row at b, of at most "left" bytes of priorities; what is over the
 *	limit is dropped.  at[] says where each row goes on in pr_prio, or is
 *	NULL: at the end.
 */
static void
decode_row(struct prog *p, const uint8_t *b, size_t left, uint16_t *at)
{
	unsigned row = b[0], len = b[1];
	uint16_t *to = at != NULL ? &at[row % ROW_COUNT] : &p->pr_nprio;
	unsigned used = at != NULL ? at[ROW_COUNT] : p->pr_nprio;

	if (row >= ROW_COUNT)
		row %= ROW_COUNT;
	if (len > left)
		len = (unsigned)left;
	if (len > PROG_PRIOS - used)
		len = PROG_PRIOS - used;
	memcpy(p->pr_prio + *to, b + ROW_SIZE, len);
	*to = (uint16_t)(*to + len);
	if (at != NULL)
		at[ROW_COUNT] = (uint16_t)(used + len);
	else
		p->pr_rowlen[row] = (uint16_t)(p->pr_rowlen[row] + len);
}

/*
 * decode_rows_again:
 *
 *	The rows did not stand in order: now that their lengths are known, put
 *	each byte where it belongs.
 */
static void
decode_rows_again(struct prog *p, const uint8_t *b, const uint8_t *end)
{
	uint16_t at[ROW_COUNT + 1];
	unsigned r, start = 0;
	size_t left;

	for (r = 0; r < ROW_COUNT; r++) {
		at[r] = (uint16_t)start;
		start += p->pr_rowlen[r];
	}
	at[ROW_COUNT] = 0;
	while (end - b >= ROW_SIZE) {
		if (b[0] & DEVIATION_MARK) {
			left = deviation_size(b[0]);
			b += (size_t)(end - b) < left ? (size_t)(end - b) :
							left;
			continue;
		}
		left = (size_t)(end - b) - ROW_SIZE;
		decode_row(p, b, left, at);
		b += ROW_SIZE + (b[1] < left ? b[1] : left);
	}
}

/*
 * decode_records:
 *
 *	Rows of priorities and deviations, up to the end.
 */
static void
decode_records(struct prog *p, const uint8_t *b, const uint8_t *end)
{
	const uint8_t *begin = b;
	unsigned row, last = 0;
	bool sorted = true;
	size_t left;

	while (end - b >= ROW_SIZE) {
		if (b[0] & DEVIATION_MARK) {
			left = deviation_size(b[0]);
			if ((size_t)(end - b) < left)
				break;
			decode_deviation(p, b);
			b += left;
			continue;
		}
		row = b[0] % ROW_COUNT;
		sorted &= row >= last;
		last = row;
		left = (size_t)(end - b) - ROW_SIZE;
		decode_row(p, b, left, NULL);
		b += ROW_SIZE + (b[1] < left ? b[1] : left);
	}
	if (!sorted)
		decode_rows_again(p, begin, end);
}

/*
 * prog_decode:
 *
 *	Bytes to a canonical program; there are no others.
 */
void
prog_decode(struct prog *p, const uint8_t *b, size_t size)
{
	uint8_t header[HEADER_SIZE];
	const uint8_t *end;
	unsigned i, nops;
	struct op *o;

	if (size < HEADER_SIZE) {
		memset(header, 0, sizeof(header));
		if (size != 0)
			memcpy(header, b, size);
		(void)decode_header(p, header);
		return;
	}
	end = b + size;
	nops = decode_header(p, b);
	b += HEADER_SIZE;
	for (i = 0; i < nops && end - b >= OP_SIZE; i++, b += OP_SIZE) {
		o = &p->pr_ops[i];
		o->op_body = b[0];
		o->op_code = b[1];
		memcpy(o->op_arg, b + 2, PROG_OPARGS);
		canon_op(o);
	}
	p->pr_nops = (uint16_t)i;
	canon_ops_order(p);
	if (i == nops)
		decode_records(p, b, end);
}

static void
encode_header(const struct prog *p, unsigned nops, uint8_t *h)
{
	unsigned i;

	h[0] = p->pr_strategy;
	h[1] = p->pr_ncpu;
	h[2] = (uint8_t)((p->pr_percpu ? FLAG_PERCPU : 0) |
	    (p->pr_preempt ? FLAG_PREEMPT : 0) |
	    (p->pr_memory ? FLAG_MEMORY : 0));
	h[3] = p->pr_maxlwp;
	h[4] = p->pr_perturb;
	for (i = 0; i < 8; i++)
		h[5 + i] = (uint8_t)(p->pr_seed >> (8 * i));
	put16(h + 13, nops);
	h[15] = 0;
}

/*
 * encode_rows:
 *
 *	The rows in order, as far as they fit.
 */
static uint8_t *
encode_rows(const struct prog *p, uint8_t *b, const uint8_t *end)
{
	const uint8_t *from = p->pr_prio;
	unsigned r, left, len;

	for (r = 0; r < ROW_COUNT; r++) {
		for (left = p->pr_rowlen[r]; left > 0; left -= len) {
			if (end - b <= ROW_SIZE)
				return b;
			len = left < ROW_MAX ? left : ROW_MAX;
			if (len > (size_t)(end - b) - ROW_SIZE)
				len = (unsigned)(end - b) - ROW_SIZE;
			b[0] = (uint8_t)r;
			b[1] = (uint8_t)len;
			memcpy(b + ROW_SIZE, from, len);
			from += len;
			b += ROW_SIZE + len;
		}
	}
	return b;
}

/*
 * encode_deviation:
 *
 *	Returns how long it is; max is what there is room for, and nothing is
 *	written where it does not fit.
 */
static size_t
encode_deviation(const struct deviation *d, uint8_t *b, size_t max)
{
	uint8_t first = (uint8_t)(DEVIATION_MARK | d->dv_role);

	if (d->dv_access != ACCESS_none)
		first |= ACCESS_MARK;
	if (max < deviation_size(first))
		return 0;
	b[0] = first;
	b[1] = d->dv_who;
	put16(b + 2, d->dv_userop);
	b[4] = d->dv_op;
	b[5] = d->dv_cell;
	put16(b + 6, d->dv_nth);
	b[8] = d->dv_to;
	if (d->dv_access != ACCESS_none) {
		b[9] = d->dv_access;
		put16(b + 10, d->dv_field);
		put16(b + 12, d->dv_count);
	}
	return deviation_size(first);
}

/*
 * prog_encode:
 *
 *	A canonical program to bytes.  Where there is no room for all of it,
 *	the bytes are those of the program without what stands last.
 */
size_t
prog_encode(const struct prog *p, uint8_t *buf, size_t max)
{
	uint8_t header[HEADER_SIZE];
	const uint8_t *end = buf + max;
	uint8_t *b = buf;
	unsigned i, nops;
	size_t size;

	if (max < HEADER_SIZE) {
		encode_header(p, 0, header);
		if (max != 0)
			memcpy(buf, header, max);
		return max;
	}
	nops = p->pr_nops;
	if (nops > (max - HEADER_SIZE) / OP_SIZE)
		nops = (unsigned)((max - HEADER_SIZE) / OP_SIZE);
	encode_header(p, nops, b);
	b += HEADER_SIZE;
	for (i = 0; i < nops; i++, b += OP_SIZE) {
		b[0] = p->pr_ops[i].op_body;
		b[1] = p->pr_ops[i].op_code;
		memcpy(b + 2, p->pr_ops[i].op_arg, PROG_OPARGS);
	}
	if (nops < p->pr_nops)
		return (size_t)(b - buf);
	b = encode_rows(p, b, end);
	for (i = 0; i < p->pr_ndeviation; i++, b += size) {
		size = encode_deviation(
		    &p->pr_deviation[i], b, (size_t)(end - b));
		if (size == 0)
			break;
	}
	return (size_t)(b - buf);
}
