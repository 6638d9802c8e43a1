#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# races.sh WHAT FOLDER: what must hold where ThreadSanitizer judges the core,
# with the simulators and targets of that build.
#
#	again	a race is found at the same step, whatever ran before in the
#		process, and its report tells both sides
#	engine	the shipped core under libFuzzer: nothing; a patched one: each
#		signature is written once, as a program that replays it
#	flat	FLAT_RUNS runs (5000) take as much memory as a few

what=$1 bin=$2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

fail() {
	echo "races: $*"
	failed=1
}

again() {
	file=corpus/regress/0232-pointer-without-release.lwp
	sim=$bin/seeded/lwpsim_L1
	"$sim" hash "$file" corpus/seeds/signal "$file" corpus/regress "$file" |
		grep "$file" >"$tmp/hashes"
	[ "$(wc -l <"$tmp/hashes")" -eq 4 ] || fail "not four hashes"
	[ "$(sort -u "$tmp/hashes" | wc -l)" -eq 1 ] ||
		fail "a race was found at another step"
	"$sim" show "$file" >"$tmp/report"
	for line in '^verdict: race: sleepq_remove, unstop_one$' \
		'^read of 8 bytes by lwp 1 on cpu 1, after step [0-9]*, in byte' \
		'^    unstop_one$' '^write of 8 bytes by idle 0, earlier' \
		'^    sleepq_remove$'; do
		grep -q "$line" "$tmp/report" || fail "no line $line in the report"
	done
	# With debug information a frame has its place.
	"$bin/lwpsim" show corpus/regress/0230-*.lwp >"$tmp/report"
	grep -q '^verdict: pass$' "$tmp/report" || fail "no pass"
}

seeds() {
	mkdir "$tmp/seeds" "$tmp/findings"
	for f in corpus/seeds/lifecycle/*.lwp; do
		"$bin/lwpsim" conv --to bytes \
			-o "$tmp/seeds/$(basename "$f" .lwp)" "$f"
	done
}

# engine_run TARGET RUNS
engine_run() {
	LWP_FINDINGS=$tmp/findings "$1" -runs="$2" -seed=1 -max_len=16384 \
		-artifact_prefix="$tmp/" \
		"$tmp/seeds" >"$tmp/log" 2>&1 ||
		{ tail -n 20 "$tmp/log"; fail "$1 failed"; }
}

engine() {
	seeds
	engine_run "$bin/fuzz_lifecycle" 3000
	[ -z "$(ls "$tmp/findings")" ] || {
		cat "$tmp"/findings/*
		fail "a finding in the shipped core"
	}
	engine_run "$bin/seeded/fuzz_lifecycle_F2" 500
	[ "$(ls "$tmp/findings" | wc -l)" -eq 1 ] ||
		fail "not one finding: $(ls "$tmp/findings")"
	for f in "$tmp"/findings/*.lwp; do
		"$bin/seeded/lwpsim_F2" replay \
			--expect 'race: lwp_free, mi_switch' "$f" || failed=1
	done
}

# peak RUNS: of memory, in MB, while one program runs so often.
peak() {
	"$bin/fuzz_fixed" -runs="$1" -print_final_stats=1 \
		-artifact_prefix="$tmp/" "$tmp/seed" 2>&1 |
		sed -n 's/^stat::peak_rss_mb: *//p'
}

# Every run abandons its idle contexts, lwp0 and init; this one a parked LWP too.
flat() {
	cat >"$tmp/seed.lwp" <<-'END'
		lwp-program 1
		machine cpus 3 runq global
		lwp 1:
		  create 2
		  create 3
		  park forever
		lwp 2:
		  sleep 0 forever
		lwp 3:
		  park forever
		schedule random seed 0x1
	END
	mkdir "$tmp/seed"
	"$bin/lwpsim" conv --to bytes -o "$tmp/seed/seed" "$tmp/seed.lwp"
	few=$(peak 500)
	many=$(peak "${FLAT_RUNS:-5000}")
	echo "races: peak after 500 runs $few MB, after ${FLAT_RUNS:-5000} $many MB"
	[ "${few:-0}" -gt 0 ] && [ "${many:-0}" -gt 0 ] || fail "no figures"
	[ "${many:-0}" -le $((few + 4)) ] || fail "memory grows"
}

case $what in
again | engine | flat) "$what" ;;
*) fail "what is $what?" ;;
esac
exit $failed
