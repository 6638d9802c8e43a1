#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# lwpsim cover on measurements made up here: cover.sh LWPSIM.  It must notice
# what it is for.

sim=$1
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

# says PATTERN: the output has such a line.
says() {
	if ! grep -q "$1" "$tmp/out"; then
		echo "lwpsim cover does not say: $1"
		failed=1
	fi
}

mkdir -p "$tmp/core/kern"
cat >"$tmp/core/kern/made_up.c" <<'END'
void lwp_suspend(void)
{
	default:
		panic("no");
	work();
	panic("after work");
}
END
cat >"$tmp/lcov" <<END
SF:$tmp/core/kern/made_up.c
FN:1,lwp_suspend
FN:1,made_up.c:lwp_continue
FN:1,lwp_wait1
DA:1,1
DA:2,1
DA:3,0
DA:4,0
DA:5,1
BRF:4
BRH:3
LF:10
LH:8
end_of_record
SF:$tmp/core/kern/made_up.c
FN:1,lwp_suspend
DA:5,0
DA:6,0
LF:0
LH:0
end_of_record
END
cat >"$tmp/reach" <<'END'
seed life/a lwp_suspend
seed life/a made_up.c:lwp_continue
seed life/b made_up.c:lwp_continue
seed life/b made_up.c:lwp_continue
test core.x.y lwp_suspend
test core.x.y lwp_wait1
END

"$sim" cover --reach "$tmp/reach" --lcov "$tmp/lcov" >"$tmp/out"
[ $? -eq 1 ] || { echo "lwpsim cover must exit 1"; failed=1; }
says '^lwp_suspend .* 1  life/a .* 1  core.x.y$'
says '^lwp_continue .* 2  life/a, life/b .* 0 .*NO TEST REACHES IT$'
says '^lwp_wait1 .* 0 .* 1  core.x.y NO SEED REACHES IT$'
says '^lwp_exit .*NO SUCH FUNCTION IN THIS BUILD$'
says '^all .* 8 of    10   80.0 %      3 of     4   75.0 %$'
says '^made_up.c:3-4 .*panic.*cannot happen in the shipped core$'
says '^made_up.c:5-6 .*work();.*NO REASON GIVEN$'
says '^1 ranges without a reason$'
says '^uncovered.def: nothing is uncovered for .*RB_GENERATE'
exit $failed
