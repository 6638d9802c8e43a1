/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Spin locks, several algorithms of one interface (spin.def, core/lock).
 *
 * The core's spin mutexes are made of one of them, chosen when it is built;
 * all of them are compiled in, for benchmarks and for the simulator to check.
 * Code that wants an algorithm inlined includes <spin_all.h> of core/lock.
 *
 * A lock belongs to the CPU that took it; a CPU may hold several and release
 * them in any order, up to SPIN_NODES.  All that a CPU brings along is its
 * struct spin_cpu, which no other CPU writes: places in queues, and counts.
 *
 * Interrupts.  Who holds or waits for a lock must not be interrupted by a
 * handler that wants it.  For tas and ttas it is enough to raise the level
 * once the lock is held: a handler that comes while its CPU only waits may
 * take the lock and release it.  In a queue the CPU's place comes before the
 * handler's, and whoever is next gets the lock though it does not run: so
 * for all others the level is raised *before* spin_acquire.  Handlers whose
 * locks the interrupted CPU neither holds nor waits for are fine.
 *
 * Every function takes no level and no lock but what it says, and does not
 * sleep.  Acquire and tryacquire are acquires in the sense of C11 if they take
 * the lock, release is a release; they are points of the simulator, as many as
 * there are accesses to cells.
 */

#ifndef LWP_SPIN_H
#define LWP_SPIN_H

#include <lwp/cell.h>

/*
 * Letters of fields:
 *	@:  a cell
 *	h:  the holder of the lock
 *	c:  the CPU that it belongs to
 *	n:  the CPU whose place it is, before others can see it; then constant
 *	=:  constant
 */

enum spin_id {
#define SPIN(name, fair, what) SPIN_##name,
#include <lwp/spin.def>
#undef SPIN
	SPIN_COUNT
};

#define SPIN_LINE  64 /* bytes that caches move together */
#define SPIN_NODES 16 /* locks that a CPU may hold or wait for at once */

/* A place in a queue. */
struct spin_node {
	_Alignas(SPIN_LINE) struct spin_node *sn_next; /* @: who came after */
	unsigned sn_wait;			       /* @: 1: wait; 0: go */
	unsigned sn_numa;			       /* n: of its CPU */
	struct spin_node *sn_second;	 /* h: first of the second queue */
	struct spin_node *sn_secondlast; /* h: last; kept in the first */
	uint64_t sn_uses;		 /* n: times that it was queued */
	struct spin_node *sn_free;	 /* c: free list */
};

/* Where nodes come from.  Its lock is a leaf, taken by init and fini only. */
struct spin_pool {
	unsigned pl_word;	   /* @: 1: locked */
	struct spin_node *pl_free; /* h: */
	struct spin_node *pl_base; /* =: all of them */
};

/* What was done by a CPU.  Exact; waiting is counted in looks, for what that
 * took is the caller's clock. */
struct spin_counts {
	uint64_t sk_acquired; /* LWP locks taken */
	uint64_t sk_failed;   /* lock taken, but the LWP had moved */
	uint64_t sk_exits;    /* gave up waiting because the LWP moved */
	uint64_t sk_moves;    /* LWPs moved to another lock */
	uint64_t sk_polls;    /* looks without success */
};

/* What a CPU brings along.  Nobody else looks at it while it runs. */
struct spin_cpu {
	_Alignas(SPIN_LINE) struct spin_node *sp_free; /* c: */
	struct spin_pool *sp_pool;		       /* =: */
	unsigned sp_numa;			       /* =: */
	struct spin_counts sp_counts;		       /* c: */
};

struct spin_tas {
	unsigned tas_word; /* @: 1: held */
};

struct spin_ttas {
	unsigned ttas_word; /* @: 1: held */
};

/* Both of one width, and each accessed in that width only: a load that is
 * wider than the store before it waits for the store to reach the cache. */
struct spin_ticket {
	unsigned tk_next;    /* @: the number that comes next */
	unsigned tk_serving; /* @: whose turn it is */
};

struct spin_mcs {
	struct spin_node *mcs_tail; /* @: who came last; NULL: free */
	struct spin_node *mcs_node; /* h: the holder's place */
};

struct spin_clh {
	uint64_t clh_tail;	    /* @: who came last: index, and uses */
	struct spin_node *clh_node; /* h: the holder's place */
	struct spin_node *clh_prev; /* h: the one before, now the holder's */
};

struct spin_cna {
	struct spin_node *cna_tail; /* @: of the main queue; NULL: free */
	struct spin_node *cna_node; /* h: the holder's place */
	unsigned cna_near;	    /* h: times in a row that it stayed near */
	unsigned cna_bound;	    /* =: at most so many */
};

union spin {
	struct spin_tas tas;
	struct spin_ttas ttas;
	struct spin_ticket ticket;
	struct spin_mcs mcs;
	struct spin_clh clh;
	struct spin_cna cna;
};

struct lwplock;

struct spin_algorithm {
	const char *sa_name;
	const char *sa_what;
	bool sa_fair;
	size_t sa_size; /* of its member of union spin */
	/* Free.  fini: nobody has it or will want it. */
	void (*sa_init)(union spin *, struct spin_pool *);
	void (*sa_fini)(union spin *, struct spin_pool *);
	void (*sa_acquire)(union spin *, struct spin_cpu *);
	/* Never waits; false: somebody had the lock, or came first. */
	bool (*sa_tryacquire)(union spin *, struct spin_cpu *);
	/* By the CPU that took it. */
	void (*sa_release)(union spin *, struct spin_cpu *);
	/* Does somebody have it, or wait for it?  By the time of the answer
	 * that may have changed.  An acquire if the answer is no: who looks at
	 * a pointer next sees where the last holder moved it. */
	bool (*sa_held)(union spin *, struct spin_cpu *);
	/* After sa_held() said yes and a look at the pointer of an LWP lock:
	 * pause until either may have changed. */
	void (*sa_await)(union spin *, struct lwplock *, struct spin_cpu *);
};

/* By enum spin_id. */
extern const struct spin_algorithm *const spin_table[SPIN_COUNT];

/*
 * spin_pool_init:
 *
 *	Zeroed memory for so many nodes, aligned to SPIN_LINE: SPIN_NODES for
 *	each CPU, and one for each lock that exists at once.  At most
 *	SPIN_POOL_MAX, since CLH names a node by 16 bits.
 */
#define SPIN_POOL_MAX 0xffffu
void spin_pool_init(struct spin_pool *, struct spin_node *, unsigned count);

/* spin_cpu_init: takes SPIN_NODES from the pool.  numa: which CPUs are near
 * each other; 0 for all where that is not known. */
void spin_cpu_init(struct spin_cpu *, struct spin_pool *, unsigned numa);

#endif /* LWP_SPIN_H */
