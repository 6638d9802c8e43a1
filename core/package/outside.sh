#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# outside.sh CMAKE BUILD EXAMPLES LIBDIR CC CHECKED: install into a folder of its
# own, and build and run the examples as outside programs, by pkg-config and by
# find_package.  One with inlined locks must not link with a library that was
# built with other choices, nor with the simulator.

set -e
cmake=$1 build=$2 examples=$3 libdir=$4 cc=$5 checked=$6
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
"$cmake" --install "$build" --prefix "$tmp/root" >"$tmp/log"

# outside EXAMPLE MACHINE FLAG...: what pkg-config says names the prefix of the
# build: it may be moved.
outside() {
	example=$1 machine=$2
	shift 2
	# shellcheck disable=SC2046
	"$cc" -Wall -Werror -O2 -o "$tmp/$example" "$examples/$example.c" \
		$(PKG_CONFIG_PATH="$tmp/root/$libdir/pkgconfig" pkg-config \
			--define-variable=prefix="$tmp/root" \
			--cflags --libs "lwp-$machine") "$@"
}

# refused MACHINE FLAG...: the inlined lock does not link, and for that reason.
refused() {
	if outside fastlock_example "$@" 2>"$tmp/log"; then
		echo "a program for another library was linked: $*"
		exit 1
	fi
	grep -q 'undefined reference to .lwp_config_host_' "$tmp/log" ||
		{ cat "$tmp/log"; exit 1; }
}

outside sim_example sim
"$tmp/sim_example"
outside host_example host
"$tmp/host_example"
# The program's own NDEBUG is its own affair.
for flag in -DNDEBUG -UNDEBUG; do
	outside fastlock_example host $flag
	"$tmp/fastlock_example"
	"$tmp/fastlock_example" 1
done
refused host -ULWP_CHECKED "-DLWP_CHECKED=$((1 - checked))"
refused host -DUNIPROCESSOR
refused sim

mkdir "$tmp/project"
cat >"$tmp/project/CMakeLists.txt" <<-END
	cmake_minimum_required(VERSION 3.25)
	project(outside C)
	find_package(lwp REQUIRED)
	foreach(machine sim host)
		add_executable(\${machine} $examples/\${machine}_example.c)
		target_link_libraries(\${machine} PRIVATE lwp::\${machine})
	endforeach()
	add_executable(fastlock $examples/fastlock_example.c)
	target_link_libraries(fastlock PRIVATE lwp::host)
END
"$cmake" -S "$tmp/project" -B "$tmp/out" -DCMAKE_C_COMPILER="$cc" \
	-DCMAKE_PREFIX_PATH="$tmp/root" >"$tmp/log" || { cat "$tmp/log"; exit 1; }
"$cmake" --build "$tmp/out" >"$tmp/log" || { cat "$tmp/log"; exit 1; }
"$tmp/out/sim"
"$tmp/out/host"
"$tmp/out/fastlock"
