/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Credentials that change while LWPs and processes share and drop them.
 *
 * In each process one LWP becomes somebody else again and again; the uid says
 * in its upper half which process that was and in its lower half how often,
 * so what is read is of this process, or of the one that it was forked from,
 * and for one reader it never goes back.  When all is over those that are left
 * are counted: each as often as something points to it, and no others.
 *
 * The row "leaked-cred" keeps a hold.
 */

#include "stress.h"

#define GROUPS_MAX 16 /* processes at once */
#define TURNS	   64 /* what a process does before it ends */
#define READERS	   2

static struct {
	bool leak;
	lwpid_t lid[GROUPS_MAX];   /* @: an LWP to look at */
	unsigned born[GROUPS_MAX]; /* @: who its process was when forked */
} cr;

#define UID(group, turn) ((unsigned)((group) + 1) << 16 | (turn))

/*
 * cred_check:
 *
 *	Whose uid may it be?  "last" is the one that was read before.
 */
static void
cred_check(unsigned group, unsigned uid, unsigned *last)
{
	const unsigned born = __atomic_load_n(
	    &cr.born[group], __ATOMIC_RELAXED);

	STRESS_CHECK(uid == born || (uid >> 16) == group + 1,
	    "cred: process %u reads uid %#x", group, uid);
	STRESS_CHECK(
	    uid == *last || *last == born || (uid != born && uid > *last),
	    "cred: uid %#x came after %#x", uid, *last);
	*last = uid;
}

static void
cred_reader(void *arg)
{
	const unsigned group = (unsigned)(uintptr_t)arg;
	unsigned last = __atomic_load_n(&cr.born[group], __ATOMIC_RELAXED);
	unsigned n, uid;
	lwpid_t lid;

	for (n = 0; n < TURNS; n++) {
		cred_check(group, sys_getcred(), &last);
		lid = __atomic_load_n(&cr.lid[group], __ATOMIC_RELAXED);
		if (lid == 0 || sys_ref(lid) != 0)
			continue;
		if (sys_refcred(&uid) == 0) {
			unsigned any = __atomic_load_n(
			    &cr.born[group], __ATOMIC_RELAXED);

			cred_check(group, uid, &any);
		}
		(void)sys_unref();
	}
}

/*
 * cred_setter:
 *
 *	The first LWP of a process.
 */
static void
cred_setter(void *arg)
{
	const unsigned group = (unsigned)(uintptr_t)arg;
	lwpid_t lids[READERS];
	unsigned n, now = 0;
	int error;

	for (n = 0; n < READERS; n++)
		lids[n] = stress_create(cred_reader, group, 0);
	__atomic_store_n(&cr.lid[group], sys_lwp_self(), __ATOMIC_RELAXED);
	for (n = 1; n <= TURNS; n++) {
		error = sys_setcred(UID(group, n));
		STRESS_CHECK(error == 0 || error == ENOMEM,
		    "cred: setcred: error %d", error);
		if (error != 0)
			continue;
		now = UID(group, n);
		stress_count(TALLY_identities, 1);
		STRESS_CHECK(sys_getcred() == now,
		    "cred: became %#x and is somebody else", now);
		if (n % 16 == 0)
			sys_yield();
	}
	for (n = 0; n < READERS; n++) {
		if (lids[n] != 0)
			(void)sys_lwp_wait(lids[n], NULL);
	}
	__atomic_store_n(&cr.lid[group], 0, __ATOMIC_RELAXED);
}

/*
 * cred_change:
 *
 *	The process that all groups are forked from changes as well.
 */
static void
cred_change(uint64_t *x)
{
	if (sys_setcred(UID(GROUPS_MAX, stress_below(x, 65536))) == 0)
		stress_count(TALLY_identities, 1);
	if (cr.leak)
		kauth_cred_hold(lwp_current()->l_cred);
}

/*
 * cred_first:
 *
 *	Forks a group, so it knows who that begins as.
 */
static void
cred_first(void *arg)
{
	const unsigned groups = stress.st_lwps / (READERS + 1) < GROUPS_MAX ?
	    stress.st_lwps / (READERS + 1) + 1 :
	    GROUPS_MAX;
	uint64_t x = stress_seed(0);
	struct usercontext uc = { .uc_entry = cred_setter };
	pid_t_ pid[GROUPS_MAX] = { 0 };
	unsigned n;
	int status;

	(void)arg;
	for (n = 0; !stress_stopped(); n = (n + 1) % groups) {
		if (pid[n] != 0)
			(void)sys_wait4(pid[n], 0, &pid[n], &status);
		cred_change(&x);
		__atomic_store_n(&cr.born[n], sys_getcred(), __ATOMIC_RELAXED);
		uc.uc_arg = (void *)(uintptr_t)n;
		if (sys_fork(&uc, 0, &pid[n]) != 0)
			pid[n] = 0;
		stress_count(TALLY_operations, 1);
	}
	while (sys_wait4(0, 0, &pid[0], &status) == 0)
		continue;
}

static int
cred_begin(bool leak)
{
	cr = (__typeof__(cr)) { .leak = leak };
	return stress_spawn(cred_first);
}

static int
cred_start(void)
{
	return cred_begin(false);
}

static int
leaked_cred_start(void)
{
	return cred_begin(true);
}

/*
 * cred_end:
 *
 *	Whoever is left: the machine's own processes, all of them root.
 */
static void
cred_end(void)
{
	const struct pool *po = &kernel.k_credpool;
	const kauth_cred_t root = kernel.k_proc0->p_cred;
	const unsigned used = po->po_used - po->po_nfree;
	const struct proc *p;
	const struct lwp *l;
	unsigned holds = 0;

	LIST_FOREACH(p, &kernel.k_allproc, p_list)
	{
		holds += p->p_cred == root;
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
		holds += l->l_cred == root;
	}
	STRESS_CHECK(root->cr_refcnt == holds,
	    "cred: root's are counted %u times and used %u times",
	    root->cr_refcnt, holds);
	STRESS_CHECK(used == 1, "cred: %u of nobody are left", used - 1);
}

const struct workload workload_cred = {
	.wl_start = cred_start,
	.wl_end = cred_end,
};

const struct workload workload_leaked_cred = {
	.wl_start = leaked_cred_start,
	.wl_end = cred_end,
};
