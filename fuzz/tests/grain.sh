#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A bug that sits between two plain accesses: grain.sh LWPSIM VERDICT PROGRAM.
# Random schedules of the program find it at memory grain; as many at the grain
# of synchronisation find nothing.

sim=$1 verdict=$2 program=$3
runs=20000
out=$("$sim" run --strategy random --runs $runs --grain memory "$program")
if [ $? -ne 1 ] || ! printf '%s\n' "$out" | grep -qF "  $verdict"; then
	echo "grain: not found at memory grain in $runs runs: $verdict"
	printf '%s\n' "$out"
	exit 1
fi
printf '%s\n' "$out" | tail -n 3
if ! "$sim" run --strategy random --runs $runs --grain sync "$program"; then
	echo "grain: not a matter of plain accesses: $verdict"
	exit 1
fi
