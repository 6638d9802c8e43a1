#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# stress.sh EXPECT COMMAND [--expect TEXT] ...: run lwpstress; it must end with
# this exit code, and print each of these texts.  A row that must be caught may
# be caught by ThreadSanitizer first (66), unless it says how.

expect=$1 texts=
shift
for arg; do
	shift
	case $arg in
	--expect) next=1 ;;
	*)
		if [ -n "${next:-}" ]; then
			texts="$texts$arg
" next=
		else
			set -- "$@" "$arg"
		fi
		;;
	esac
done
out=$("$@" --quiet)
rc=$?
printf '%s\n' "$out"
while read -r text; do
	if [ -n "$text" ] && ! printf '%s\n' "$out" | grep -qF "$text"; then
		echo "stress: \"$text\" was not said"
		exit 1
	fi
done <<END
$texts
END
[ $rc -eq "$expect" ] && exit 0
[ $rc -eq 66 ] && [ "$expect" -eq 1 ] && [ -z "$texts" ] && exit 0
echo "stress: exit code $rc, expected $expect"
exit 1
