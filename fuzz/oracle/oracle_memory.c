/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Lives of LWPs: what is freed is a zombie, or was never activated, off its
 * CPU, on no queue and list, unreferenced; nothing is heard of it afterwards
 * until its memory begins another life.  Accesses to freed memory itself are
 * noticed by the machine.
 */

#include <string.h>

#include "oracle.h"

#define LIVES 96 /* slots of the pool; see run.c */

static struct {
	uint8_t dead[LIVES];
	uint8_t linked[LIVES];
	uint8_t oncpu[LIVES]; /* between the switch to it and OFFCPU */
} om;

static void
memory_begin(void)
{
	memset(&om, 0, sizeof(om));
}

static void
memory_free(const struct lwp *l, const char *name)
{
	if (l->l_running != 0 || om.oncpu[l->l_slot % LIVES])
		oracle_find(ORACLE_memory, "freed on its CPU", "%s", name);
	if (l->l_refcnt != 0)
		oracle_find(ORACLE_memory, "freed with references", "%s has %u",
		    name, l->l_refcnt);
	if (l->l_wchan != NULL || l->l_sleepq != NULL)
		oracle_find(
		    ORACLE_memory, "freed on a sleep queue", "%s", name);
	if (l->l_stat != LSZOMB && l->l_stat != LSIDL)
		oracle_find(ORACLE_memory, "freed alive", "%s in state %s",
		    name, oracle_state_name(l->l_stat));
	if (om.linked[l->l_slot % LIVES])
		oracle_find(ORACLE_memory, "freed on the list", "%s", name);
	if (l->l_timeout.c_when != 0 || l->l_timeout.c_running != 0)
		oracle_find(
		    ORACLE_memory, "freed with its timeout armed", "%s", name);
}

static void
memory_event(enum event ev, struct lwp *l, uintptr_t a, uintptr_t b)
{
	unsigned slot = l->l_slot % LIVES;
	char name[48];

	(void)b;
	if (ev == EV_SWITCH) {
		/* About the incoming one; the other is heard of by OFFCPU. */
		l = (struct lwp *)a;
		if (l->l_lid != 0)
			om.oncpu[l->l_slot % LIVES] = 1;
		return;
	}
	if (l->l_lid == 0 && ev != EV_RECYCLE && ev != EV_FREE)
		return; /* idle */
	if (ev == EV_RECYCLE) {
		om.dead[slot] = om.linked[slot] = 0;
		return;
	}
	if (om.dead[slot])
		oracle_find(
		    ORACLE_memory, "event of the dead", "slot %u", slot);
	if (ev == EV_LINK)
		om.linked[slot] = 1;
	else if (ev == EV_UNLINK)
		om.linked[slot] = 0;
	else if (ev == EV_OFFCPU)
		om.oncpu[slot] = 0;
	else if (ev == EV_FREE) {
		memory_free(l, oracle_lwp_name(l, name, sizeof(name)));
		om.dead[slot] = 1;
	}
}

const struct oracle oracle_memory = {
	.or_name = "memory",
	.or_events = 1ull << EV_LINK | 1ull << EV_UNLINK | 1ull << EV_FREE |
	    1ull << EV_RECYCLE | 1ull << EV_STATE | 1ull << EV_SLEEP |
	    1ull << EV_WAKE | 1ull << EV_TIMEOUT | 1ull << EV_REF |
	    1ull << EV_OFFCPU | 1ull << EV_SWITCH,
	.or_begin = memory_begin,
	.or_event = memory_event,
};
