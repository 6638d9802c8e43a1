/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE
#include "place.h"

#include <hwloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

const char *const nearness_name[NEAR_COUNT] = { "self", "smt", "cache",
	"package", "far" };

static struct {
	hwloc_topology_t topology;
	hwloc_obj_t *pu; /* by place */
	unsigned count;
	char text[128];
} place;

static hwloc_obj_t
place_pu(unsigned n)
{
	return hwloc_get_obj_by_type(place.topology, HWLOC_OBJ_PU, n);
}

/* place_core, place_cache: the core of a processor; the largest cache that it
 * has.  NULL: the host names none. */
static hwloc_obj_t
place_core(hwloc_obj_t pu)
{
	return hwloc_get_ancestor_obj_by_type(
	    place.topology, HWLOC_OBJ_CORE, pu);
}

static hwloc_obj_t
place_cache(hwloc_obj_t pu)
{
	hwloc_obj_t o, cache = NULL;

	for (o = pu->parent; o != NULL; o = o->parent) {
		if (hwloc_obj_type_is_cache(o->type))
			cache = o;
	}
	return cache;
}

/* place_sibling: how many processors of its core come before it. */
static unsigned
place_sibling(hwloc_obj_t pu)
{
	hwloc_obj_t core = place_core(pu);
	unsigned before = 0;

	while (core != NULL && (pu = pu->prev_cousin) != NULL &&
	    place_core(pu) == core)
		before++;
	return before;
}

/*
 * place_compact:
 *
 *	Cache after cache; of each one processor of every core first, then
 *	their siblings: two threads are to meet as cores do.
 */
static void
place_compact(unsigned all)
{
	unsigned begin, end, sibling;

	place.count = 0;
	for (begin = 0; begin < all; begin = end) {
		const unsigned first = place.count;
		const hwloc_obj_t cache = place_cache(place_pu(begin));

		for (end = begin; end < all; end++) {
			if (place_cache(place_pu(end)) != cache)
				break;
		}
		for (sibling = 0; place.count - first < end - begin;
		     sibling++) {
			unsigned n;

			for (n = begin; n < end; n++) {
				if (place_sibling(place_pu(n)) == sibling)
					place.pu[place.count++] = place_pu(n);
			}
		}
	}
}

/*
 * place_scatter:
 *
 *	Each prefix is to be spread: go down the tree and take children in
 *	turn, those first that have been taken least.
 */
static void
place_scatter(unsigned all)
{
	unsigned *taken;
	hwloc_obj_t obj, child, best;
	unsigned n;

	place_compact(all);
	/* gp_index is not dense; count by the first PU below instead. */
	taken = xcalloc(
	    (size_t)all * (size_t)hwloc_topology_get_depth(place.topology),
	    sizeof(*taken));
	for (n = 0; n < all; n++) {
		obj = hwloc_get_root_obj(place.topology);
		while (obj->type != HWLOC_OBJ_PU) {
			best = NULL;
			for (child = obj->first_child; child != NULL;
			     child = child->next_sibling) {
				/* Not where all are taken. */
				if (taken[(unsigned)child->depth * all +
					child->logical_index] >=
				    (unsigned)hwloc_bitmap_weight(
					child->cpuset))
					continue;
				if (best == NULL ||
				    taken[(unsigned)child->depth * all +
					child->logical_index] <
					taken[(unsigned)best->depth * all +
					    best->logical_index])
					best = child;
			}
			obj = best;
			taken[(unsigned)obj->depth * all +
			    obj->logical_index]++;
		}
		place.pu[n] = obj;
	}
	free(taken);
}

static bool
place_has(hwloc_obj_t pu)
{
	unsigned n;

	for (n = 0; n < place.count; n++) {
		if (place.pu[n] == pu)
			return true;
	}
	return false;
}

/*
 * place_list:
 *
 *	The host's numbers, in the order they are named.
 */
static bool
place_list(const char *list, unsigned all)
{
	const char *s = list;
	unsigned long from, to;
	hwloc_obj_t pu;
	char *end;

	for (;;) {
		from = to = strtoul(s, &end, 10);
		if (end != s && *end == '-') {
			s = end + 1;
			to = strtoul(s, &end, 10);
		}
		if (end == s || (*end != ',' && *end != '\0') || to < from ||
		    to - from >= all)
			break;
		for (; from <= to; from++) {
			pu = hwloc_get_pu_obj_by_os_index(
			    place.topology, (unsigned)from);
			if (pu == NULL || place_has(pu)) {
				(void)trouble("--pin: this host has no "
					      "processor %lu to give%s",
				    from, pu == NULL ? "" : " twice");
				return false;
			}
			place.pu[place.count++] = pu;
		}
		if (*end == '\0')
			return true;
		s = end + 1;
	}
	(void)trouble("--pin: compact, scatter, l3:N or a list like 0-3,8, not "
		      "\"%s\"",
	    list);
	return false;
}

/*
 * place_l3:
 *
 *	Those of one cache, by its number in the topology.
 */
static bool
place_l3(const char *number, unsigned all)
{
	const int l3s = hwloc_get_nbobjs_by_type(
	    place.topology, HWLOC_OBJ_L3CACHE);
	unsigned n, kept = 0;
	hwloc_obj_t l3;
	char *end;

	n = (unsigned)strtoul(number, &end, 10);
	if (end == number || *end != '\0' || l3s <= 0 || n >= (unsigned)l3s) {
		(void)trouble("--pin: this host has no L3 cache \"%s\"; it has "
			      "%d, numbered from 0",
		    number, l3s > 0 ? l3s : 0);
		return false;
	}
	l3 = hwloc_get_obj_by_type(place.topology, HWLOC_OBJ_L3CACHE, n);
	place_compact(all);
	for (n = 0; n < all; n++) {
		if (hwloc_bitmap_isincluded(place.pu[n]->cpuset, l3->cpuset))
			place.pu[kept++] = place.pu[n];
	}
	place.count = kept;
	return true;
}

