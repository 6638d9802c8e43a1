/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The spin locks and LWP-lock protocols of core/lock, each alone: right under
 * all schedules of small shapes and drawn ones of bigger shapes; and what is
 * wrong with a planted one of each kind is found by either.
 */

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "../run/run_lock.h"
#include "../strategy/explore.h"

/* The simulator's side of cell_*(). */
void sim_point(unsigned, const void *, unsigned, unsigned);
void sim_poll(const void *, unsigned, const void *);

#define AT(op, o, f)   sim_point(SIM_OP_##op, &(o)->f, CELL_##f, 0)
#define LOAD(o, f)     (AT(load, o, f), (o)->f)
#define STORE(o, f, v) (AT(store, o, f), (void)((o)->f = (v)))
#define WAIT_ON(o, f)  sim_poll(&(o)->f, CELL_##f, &(o)->f)

#define DRAWN	       2000 /* schedules, where they are drawn */

static struct verdict first; /* finding */
static uint64_t findings;

static void
judge(const struct lock_run *lr)
{
	struct verdict vd;

	run_lock(lr, &vd);
	if (vd.vd_code == VERDICT_finding && findings++ == 0)
		first = vd;
}

/* All schedules, or so many; true if that was all. */
static bool
explore(struct lock_run *lr, bool reduce, unsigned most)
{
	const struct explore_options eo = {
		.eo_bound = EXPLORE_NOBOUND,
		.eo_reduce = reduce,
	};
	bool more = true;

	run_init();
	findings = 0;
	lr->lr_strategy = STRATEGY_exhaustive;
	cr_assert(explore_begin(&eo));
	while (more && most-- > 0) {
		judge(lr);
		more = explore_next();
	}
	cr_assert(!explore_state()->es_drift);
	return !more && !explore_state()->es_cut;
}

static void
draw(struct lock_run *lr, unsigned runs)
{
	run_init();
	findings = 0;
	for (lr->lr_seed = 1; lr->lr_seed <= runs; lr->lr_seed++) {
		lr->lr_strategy = lr->lr_seed % 2 != 0 ? STRATEGY_random :
							 STRATEGY_bytes;
		judge(lr);
	}
}

static void
passes(const struct lock_run *lr)
{
	cr_assert_eq(findings, 0, "%s %s, %u CPUs, %u sections: %s (%s)",
	    lr->lr_spin->sa_name,
	    lr->lr_protocol != NULL ? lr->lr_protocol->po_name : "-",
	    lr->lr_ncpu, lr->lr_sections, first.vd_signature, first.vd_detail);
}

/* Exactly one run of each class, and no schedule left out. */
static void
all_pass(struct lock_run *lr)
{
	cr_assert(explore(lr, true, UINT32_MAX));
	passes(lr);
	cr_assert_eq(explore_state()->es_runs, explore_state()->es_classes);
	explore_end();
}

Test(fuzz_lock, each_spin_lock_is_right_under_all_schedules_of_small_shapes)
{
	unsigned s;

	for (s = 0; s < SPIN_COUNT; s++) {
		struct lock_run lr = { .lr_spin = spin_table[s] };

		for (lr.lr_ncpu = 2; lr.lr_ncpu <= 3; lr.lr_ncpu++) {
			lr.lr_sections = 4 - lr.lr_ncpu;
			lr.lr_numa = 0;
			lr.lr_try = false;
			all_pass(&lr);
			lr.lr_try = true;
			all_pass(&lr);
			lr.lr_try = false;
			lr.lr_numa = 5;
			all_pass(&lr);
		}
	}
}

Test(fuzz_lock, each_spin_lock_is_right_under_drawn_schedules)
{
	unsigned s;

	for (s = 0; s < SPIN_COUNT; s++) {
		struct lock_run lr = {
			.lr_spin = spin_table[s],
			.lr_ncpu = 5,
			.lr_sections = 4,
			.lr_near = s == SPIN_cna ? 2 : 0,
		};

		draw(&lr, DRAWN);
		passes(&lr);
		lr.lr_numa = 0x15;
		lr.lr_try = true;
		draw(&lr, DRAWN);
		passes(&lr);
	}
}

