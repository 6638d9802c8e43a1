/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Operations of group "data": specific data and credentials.
 *
 * The memory of the program has a few places for keys.  A key that was deleted
 * stays there until another one is made, and one that is overwritten goes on
 * to exist, so programs use keys that are gone, and run out of them.
 *
 * The number that is stored under a key names who set it, and no two are the
 * same: an oracle follows each through its life.
 */

#include "prog_exec_impl.h"

static struct {
	specificdata_key_t key[PROG_KEYS];
	uint32_t stores; /* values so far */
} data;

static specificdata_key_t
data_key(const struct op *op)
{
	return __atomic_load_n(&data.key[op->op_arg[0]], __ATOMIC_RELAXED);
}

/*
 * data_number:
 *
 *	From the top: which store of the run, who made it, how many lives.
 */
static uint32_t
data_number(unsigned lives)
{
	uint32_t n = __atomic_add_fetch(&data.stores, 1, __ATOMIC_RELAXED);

	return lives == 0 ? 0 : n << 16 | exec_self() << 8 | lives;
}

void
op_keycreate(const struct op *op)
{
	specificdata_key_t key;

	if (sys_keycreate((enum sys_dtor)op->op_arg[1], &key) == 0)
		__atomic_store_n(
		    &data.key[op->op_arg[0]], key, __ATOMIC_RELAXED);
}

void
op_keydelete(const struct op *op)
{
	(void)sys_keydelete(data_key(op));
}

void
op_specset(const struct op *op)
{
	(void)sys_setspecific(data_key(op), data_number(op->op_arg[1]));
}

void
op_specget(const struct op *op)
{
	void *value;

	(void)sys_getspecific(data_key(op), &value);
}

void
op_specref(const struct op *op)
{
	void *value;

	(void)sys_refspecific(data_key(op), &value);
}

void
op_setcred(const struct op *op)
{
	(void)sys_setcred(op->op_arg[0]);
}

void
op_getcred(const struct op *op)
{
	(void)op;
	(void)sys_getcred();
}

void
op_refcred(const struct op *op)
{
	unsigned uid;

	(void)op;
	(void)sys_refcred(&uid);
}

/*
 * exec_data_boot:
 *
 *	Nothing is left of the program before.
 */
int
exec_data_boot(void)
{
	data = (__typeof__(data)) { .stores = 0 };
	return 0;
}
