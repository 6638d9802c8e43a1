#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# stress.sh EXPECT COMMAND [--expect TEXT] ...: run lwpstress; it must end with
# this exit code, and print this text.  A row that must be caught may be caught
# by ThreadSanitizer first (66).

expect=$1 text=
shift
for arg; do
	shift
	case $arg in
	--expect) next=1 ;;
	*)
		if [ -n "${next:-}" ]; then
			text=$arg next=
		else
			set -- "$@" "$arg"
		fi
		;;
	esac
done
out=$("$@" --quiet)
rc=$?
printf '%s\n' "$out"
if [ -n "$text" ] && ! printf '%s\n' "$out" | grep -qF "$text"; then
	echo "stress: \"$text\" was not said"
	exit 1
fi
[ $rc -eq "$expect" ] && exit 0
[ $rc -eq 66 ] && [ "$expect" -eq 1 ] && [ -z "$text" ] && exit 0
echo "stress: exit code $rc, expected $expect"
exit 1
