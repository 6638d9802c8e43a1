# SPDX-License-Identifier: BSD-2-Clause
#
# ./lwp fuzz: build the targets, make bytes of the seeds, run each target for
# its share of the time with a progress line, and sum up.  Interrupting ends
# the target that runs; corpus and findings are files and stay.
#
# An engine is a file engine_NAME.sh with
#	NAME_preset SANITIZER	print the preset that holds its targets
#	NAME_prepare TARGET OUT	before the jobs of a target
#	NAME_job PRESET TARGET SECONDS JOB JOBS OUT
#				one job, in the foreground; it takes inputs from
#				build/corpus/TARGET and build/seeds/TARGET
#	NAME_figures OUT	set edges, features, corpus
#	NAME_collect TARGET OUT	when the jobs have ended: new inputs to
#				build/corpus/TARGET, what it saved as a crash to
#				findings/TARGET-...
# OUT is a path of the target's own in the build folder, to add suffixes to.
# The totals of a target come from the target itself, whatever the engine.

. ./fuzz/targets/engine_libfuzzer.sh
. ./fuzz/targets/engine_afl.sh

# totals OUT: what all jobs of a target did, as shell assignments.
totals() {
	cat "$1".stats.* 2>/dev/null | tr -d '"{}' | tr ',' '\n' | awk -F ': *' '
		{ sub(/^ */, "", $1) }
		$1 ~ /^(runs|points|operations|findings)$/ { sum[$1] += $2 }
		$1 == "seconds" && $2 > most { most = $2 }
		$1 ~ /^(transitions_|probes_|edges|features)/ &&
			$2 > max[$1] { max[$1] = $2 }
		END {
			printf "runs=%d points=%d findings=%d ", sum["runs"],
				sum["points"], sum["findings"]
			printf "tr=%d tl=%d pr=%d pa=%d ",
				max["transitions_reached"],
				max["transitions_legal"],
				max["probes_reached"], max["probes_all"]
			printf "edges=%d features=%d ", max["edges"],
				max["features"]
			printf "rate=%d mpoints=%.1f ", most ? sum["runs"] / most : 0,
				most ? sum["points"] / most / 1e6 : 0
			printf "perrun=%d perop=%.1f\n",
				sum["runs"] ? sum["points"] / sum["runs"] : 0,
				sum["operations"] ? \
				sum["points"] / sum["operations"] : 0
		}'
}

# progress NAME SECONDS OUT
progress() {
	eval "$(totals "$3")"
	"${engine}_figures" "$3"
	printf '%-9s %4s s  %10s runs  %7s /s  cov %s  features %s  corpus %s  findings %s\n' \
		"$1" "$2" "$runs" "$rate" "$edges" "$features" "$corpus" \
		"$findings"
}

