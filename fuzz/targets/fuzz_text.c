/* SPDX-License-Identifier: BSD-2-Clause */

/* The parser of the text form.  What it accepts must print, parse again to the
 * same program, and survive the byte form; what it refuses must be refused
 * with a place. */

#include <string.h>

#include "engine.h"
#include "target.h"

const char target_name[] = "text";
const char *const target_groups = NULL;

static void
text_check(const uint8_t *data, size_t size)
{
	static struct prog a, b;
	static char text[1 << 18];
	static uint8_t bytes[PROG_BYTES_MAX];
	struct prog_error pe;
	size_t len;

	if (!prog_parse(&a, (const char *)data, size, &pe)) {
		if (pe.pe_line == 0 || pe.pe_column == 0)
			(void)target_found(
			    "text: refused without a place", pe.pe_text, NULL);
		return;
	}
	len = prog_print(&a, text, sizeof(text));
	if (len >= sizeof(text) || !prog_parse(&b, text, len, &pe) ||
	    !prog_equal(&a, &b))
		(void)target_found(
		    "text: does not survive printing", pe.pe_text, &a);
	len = prog_encode(&a, bytes, sizeof(bytes));
	prog_decode(&b, bytes, len);
	if (!prog_equal(&a, &b))
		(void)target_found("text: does not survive bytes", "", &a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_count();
	text_check(data, size);
	engine_done();
	return 0;
}
