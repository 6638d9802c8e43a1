/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The tables of fuzz/prog: operations, kinds of arguments, names.
 *
 * All of them are expansions of the *.def files, here and not by a call of
 * the simulator, since a program is read and written on every machine.
 */

#include <string.h>

#include <lwp/signal.h>

#include "prog_words.h"

#define WORDS(what, table)                                                     \
	{                                                                      \
		what, table, NITEMS(table)                                     \
	}

const struct op_row op_table[OP_COUNT] = {
#define OP(name, a0, a1, a2, weight, group, what)                              \
	{ #name, { ARG_##a0, ARG_##a1, ARG_##a2 }, weight, group, what },
#include "ops.def"
#undef OP
};

static const char *const op_names[] = {
#define OP(name, a0, a1, a2, weight, group, what) #name,
#include "ops.def"
#undef OP
};
const struct words words_op = WORDS("an operation", op_names);

static const char *const strategy_names[] = {
#define STRATEGY(name, what) #name,
#include "../strategy/strategy.def"
#undef STRATEGY
};
const struct words words_strategy = WORDS("a strategy", strategy_names);

static const char *const simop_names[] = {
#define SIM_OP(name, writes, what) #name,
#include "../../core/arch/sim/sim_op.def"
#undef SIM_OP
};
const struct words words_simop = WORDS("what it announces", simop_names);

static const char *const cell_names[] = {
	"none",
#define LOCKCLASS(name, kind, rank, nests, what) #name,
#include <lwp/lockclass.def>
#undef LOCKCLASS
#define CELL(name, what) #name,
#include <lwp/cell.def>
#undef CELL
};
_Static_assert(NITEMS(cell_names) == CELL_COUNT, "enum cell");
const struct words words_cell = WORDS("a lock class or cell", cell_names);

static const char *const perturbation_names[] = {
#define PERTURBATION(name, what) #name,
#include <lwp/perturbation.def>
#undef PERTURBATION
};
const struct words words_perturbation = WORDS(
    "a perturbation", perturbation_names);

static const char *const field_names[SIM_FIELD_COUNT] = {
	[SIM_FIELD_memory] = "memory",
#define SIM_FIELD(structure, field) [SIM_FIELD_##field] = #field,
#include "../../core/arch/sim/sim_field.def"
#undef SIM_FIELD
};
const struct words words_field = WORDS("a field", field_names);

static const char *const grain_names[] = { "sync", "memory" };
const struct words words_grain = WORDS("a grain", grain_names);

static const char *const runq_names[] = { "global", "percpu" };
const struct words words_runq = WORDS("a kind of run queue", runq_names);

/*
 * Sources and contexts.
 */

static const struct span source_spans[] = {
	{ "cpu", SIM_SRC_CPU(0), SIM_CPUS },
	{ "clock", SIM_SRC_CLOCK(0), SIM_CPUS },
	{ "soft", SIM_SRC_SOFT(0), SIM_CPUS },
	{ "time", SIM_SRC_TIME, 1 },
	{ "rcu", SIM_SRC_RCU, 1 },
};
const struct spans spans_source = { "a source", source_spans,
	NITEMS(source_spans) };

#define ROW_OF_AGENT(source) (ROW_AGENT + (source)-SIM_CPUS)

static const struct span context_spans[] = {
	{ "lwp", ROW_LWP, PROG_BODIES + 1 },
	{ "idle", ROW_IDLE, SIM_CPUS },
	{ "clock", ROW_OF_AGENT(SIM_SRC_CLOCK(0)), SIM_CPUS },
	{ "soft", ROW_OF_AGENT(SIM_SRC_SOFT(0)), SIM_CPUS },
	{ "time", ROW_OF_AGENT(SIM_SRC_TIME), 1 },
	{ "rcu", ROW_OF_AGENT(SIM_SRC_RCU), 1 },
};
const struct spans spans_context = { "a context", context_spans,
	NITEMS(context_spans) };

const struct span span_role[SIM_ROLE_COUNT] = {
	[SIM_ROLE_lwp] = { "lwp", 0, PROG_BODIES + 1 },
	[SIM_ROLE_idle] = { "idle", 0, SIM_CPUS },
	[SIM_ROLE_intr] = { "intr", 0, SIM_CPUS },
};

/*
 * Arguments.
 */

static const char *const crflag_names[] = { "detached", "suspended",
	"noentry" };
static const char *const intr_names[] = { "intr" };
static const char *const how_names[] = { "setlock", "unlock_to", "relock" };
static const char *const dtor_names[] = { "none", "plain", "again", "delete",
	"sleep" };
static const struct words words_crflag = WORDS("a flag", crflag_names);
static const struct words words_intr = WORDS("a flag", intr_names);
static const struct words words_how = WORDS("a way", how_names);
static const struct words words_dtor = WORDS("a destructor", dtor_names);

/* The signals of programs: few of each sort, so that those of different LWPs
 * meet.  The last two are no signals. */
#define SIGNALS(X)                                                             \
	X(USR1, KSIG_USR1)                                                     \
	X(USR2, KSIG_USR2)                                                     \
	X(TERM, KSIG_TERM)                                                     \
	X(KILL, KSIG_KILL)                                                     \
	X(STOP, KSIG_STOP)                                                     \
	X(TSTP, KSIG_TSTP)                                                     \
	X(CONT, KSIG_CONT)                                                     \
	X(QUIT, KSIG_QUIT)                                                     \
	X(CHLD, KSIG_CHLD)                                                     \
	X(none, 0)                                                             \
	X(bad, KNSIG)

static const char *const sig_names[] = {
#define SIGNAME(name, number) #name,
	SIGNALS(SIGNAME)
#undef SIGNAME
};
static const char *const sigall_names[] = { "all",
#define SIGNAME(name, number) #name,
	SIGNALS(SIGNAME)
#undef SIGNAME
};
static const uint8_t sig_numbers[] = {
#define SIGNUMBER(name, number) number,
	SIGNALS(SIGNUMBER)
#undef SIGNUMBER
};
static const struct words words_sig = WORDS("a signal", sig_names);
static const struct words words_sigall = WORDS("a signal", sigall_names);

static const char *const act_names[] = { "default", "ignore", "handler",
	"restart" };
static const char *const mhow_names[] = { "block", "unblock", "set", "bad" };
static const char *const stopped_names[] = { "stopped" };
static const char *const woption_names[] = { "nohang", "untraced" };
static const struct words words_act = WORDS("an action", act_names);
static const struct words words_mhow = WORDS("a way", mhow_names);
static const struct words words_stopped = WORDS("a flag", stopped_names);
static const struct words words_woption = WORDS("an option", woption_names);
_Static_assert(NITEMS(act_names) == SIGACT_COUNT, "enum sigact");

int
prog_signal(unsigned arg)
{
	return sig_numbers[arg % NITEMS(sig_numbers)];
}

const struct arg_row arg_table[ARG_KIND_COUNT] = {
	[ARG_none] = { .ar_what = "nothing" },
	[ARG_lwp] = { "a body", 1, PROG_BODIES, NULL, NULL, NULL, NULL },
	[ARG_lwpany] = { "a body", 0, PROG_BODIES, "any", NULL, NULL, NULL },
	[ARG_ticks] = { "ticks", 0, 255, "forever", NULL, NULL, NULL },
	[ARG_number] = { "a number", 0, 255, NULL, NULL, NULL, NULL },
	[ARG_channel] = { "a channel", 0, 3, NULL, NULL, NULL, NULL },
	[ARG_crflags] = { "flags", 0, 7, NULL, NULL, NULL, &words_crflag },
	[ARG_intr] = { "a flag", 0, 1, NULL, NULL, NULL, &words_intr },
	[ARG_box] = { "a box", 0, 7, NULL, NULL, NULL, NULL },
	[ARG_lend] = { "a lent mutex", 0, 7, NULL, NULL, NULL, NULL },
	[ARG_how] = { "a way", 0, 2, NULL, NULL, &words_how, NULL },
	[ARG_pri] = { "a priority", 49, 127, NULL, NULL, NULL, NULL },
	[ARG_unpark] = { "a body", 0, PROG_BODIES, NULL, "unpark", NULL, NULL },
	[ARG_sig] = { "a signal", 0, NITEMS(sig_names) - 1, NULL, NULL,
	    &words_sig, NULL },
	[ARG_sigall] = { "a signal", 0, NITEMS(sigall_names) - 1, NULL, NULL,
	    &words_sigall, NULL },
	[ARG_act] = { "an action", 0, 3, NULL, NULL, &words_act, NULL },
	[ARG_mhow] = { "a way", 0, 3, NULL, NULL, &words_mhow, NULL },
	[ARG_stopped] = { "a flag", 0, 1, NULL, NULL, NULL, &words_stopped },
	[ARG_woptions] = { "options", 0, 3, NULL, NULL, NULL, &words_woption },
	[ARG_key] = { "a key", 0, PROG_KEYS - 1, NULL, NULL, NULL, NULL },
	[ARG_dtor] = { "a destructor", 0, 4, NULL, NULL, &words_dtor, NULL },
	[ARG_section] = { "a section", 0, 7, NULL, NULL, NULL, NULL },
};

/*
 * Groups.
 */

static bool op_left_out[OP_COUNT];

/*
 * group_listed:
 *
 *	Is the name one of a comma-separated list?
 */
static bool
group_listed(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *s;

	for (s = list; s != NULL; s = strchr(s, ',')) {
		s += *s == ',';
		if (strncmp(s, name, len) == 0 &&
		    (s[len] == ',' || s[len] == '\0'))
			return true;
	}
	return false;
}

/*
 * prog_set_groups:
 *
 *	From now on generators and mutators draw only from these groups.  A
 *	list that leaves nothing to draw stands for all.
 */
void
prog_set_groups(const char *list)
{
	unsigned code, left = 0;

	for (code = 0; code < OP_COUNT; code++) {
		op_left_out[code] = list != NULL &&
		    !group_listed(list, op_table[code].or_group);
		left += !op_left_out[code];
	}
	if (left == 0)
		memset(op_left_out, 0, sizeof(op_left_out));
}

bool
op_in_groups(unsigned code)
{
	return !op_left_out[code];
}
