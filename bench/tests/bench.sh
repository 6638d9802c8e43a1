#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bench.sh LWPBENCH: what a user sees: refusals in one line with exit code 2,
# a short run and what is made of its records, an interrupted one, and a host
# of 256 processors that is not there.  No time is judged.

bench=$1
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

fail() {
	echo "bench.sh: $*"
	failed=1
}

# refuses TEXT ARGUMENT...: one line on stderr, with this text, and exit code 2.
refuses() {
	text=$1
	shift
	"$bench" "$@" >"$tmp/out" 2>"$tmp/err"
	[ $? -eq 2 ] || fail "$*: the exit code is not 2"
	[ "$(wc -l <"$tmp/err")" -eq 1 ] || fail "$*: not one line of refusal"
	grep -qF -- "$text" "$tmp/err" || fail "$*: does not say \"$text\""
}

refuses 'unknown option' --fly
refuses 'no benchmark "fly"' fly
refuses '--time' --time 0
refuses 'nonsense' --time nonsense
refuses '--threads' --threads 0
refuses '--threads' --threads 1,x
refuses '--pin' --pin sideways
refuses '--pin' --pin 0-99999
refuses '--pin' --pin l3:99999
refuses '--pin' --pin l3:x
refuses 'twice' --pin 0,0
refuses '--time' --time nan
refuses '--threads' --threads 4294967297
refuses 'No such file' --json "$tmp/no/such/folder" --time 0.1 rcu
refuses 'usage' compare "$tmp/one"
refuses 'No such file' compare "$tmp/one" "$tmp/two"
refuses '--margin' compare --margin -1 a b
refuses 'unknown option' compare --fly a b
refuses 'usage' plot
refuses 'No such file' plot "$tmp/one"
refuses 'usage' gate
refuses 'usage' fit
echo '{"type":"run"' >"$tmp/bad.json"
refuses 'bad.json:1' gate "$tmp/bad.json"
refuses 'bad.json:1' plot "$tmp/bad.json"
refuses 'bad.json:1' compare "$tmp/bad.json" "$tmp/bad.json"

# A short run of everything that is quick, and what is made of it.
"$bench" --time 2 lifecycle lock rcu --json "$tmp/a.json" >"$tmp/out" \
	2>"$tmp/err" || fail "a short run: $(tail -n 1 "$tmp/err")"
for what in 'op=create' 'uncontended=1' 'liburcu qsbr' 'again'; do
	grep -q "$what" "$tmp/out" || fail "the table has no $what"
done
[ "$(head -c 14 "$tmp/a.json")" = '{"type":"run",' ] || fail "no run record"
[ "$(tail -n 1 "$tmp/a.json" | head -c 13)" = '{"type":"end"' ] ||
	fail "no end record"
grep -q topology_xml "$tmp/a.json" || fail "no topology"
"$bench" compare "$tmp/a.json" "$tmp/a.json" >"$tmp/out" 2>"$tmp/err" ||
	fail "a run beside itself: $(cat "$tmp/err")"
grep -q ' 0 worse\|0 worse' "$tmp/out" || fail "a run is worse than itself"
"$bench" report "$tmp/a.json" | grep -q 'liburcu qsbr' || fail "no report"
"$bench" gate "$tmp/a.json" >"$tmp/out" 2>"$tmp/err"
[ $? -le 1 ] || fail "gate: $(cat "$tmp/err")"
"$bench" plot "$tmp/a.json" -o "$tmp/plots" >"$tmp/out" 2>"$tmp/err" ||
	fail "plot: $(cat "$tmp/err")"