static void
each_protocol(unsigned move)
{
	unsigned p, s;

	for (p = 0; p < PROTOCOL_COUNT; p++)
		for (s = 0; s < SPIN_COUNT; s++) {
			struct lock_run lr = {
				.lr_spin = spin_table[s],
				.lr_protocol = &protocol_table[p][s],
				.lr_ncpu = 2,
				.lr_sections = 1,
				.lr_move = (enum lock_move)move,
			};

			all_pass(&lr);
			lr.lr_try = true;
			all_pass(&lr);
			lr.lr_try = false;
			lr.lr_ncpu = 4;
			lr.lr_sections = 3;
			draw(&lr, DRAWN / 10);
			passes(&lr);
			/* A few of up to 10^7 classes; to the end: lwpsim
			 * lock. */
			lr.lr_ncpu = lr.lr_sections = 2;
			(void)explore(&lr, true, 3000);
			passes(&lr);
			explore_end();
		}
}

Test(fuzz_lock, each_protocol_is_right_under_all_schedules_of_small_shapes)
{
	unsigned p, s;

	for (p = 0; p < PROTOCOL_COUNT; p++)
		for (s = 0; s < SPIN_COUNT; s++) {
			struct lock_run lr = {
				.lr_spin = spin_table[s],
				.lr_protocol = &protocol_table[p][s],
				.lr_move = LOCK_UNLOCK_TO,
			};

			lr.lr_ncpu = 3;
			lr.lr_sections = 1;
			all_pass(&lr);
			lr.lr_ncpu = lr.lr_sections = 2;
			all_pass(&lr);
		}
}

Test(fuzz_lock, each_protocol_over_each_spin_lock_is_right_with_unlock_to)
{
	each_protocol(LOCK_UNLOCK_TO);
}

Test(fuzz_lock, each_protocol_over_each_spin_lock_is_right_with_relock)
{
	each_protocol(LOCK_RELOCK);
}

Test(fuzz_lock, each_protocol_over_each_spin_lock_is_right_with_setlock)
{
	each_protocol(LOCK_SETLOCK);
}

Test(fuzz_lock, without_counts_nothing_is_counted)
{
	unsigned p, s;

	for (p = 0; p < PROTOCOL_COUNT; p++)
		for (s = 0; s < SPIN_COUNT; s++) {
			struct lock_run lr = {
				.lr_spin = spin_table[s],
				.lr_protocol = &protocol_uncounted[p][s],
				.lr_uncounted = true,
				.lr_ncpu = 4,
				.lr_sections = 3,
				.lr_move = LOCK_RELOCK,
			};

			draw(&lr, DRAWN / 20);
			passes(&lr);
		}
}

/* Planted: the smallest mistake that each kind of lock invites. */

static void
tas_looks_then_stores(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	while (LOAD(&sl->tas, tas_word) != 0)
		WAIT_ON(&sl->tas, tas_word);
	STORE(&sl->tas, tas_word, 1);
}

static void
ttas_does_not_look_at_the_result(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	while (LOAD(&sl->ttas, ttas_word) != 0)
		WAIT_ON(&sl->ttas, ttas_word);
	AT(rmw, &sl->ttas, ttas_word);
	sl->ttas.ttas_word = 1;
}

static void
ticket_draws_in_two_steps(union spin *sl, struct spin_cpu *sp)
{
	unsigned mine = LOAD(&sl->ticket, tk_next);

	(void)sp;
	AT(rmw, &sl->ticket, tk_next);
	sl->ticket.tk_next = mine + 1;
	while (LOAD(&sl->ticket, tk_serving) != mine)
		WAIT_ON(&sl->ticket, tk_serving);
}

static void
mcs_does_not_wait_for_the_link(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = sl->mcs.mcs_node, *next = LOAD(sn, sn_next);

	if (next != NULL)
		STORE(next, sn_wait, 0);
	else {
		AT(rmw, &sl->mcs, mcs_tail);
		if (sl->mcs.mcs_tail == sn)
			sl->mcs.mcs_tail = NULL;
	}
	sn->sn_free = sp->sp_free;
	sp->sp_free = sn;
}

static void
clh_keeps_its_own_place(union spin *sl, struct spin_cpu *sp)
{
	struct spin_node *sn = sl->clh.clh_node;

	STORE(sn, sn_wait, 0);
	sn->sn_free = sp->sp_free;
	sp->sp_free = sn;
}

