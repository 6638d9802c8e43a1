#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# lwpsim explore, from outside: explore.sh LWPSIM LWPSIM-WITH-U1.

sim=$1 broken=$2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

# wants EXIT WORD COMMAND...: this exit code, and the word in what it prints.
wants() {
	code=$1 word=$2
	shift 2
	"$@" >"$tmp/out" 2>&1
	rc=$?
	if [ $rc -ne "$code" ] || ! grep -qF -- "$word" "$tmp/out"; then
		echo "$*: exit $rc, wanted $code and: $word"
		cat "$tmp/out"
		failed=1
	fi
}

self=corpus/seeds/lifecycle/self.lwp
lost=corpus/regress/0001-lost-continue.lwp
wants 0 'that is all' "$sim" explore --bound 0 "$self"
wants 0 '50 runs, ' "$sim" explore --max-runs 50 "$self"
wants 0 'about 0 % of all' "$sim" explore --max-runs 50 "$self"
wants 0 '"complete": true' "$sim" explore --bound 0 --json "$self"
# Rare events are choices too.
wants 0 'that is all' "$sim" explore --bound 1 corpus/seeds/signal/signal-details-run-out.lwp

# A seeded defect: within one preemption, and the file that is kept replays.
wants 1 'progress: lost continue' "$broken" explore --bound 1 \
	--max-runs 30000 --save "$tmp/found" "$lost"
wants 1 'progress: lost continue' "$broken" replay "$tmp/found"

# Interrupted it says how far it came.
"$sim" explore "$lost" >"$tmp/out" 2>&1 &
pid=$!
sleep 1
kill -INT $pid
wait $pid
rc=$?
if [ $rc -ne 0 ] || ! grep -q 'of all$' "$tmp/out" ||
	! grep -q '(interrupted)' "$tmp/out"; then
	echo "an interrupted explore: exit $rc"
	cat "$tmp/out"
	failed=1
fi

# Locks by themselves.
wants 0 'pass' "$sim" lock --spin mcs --cpus 3 --sections 1
wants 0 '"complete": true' "$sim" lock --json --spin ticket --protocol queue
wants 2 'no spin "fly"' "$sim" lock --spin fly
wants 2 'no protocol "fly"' "$sim" lock --protocol fly
exit $failed