for svg in "$tmp"/plots/*.svg; do
	head -n 3 "$svg" | grep -q '<svg' && tail -n 2 "$svg" |
		grep -q '</svg>' || fail "$svg is no SVG"
	! command -v xmllint >/dev/null || xmllint --noout "$svg" ||
		fail "$svg is not well formed"
done
grep -q '</html>' "$tmp/plots/report.html" || fail "no page"
grep -qi 'src=\|href=.http' "$tmp/plots/report.html" &&
	fail "the page needs other files"

# One case again.
"$bench" --time 0.5 --case 'place=alone threads=1' lock >"$tmp/out" \
	2>"$tmp/err" || fail "one case: $(tail -n 1 "$tmp/err")"
[ "$(grep -c '^lock' "$tmp/out")" -eq 1 ] || fail "--case: not one case"
"$bench" --time 0.5 --case fly=1 rcu >"$tmp/out" 2>"$tmp/err"
[ $? -eq 2 ] || fail "--case of nothing: the exit code is not 2"
grep -q 'no case has all of "fly=1"' "$tmp/err" || fail "--case of nothing"

# Records of somebody else are no program, and no gnuplot is no crash.
sed 's/"retry\/mcs"/"x`touch '"$(echo "$tmp" | sed 's/\//\\\//g')"'\/ran`\\"'"'"'"/g' \
	"$tmp/a.json" >"$tmp/foreign.json"
grep -q 'touch' "$tmp/foreign.json" || fail "no foreign name to plot"
"$bench" plot "$tmp/foreign.json" -o "$tmp/with blanks" >"$tmp/out" \
	2>"$tmp/err" || fail "plot, foreign name: $(cat "$tmp/err")"
[ ! -e "$tmp/ran" ] || fail "plot runs what a name says"
PATH=/nonexistent "$bench" plot "$tmp/a.json" -o "$tmp/plots3" >"$tmp/out" \
	2>"$tmp/err"
[ $? -eq 2 ] || fail "without gnuplot the exit code is not 2"

# Interrupted, it keeps what it has.
"$bench" --time 60 rcu --json "$tmp/i.json" >"$tmp/out" 2>"$tmp/err" &
pid=$!
n=0
until grep -qs '"type":"sample"' "$tmp/i.json" || [ $n -eq 300 ]; do
	sleep 0.1
	n=$((n + 1))
done
kill -INT $pid
wait $pid
[ $? -eq 130 ] || fail "interrupted: the exit code is not 130"
tail -n 1 "$tmp/i.json" | grep -q '"interrupted":true' ||
	fail "interrupted: the records do not say so"
grep -q 'liburcu' "$tmp/out" || fail "interrupted: no table"

# A process that was bound stays there, and a list of one processor is not
# enough for two threads, whatever else the host has.
if command -v taskset >/dev/null; then
	cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
	taskset -c "$cpu" "$bench" --time 1 --threads 1,2 rcu \
		--json "$tmp/t.json" >"$tmp/out" 2>"$tmp/err" ||
		fail "bound to a processor: $(tail -n 1 "$tmp/err")"
	grep -q ' 1 processor,' "$tmp/err" || fail "bound: uses others too"
	"$bench" --pin "$cpu" --threads 2 --time 1 lock >"$tmp/out" \
		2>"$tmp/err" || fail "--pin $cpu: $(tail -n 1 "$tmp/err")"
	grep -q 'over-subscribed' "$tmp/err" ||
		fail "--pin $cpu: two threads on one processor, no warning"
	grep -q 'threads=2.*over-subscribed' "$tmp/out" ||
		fail "--pin $cpu: the table does not say so"
fi

# A host that is not there.
HWLOC_SYNTHETIC='package:4 numa:1 l3:2 core:16 pu:2'
export HWLOC_SYNTHETIC
for pin in compact scatter l3:7 0-7,128; do
	"$bench" --pin "$pin" --time 1 --threads 1,2,4 lock rcu lifecycle \
		--json "$tmp/s.json" >"$tmp/out" 2>"$tmp/err" ||
		fail "synthetic, --pin $pin: $(tail -n 1 "$tmp/err")"
done
grep -q '256 processors (synthetic)\|9 processors (synthetic)' "$tmp/err" ||
	fail "synthetic: not noticed"
# A lock for each L3 where there are more threads than those.
"$bench" --full --time 1 --pin scatter --threads 16 \
	--case 'lwps=64 mutexes=8' lock >"$tmp/out" 2>/dev/null
grep -q '^lock threads=16 lwps=64 mutexes=8 ' "$tmp/out" ||
	fail "synthetic: no mutex for each L3"
grep -q 'over-subscribed' "$tmp/err" || [ "$(nproc)" -ge 4 ] ||
	fail "synthetic: no warning of over-subscription"
"$bench" --calibrate --pin scatter --json "$tmp/c.json" >"$tmp/out" \
	2>"$tmp/err" || fail "synthetic: --calibrate"
"$bench" plot "$tmp/s.json" -o "$tmp/plots2" >"$tmp/out" 2>"$tmp/err" ||
	fail "synthetic: plot: $(cat "$tmp/err")"

[ $failed -eq 0 ] && echo "bench.sh: all as it should be"
exit $failed
