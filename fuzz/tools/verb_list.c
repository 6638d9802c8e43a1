/* SPDX-License-Identifier: BSD-2-Clause */

/* lwpsim list: the tables, as the program itself knows them. */

#include <string.h>

#include <lwp/syscall.h>

#include "lwpsim.h"

static int opt_json;

static const struct poptOption options[] = {
	{ "json", 0, POPT_ARG_NONE, &opt_json, 0, "print JSON", NULL },
	POPT_AUTOHELP POPT_TABLEEND
};

struct row {
	const char *name, *what;
};

static const struct row probe_rows[] = {
#undef PROBE
#define PROBE(name, what) { #name, what },
#include <lwp/probe.def>
#undef PROBE
};
static const struct row strategy_rows[] = {
#define STRATEGY(name, what) { #name, what },
#include "../strategy/strategy.def"
#undef STRATEGY
};
static const struct row spin_rows[] = {
#define SPIN(name, fair, what) { #name, what },
#include <lwp/spin.def>
#undef SPIN
};
static const struct row protocol_rows[] = {
#define PROTOCOL(name, what) { #name, what },
#include <lwp/protocol.def>
#undef PROTOCOL
};
static const struct row oracle_rows[] = {
#define ORACLE(name, what) { #name, what },
#include "../oracle/oracle.def"
#undef ORACLE
};
static const struct row call_rows[] = {
#define SYSCALL(name, what) { #name, what },
#include <lwp/syscall.def>
#undef SYSCALL
};
static const struct row function_rows[] = {
#define FUNCTION(name, kind, what) { #name, #kind ": " what },
#include <lwp/function.def>
#undef FUNCTION
};
static const struct row perturbation_rows[] = {
#define PERTURBATION(name, what) { #name, what },
#include <lwp/perturbation.def>
#undef PERTURBATION
};
static const struct row event_rows[] = {
#define EVENT_ROW(name, what) { #name, what },
#undef EVENT
#define EVENT EVENT_ROW
#include <lwp/event.def>
#undef EVENT
};
static const struct row cell_rows[] = {
#define LOCKCLASS(name, kind, rank, nests, what) { #name, "lock: " what },
#include <lwp/lockclass.def>
#undef LOCKCLASS
#define CELL(name, what) { #name, "cell: " what },
#include <lwp/cell.def>
#undef CELL
};
static const struct row difference_rows[] = {
#define DIFFERENCE(id, function, what) { #id, function ": " what },
#include <lwp/difference.def>
#undef DIFFERENCE
};
static const struct row state_rows[] = {
	{ "LSIDL", "1: being made, never ran" },
	{ "LSRUN", "2: on a run queue" },
	{ "LSSLEEP", "3: on a sleep queue, or about to leave its CPU" },
	{ "LSSTOP", "4: stopped with its process" },
	{ "LSZOMB", "5: gone, to be collected" },
	{ "LSDEAD", "6: not used; any use of it panics" },
	{ "LSONPROC", "7: on a CPU" },
	{ "LSSUSPENDED", "8: held until somebody continues it" },
};
static const struct row transition_rows[] = {
#define TRANSITION(from, to, by, psmutex) { #from " -> " #to, by },
#include <lwp/transition.def>
#undef TRANSITION
};

/* What is planted in fuzz/seeded, from the heads of the patches. */
static const struct defect {
	const char *id, *class, *oracle, *regress, *verdict, *wrong;
} defects[] = {
#define DEFECT(id, class, oracle, regress, verdict, wrong)                     \
	{ id, class, oracle, regress, verdict, wrong },
#include "defect.def"
#undef DEFECT
};

#define NDEFECTS (sizeof(defects) / sizeof(defects[0]))

static struct row op_rows[OP_COUNT];

