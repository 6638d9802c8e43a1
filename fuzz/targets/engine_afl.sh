# SPDX-License-Identifier: BSD-2-Clause
#
# AFL++: see fuzz.sh for what an engine defines.  It works in a folder of its
# own, OUT.afl, which begins with a copy of the corpus and the seeds; what it
# adds goes to the corpus afterwards, also what a run left that was killed.

afl_preset() {
	[ -z "$1" ] || die "fuzz: --sanitizer is for the engine libfuzzer"
	echo afl
}

afl_prepare() {
	[ ! -d "$2.afl" ] || afl_collect "$1" "$2"
	rm -rf "$2.afl" "$2.in"
	mkdir -p "$2.in" || die "cannot make $2.in"
	cp -R "build/corpus/$1/." "build/seeds/$1/." "$2.in/"
	# It does not begin with nothing.
	[ -n "$(ls "$2.in")" ] || printf '\0' >"$2.in/empty"
}

# afl_environment TARGET: what makes it run unattended.
afl_environment() {
	export AFL_NO_UI=1		# a log, not a screen
	export AFL_SKIP_CPUFREQ=1	# the governor is the machine's business
	export AFL_NO_AFFINITY=1	# more jobs than free cores are no error
	# Where crashes are piped to a program AFL only warns of being slow to
	# notice them; changing core_pattern is the machine's business, too.
	export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
	export AFL_CRASH_EXITCODE=1	# exit(1), as the canary does, is a crash
	export AFL_SKIP_CRASHES=1	# known crashes in the corpus stop nothing
	export AFL_NO_CRASH_README=1	# only inputs among the crashes
	export AFL_FAST_CAL=1		# runs are deterministic: 3 tries are enough
	export AFL_SYNC_TIME=1		# minutes between exchanges of jobs
	export AFL_FORKSRV_INIT_TMOUT=60000	# ms; a machine under load
	export AFL_IGNORE_UNKNOWN_ENVS=1	# its variables of other versions
	if [ -f "build/afl/fuzz/mutator_$1.so" ]; then
		export AFL_CUSTOM_MUTATOR_LIBRARY="$top/build/afl/fuzz/mutator_$1.so"
		# Its own mutators cut records in two.
		export AFL_CUSTOM_MUTATOR_ONLY=1
	fi
}

# -t: a new finding is minimised inside its run; 25 s as with libFuzzer.
afl_job() {
	afl_environment "$2"
	role="-S job$4"
	[ "$5" -eq 1 ] || [ "$4" -gt 1 ] || role="-M job1"
	# shellcheck disable=SC2086
	exec afl-fuzz $role -i "$6.in" -o "$6.afl" -s "$4" -V "$3" -t 25000 \
		-G 16384 -- "build/$1/fuzz/fuzz_$2"
}

# Edges and features the target knows itself: they are in the totals.
afl_figures() {
	corpus=$(ls "$1.afl/job1/queue" 2>/dev/null | grep -c '^id:')
}

afl_collect() {
	stamp=$(date +%Y%m%d-%H%M%S)
	for job in "$2.afl"/*; do
		[ -d "$job/queue" ] || continue
		# What it began with and what other jobs found is there already.
		tar -C "$job/queue" -cf - --exclude='*orig:*' \
			--exclude='*sync:*' --exclude=.state --transform \
			"s|.*id:\([0-9]*\).*|afl-$stamp-$(basename "$job")-\1|" . |
			tar -C "build/corpus/$1" -xf -
		for f in "$job"/crashes/id:* "$job"/hangs/id:*; do
			[ -f "$f" ] || continue
			kind=crash
			[ "${f#*/hangs/}" = "$f" ] || kind=timeout
			cp "$f" "findings/$1-$kind-$(sha1sum <"$f" | cut -c-40)"
		done
	done
	rm -rf "$2.afl" "$2.in"
}