static void
cna_forgets_the_second_queue(union spin *sl, struct spin_cpu *sp)
{
	sl->cna.cna_node->sn_second = NULL;
	spin_table[SPIN_cna]->sa_release(sl, sp);
}

static void
retry_does_not_look_again(struct lwplock *ll, struct spin_cpu *sp)
{
	spin_table[SPIN_tas]->sa_acquire(LOAD(ll, ll_lock), sp);
	sp->sp_counts.sk_acquired++;
}

static void
poll_does_not_look_again(struct lwplock *ll, struct spin_cpu *sp)
{
	const struct spin_algorithm *sa = spin_table[SPIN_tas];
	union spin *sl = LOAD(ll, ll_lock);

	while (!sa->sa_tryacquire(sl, sp)) {
		if (sa->sa_held(sl, sp)) {
			sl = LOAD(ll, ll_lock);
			sa->sa_await(sl, ll, sp);
		}
	}
	sp->sp_counts.sk_acquired++;
}

static void
blocked_leaves_a_gap(struct lwplock *ll, union spin *to, struct spin_cpu *sp)
{
	const struct spin_algorithm *sa = spin_table[SPIN_tas];

	sa->sa_release(ll->ll_lock, sp);
	sa->sa_acquire(to, sp);
	sp->sp_counts.sk_moves++;
	STORE(ll, ll_lock, to);
}

static void
sequence_counts_too_early(
    struct lwplock *ll, union spin *to, struct spin_cpu *sp)
{
	union spin *old = ll->ll_lock;

	STORE(ll, ll_seq, ll->ll_seq + 2);
	sp->sp_counts.sk_moves++;
	STORE(ll, ll_lock, to);
	spin_table[SPIN_tas]->sa_release(old, sp);
}

static void
queue_head_does_not_look_again(struct lwplock *ll, struct spin_cpu *sp)
{
	spin_table[SPIN_mcs]->sa_acquire(&ll->ll_queue, sp);
	retry_does_not_look_again(ll, sp);
	spin_table[SPIN_mcs]->sa_release(&ll->ll_queue, sp);
}

struct planted {
	const char *name;
	unsigned spin;
	int protocol; /* -1: none */
	unsigned ncpu, sections;
	uint32_t numa;
	enum lock_move move;
	void (*acquire)(union spin *, struct spin_cpu *);
	void (*release)(union spin *, struct spin_cpu *);
	void (*lock)(struct lwplock *, struct spin_cpu *);
	void (*unlock_to)(struct lwplock *, union spin *, struct spin_cpu *);
	void (*relock)(struct lwplock *, union spin *, struct spin_cpu *);
	const char *verdict; /* one of those that it may have */
};

static const struct planted planted[] = {
	{ "tas", SPIN_tas, -1, 2, 1, 0, 0, tas_looks_then_stores,
	    .verdict = "lock: two are inside" },
	{ "ttas", SPIN_ttas, -1, 2, 1, 0, 0, ttas_does_not_look_at_the_result,
	    .verdict = "lock: two are inside" },
	{ "ticket", SPIN_ticket, -1, 2, 1, 0, 0, ticket_draws_in_two_steps,
	    .verdict = "lock: two are inside" },
	{ "mcs", SPIN_mcs, -1, 2, 1, 0, 0, NULL, mcs_does_not_wait_for_the_link,
	    .verdict = "lock: somebody waits for ever" },
	{ "clh", SPIN_clh, -1, 2, 2, 0, 0, NULL, clh_keeps_its_own_place,
	    .verdict = "lock: somebody waits for ever" },
	{ "cna", SPIN_cna, -1, 3, 2, 2, 0, NULL, cna_forgets_the_second_queue,
	    .verdict = "lock: somebody waits for ever" },
	{ "retry", SPIN_tas, PROTOCOL_retry, 3, 1, 0, LOCK_UNLOCK_TO,
	    .lock = retry_does_not_look_again,
	    .verdict = "lock: two are inside" },
	{ "poll", SPIN_tas, PROTOCOL_poll, 3, 1, 0, LOCK_UNLOCK_TO,
	    .lock = poll_does_not_look_again,
	    .verdict = "lock: two are inside" },
	{ "backoff", SPIN_tas, PROTOCOL_backoff, 3, 1, 0, LOCK_RELOCK,
	    .lock = poll_does_not_look_again,
	    .verdict = "lock: two are inside" },
	{ "blocked", SPIN_tas, PROTOCOL_blocked, 2, 1, 0, LOCK_RELOCK,
	    .relock = blocked_leaves_a_gap, .verdict = "lock: two are inside" },
	{ "sequence", SPIN_tas, PROTOCOL_sequence, 3, 1, 0, LOCK_UNLOCK_TO,
	    .unlock_to = sequence_counts_too_early,
	    .verdict = "lock: two are inside" },
	{ "queue", SPIN_tas, PROTOCOL_queue, 3, 1, 0, LOCK_UNLOCK_TO,
	    .lock = queue_head_does_not_look_again,
	    .verdict = "lock: two are inside" },
};

