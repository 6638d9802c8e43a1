#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# hunt_threads.sh FOLDER [ID...]: how long the stress driver, built with
# ThreadSanitizer in FOLDER, takes to show each seeded defect whose patch names
# a workload for it.  One search each, of HUNT_SECONDS at most; exit 1 if one
# was not found.

bin=$1
shift
seconds=${HUNT_SECONDS:-60}
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
for id in "$@"; do
	grep -lqs '^# stress: ' fuzz/seeded/"$id"-*.patch ||
		{ echo "lwp: hunt: no defect \"$id\" with a workload" >&2; exit 2; }
done
missed=0
printf '%-5s %-10s %-9s %8s  %s\n' id workload found seconds report
for patch in $(grep -l '^# stress: ' fuzz/seeded/*.patch); do
	id=$(sed -n 's/^# id: //p' "$patch")
	workload=$(sed -n 's/^# stress: //p' "$patch")
	if [ $# -gt 0 ]; then
		case " $* " in *" $id "*) ;; *) continue ;; esac
	fi
	start=$(date +%s.%N)
	# shellcheck disable=SC2086
	TSAN_OPTIONS=halt_on_error=1 "$bin/lwpstress_$id" \
		--time "$seconds" $workload >"$log" 2>&1
	case $? in
	0) found=no missed=1 ;;
	66) found=race ;;
	1) found=check ;;
	*) found="exit $?" missed=1 ;;
	esac
	took=$(echo "$(date +%s.%N) $start" | awk '{ printf "%.1f", $1 - $2 }')
	what=$(sed -n 's/^SUMMARY: ThreadSanitizer: \(.*\) .*core\/kern\//\1 /p' \
		"$log" | head -n 1)
	[ -n "$what" ] || what=$(grep -m 1 -E '^SUMMARY|^FAILED' "$log")
	printf '%-5s %-10s %-9s %8s  %s\n' "$id" "$workload" "$found" "$took" \
		"$what"
done
exit $missed
