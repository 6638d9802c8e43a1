#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# stress.sh EXPECT COMMAND...: run lwpstress; it must end with this exit code.
# A row that must be caught may be caught by ThreadSanitizer first (66).

expect=$1
shift
"$@" --quiet
rc=$?
[ $rc -eq "$expect" ] && exit 0
[ $rc -eq 66 ] && [ "$expect" -eq 1 ] && exit 0
echo "stress: exit code $rc, expected $expect"
exit 1
