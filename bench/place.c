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

static void
place_compact(unsigned all)
{
	unsigned n;

	for (n = 0; n < all; n++)
		place.pu[n] = hwloc_get_obj_by_type(
		    place.topology, HWLOC_OBJ_PU, n);
	place.count = all;
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
 *	The processors of one cache, by its number in the topology.
 */
static bool
place_l3(const char *number, unsigned all)
{
	const int l3s = hwloc_get_nbobjs_by_type(
	    place.topology, HWLOC_OBJ_L3CACHE);
	unsigned n;
	hwloc_obj_t l3, pu;
	char *end;

	n = (unsigned)strtoul(number, &end, 10);
	if (end == number || *end != '\0' || l3s <= 0 || n >= (unsigned)l3s) {
		(void)trouble("--pin: this host has no L3 cache \"%s\"; it has "
			      "%d, numbered from 0",
		    number, l3s > 0 ? l3s : 0);
		return false;
	}
	l3 = hwloc_get_obj_by_type(place.topology, HWLOC_OBJ_L3CACHE, n);
	for (n = 0; n < all; n++) {
		pu = hwloc_get_obj_by_type(place.topology, HWLOC_OBJ_PU, n);
		if (hwloc_bitmap_isincluded(pu->cpuset, l3->cpuset))
			place.pu[place.count++] = pu;
	}
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

bool
place_init(const char *policy)
{
	int all;

	if (hwloc_topology_init(&place.topology) != 0 ||
	    hwloc_topology_load(place.topology) != 0 || !place_restrict() ||
	    (all = hwloc_get_nbobjs_by_type(place.topology, HWLOC_OBJ_PU)) <=
		0) {
		(void)trouble("hwloc cannot read this host's topology");
		return false;
	}
	place.pu = xcalloc((size_t)all, sizeof(hwloc_obj_t));
	place.count = 0;
	if (strcmp(policy, "compact") == 0)
		place_compact((unsigned)all);
	else if (strcmp(policy, "scatter") == 0)
		place_scatter((unsigned)all);
	else if (strncmp(policy, "l3:", 3) == 0) {
		if (!place_l3(policy + 3, (unsigned)all))
			return false;
	} else if (!place_list(policy, (unsigned)all))
		return false;
	place_sentence();
	return true;
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

unsigned
place_os(unsigned n)
{
	return place.pu[n % place.count]->os_index;
}

unsigned
place_node(unsigned n)
{
	const int node = hwloc_bitmap_first(place.pu[n % place.count]->nodeset);

	return node < 0 ? 0 : (unsigned)node;
}

enum nearness
place_nearness(unsigned a, unsigned b)
{
	hwloc_obj_t x = place.pu[a % place.count];
	hwloc_obj_t y = place.pu[b % place.count];
	hwloc_obj_t o;
	enum nearness near = NEAR_far;

	if (x == y)
		return NEAR_self;
	o = hwloc_get_common_ancestor_obj(place.topology, x, y);
	for (; o != NULL; o = o->parent) {
		if (o->type == HWLOC_OBJ_CORE)
			near = NEAR_smt;
		else if (near == NEAR_far && hwloc_obj_type_is_cache(o->type))
			near = NEAR_cache;
		else if (near == NEAR_far && o->type == HWLOC_OBJ_PACKAGE)
			near = NEAR_package;
	}
	return near;
}

bool
place_pair(enum nearness near, unsigned *a, unsigned *b)
{
	for (*a = 0; *a < place.count; ++*a) {
		for (*b = *a + 1; *b < place.count; ++*b) {
			if (place_nearness(*a, *b) == near)
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