static void
place_sentence(void)
{
	hwloc_topology_t t = place.topology;
	int packages = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PACKAGE);
	int l3 = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_L3CACHE);
	int cores = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE);

	(void)snprintf(place.text, sizeof(place.text),
	    "%d package%s, %d L3, %d core%s, %u processor%s%s", packages,
	    packages == 1 ? "" : "s", l3, cores, cores == 1 ? "" : "s",
	    place.count, place.count == 1 ? "" : "s",
	    hwloc_topology_is_thissystem(t) ? "" : " (synthetic)");
}

/*
 * place_restrict:
 *
 *	What the user bound this process to is all that it may use, and all that
 *	place_unbind() goes back to.
 */
static bool
place_restrict(void)
{
	hwloc_bitmap_t set;
	bool ok;

	if (!hwloc_topology_is_thissystem(place.topology))
		return true;
	set = hwloc_bitmap_alloc();
	ok = set != NULL &&
	    (hwloc_get_cpubind(place.topology, set, HWLOC_CPUBIND_PROCESS) !=
		    0 ||
		hwloc_topology_restrict(place.topology, set, 0) == 0);
	hwloc_bitmap_free(set);
	return ok;
}

static bool
place_policy(const char *policy, unsigned all)
{
	if (strcmp(policy, "compact") == 0)
		place_compact(all);
	else if (strcmp(policy, "scatter") == 0)
		place_scatter(all);
	else if (strncmp(policy, "l3:", 3) == 0)
		return place_l3(policy + 3, all);
	else
		return place_list(policy, all);
	return true;
}

bool
place_init(const char *policy)
{
	int all = 0;
	bool ok;

	if (hwloc_topology_init(&place.topology) != 0)
		return trouble("hwloc cannot be used") == 0;
	ok = hwloc_topology_load(place.topology) == 0 && place_restrict() &&
	    (all = hwloc_get_nbobjs_by_type(place.topology, HWLOC_OBJ_PU)) > 0;
	if (!ok)
		(void)trouble("hwloc cannot read this host's topology");
	else {
		place.pu = xcalloc((size_t)all, sizeof(hwloc_obj_t));
		ok = place_policy(policy, (unsigned)all);
	}
	if (ok)
		place_sentence();
	else
		place_fini();
	return ok;
}

void
place_fini(void)
{
	free(place.pu);
	hwloc_topology_destroy(place.topology);
	memset(&place, 0, sizeof(place));
}

unsigned
place_count(void)
{
	return place.count;
}

unsigned
place_real(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	return online > 0 ? (unsigned)online : 1;
}

void
place_bind(unsigned n)
{
	(void)hwloc_set_cpubind(place.topology,
	    place.pu[n % place.count]->cpuset, HWLOC_CPUBIND_THREAD);
}

void
place_unbind(void)
{
	(void)hwloc_set_cpubind(place.topology,
	    hwloc_topology_get_allowed_cpuset(place.topology),
	    HWLOC_CPUBIND_THREAD);
}

struct where
place_where(unsigned n)
{
	const hwloc_obj_t pu = place.pu[n % place.count];
	const hwloc_obj_t core = place_core(pu), cache = place_cache(pu);
	const hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(
	    place.topology, HWLOC_OBJ_PACKAGE, pu);
	const int node = hwloc_bitmap_first(pu->nodeset);

	return (struct where) {
		.wh_os = pu->os_index,
		.wh_core = (core != NULL ? core : pu)->logical_index,
		.wh_cache = (cache != NULL ? cache : pu)->logical_index,
		.wh_package = (package != NULL ? package : pu)->logical_index,
		.wh_node = node < 0 ? 0 : (unsigned)node,
	};
}

enum nearness
where_nearness(struct where a, struct where b)
{
	if (a.wh_os == b.wh_os)
		return NEAR_self;
	if (a.wh_core == b.wh_core)
		return NEAR_smt;
	if (a.wh_cache == b.wh_cache)
		return NEAR_cache;
	return a.wh_package == b.wh_package ? NEAR_package : NEAR_far;
}

bool
place_pair(enum nearness near, unsigned *a, unsigned *b)
{
	for (; *a < place.count; ++*a) {
		for (*b = *a + 1; *b < place.count; ++*b) {
			if (where_nearness(place_where(*a), place_where(*b)) ==
			    near)
				return true;
		}
	}
	return false;
}

unsigned
place_l3s(unsigned threads)
{
	hwloc_bitmap_t mine = hwloc_bitmap_alloc();
	hwloc_obj_t l3 = NULL;
	unsigned n, l3s = 0;

	for (n = 0; n < threads; n++)
		hwloc_bitmap_or(mine, mine, place.pu[n % place.count]->cpuset);
	while ((l3 = hwloc_get_next_obj_by_type(
		    place.topology, HWLOC_OBJ_L3CACHE, l3)) != NULL)
		l3s += hwloc_bitmap_intersects(mine, l3->cpuset) != 0;
	hwloc_bitmap_free(mine);
	return l3s;
}

char *
place_xml(void)
{
	char *xml;
	int length;

	if (hwloc_topology_export_xmlbuffer(place.topology, &xml, &length, 0) !=
	    0)
		return NULL;
	return xml;
}

void
place_free_xml(char *xml)
{
	if (xml != NULL)
		hwloc_free_xmlbuffer(place.topology, xml);
}

const char *
place_describe(void)
{
	return place.text;
}
