#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# outside.sh CMAKE BUILD EXAMPLES LIBDIR CC: install into a folder of its own,
# and build and run the examples as outside programs, by pkg-config and by
# find_package.

set -e
cmake=$1 build=$2 examples=$3 libdir=$4 cc=$5
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$cmake" --install "$build" --prefix "$tmp/root" >"$tmp/log"

# What pkg-config says names the prefix of the build: it may be moved.
for machine in sim host; do
	# shellcheck disable=SC2046
	"$cc" -Wall -Werror -o "$tmp/${machine}_example" \
		"$examples/${machine}_example.c" \
		$(PKG_CONFIG_PATH="$tmp/root/$libdir/pkgconfig" pkg-config \
			--define-variable=prefix="$tmp/root" \
			--cflags --libs "lwp-$machine")
	"$tmp/${machine}_example"
done

mkdir "$tmp/project"
cat >"$tmp/project/CMakeLists.txt" <<-END
	cmake_minimum_required(VERSION 3.25)
	project(outside C)
	find_package(lwp REQUIRED)
	foreach(machine sim host)
		add_executable(\${machine} $examples/\${machine}_example.c)
		target_link_libraries(\${machine} PRIVATE lwp::\${machine})
	endforeach()
END
"$cmake" -S "$tmp/project" -B "$tmp/out" -DCMAKE_C_COMPILER="$cc" \
	-DCMAKE_PREFIX_PATH="$tmp/root" >"$tmp/log" || { cat "$tmp/log"; exit 1; }
"$cmake" --build "$tmp/out" >"$tmp/log" || { cat "$tmp/log"; exit 1; }
"$tmp/out/sim"
"$tmp/out/host"
