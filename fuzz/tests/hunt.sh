#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A hunt finds a seeded defect, the same way from the same start seed, says what
# it did not find, and an interrupt leaves what it has; all patches are listed;
# hunt.sh LWPSIM LWPSIM_K4, in the root of the tree.

sim=$1
patched=$2
seeds=corpus/regress/0089-orphan-not-announced.lwp
verdict='process: an orphan was not collected'
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

# wrong WHAT: with the last output.
wrong() {
	echo "$1"
	cat "$tmp/out"
	failed=1
}

# hunts EXIT ARGUMENTS...: on the patched core.
hunts() {
	want=$1
	shift
	"$patched" hunt "$@" $seeds >"$tmp/out" 2>&1
	rc=$?
	[ $rc -eq "$want" ] || wrong "hunt $*: exit $rc, wanted $want"
}

hunts 1 --strategy bytes --repeats 3 --budget 50 --verdict "$verdict"
grep -q '^bytes  *3/3 ' "$tmp/out" || wrong 'not found in each search'
hunts 0 --repeats 2 --budget 20 --verdict 'panic: none such'
grep -q '^random  *0/2  *-  *10\.8  *- ' "$tmp/out" ||
	wrong 'not bounded from below by 40 executions in vain'
hunts 1 --repeats 4 --budget 50 --seed 7 --json
grep '"executions"\|"found"' "$tmp/out" >"$tmp/first"
hunts 1 --repeats 4 --budget 50 --seed 7 --json
grep '"executions"\|"found"' "$tmp/out" | cmp -s - "$tmp/first" ||
	wrong 'another hunt from the same start seed'
[ -s "$tmp/first" ] || wrong 'no searches in the JSON'

"$sim" hunt --repeats 1 --budget 1000000000 $seeds >"$tmp/out" 2>&1 &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
rc=$?
[ $rc -eq 0 ] && grep -q '^interrupted$' "$tmp/out" &&
	grep -q '^bytes  *0/1 ' "$tmp/out" ||
	wrong "interrupted: exit $rc"

"$sim" list defects >"$tmp/out"
for patch in fuzz/seeded/*.patch; do
	id=$(sed -n 's/^# id: //p' "$patch")
	grep -q "^$id  *[A-Z]" "$tmp/out" || wrong "$id is not listed"
done
exit $failed
