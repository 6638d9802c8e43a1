#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# hunt.sh FOLDER [ID...]: how long each strategy takes to find each seeded
# defect, from all seeds: one table of what "lwpsim hunt" measures, the mean of
# executions to the first find and its 95 % interval.  HUNT_REPEATS searches of
# HUNT_BUDGET executions each.

bin=$1
shift
repeats=${HUNT_REPEATS:-5}
budget=${HUNT_BUDGET:-10000}
seeds=$(ls -d corpus/seeds/* | grep -v '/text$')
for id in "$@"; do
	ls fuzz/seeded/"$id"-*.patch >/dev/null 2>&1 ||
		{ echo "lwp: hunt: no defect \"$id\" in fuzz/seeded" >&2; exit 2; }
done
trap 'exit 130' INT TERM
printf '%-5s %-8s %-9s %11s %11s %11s %11s %11s %11s\n' id strategy found \
	executions '95 % from' to seconds '95 % from' to
for patch in fuzz/seeded/*.patch; do
	id=$(sed -n 's/^# id: //p' "$patch")
	verdict=$(sed -n 's/^# verdict: //p' "$patch")
	if [ $# -gt 0 ]; then
		case " $* " in *" $id "*) ;; *) continue ;; esac
	fi
	if [ ! -x "$bin/lwpsim_$id" ]; then
		preset=$(sed -n 's/^# grain: memory/simmem/p
			s/^# detector: //p' "$patch")
		echo "$id: only preset $preset can see it" >&2
		continue
	fi
	# shellcheck disable=SC2086
	"$bin/lwpsim_$id" hunt --repeats "$repeats" --budget "$budget" \
		--verdict "$verdict" $seeds |
		sed -n -e '1d' -e '/ search /d' -e "s/^/$(printf '%-5s' "$id") /p"
done
