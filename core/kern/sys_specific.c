/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Specific data for programs.  In a kernel it is modules that make keys and
 * hang values on LWPs; here user code asks for that, and chooses how the
 * destructor misbehaves.
 *
 * A value names its key in its upper half.  So a destructor knows which key it
 * should have been called for, and an oracle whether it was.
 */

#include <machine/atomic.h>

#include <errno.h>

#include "sysent.h"

#define DTOR_TICKS 2

CTASSERT(sizeof(uintptr_t) == 8);

static void
dtor_plain(void *value)
{
	EVENT(MARK, curlwp, MARK_DTOR, value);
}

/*
 * dtor_again:
 *
 *	In a dying LWP that is another value for the next pass; where a
 *	deletion calls it the key is dead and refuses.
 */
static void
dtor_again(void *value)
{
	EVENT(MARK, curlwp, MARK_DTOR, value);
	/* The lowest byte counts. */
	if ((SYS_VALUE_NUMBER(value) & 0xff) > 1)
		(void)lwp_setspecific(SYS_VALUE_KEY(value), (char *)value - 1);
}

static void
dtor_delete(void *value)
{
	EVENT(MARK, curlwp, MARK_DTOR, value);
	lwp_specific_key_delete(SYS_VALUE_KEY(value));
}

static void
dtor_sleep(void *value)
{
	struct lwp *l = curlwp;

	EVENT(MARK, l, MARK_DTOR, value);
	l->l_deadline = machine_ticks() + DTOR_TICKS;
	(void)tsleep(&l->l_specificrun, PRIBIO, "dtor", DTOR_TICKS);
	l->l_deadline = 0;
}

static const specificdata_dtor_t dtor_table[SYS_DTOR_COUNT] = {
	[SYS_DTOR_plain] = dtor_plain,
	[SYS_DTOR_again] = dtor_again,
	[SYS_DTOR_delete] = dtor_delete,
	[SYS_DTOR_sleep] = dtor_sleep,
};

int
do_keycreate(struct lwp *l, struct sysargs *sa)
{
	specificdata_key_t key;
	int error;

	(void)l;
	if ((unsigned)sa->sa_number >= SYS_DTOR_COUNT)
		return EINVAL;
	error = lwp_specific_key_create(&key, dtor_table[sa->sa_number]);
	if (error != 0)
		return error;
	if (copyfail()) {
		PROBE(KEY_COPYOUT);
		lwp_specific_key_delete(key);
		return EFAULT;
	}
	*(specificdata_key_t *)sa->sa_out = key;
	return 0;
}

/*
 * key_checked:
 *
 *	A key from user memory: one that never was would be the kernel's own
 *	mistake inside.
 */
static bool
key_checked(specificdata_key_t key)
{
	if (lwp_specific_key_made(key))
		return true;
	PROBE(KEY_EINVAL);
	return false;
}

int
do_keydelete(struct lwp *l, struct sysargs *sa)
{
	(void)l;
	if (!key_checked(sa->sa_key))
		return EINVAL;
	lwp_specific_key_delete(sa->sa_key);
	return 0;
}

int
do_setspecific(struct lwp *l, struct sysargs *sa)
{
	uintptr_t value = SYS_VALUE(sa->sa_key, (uint32_t)sa->sa_number);

	(void)l;
	if (!key_checked(sa->sa_key))
		return EINVAL;
	return lwp_setspecific(
	    sa->sa_key, sa->sa_number != 0 ? (void *)value : NULL);
}

int
do_getspecific(struct lwp *l, struct sysargs *sa)
{
	(void)l;
	if (!key_checked(sa->sa_key))
		return EINVAL;
	*(void **)sa->sa_out = lwp_getspecific(sa->sa_key);
	return 0;
}

int
do_refspecific(struct lwp *l, struct sysargs *sa)
{
	if (!key_checked(sa->sa_key))
		return EINVAL;
	if (l->l_held == NULL) {
		PROBE(SPECIFIC_ESRCH);
		return ESRCH;
	}
	*(void **)sa->sa_out = _lwp_getspecific_by_lwp(l->l_held, sa->sa_key);
	return 0;
}

/*
 * User side.
 */

int
sys_keycreate(enum sys_dtor dtor, specificdata_key_t *key)
{
	return sys_enter(SYS_keycreate,
	    &(struct sysargs) { .sa_number = (int)dtor, .sa_out = key });
}

int
sys_keydelete(specificdata_key_t key)
{
	return sys_enter(SYS_keydelete, &(struct sysargs) { .sa_key = key });
}

int
sys_setspecific(specificdata_key_t key, uint32_t number)
{
	return sys_enter(SYS_setspecific,
	    &(struct sysargs) { .sa_key = key, .sa_number = (int)number });
}

int
sys_getspecific(specificdata_key_t key, void **value)
{
	return sys_enter(SYS_getspecific,
	    &(struct sysargs) { .sa_key = key, .sa_out = value });
}

int
sys_refspecific(specificdata_key_t key, void **value)
{
	return sys_enter(SYS_refspecific,
	    &(struct sysargs) { .sa_key = key, .sa_out = value });
}
