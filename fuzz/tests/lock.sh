#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# All schedules of small shapes of each spin lock and of each LWP-lock protocol
# over each, however the lock is moved: lock.sh LWPSIM.  What a Criterion case
# explores to the end is not repeated; what takes minutes stands in
# fuzz/README.md, with its numbers.

sim=$1
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
failed=0

# explores WHAT ROWS OPTION...: so many locks, each to its end with one run of
# each class, and right.
explores() {
	what=$1 rows=$2
	shift 2
	if ! "$sim" lock "$@" >"$tmp/out" 2>&1 ||
		! awk -v rows="$rows" 'NR > 1 {
			n++
			runs += $3
			bad += $3 != $4 || $6 != "all" || $7 != "pass"
		}
		END {
			printf "%d locks, %d runs: ", n, runs
			exit n != rows || bad
		}' "$tmp/out"
	then
		echo "$what: not all of that"
		cat "$tmp/out"
		failed=1
	else
		echo "$what"
	fi
}

for move in relock setlock; do
	explores "3 CPUs x 1, $move" 36 --protocol all --move $move \
		--cpus 3 --sections 1
	for protocol in retry poll backoff blocked sequence; do
		explores "2 CPUs x 2, $move, $protocol" 6 \
			--protocol $protocol --move $move
	done
	for spin in tas ttas ticket clh; do
		explores "2 CPUs x 2, $move, queue over $spin" 1 \
			--protocol queue --spin $spin --move $move
	done
done
exit $failed
