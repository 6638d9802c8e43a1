# SPDX-License-Identifier: BSD-2-Clause
#
# cmake -DSOURCE= -DOUT= -DCOMPILER= -DFLAGS= -P commit.cmake: what was built,
# and how, as a header that changes only if that does.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
	set(commit unknown)
endif()
string(STRIP "${FLAGS}" FLAGS)
file(CONFIGURE OUTPUT ${OUT} CONTENT
    "#define BENCH_COMMIT \"${commit}\"\n#define BENCH_COMPILER \"${COMPILER}\"\n#define BENCH_FLAGS \"${FLAGS}\"\n")
