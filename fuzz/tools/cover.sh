# SPDX-License-Identifier: BSD-2-Clause
#
# ./lwp cover: every seed, regression file and Criterion case runs as a process
# with a profile of its own; lwpsim cover makes tables of them.  One merge is
# done, of all; which functions a single profile has reached is read from it as
# it is.  All executables hold the same objects of the core, so the report over
# lwpsim is that over all of them.  The uniprocessor variant is another build
# and is not in it.

# cover_seed PROFILES FILE: under its own schedule and 200 random ones.
cover_seed() {
	name=${2#corpus/}
	name=${name#seeds/}
	LLVM_PROFILE_FILE=$1/seed/${name%.lwp}/%1m.profraw \
		build/cov/fuzz/lwpsim corpus --runs 200 "$2" >/dev/null
}

# cover_reach PROFILES: lines "seed|test NAME FUNCTION".
cover_reach() {
	find "$1/seed" "$1/test" -name '*.profraw' | LC_ALL=C sort |
		while read -r f; do
			name=${f#"$1"/}
			name=${name%/*}
			llvm-profdata-19 show --covered "$f" |
				sed "s|^|${name%%/*} ${name#*/} |"
		done
}

verb_cover() {
	no_more cover "$@"
	setup
	build cov
	failed=0
	profiles=build/cov/profile
	rm -rf "$profiles"
	for f in $(ls $(printf '%s/*.lwp ' $seeds) corpus/regress/*.lwp); do
		# Preset simmem's; see fuzz/README.md.
		grep -q '^grain memory' "$f" && continue
		cover_seed "$profiles" "$f" || failed=1
	done
	# The rules of the house are not about what runs.
	(cd build/cov && run ctest -j 2 -Q -L quick -E '^core.house') ||
		failed=1
	[ "$failed" -eq 0 ] || echo "lwp: a seed or a test failed"
	cover_reach "$profiles" >build/cov/reach.txt
	find "$profiles" -name '*.profraw' >build/cov/profiles.txt
	run llvm-profdata-19 merge -sparse -o build/cov/all.profdata \
		-f build/cov/profiles.txt || die "profiles cannot be merged"
	llvm-cov-19 export -format=lcov build/cov/fuzz/lwpsim \
		-instr-profile build/cov/all.profdata core/kern \
		core/include/lwp >build/cov/all.lcov ||
		die "no coverage report"
	# It is instrumented, too, and would leave a profile of the table.
	LLVM_PROFILE_FILE=/dev/null \
		run build/cov/fuzz/lwpsim cover --reach build/cov/reach.txt \
		--lcov build/cov/all.lcov || failed=1
	return $failed
}
