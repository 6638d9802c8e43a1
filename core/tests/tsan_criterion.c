/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Criterion under ThreadSanitizer.  BoxFort maps its arena at an address that
 * it draws with rand_r(), nearly always where ThreadSanitizer lets nobody map;
 * this one draws from what is allowed.  Linked into tests only.
 */

int rand_r(unsigned *);

int
rand_r(unsigned *seed)
{
	static unsigned n;

	(void)seed;
	return (int)(0x351000 + n++ * 0x1357 % 0xf000);
}
