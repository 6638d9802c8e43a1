#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# hunt.sh FOLDER [ID...]: how often each strategy finds each seeded defect.  For
# every defect and strategy all seeds run with the same number of schedules; a
# column shows in how many of the runs the expected verdict appeared.

bin=$1
shift
runs=${HUNT_RUNS:-300}
seeds=$(ls -d corpus/seeds/* | grep -v '/text$')
for id in "$@"; do
	ls fuzz/seeded/"$id"-*.patch >/dev/null 2>&1 ||
		{ echo "lwp: hunt: no defect \"$id\" in fuzz/seeded" >&2; exit 2; }
done
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
printf '%-5s %-38s %12s %12s  of runs\n' id verdict random bytes
for patch in fuzz/seeded/*.patch; do
	id=$(sed -n 's/^# id: //p' "$patch")
	verdict=$(sed -n 's/^# verdict: //p' "$patch")
	if [ $# -gt 0 ]; then
		case " $* " in *" $id "*) ;; *) continue ;; esac
	fi
	for strategy in random bytes; do
		"$bin/lwpsim_$id" run --strategy $strategy --runs "$runs" \
			$seeds 2>/dev/null |
			awk -v v="$verdict" '
				/^ +[0-9]+  / { n = $1; sub(/^ +[0-9]+  /, "")
					if ($0 == v) found = n }
				/ runs, / { total = $1 }
				END { print found + 0, total }' >"$tmp/$strategy"
	done
	read -r a total <"$tmp/random"
	read -r b total <"$tmp/bytes"
	printf '%-5s %-38s %12s %12s  %s\n' "$id" "$(echo "$verdict" | cut -c1-38)" \
		"$a" "$b" "$total"
done
