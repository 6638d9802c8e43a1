#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The lifecycle seeds on the uniprocessor core: one CPU, whatever a seed says,
# and one global run queue.

sim=$1 seeds=$2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
for file in "$seeds"/*.lwp; do
	sed 's/^machine cpus [0-9]* runq [a-z]*/machine cpus 1 runq global/' \
	    "$file" >"$tmp/$(basename "$file")" || exit 2
done
exec "$sim" corpus --runs 100 "$tmp"
