# SPDX-License-Identifier: BSD-2-Clause
#
# libFuzzer: see fuzz.sh for what an engine defines.  It works on the corpus
# folder itself, so nothing is to be prepared or collected.

libfuzzer_preset() {
	case $1 in
	'') echo fuzz ;;
	address) echo asan ;;
	thread) echo simtsan ;;
	*) die "fuzz: sanitizers: address, thread" ;;
	esac
}

libfuzzer_prepare() {
	:
}

libfuzzer_job() {
	exec "build/$1/fuzz/fuzz_$2" \
		-max_total_time="$3" -max_len=16384 -timeout=25 -seed="$4" \
		-reload=1 -print_final_stats=1 \
		-artifact_prefix="findings/$2-" \
		"build/corpus/$2" "build/seeds/$2"
}

# libfuzzer_status LOG KEY: a number of the last status line.
libfuzzer_status() {
	sed -n 's|^#.* '"$2"': *\([0-9]*\).*|\1|p' "$1" 2>/dev/null | tail -n 1
}

libfuzzer_figures() {
	edges=$(libfuzzer_status "$1.log" cov)
	features=$(libfuzzer_status "$1.log" ft)
	corpus=$(libfuzzer_status "$1.log" corp)
}

libfuzzer_collect() {
	:
}