#define NPLANTED (sizeof(planted) / sizeof(planted[0]))

static void
plant(const struct planted *pl, struct spin_algorithm *sa, struct protocol *po,
    struct lock_run *lr)
{
	*sa = *spin_table[pl->spin];
	if (pl->acquire != NULL)
		sa->sa_acquire = pl->acquire;
	if (pl->release != NULL)
		sa->sa_release = pl->release;
	if (pl->protocol >= 0) {
		*po = protocol_table[pl->protocol][pl->spin];
		if (pl->lock != NULL)
			po->po_lock = pl->lock;
		if (pl->unlock_to != NULL)
			po->po_unlock_to = pl->unlock_to;
		if (pl->relock != NULL)
			po->po_relock = pl->relock;
	}
	*lr = (struct lock_run) {
		.lr_spin = sa,
		.lr_protocol = pl->protocol >= 0 ? po : NULL,
		.lr_ncpu = pl->ncpu,
		.lr_sections = pl->sections,
		.lr_numa = pl->numa,
		.lr_move = pl->move,
	};
}

/* Is the verdict among those of the schedules? */
static bool seen;

static void
look_for(const struct planted *pl)
{
	if (findings == 1 && strcmp(first.vd_signature, pl->verdict) == 0)
		seen = true;
	findings = 0;
}

Test(fuzz_lock, a_planted_mistake_of_each_kind_is_found_by_exploring)
{
	const struct explore_options eo = { EXPLORE_NOBOUND, true };
	struct spin_algorithm sa;
	struct protocol po;
	struct lock_run lr;
	unsigned n;

	run_init();
	for (n = 0; n < NPLANTED; n++) {
		plant(&planted[n], &sa, &po, &lr);
		lr.lr_strategy = STRATEGY_exhaustive;
		cr_assert(explore_begin(&eo));
		seen = false;
		findings = 0;
		do {
			judge(&lr);
			look_for(&planted[n]);
		} while (!seen && explore_next());
		cr_expect(seen, "%s: not in %llu runs", planted[n].name,
		    (unsigned long long)explore_state()->es_runs);
		explore_end();
	}
}

Test(fuzz_lock, a_planted_mistake_of_each_kind_is_found_by_drawing)
{
	struct spin_algorithm sa;
	struct protocol po;
	struct lock_run lr;
	unsigned n;

	run_init();
	for (n = 0; n < NPLANTED; n++) {
		plant(&planted[n], &sa, &po, &lr);
		lr.lr_strategy = STRATEGY_random;
		seen = false;
		findings = 0;
		for (lr.lr_seed = 1; lr.lr_seed <= DRAWN && !seen;
		     lr.lr_seed++) {
			judge(&lr);
			look_for(&planted[n]);
		}
		cr_expect(seen, "%s: not in %d runs", planted[n].name, DRAWN);
	}
}

/* What exploring promises. */

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All verdicts of all schedules, in order, but for assertions: these look at
 * fields without announcing it, and so may differ within a class once a lock
 * is broken. */
