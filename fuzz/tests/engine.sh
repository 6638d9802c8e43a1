#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The fuzz targets under their engine: engine.sh FOLDER.  Each runs its seeds
# and a few thousand inputs and finds nothing; the canary must fail.

bin=$1
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0
for target in $(ls corpus/seeds); do
	mkdir -p "$tmp/$target" "$tmp/findings"
	for f in corpus/seeds/$target/*.lwp; do
		[ -f "$f" ] || continue
		if [ $target = text ]; then
			cp "$f" "$tmp/$target/"
		else
			"$bin/lwpsim" conv --to bytes \
				-o "$tmp/$target/$(basename "$f" .lwp)" "$f"
		fi
	done
	if ! LWP_FINDINGS=$tmp/findings "$bin/fuzz_$target" -runs=50000 -seed=1 \
		-max_len=16384 "$tmp/$target" >"$tmp/log" 2>&1; then
		echo "engine: fuzz_$target failed"
		tail -n 20 "$tmp/log"
		failed=1
	fi
done
if [ -n "$(ls "$tmp/findings")" ]; then
	cat "$tmp"/findings/*
	failed=1
fi
if (cd "$tmp" && "$OLDPWD/$bin/fuzz_canary" -runs=1000000 -seed=1 lifecycle) \
	>"$tmp/log" 2>&1; then
	echo "engine: the canary lives"
	failed=1
fi
exit $failed