static const struct table {
	const char *name;
	const struct row *rows;
	size_t count;
} tables[] = {
#define TABLE(name)                                                            \
	{                                                                      \
#name "s", name##_rows,                                        \
		    sizeof(name##_rows) / sizeof(name##_rows[0])               \
	}
	TABLE(op),
	TABLE(state),
	TABLE(transition),
	TABLE(probe),
	{ "strategies", strategy_rows,
	    sizeof(strategy_rows) / sizeof(strategy_rows[0]) },
	TABLE(oracle),
	TABLE(difference),
	TABLE(cell),
	TABLE(call),
	TABLE(function),
	TABLE(perturbation),
	TABLE(event),
	TABLE(spin),
	TABLE(protocol),
};

#define NTABLES (sizeof(tables) / sizeof(tables[0]))

/*
 * list_ops:
 *
 *	An operation's row, with what it takes.
 */
static void
list_ops(void)
{
	static const char *const kinds[ARG_KIND_COUNT] = {
		[ARG_lwp] = "LWP",
		[ARG_lwpany] = "LWP|any",
		[ARG_ticks] = "TICKS|forever",
		[ARG_number] = "N",
		[ARG_channel] = "CHANNEL",
		[ARG_crflags] = "[detached] [suspended] [noentry]",
		[ARG_intr] = "[intr]",
		[ARG_box] = "BOX",
		[ARG_lend] = "MUTEX",
		[ARG_how] = "setlock|unlock_to|relock",
		[ARG_pri] = "PRIORITY",
		[ARG_unpark] = "[unpark LWP]",
		[ARG_key] = "KEY",
		[ARG_dtor] = "none|plain|again|delete|sleep",
		[ARG_sig] = "SIGNAL",
		[ARG_sigall] = "SIGNAL|all",
		[ARG_act] = "default|ignore|handler|restart",
		[ARG_mhow] = "block|unblock|set|bad",
		[ARG_stopped] = "[stopped]",
		[ARG_woptions] = "[nohang] [untraced]",
		[ARG_section] = "SECTION",
	};
	static char text[OP_COUNT][192];
	unsigned n, a;

	for (n = 0; n < OP_COUNT; n++) {
		size_t len = 0;

		for (a = 0; a < PROG_OPARGS; a++) {
			const char *k = kinds[op_table[n].or_arg[a]];

			if (k != NULL)
				len += (size_t)snprintf(text[n] + len,
				    sizeof(text[n]) - len, "%s ", k);
		}
		(void)snprintf(text[n] + len, sizeof(text[n]) - len, "(%s) %s",
		    op_table[n].or_group, op_table[n].or_what);
		op_rows[n] = (struct row) { op_table[n].or_name, text[n] };
	}
}

static const char state_picture[] =
    "\n"
    "                         create\n"
    "                           |\n"
    "                          IDL ----------> STOP, SUSPENDED\n"
    "                           |\n"
    "     SUSPENDED ---------> RUN <---------- STOP <---.\n"
    "         ^                | ^              | |     |\n"
    "         |                v |              | v     |\n"
    "         '------------- ONPROC <------> SLEEP -----'\n"
    "                           |\n"
    "                         ZOMB ----> freed, or IDL as another LWP\n";

static int
list_print(const struct table *t)
{
	json_t *array = json_array();
	size_t n;

	for (n = 0; n < t->count; n++) {
		if (opt_json)
			(void)json_array_append_new(array,
			    json_pack("{s:s,s:s}", "name", t->rows[n].name,
				"what", t->rows[n].what));
		else
			(void)printf(
			    "%-22s %s\n", t->rows[n].name, t->rows[n].what);
	}
	if (opt_json)
		lwpsim_json(array);
	else {
		json_decref(array);
		if (t->rows == transition_rows)
			(void)fputs(state_picture, stdout);
	}
	return EXIT_PASS;
}

static int
list_defects(void)
{
	const struct defect *d;
	json_t *array = json_array();

	for (d = defects; d < defects + NDEFECTS; d++) {
		if (opt_json)
			(void)json_array_append_new(array,
			    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "id", d->id,
				"class", d->class, "oracle", d->oracle,
				"regress", d->regress, "verdict", d->verdict,
				"wrong", d->wrong));
		else
			(void)printf("%-5s %-6s %-11s %s\n      %s\n      %s\n",
			    d->id, d->class, d->oracle, d->regress, d->verdict,
			    d->wrong);
	}
	if (opt_json)
		lwpsim_json(array);
	else
		json_decref(array);
	return EXIT_PASS;
}

int
verb_list(int argc, const char **argv)
{
	poptContext pc;
	const char *what;
	size_t n;

	pc = lwpsim_options("list", argc, argv, options);
	if (pc == NULL)
		return EXIT_TROUBLE;
	what = poptGetArg(pc);
	if (!lwpsim_no_more("list", pc))
		return EXIT_TROUBLE;
	if (what != NULL && strcmp(what, "defects") == 0)
		return list_defects();
	list_ops();
	for (n = 0; what != NULL && n < NTABLES; n++) {
		if (strcmp(tables[n].name, what) == 0)
			return list_print(&tables[n]);
	}
	(void)fprintf(stderr, "lwpsim: list: %s%s%sone of:",
	    what != NULL ? "unknown table \"" : "", what != NULL ? what : "",
	    what != NULL ? "\"; " : "");
	for (n = 0; n < NTABLES; n++)
		(void)fprintf(stderr, " %s", tables[n].name);
	(void)fputs(" defects\n", stderr);
	return EXIT_TROUBLE;
}