static unsigned
verdicts(struct lock_run *lr, bool reduce, char (*name)[128], unsigned most)
{
	const struct explore_options eo = { EXPLORE_NOBOUND, reduce };
	struct verdict vd;
	unsigned n, count = 0;

	run_init();
	lr->lr_strategy = STRATEGY_exhaustive;
	cr_assert(explore_begin(&eo));
	do {
		run_lock(lr, &vd);
		for (n = 0; n < count; n++)
			if (strcmp(name[n], vd.vd_signature) == 0)
				break;
		if (vd.vd_code == VERDICT_pruned || n < count ||
		    strstr(vd.vd_signature, "assertion") != NULL)
			continue;
		cr_assert_lt(count, most);
		(void)strcpy(name[count++], vd.vd_signature);
	} while (explore_next());
	explore_end();
	qsort(name, count, sizeof(*name), by_text);
	return count;
}

/* Of each planted mistake that two CPUs with a section each can show. */
Test(fuzz_explore, reduction_leaves_out_no_verdict)
{
	char all[8][128], reduced[8][128];
	struct spin_algorithm sa;
	struct protocol po;
	struct lock_run lr;
	unsigned n, i, count;

	for (n = 0; n < NPLANTED; n++) {
		if (planted[n].ncpu != 2 || planted[n].sections != 1)
			continue;
		plant(&planted[n], &sa, &po, &lr);
		count = verdicts(&lr, true, reduced, 8);
		cr_expect_gt(count, 1, "%s", planted[n].name);
		cr_assert_eq(
		    verdicts(&lr, false, all, 8), count, "%s", planted[n].name);
		for (i = 0; i < count; i++)
			cr_expect_str_eq(
			    all[i], reduced[i], "%s", planted[n].name);
	}
}

static void
word_acquire(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	sim_point(SIM_OP_acquire, &sl->tas.tas_word, CELL_box_mutex, 0);
	sl->tas.tas_word = 1;
}

static void
word_release(union spin *sl, struct spin_cpu *sp)
{
	(void)sp;
	sim_point(SIM_OP_release, &sl->tas.tas_word, CELL_box_mutex, 0);
	sl->tas.tas_word = 0;
}

/* A spin mutex as the core's: taking it is one step. */
static void
word(struct spin_algorithm *sa)
{
	*sa = *spin_table[SPIN_tas];
	sa->sa_acquire = word_acquire;
	sa->sa_release = word_release;
}

/* (3K)! / (K!)^3 orders in which three take a lock K times each. */
Test(fuzz_explore, a_program_of_locks_only_has_a_run_for_each_order)
{
	static const uint64_t orders[] = { 1, 6, 90, 1680, 34650 };
	struct spin_algorithm sa;
	unsigned k;

	word(&sa);
	for (k = 1; k <= 4; k++) {
		struct lock_run lr = {
			.lr_spin = &sa,
			.lr_ncpu = 3,
			.lr_sections = k,
		};

		cr_assert(explore(&lr, true, UINT32_MAX));
		passes(&lr);
		cr_expect_eq(explore_state()->es_runs, orders[k]);
		cr_expect_eq(explore_state()->es_classes, orders[k]);
		cr_expect_eq(explore_state()->es_pruned, 0);
		explore_end();
	}
}

static void
same_classes(struct lock_run *lr)
{
	const char *protocol = lr->lr_protocol != NULL ?
	    lr->lr_protocol->po_name :
	    "-";
	uint64_t reduced;

	cr_assert(explore(lr, true, UINT32_MAX));
	reduced = explore_state()->es_classes;
	cr_assert(explore(lr, false, UINT32_MAX));
	cr_expect_eq(explore_state()->es_classes, reduced, "%s %s",
	    lr->lr_spin->sa_name, protocol);
	cr_expect_gt(explore_state()->es_runs, reduced, "%s %s",
	    lr->lr_spin->sa_name, protocol);
	cr_expect_eq(explore_state()->es_pruned, 0);
	explore_end();
}

Test(fuzz_explore, reduction_leaves_out_no_class)
{
	struct lock_run lr = { .lr_ncpu = 2, .lr_sections = 1 };
	unsigned n;

	for (n = 0; n < SPIN_COUNT; n++) {
		lr.lr_spin = spin_table[n];
		same_classes(&lr);
	}
	lr.lr_spin = spin_table[SPIN_tas];
	for (n = 0; n < PROTOCOL_COUNT; n++) {
		if (n == PROTOCOL_queue) /* four million runs */
			continue;
		lr.lr_protocol = &protocol_table[n][SPIN_tas];
		same_classes(&lr);
	}
}
