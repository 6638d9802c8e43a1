# SPDX-License-Identifier: BSD-2-Clause
#
# Fuzz targets: fuzz_NAME with libFuzzer where the preset asks for it, and
# replay_NAME, which replays files and folders, in every build.

# For the text target it is the parser that coverage should be about.
if(LWP_FUZZER)
	file(GLOB sources CONFIGURE_DEPENDS prog/*.c)
	add_library(lwp_prog_cov OBJECT ${sources})
	target_link_libraries(lwp_prog_cov PRIVATE lwp_flags)
	target_include_directories(lwp_prog_cov PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	target_compile_options(lwp_prog_cov PRIVATE
	    -fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp)
endif()

file(GLOB TARGETS CONFIGURE_DEPENDS targets/fuzz_*.c)
foreach(source ${TARGETS})
	get_filename_component(name ${source} NAME_WE)
	string(REPLACE fuzz_ "" noun ${name})
	set(common ${source} targets/target.c)

	add_executable(replay_${noun} ${common} targets/standalone.c
	    $<TARGET_OBJECTS:lwp_kern_sim>)
	target_link_libraries(replay_${noun} PRIVATE lwp_flags ${HARNESS}
	    ${MACHINE} PkgConfig::JANSSON)
	target_include_directories(replay_${noun} PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	if(NOT LWP_FUZZER)
		continue()
	endif()
	target_link_options(replay_${noun} PRIVATE
	    -fsanitize-coverage=inline-8bit-counters,pc-table)
	set(harness ${HARNESS})
	if(noun STREQUAL text)
		list(TRANSFORM harness REPLACE "^lwp_prog$" lwp_prog_cov)
	endif()
	add_executable(${name} ${common} $<TARGET_OBJECTS:lwp_kern_sim>)
	target_link_libraries(${name} PRIVATE lwp_flags ${harness} ${MACHINE}
	    PkgConfig::JANSSON)
	target_include_directories(${name} PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endforeach()
if(LWP_TESTS)
	add_test(NAME fuzz.canary.fails
	    COMMAND replay_canary
	    ${CORPUS}/seeds/lifecycle/suspend-continue.lwp)
	set_tests_properties(fuzz.canary.fails PROPERTIES WILL_FAIL ON)
endif()