# seeds PRESET NAME: make the target's inputs of its seed programs.
seeds() {
	for f in corpus/seeds/"$2"/*.lwp; do
		[ -f "$f" ] || continue
		if [ "$2" = text ]; then
			cp "$f" "build/seeds/$2/"
		else
			"build/$1/fuzz/lwpsim" conv --to bytes -o \
				"build/seeds/$2/$(basename "$f" .lwp)" "$f" ||
				die "a seed cannot be converted: $f"
		fi
	done
}

# fuzz_target PRESET NAME SECONDS JOBS
fuzz_target() {
	out=build/$1/fuzz/$2
	mkdir -p "build/corpus/$2" "build/seeds/$2" findings ||
		die "cannot make build/corpus/$2"
	[ -w "build/corpus/$2" ] || die "build/corpus/$2: not writable"
	[ -w findings ] || die "findings: not writable"
	seeds "$1" "$2"
	rm -f "$out".stats.* "$out".*log "$out.log"
	"${engine}_prepare" "$2" "$out"
	pids=
	for job in $(seq "$4"); do
		log=$out.log
		[ "$job" -gt 1 ] && log=$out.$job.log
		LWP_FINDINGS=findings LWP_STATS=$out.stats.$job \
			"${engine}_job" "$1" "$2" "$3" "$job" "$4" "$out" \
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
	"${engine}_collect" "$2" "$out"
	grep -h '^lwp: finding written' "$out".*log "$out.log" 2>/dev/null |
		sort -u
	targets_done="$targets_done $2"
}

# replay_lines PRESET: how to see each finding again, those of earlier runs
# among them.  What an engine saved itself is an input of its target,
# NAME-crash-... or NAME-timeout-...: often many for one cause.
replay_lines() {
	last= more=0
	for f in findings/*; do
		[ -f "$f" ] || continue
		kind=${f%-*} word=finding
		[ "$f" -nt build/fuzz.start ] || word='earlier finding'
		case $f in
		*.lwp)
			if grep -q '^grain memory' "$f"; then
				echo "$word: build/simmem/fuzz/lwpsim replay $f"
			elif grep -q '^expect "race:' "$f"; then
				echo "$word: build/simtsan/fuzz/lwpsim replay $f"
			else
				echo "$word: ./lwp replay $f"
			fi
			;;
		*)
			[ "$kind" != "$last" ] || { more=$((more + 1)); continue; }
			name=$(basename "$f")
			echo "$word: build/$1/fuzz/fuzz_${name%%-*} $f"
			last=$kind
			;;
		esac
	done
	[ "$more" -eq 0 ] || echo "finding: $more more inputs of those kinds"
}

summary() {
	echo
	printf '%-9s %11s %8s %9s %10s %9s %6s %8s %11s %10s %8s\n' target \
		executions 'per s' 'Mpoints/s' points/run points/op edges \
		features transitions probes findings
	for t in $targets_done; do
		s=build/$preset/fuzz/$t
		eval "$(totals "$s")"
		"${engine}_figures" "$s"
		if [ "$points" -eq 0 ]; then # runs no programs
			mpoints=- perrun=- perop=- transitions=- probes=-
		else
			transitions="$tr of $tl" probes="$pr of $pa"
		fi
		printf '%-9s %11s %8s %9s %10s %9s %6s %8s %11s %10s %8s\n' "$t" \
			"$runs" "$rate" "$mpoints" "$perrun" "$perop" \
			"$edges" "$features" \
			"$transitions" "$probes" "$findings"
	done
	replay_lines "$preset"
	if [ -n "$crashed" ]; then
		echo "lwp: the engine stopped early in:$crashed (see build/$preset/fuzz/NAME.log)"
		return 1
	fi
	[ -z "$(ls findings 2>/dev/null)" ]
}

verb_fuzz() {
	seconds=60 target=all jobs=1 sanitizer= engine=libfuzzer grain=sync
	while [ $# -gt 0 ]; do
		option=${1%%=*}
		case $1 in
		--*=*) value=${1#*=} ;;
		*) value=${2:-} ;;
		esac
		case $option in
		--time) seconds=$value ;;
		--target) target=$value ;;
		--jobs) jobs=$value ;;
		--sanitizer) sanitizer=$value ;;
		--engine) engine=$value ;;
		--grain) grain=$value ;;
		*) die "fuzz: what is \"$1\"?  See ./lwp --help" ;;
		esac
		[ -n "$value" ] || die "fuzz: $option needs a value"
		[ "$option" != "$1" ] || shift
		shift
	done
	for n in "$seconds" "$jobs"; do
		case $n in
		'' | *[!0-9]* | 0 | ??????????*)
			die "fuzz: --time and --jobs take whole numbers from 1"
			;;
		esac
	done
	[ -f "fuzz/targets/engine_$engine.sh" ] ||
		die "fuzz: engines: libfuzzer, afl"
	preset=$("${engine}_preset" "$sanitizer") || exit 2
	case $grain:$engine:$sanitizer in
	sync:*) ;;
	memory:libfuzzer:) preset=simmem ;;
	memory:*) die "fuzz: --grain memory is libFuzzer's, without a sanitizer" ;;
	*) die "fuzz: grains: sync, memory" ;;
	esac
	setup
	if [ "$target" = all ]; then
		targets=$(ls corpus/seeds)
	elif [ -f "fuzz/targets/fuzz_$target.c" ]; then
		targets=$target
	else
		die "fuzz: no target \"$target\"; there are:" $(ls corpus/seeds)
	fi
	build "$preset" lwpsim $(printf 'fuzz_%s ' $targets)
	touch build/fuzz.start
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

# speed_engine PRESET TARGET RUNS PROGRAM: rate of one lifecycle seed, again and
# again, under the engine.
speed_engine() {
	out=build/$1/fuzz/speed_$2
	rm -rf "$out" "$out".stats.*
	mkdir -p "$out"
	"build/$1/fuzz/lwpsim" conv --to bytes -o "$out/$4" \
		"corpus/seeds/lifecycle/$4.lwp" || return
	LWP_STATS=$out.stats.1 \
		"build/$1/fuzz/fuzz_$2" -runs="$3" -artifact_prefix="$out." "$out" \
		>"$out.log" 2>&1 || die "fuzz_$2 failed: see $out.log"
	eval "$(totals "$out")"
	printf '%-34s %8s runs/s  %5s M points/s  %5s points/run  %5s points/op\n' \
		"$1: fuzz_$2, $4" "$rate" "$mpoints" "$perrun" "$perop"
}

# speed_mix PRESET SECONDS: the lifecycle target on its seeds, fresh corpus.
speed_mix() {
	out=build/$1/fuzz/speed_mix
	rm -rf "$out" "$out".stats.*
	mkdir -p "$out"
	for f in corpus/seeds/lifecycle/*.lwp; do
		"build/$1/fuzz/lwpsim" conv --to bytes \
			-o "$out/$(basename "$f" .lwp)" "$f" || return
	done
	LWP_STATS=$out.stats.1 \
		"build/$1/fuzz/fuzz_lifecycle" -max_total_time="$2" -seed=1 \
		-max_len=16384 "$out" >"$out.log" 2>&1 ||
		die "fuzz_lifecycle failed: see $out.log"
	eval "$(totals "$out")"
	printf '%-34s %8s runs/s  %5s M points/s  %5s points/run  %5s points/op\n' \
		"$1: fuzz_lifecycle, $2 s" "$rate" "$mpoints" "$perrun" "$perop"
}

verb_speed() {
	no_more speed "$@"
	setup
	build speed lwpsim
	build fuzz lwpsim fuzz_lifecycle fuzz_fixed fuzz_empty
	build asan lwpsim fuzz_lifecycle fuzz_fixed fuzz_empty
	echo
	run build/speed/fuzz/lwpsim speed
	run build/speed/fuzz/lwpsim speed --no-oracles
	run build/speed/fuzz/lwpsim speed corpus/seeds/lifecycle/self.lwp
	speed_mix fuzz 20
	speed_engine fuzz fixed 1000000 self
	speed_engine fuzz fixed 100000 mix-32
	speed_engine fuzz empty 5000000 self
	speed_mix asan 20
	speed_engine asan fixed 300000 self
	speed_engine asan empty 3000000 self
}
