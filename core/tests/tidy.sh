#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# House rules, as a test: tidy.sh SOURCE BUILD.  Each rule says what to do
# about a breach.  Before the tree is looked at, every rule is shown a planted
# breach and must complain.

src=$1 build=$2
bad=0

# complain LIST ADVICE: a breach for each line of the list.
complain() {
	[ -z "$1" ] && return 0
	printf '%s\n' "$1" | sed "s|\$|: $2|"
	bad=1
}

# Rules take a folder that looks like the tree.

rule_kern_includes() {
	complain "$(grep -HnE '^#include' "$1"/core/kern/*.[ch] "$1"/core/lock/*.[ch] 2>/dev/null |
		grep -vE '<(lwp/[a-z]+\.(h|def)|machine/atomic\.h|errno\.h|std(int|bool|def|arg)\.h|bsd/sys/(queue|tree)\.h)>|"(kern_lwp_impl|sysent|(spin|protocol)_[a-z]+)\.h"')" \
		"the core includes lwp/, machine/ and freestanding headers only"
}

rule_machine_headers() {
	complain "$(grep -rnE '^#include <machine/' "$1"/fuzz "$1"/stress \
		"$1"/bench)" \
		"only core/kern, core/lock and the machine see <machine/...>"
}

rule_fast_paths() {
	complain "$(grep -rnE '^#include <lwp/fastlock' "$1"/core/kern "$1"/fuzz)" \
		"what also runs on the simulator calls out of line"
}

rule_no_clock() {
	complain "$(grep -nE '(^|[^a-z_])(time|clock_gettime|gettimeofday|rand|random|getenv|rdtsc)\(' \
		"$1"/core/kern/*.c "$1"/core/arch/sim/*.c \
		"$1"/fuzz/strategy/*.c "$1"/fuzz/oracle/*.c "$1"/fuzz/run/*.c \
		"$1"/fuzz/prog/*.c 2>/dev/null)" \
		"no clock, generator or environment may decide in a run"
}

rule_no_pointers() {
	complain "$(grep -rnE '"[^"]*%p' "$1"/core "$1"/fuzz "$1"/stress "$1"/bench --include='*.[ch]' |
		grep -v 'machine.h')" "print numbers of objects, not addresses"
}

rule_markers() {
	complain "$(grep -rnwE '(TO''DO|FIX''ME|XX''X|HA''CK)' "$1"/core "$1"/fuzz "$1"/stress "$1"/bench \
		--include='*.[ch]' --include='*.def')" \
		"finish it, or file an issue"
}

rule_width() {
	complain "$(for f in "$1"/core/*/*.[ch] "$1"/core/*/*/*.[ch] \
		"$1"/fuzz/*/*.[ch] "$1"/stress/*.[ch] "$1"/bench/*.[ch] \
		"$1"/bench/*/*.[ch]; do
		[ -f "$f" ] && expand "$f" |
			awk -v f="$f" 'length > 80 { print f ":" NR }'
	done)" "at most 80 columns"
}

rule_length() {
	complain "$(for f in "$1"/core/kern/*.c "$1"/core/lock/*.[ch] \
		"$1"/core/arch/*/*.c "$1"/fuzz/*/*.c "$1"/stress/*.c \
		"$1"/bench/*.c; do
		[ -f "$f" ] && awk -v f="$f" '
			/^{/ { start = NR }
			/^}/ && start { if (NR - start > 71)
				print f ":" start; start = 0 }' "$f"
	done)" "a function has at most 70 lines"
}

