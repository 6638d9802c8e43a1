/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The oracles of specific data and credentials fire on planted violations and
 * are silent on what is legal beside them.  Events are fed by hand.
 */

#include <criterion/criterion.h>

#include <string.h>

#include <lwp/syscall.h>

#include "h_oracle.h"

static struct cpu_info cpu;
static struct proc p;
static struct lwp lwps[3];
static struct kauth_cred creds[4];

#define ALICE (&lwps[1])
#define BOB   (&lwps[2])
#define KEY   SPECIFICDATA_KEY(1, 1)
#define OTHER SPECIFICDATA_KEY(1, 2)
#define VALUE SYS_VALUE(KEY, 0x10101)
#define CR    ((uintptr_t)&creds[1])
#define CR2   ((uintptr_t)&creds[2])

static void
begin(enum oracle_id id)
{
	memset(&p, 0, sizeof(p));
	memset(lwps, 0, sizeof(lwps));
	memset(&kernel, 0, sizeof(kernel));
	kernel.k_credpool = (struct pool) { .po_base = (char *)creds,
		.po_size = sizeof(creds[0]),
		.po_max = 4,
		.po_used = 4 };
	for (unsigned n = 1; n < 3; n++) {
		lwps[n].l_proc = &p;
		lwps[n].l_lid = (lwpid_t)n;
		lwps[n].l_slot = n;
		lwps[n].l_serial = n + 100;
		lwps[n].l_cpu = &cpu;
		LIST_INSERT_HEAD(&kernel.k_alllwp, &lwps[n], l_list);
	}
	LIST_INSERT_HEAD(&kernel.k_allproc, &p, p_list);
	cpu.ci_curlwp = ALICE;
	sim_curcpu = &cpu;
	oracle_set_stop(NULL);
	oracle_begin(1u << id);
}

/* Alice has a value under a key. */
static void
stored(void)
{
	begin(ORACLE_specific);
	tell(EV_KEYCREATE, NULL, KEY, 1);
	tell(EV_SPECSET, ALICE, KEY, VALUE);
	silent();
}

static void
destroyed(struct lwp *runner)
{
	cpu.ci_curlwp = runner;
	tell(EV_DTOR, ALICE, KEY, VALUE);
	tell(EV_MARK, runner, MARK_DTOR, VALUE);
	tell(EV_DTORDONE, runner, KEY, VALUE);
}

Test(fuzz_oracle_data, specific_is_silent_on_a_life)
{
	stored();
	tell(EV_SPECLOAD, ALICE, KEY, VALUE);
	tell(EV_SPECGET, ALICE, KEY, VALUE);
	destroyed(ALICE);
	tell(EV_SPECFINI, ALICE, 0, 0);
	tell(EV_STATE, ALICE, LSONPROC, LSZOMB);
	tell(EV_KEYDELETE, BOB, KEY, 0);
	tell(EV_KEYGONE, BOB, KEY, 0);
	oracle_finish();
	silent();
	stored();
	tell(EV_KEYDELETE, BOB, KEY, 0);
	destroyed(BOB);
	tell(EV_KEYGONE, BOB, KEY, 0);
	tell(EV_STATE, ALICE, LSONPROC, LSZOMB);
	silent();
}

Test(fuzz_oracle_data, specific_fires_on_a_destructor_too_many_or_too_few)
{
	stored();
	destroyed(ALICE);
	tell(EV_DTOR, ALICE, KEY, VALUE);
	fires("destructor runs twice");
	stored();
	tell(EV_DTOR, ALICE, KEY, VALUE);
	tell(EV_MARK, ALICE, MARK_DTOR, VALUE);
	tell(EV_MARK, ALICE, MARK_DTOR, VALUE);
	fires("destructor runs twice");
	stored();
	tell(EV_DTOR, ALICE, KEY, VALUE);
	tell(EV_DTORDONE, ALICE, KEY, VALUE);
	fires("destructor was not called");
	stored();
	tell(EV_SPECSET, ALICE, KEY, 0);
	tell(EV_DTOR, ALICE, KEY, VALUE);
	fires("destructor of a replaced value");
	stored();
	tell(EV_STATE, ALICE, LSONPROC, LSZOMB);
	fires("value lost at exit");
	stored();
	tell(EV_SPECDROP, ALICE, KEY, VALUE);
	fires("value dropped too early");
}

