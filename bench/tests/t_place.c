/* SPDX-License-Identifier: BSD-2-Clause */

/* Places: which processor comes when, on a host that hwloc is told of. */

#include <criterion/criterion.h>
#include <hwloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "../place.h"

/* Two packages of two caches of four cores of two processors. */
static void
begin(const char *policy)
{
	(void)setenv("HWLOC_SYNTHETIC", "package:2 numa:1 l3:2 core:4 pu:2", 1);
	cr_assert(place_init(policy), "%s", policy);
}

static enum nearness
near(unsigned a, unsigned b)
{
	return where_nearness(place_where(a), place_where(b));
}

Test(bench_place, compact_fills_a_cache_with_cores_before_siblings)
{
	unsigned n, i;

	begin("compact");
	cr_assert_eq(place_count(), 32);
	for (n = 0; n < 32; n++) {
		cr_expect_eq(place_where(n).wh_cache, n / 8, "%u", n);
		/* In a cache, four cores and then their siblings. */
		for (i = n / 8 * 8; i < n; i++)
			cr_expect_eq(near(i, n),
			    n % 8 >= 4 && i + 4 == n ? NEAR_smt : NEAR_cache,
			    "%u %u", i, n);
	}
	place_fini();
}

Test(bench_place, scatter_spreads_each_prefix)
{
	begin("scatter");
	cr_expect_eq(near(0, 1), NEAR_far);
	cr_expect_eq(near(0, 2), NEAR_package);
	cr_expect_eq(near(1, 3), NEAR_package);
	cr_expect_eq(near(0, 4), NEAR_cache);
	cr_expect_eq(near(0, 16), NEAR_smt);
	place_fini();
}

/* A package of one processor and one of four, as if some of the first may not
 * be used. */
static void
uneven(const char *file)
{
	hwloc_topology_t t;
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	cr_assert(hwloc_topology_init(&t) == 0 &&
	    hwloc_topology_set_synthetic(t, "package:2 core:4 pu:1") == 0 &&
	    hwloc_topology_load(t) == 0);
	(void)hwloc_bitmap_set_range(set, 3, 7);
	cr_assert_eq(hwloc_topology_restrict(t, set, 0), 0);
	cr_assert_eq(hwloc_topology_export_xml(t, file, 0), 0);
	hwloc_bitmap_free(set);
	hwloc_topology_destroy(t);
}

Test(bench_place, scatter_gives_nobody_a_processor_twice)
{
	char file[] = "/tmp/t_place.XXXXXX";
	unsigned n, i;

	(void)close(mkstemp(file));
	uneven(file);
	(void)setenv("HWLOC_XMLFILE", file, 1);
	cr_assert(place_init("scatter"));
	(void)unlink(file);
	cr_assert_eq(place_count(), 5);
	for (n = 0; n < 5; n++) {
		for (i = 0; i < n; i++)
			cr_expect_neq(near(i, n), NEAR_self, "%u %u", i, n);
	}
	place_fini();
}

Test(bench_place, an_L3_is_its_processors_cores_first)
{
	unsigned n;

	begin("l3:2");
	cr_assert_eq(place_count(), 8);
	for (n = 0; n < 8; n++)
		cr_expect_eq(place_where(n).wh_cache, 2);
	cr_expect_eq(near(0, 3), NEAR_cache);
	cr_expect_eq(near(0, 4), NEAR_smt);
	place_fini();
}

Test(bench_place, a_list_is_taken_as_it_is)
{
	static const unsigned os[] = { 9, 4, 5, 6, 0 };
	unsigned n;

	begin("9,4-6,0");
	cr_assert_eq(place_count(), 5);
	for (n = 0; n < 5; n++)
		cr_expect_eq(place_where(n).wh_os, os[n]);
	place_fini();
}

Test(bench_place, a_policy_that_is_none_is_refused)
{
	static const char *const none[] = { "compac", "", "l3:4", "l3:", "0-",
		"0,0", "32", "3-1" };
	unsigned n;

	(void)setenv("HWLOC_SYNTHETIC", "package:2 numa:1 l3:2 core:4 pu:2", 1);
	for (n = 0; n < sizeof(none) / sizeof(none[0]); n++)
		cr_expect_not(place_init(none[n]), "%s", none[n]);
}

Test(bench_place, a_pair_of_each_nearness_is_found_from_anywhere)
{
	unsigned from, a, b, k;

	begin("compact");
	for (from = 0; from < 8; from++) {
		for (k = NEAR_smt; k < NEAR_COUNT; k++) {
			a = from;
			cr_assert(place_pair((enum nearness)k, &a, &b));
			cr_expect(a >= from && near(a, b) == k);
		}
	}
	place_fini();
	begin("l3:0");
	a = 0;
	cr_expect_not(place_pair(NEAR_far, &a, &b));
	place_fini();
}

Test(bench_place, without_a_cache_cores_are_near_by_package)
{
	(void)setenv("HWLOC_SYNTHETIC", "package:2 core:4 pu:1", 1);
	cr_assert(place_init("compact"));
	cr_expect_eq(near(0, 1), NEAR_package);
	cr_expect_eq(near(0, 4), NEAR_far);
	cr_expect_eq(place_l3s(8), 0);
	place_fini();
}