rule_catalogues() {
	complain "$(for f in "$1"/fuzz/strategy/strategy_*.c; do
		n=$(basename "$f" .c); n=${n#strategy_}
		grep -q "^STRATEGY($n," "$1/fuzz/strategy/strategy.def" || echo "$f"
	done; for f in "$1"/fuzz/oracle/oracle_*.c; do
		n=$(basename "$f" .c); n=${n#oracle_}
		grep -q "^ORACLE($n," "$1/fuzz/oracle/oracle.def" || echo "$f"
	done; for f in "$1"/stress/workload_*.c; do
		n=$(basename "$f" .c); n=${n#workload_}
		grep -q "^WORKLOAD($n," "$1/stress/workload.def" || echo "$f"
	done; for f in "$1"/bench/bench_*.c; do
		n=$(basename "$f" .c); n=${n#bench_}
		grep -q "^BENCH($n," "$1/bench/bench.def" || echo "$f"
	done; for f in "$1"/core/lock/spin_*.h; do
		n=$(basename "$f" .h); n=${n#spin_}
		[ "$n" = node ] || [ "$n" = all ] || [ "$n" = mutex ] ||
		[ "$n" = "*" ] ||
		grep -q "^SPIN($n," "$1/core/include/lwp/spin.def" || echo "$f"
	done; for f in "$1"/core/lock/protocol_*.h; do
		n=$(basename "$f" .h); n=${n#protocol_}
		[ "$n" = move ] || [ "$n" = "*" ] ||
		grep -q "^PROTOCOL($n," "$1/core/include/lwp/protocol.def" ||
			echo "$f"
	done)" "a file of a catalogue needs a row in its .def"
}

rule_bench_includes() {
	complain "$(grep -rnE '^#include' "$1"/bench --include='*.[ch]' |
		grep -E '(core|fuzz|stress|sim)/|<lwp/.*sim|"host_impl|"fiber')" \
		"bench sees the public headers of the core, and runs fuzz as a process"
}

rule_regress() {
	complain "$(for f in "$1"/corpus/regress/*.lwp; do
		[ -f "$f" ] || continue
		n=$(basename "$f")
		grep -q "^# regress: corpus/regress/$n\$" \
			"$1"/fuzz/seeded/*.patch || echo "$f"
	done)" "a regression file that no patch makes fail guards nothing"
}

rules='kern_includes machine_headers fast_paths no_clock no_pointers markers width length
catalogues bench_includes regress'

# Every rule must complain about this tree.
plant() {
	mkdir -p "$1/core/kern" "$1/core/arch/sim" "$1/fuzz/strategy" \
		"$1/fuzz/oracle" "$1/fuzz/run" "$1/fuzz/prog" \
		"$1/fuzz/seeded" "$1/corpus/regress" "$1/stress" "$1/bench"
	{
		echo '#include <stdio.h>'
		echo 'int f(void)'
		echo '{'
		yes ';' | head -80
		echo '}'
		printf '/* TO%s */ /* %090d */\n' DO 0
		echo 'int t = time(0); const char *s = "%p";'
	} >"$1/core/kern/bad.c"
	printf '#include <%s.h>\n' machine/atomic lwp/fastlock >"$1/fuzz/run/bad.c"
	echo '#include "../fuzz/run/run.h"' >"$1/bench/bench_none.c"
	touch "$1/bench/bench.def"
	touch "$1/stress/workload_none.c" "$1/stress/workload.def"
	touch "$1/fuzz/strategy/strategy_none.c" "$1/fuzz/strategy/strategy.def" \
		"$1/fuzz/oracle/oracle.def" "$1/fuzz/seeded/none.patch" \
		"$1/corpus/regress/0000-none.lwp"
}

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
plant "$tmp"
for rule in $rules; do
	bad=0
	"rule_$rule" "$tmp" >/dev/null
	if [ $bad -eq 0 ]; then
		echo "tidy: rule $rule does not notice a planted breach"
		exit 1
	fi
done

bad=0
for rule in $rules; do
	"rule_$rule" "$src"
done

# Nothing writable in the core but its root.
# writable FOLDER: objects of the core below it and their writable symbols.
writable() {
	find "$1" -path '*lwp_kern_sim*.dir*' -name '*.o' |
		while read -r o; do
			objdump -t "$o" | awk -v f="$(basename "$o")" '
				NF >= 5 && $(NF - 2) ~ /^(\.data|\.bss|\*COM\*)/ &&
				$(NF - 2) !~ /rel\.ro/ && $NF != "kernel" &&
				$(NF - 1) !~ /^0*$/ && $NF !~ /^(__|\.)/ {
					print f ": " $NF
				}'
		done
}
mkdir -p "$tmp/lwp_kern_sim.dir"
echo 'int hidden[2]; int *f(void); int *f(void) { static int n; return &n; }' |
	cc -x c -c -o "$tmp/lwp_kern_sim.dir/bad.o" -
if [ "$(writable "$tmp" | wc -l)" -ne 2 ]; then
	echo "tidy: the search for writable symbols does not notice a planted one"
	exit 1
fi
complain "$(writable "$build")" \
	"mutable state of the core hangs off struct kernel_root"

[ $bad -eq 0 ] && echo "tidy: all rules hold"
exit $bad
