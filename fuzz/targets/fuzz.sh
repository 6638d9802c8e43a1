# SPDX-License-Identifier: BSD-2-Clause
#
# ./lwp fuzz: build the targets, make bytes of the seeds, run each target for
# its share of the time with a progress line, and sum up.  Interrupting ends
# the target that runs; corpus and findings are files and stay.

# stat FILE KEY: a number of the totals that a target keeps.
stat() {
	sed -n 's/.*"'"$2"'": *\([0-9]*\).*/\1/p' "$1" 2>/dev/null
}

# engine LOG KEY: a number of the engine's last status line.
engine() {
	sed -n 's|^#.* '"$2"': *\([0-9]*\).*|\1|p' "$1" 2>/dev/null | tail -n 1
}

progress() {
	printf '%-9s %4s s  %10s runs  %7s /s  cov %s  features %s  corpus %s  findings %s\n' \
		"$1" "$2" "$(stat "$3.stats" runs)" \
		"$(engine "$3.log" exec/s)" "$(engine "$3.log" cov)" \
		"$(engine "$3.log" ft)" \
		"$(sed -n 's/^#.*corp: *\([0-9]*\).*/\1/p' "$3.log" | tail -n 1)" \
		"$(stat "$3.stats" findings)"
}

# fuzz_target PRESET NAME SECONDS JOBS
fuzz_target() {
	bin=build/$1/fuzz/fuzz_$2
	corpus=build/corpus/$2
	seeds=build/seeds/$2
	out=build/$1/fuzz/$2
	mkdir -p "$corpus" "$seeds" findings || die "cannot make $corpus"
	[ -w "$corpus" ] || die "$corpus: not writable"
	[ -w findings ] || die "findings: not writable"
	for f in corpus/seeds/"$2"/*.lwp; do
		[ -f "$f" ] || continue
		if [ "$2" = text ]; then
			cp "$f" "$seeds/"
		else
			"build/$1/fuzz/lwpsim" conv --to bytes \
				-o "$seeds/$(basename "$f" .lwp)" "$f" ||
				die "a seed cannot be converted: $f"
		fi
	done
	rm -f "$out.stats" "$out.log"
	pids=
	for job in $(seq "$4"); do
		log=$out.log
		[ "$job" -gt 1 ] && log=$out.$job.log
		LWP_FINDINGS=findings LWP_STATS=$out.stats \
			ASAN_OPTIONS=detect_leaks=0 \
			"$bin" -max_total_time="$3" -max_len=16384 -timeout=25 \
			-seed="$job" -reload=1 -print_final_stats=1 \
			-artifact_prefix=findings/ "$corpus" "$seeds" \
			>"$log" 2>&1 &
		pids="$pids $!"
	done
	start=$(date +%s)
	while kill -0 $pids 2>/dev/null; do
		sleep 1
		now=$(($(date +%s) - start))
		if [ $((now % 5)) -eq 0 ] && [ "$now" -gt 0 ]; then
			progress "$2" "$now" "$out"
		fi
	done
	for pid in $pids; do
		wait "$pid" || crashed="$crashed $2"
	done
	grep '^lwp: finding written' "$out".*log "$out.log" 2>/dev/null |
		sed 's/.*lwp: /lwp: /' | sort -u
	cat "$out.log" >"$out.last" 2>/dev/null
	targets_done="$targets_done $2"
}

summary() {
	echo
	printf '%-9s %12s %9s %6s %9s %22s %14s %9s\n' target executions \
		per-second edges features 'transitions of legal' 'probes of all' \
		findings
	for t in $targets_done; do
		s=build/$preset/fuzz/$t
		printf '%-9s %12s %9s %6s %9s %22s %14s %9s\n' "$t" \
			"$(stat "$s.stats" runs)" \
			"$(sed -n 's/^stat::average_exec_per_sec: *//p' "$s.log")" \
			"$(engine "$s.log" cov)" "$(engine "$s.log" ft)" \
			"$(stat "$s.stats" transitions_reached) of $(stat "$s.stats" transitions_legal)" \
			"$(stat "$s.stats" probes_reached) of $(stat "$s.stats" probes)" \
			"$(stat "$s.stats" findings)"
	done
	for f in findings/*; do
		[ -f "$f" ] || continue
		echo "finding: ./lwp replay $f"
	done
	if [ -n "$crashed" ]; then
		echo "lwp: the engine stopped early in:$crashed (see build/$preset/fuzz/NAME.log)"
		return 1
	fi
	[ -z "$(ls findings 2>/dev/null)" ]
}

verb_fuzz() {
	seconds=60 target=all jobs=1 preset=fuzz
	while [ $# -gt 0 ]; do
		[ $# -gt 1 ] || die "fuzz: $1 needs a value"
		case $1 in
		--time) seconds=$2 ;;
		--target) target=$2 ;;
		--jobs) jobs=$2 ;;
		--sanitizer)
			[ "$2" = address ] || die "fuzz: sanitizers: address"
			preset=asan
			;;
		*) die "fuzz: unknown option $1" ;;
		esac
		shift 2
	done
	case $seconds$jobs in
	*[!0-9]*) die "fuzz: --time and --jobs take whole numbers" ;;
	esac
	setup
	if [ "$target" = all ]; then
		targets='lifecycle lock text'
	elif [ -f "fuzz/targets/fuzz_$target.c" ]; then
		targets=$target
	else
		die "fuzz: no target \"$target\"; there are: lifecycle lock text"
	fi
	build "$preset" lwpsim $(printf 'fuzz_%s ' $targets)
	crashed= targets_done=
	share=$((seconds / $(echo $targets | wc -w)))
	[ "$share" -gt 0 ] || share=1
	interrupted=
	trap 'interrupted=1; kill $pids 2>/dev/null' INT TERM
	for t in $targets; do
		[ -n "$interrupted" ] || fuzz_target "$preset" "$t" "$share" "$jobs"
	done
	trap - INT TERM
	[ -z "$interrupted" ] || crashed=
	summary
}
