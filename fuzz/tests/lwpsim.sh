#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Bad input gives one clear line on stderr and exit 2; lwpsim.sh LWPSIM.

sim=$1
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

# refuses WORD ARGUMENTS...: exit 2, one line, which holds the word.
refuses() {
	word=$1
	shift
	"$sim" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	lines=$(wc -l <"$tmp/err")
	if [ $rc -ne 2 ] || [ "$lines" -ne 1 ] || [ -s "$tmp/out" ] ||
		! grep -qF -- "$word" "$tmp/err"; then
		echo "lwpsim $*: exit $rc, $lines lines on stderr, wanted: $word"
		cat "$tmp/err"
		failed=1
	fi
}

printf 'lwp-program 1\nmachine cpus 1 runq global\nlwp 1:\n  fly\n' \
	>"$tmp/op.lwp"
printf 'lwp-program 9\n' >"$tmp/version.lwp"
printf '\177ELF\002\001\001\000\000\000' >"$tmp/foreign.lwp"
printf 'lwp-program 1\nmachine cpus 1 runq glo' >"$tmp/truncated.lwp"
printf 'lwp-program 1\nmachine cpus 1 runq global\nlwp 1:\n  exit\nschedule random seed 0x0\nexpect pass\ndrift 0\n' \
	>"$tmp/good.lwp"
mkdir "$tmp/empty"
: >"$tmp/file"
echo 'seed only' >"$tmp/reach.txt"

refuses 'unknown verb "fly"' fly
refuses '--fly' run --fly
refuses 'none.lwp: No such file' run "$tmp/none.lwp"
refuses 'no .lwp file' run "$tmp/empty"
refuses 'no file or folder named' replay
refuses 'op.lwp:4:3: ' run "$tmp/op.lwp"
refuses 'version.lwp:1:' replay "$tmp/version.lwp"
refuses 'foreign.lwp:' show "$tmp/foreign.lwp"
refuses 'truncated.lwp:2:' min "$tmp/truncated.lwp"
refuses 'unknown strategy "fly"' run --strategy fly "$tmp/good.lwp"
refuses 'one of: ops' list fly
refuses 'no strategy "replay" that draws' hunt --strategy replay "$tmp/good.lwp"
refuses 'no strategy "fly" that draws' hunt --strategy fly "$tmp/good.lwp"
refuses '--repeats takes' hunt --repeats 0 "$tmp/good.lwp"
refuses '--budget takes' hunt --budget 0 "$tmp/good.lwp"
refuses 'no file or folder named' hunt
refuses 'none.lwp: No such file' hunt "$tmp/none.lwp"
refuses '--to text or --to bytes' conv "$tmp/good.lwp"
refuses 'exactly one file' conv --to text
refuses 'file/x: ' run --save "$tmp/file/x" "$tmp/good.lwp"
refuses '--reach FILE' cover
refuses 'reach.txt:1: expected' cover --reach "$tmp/reach.txt" \
	--lcov "$tmp/file"
refuses 'no source file' cover --reach "$tmp/file" --lcov "$tmp/file"
refuses '/none/x.lwp: ' conv --to text -o /none/x.lwp "$tmp/good.lwp"

refuses 'see lwpsim list spins' lock --spin fly
refuses 'see lwpsim list protocols' lock --protocol fly
refuses '--runs takes' run --runs -5 "$tmp/good.lwp"
refuses 'good.lwp: Not a directory' run --save "$tmp/good.lwp" "$tmp/good.lwp"
refuses 'one argument too many' list ops fly
refuses 'one argument too many' speed "$tmp/good.lwp" fly
refuses '--ops takes' speed --ops 1000
refuses '--seconds takes' speed --seconds -1
refuses 'no oracle' speed --oracle nobody
refuses '--random takes' hash --random -4
refuses '--budget takes' min --budget 0 "$tmp/good.lwp"
refuses 'Is a directory' conv --to text "$tmp/empty"
head -c 100000 /dev/zero >"$tmp/long"
refuses 'more bytes than any program has' conv --to text "$tmp/long"

# A file of memory grain: refused by itself, left out of a folder and counted.
mkdir "$tmp/grains"
cp "$tmp/good.lwp" "$tmp/grains/"
sed 's/^lwp 1:/grain memory\nlwp 1:/' "$tmp/good.lwp" \
	>"$tmp/grains/memory.lwp"
for verb in run replay show min corpus hash hunt speed; do
	refuses 'grain memory: only a build of preset simmem' \
		$verb "$tmp/grains/memory.lwp"
done
refuses '--grain memory: only a build of preset simmem' \
	run --grain memory "$tmp/good.lwp"
refuses '--grain sync or --grain memory' run --grain fine "$tmp/good.lwp"
"$sim" replay "$tmp/grains" >"$tmp/out" 2>"$tmp/err" &&
	grep -q '^lwpsim: 1 files of grain memory left out' "$tmp/err" &&
	[ "$(wc -l <"$tmp/out")" -eq 1 ] ||
	{ echo "a folder with another grain"; failed=1; }

# Output that cannot be written is trouble.
if [ -w /dev/full ]; then
	for verb in 'list ops' "show $tmp/good.lwp" "run --json $tmp/good.lwp" \
	    "conv --to text $tmp/good.lwp"; do
		# shellcheck disable=SC2086
		"$sim" $verb >/dev/full 2>"$tmp/err"
		[ $? -eq 2 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] ||
			{ echo "$verb on a full disk"; failed=1; }
	done
fi

# Each verb has a help.
for verb in run replay show min list conv corpus speed hash; do
	"$sim" $verb --help 2>"$tmp/err" | grep -q -- --help ||
		{ echo "$verb --help"; failed=1; }
	[ -s "$tmp/err" ] && { cat "$tmp/err"; failed=1; }
done

"$sim" replay "$tmp/good.lwp" >/dev/null || { echo "a good file fails"; failed=1; }
sed 's/^drift 0/drift 3/' "$tmp/good.lwp" >"$tmp/drift.lwp"
"$sim" replay "$tmp/drift.lwp" >/dev/null
[ $? -eq 1 ] || { echo "a drifted replay must exit 1"; failed=1; }
sed 's/^expect pass/expect "progress: exit hangs"/' "$tmp/good.lwp" \
	>"$tmp/other.lwp"
"$sim" replay "$tmp/other.lwp" >/dev/null
[ $? -eq 1 ] || { echo "another verdict must exit 1"; failed=1; }
exit $failed