Test(fuzz_oracle_data, specific_fires_on_a_destructor_in_the_wrong_place)
{
	stored();
	tell(EV_DTOR, ALICE, OTHER, VALUE);
	fires("another key's destructor");
	stored();
	destroyed(BOB);
	fires("destructor in a stranger's context");
	stored();
	tell(EV_KEYDELETE, BOB, KEY, 0);
	tell(EV_KEYGONE, BOB, KEY, 0);
	fires("value outlived its key");
	stored();
	tell(EV_KEYDELETE, BOB, KEY, 0);
	tell(EV_DTOR, ALICE, KEY, VALUE);
	tell(EV_KEYGONE, BOB, KEY, 0);
	fires("deletion did not wait for a destructor");
	begin(ORACLE_specific);
	tell(EV_KEYCREATE, NULL, KEY, 1);
	tell(EV_KEYDELETE, BOB, KEY, 0);
	tell(EV_SPECSET, ALICE, KEY, VALUE);
	fires("value stored under a key that is gone");
}

Test(fuzz_oracle_data, specific_fires_on_what_a_getter_must_not_get)
{
	stored();
	destroyed(ALICE);
	tell(EV_SPECLOAD, ALICE, KEY, VALUE);
	fires("got a value whose destructor has begun");
	stored();
	tell(EV_SPECGET, ALICE, OTHER, VALUE);
	fires("got another key's value");
	stored();
	tell(EV_SPECGET, BOB, KEY, VALUE);
	fires("got another LWP's value");
}

Test(fuzz_oracle_data, specific_fires_on_a_deletion_that_sleeps_on)
{
	stored();
	BOB->l_wchan = &kernel.k_specific.sd_cv;
	oracle_finish();
	fires("a deletion was not woken");
}

/* Alice and her process have the same credentials. */
static void
held(void)
{
	begin(ORACLE_cred);
	tell(EV_CREDNEW, NULL, CR, 0);
	p.p_cred = &creds[1];
	tell(EV_CREDHOLD, NULL, CR, 2);
	ALICE->l_cred = &creds[1];
	tell(EV_LWPCRED, ALICE, 0, CR);
	tell(EV_CREDREF, ALICE, CR, 0);
	silent();
}

Test(fuzz_oracle_data, cred_is_silent_on_a_life)
{
	held();
	oracle_finish();
	silent();
	tell(EV_LWPCRED, ALICE, CR, 0);
	ALICE->l_cred = NULL;
	tell(EV_CREDFREE, NULL, CR, 1);
	oracle_finish();
	silent();
	p.p_cred = NULL;
	tell(EV_CREDFREE, NULL, CR, 0);
	oracle_finish();
	silent();
}

Test(fuzz_oracle_data, cred_fires_on_each_violation)
{
	held();
	tell(EV_CREDFREE, NULL, CR, 1);
	oracle_finish();
	fires("not held by who points there");
	held();
	tell(EV_CREDFREE, NULL, CR, 1);
	tell(EV_CREDFREE, NULL, CR, 0);
	tell(EV_CREDUSE, ALICE, CR, 0);
	fires("used after the last release");
	held();
	tell(EV_CREDHOLD, NULL, CR, 2);
	fires("the count is wrong");
	held();
	tell(EV_LWPCRED, ALICE, CR2, CR);
	fires("released what it does not hold");
	held();
	tell(EV_LWPCRED, ALICE, CR, 0);
	tell(EV_CREDREF, ALICE, CR, 0);
	fires("credentials of a referenced LWP are gone");
}
