/* SPDX-License-Identifier: BSD-2-Clause */

/* Locks to compare with: Concurrency Kit's and POSIX'. */

#include <ck_spinlock.h>
#include <pthread.h>
#include <string.h>

#include "lock.h"

static void
fas_init(void *lock)
{
	ck_spinlock_fas_init(lock);
}

static void
fas_acquire(void *lock, void *place)
{
	(void)place;
	ck_spinlock_fas_lock(lock);
}

static void
fas_release(void *lock, void *place)
{
	(void)place;
	ck_spinlock_fas_unlock(lock);
}

static void
ticket_init(void *lock)
{
	ck_spinlock_ticket_init(lock);
}

static void
ticket_acquire(void *lock, void *place)
{
	(void)place;
	ck_spinlock_ticket_lock(lock);
}

static void
ticket_release(void *lock, void *place)
{
	(void)place;
	ck_spinlock_ticket_unlock(lock);
}

static void
mcs_init(void *lock)
{
	ck_spinlock_mcs_init(lock);
}

static void
mcs_acquire(void *lock, void *place)
{
	ck_spinlock_mcs_lock(lock, place);
}

static void
mcs_release(void *lock, void *place)
{
	ck_spinlock_mcs_unlock(lock, place);
}

static void
spin_init(void *lock)
{
	(void)pthread_spin_init(lock, PTHREAD_PROCESS_PRIVATE);
}

static void
spin_acquire(void *lock, void *place)
{
	(void)place;
	(void)pthread_spin_lock(lock);
}

static void
spin_release(void *lock, void *place)
{
	(void)place;
	(void)pthread_spin_unlock(lock);
}

static void
mutex_init_(void *lock)
{
	(void)pthread_mutex_init(lock, NULL);
}

static void
mutex_acquire(void *lock, void *place)
{
	(void)place;
	(void)pthread_mutex_lock(lock);
}

static void
mutex_release(void *lock, void *place)
{
	(void)place;
	(void)pthread_mutex_unlock(lock);
}

const struct lock_reference lock_references[] = {
	{ "ck_fas", false, fas_init, fas_acquire, fas_release },
	{ "ck_ticket", true, ticket_init, ticket_acquire, ticket_release },
	{ "ck_mcs", true, mcs_init, mcs_acquire, mcs_release },
	{ "pthread_spin", false, spin_init, spin_acquire, spin_release },
	{ "pthread_mutex", false, mutex_init_, mutex_acquire, mutex_release },
	{ NULL, false, NULL, NULL, NULL },
};
