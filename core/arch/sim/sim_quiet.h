/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Included in front of everything that ThreadSanitizer must not see where it
 * judges the core (LWP_RACES).  Its runtime takes the place of these three
 * functions for the whole program, so code that is not instrumented would still
 * be seen through them; also where the compiler calls them for a struct that
 * is copied.
 */

__asm__(".set memcpy, __sanitizer_internal_memcpy\n"
	".set memmove, __sanitizer_internal_memmove\n"
	".set memset, __sanitizer_internal_memset\n");
