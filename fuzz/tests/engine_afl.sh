#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The fuzz targets under AFL++: engine_afl.sh FOLDER.  Each runs its seeds and
# a few thousand inputs and finds nothing; on a core with a planted defect the
# defect must be found, written and replay; the canary must be saved as a
# crash.  The numbers of executions are bounds, the seed is fixed.

top=$PWD bin=$1
. ./fuzz/targets/engine_afl.sh
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

# inputs FILE...: bytes of programs; texts as they are.
inputs() {
	rm -rf "$tmp/in"
	mkdir -p "$tmp/in"
	for f in "$@"; do
		case $f in
		*/text/*) cp "$f" "$tmp/in/" ;;
		*) "$bin/lwpsim" conv --to bytes -o \
			"$tmp/in/$(basename "$f" .lwp)" "$f" ;;
		esac
	done
}

# engine TARGET EXECUTABLE EXECUTIONS: findings and crashes below $tmp.
engine() {
	rm -rf "$tmp/out" "$tmp/findings"
	mkdir "$tmp/findings"
	(
		afl_environment "$1"
		LWP_FINDINGS=$tmp/findings LWP_STATS=$tmp/stats \
			exec afl-fuzz -i "$tmp/in" -o "$tmp/out" -s 1 \
			-E "$3" -t 25000 -G 16384 -- "$2" >"$tmp/log" 2>&1
	)
}

# wrong TEXT: say it, with the end of the engine's log.
wrong() {
	echo "engine: AFL++: $1"
	tail -n 15 "$tmp/log"
	failed=1
}

for target in $(ls corpus/seeds); do
	inputs corpus/seeds/"$target"/*.lwp
	engine "$target" "$bin/fuzz_$target" 20000 ||
		wrong "fuzz_$target failed"
	found=$(find "$tmp/findings" "$tmp"/out/default/crashes -type f)
	if [ -n "$found" ]; then
		wrong "fuzz_$target found something"
		# shellcheck disable=SC2086
		cat -v $found
	fi
done

inputs corpus/seeds/lifecycle/*.lwp
engine lifecycle "$bin/seeded/fuzz_lifecycle_W2" 100000
found=$(ls "$tmp"/findings/*EDEADLK-instead-of-sleep.lwp 2>/dev/null)
if [ -z "$found" ]; then
	wrong "planted defect W2 not found in 100000 executions"
elif ! "$bin/seeded/lwpsim_W2" replay --expect "wait: EDEADLK instead of sleep" \
	"$found" >"$tmp/log"; then
	wrong "the finding does not replay"
fi

inputs corpus/seeds/lifecycle/self.lwp corpus/seeds/lifecycle/create-wait.lwp
engine canary "$bin/fuzz_canary" 100000
[ -n "$(ls "$tmp"/out/default/crashes)" ] || wrong "the canary lives"
exit $failed
