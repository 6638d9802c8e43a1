# SPDX-License-Identifier: BSD-2-Clause
#
# Fuzz targets: fuzz_NAME with an engine where the preset asks for it, and
# replay_NAME, which replays files and folders, in every build.  Targets are
# found by their files; LWP_AFL says which engine it is.

if(LWP_AFL)
	set(ENGINE targets/engine_afl.c)
else()
	set(ENGINE targets/engine_libfuzzer.c)
endif()

# lwp_target(exe source libraries...): an executable that an engine drives.
# -fsanitize=fuzzer is libFuzzer for clang, AFL++'s driver for afl-clang-fast:
# persistent mode, inputs in shared memory.
function(lwp_target exe source)
	add_executable(${exe} ${source} ${ENGINE} targets/target.c
	    targets/target_mutate.c)
	set(rooms ${ARGN} ${MACHINE})
	if(LWP_UNSANITIZED)
		list(TRANSFORM rooms APPEND _for_targets
		    REGEX "^lwp_(arch_sim|strategy|oracle)$")
	endif()
	target_link_libraries(${exe} PRIVATE lwp_flags ${rooms}
	    PkgConfig::JANSSON)
	target_include_directories(${exe} PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	target_compile_definitions(${exe} PRIVATE TARGET_ENGINE)
	target_link_options(${exe} PRIVATE -fsanitize=fuzzer)
endfunction()

# For the text target it is the parser that coverage should be about.
if(LWP_FUZZER)
	file(GLOB sources CONFIGURE_DEPENDS prog/*.c)
	add_library(lwp_prog_cov OBJECT ${sources})
	target_link_libraries(lwp_prog_cov PRIVATE lwp_flags)
	target_include_directories(lwp_prog_cov PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	lwp_instrument(lwp_prog_cov trace-cmp)
endif()

# AFL++'s mutators are modules: mutator_NAME.so for each target that says
# TARGET_PROGRAM(name, groups), which is read here.
if(LWP_AFL)
	# All of the value, nothing that executes it.
	list(FILTER sources EXCLUDE REGEX "exec")
	add_library(lwp_prog_pic OBJECT ${sources})
	target_link_libraries(lwp_prog_pic PRIVATE lwp_flags)
	target_include_directories(lwp_prog_pic PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	set_target_properties(lwp_prog_pic PROPERTIES
	    POSITION_INDEPENDENT_CODE ON)
endif()
function(lwp_mutator noun source)
	file(STRINGS ${source} line REGEX "TARGET_PROGRAM")
	if(NOT line)
		return()
	endif()
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
	    ${source})
	if(NOT line MATCHES "^TARGET_PROGRAM\\(\"[a-z_]+\", (.*)\\)$")
		message(FATAL_ERROR "${source}: TARGET_PROGRAM(\"name\", "
		    "groups) stands on one line")
	endif()
	add_library(mutator_${noun} MODULE targets/mutator_afl.c
	    targets/target_mutate.c)
	target_compile_definitions(mutator_${noun} PRIVATE
	    "TARGET_GROUPS=${CMAKE_MATCH_1}")
	target_link_libraries(mutator_${noun} PRIVATE lwp_flags lwp_prog_pic)
	target_include_directories(mutator_${noun} PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	target_link_options(mutator_${noun} PRIVATE --afl-noopt
	    -Wl,--no-undefined)
	set_target_properties(mutator_${noun} PROPERTIES PREFIX "")
	add_dependencies(fuzz_${noun} mutator_${noun})
endfunction()

file(GLOB TARGETS CONFIGURE_DEPENDS targets/fuzz_*.c)
foreach(source ${TARGETS})
	get_filename_component(name ${source} NAME_WE)
	string(REPLACE fuzz_ "" noun ${name})

	add_executable(replay_${noun} ${source} targets/engine_libfuzzer.c
	    targets/target.c targets/target_mutate.c targets/standalone.c
	    $<TARGET_OBJECTS:lwp_kern_sim>)
	target_link_libraries(replay_${noun} PRIVATE lwp_flags ${HARNESS}
	    ${MACHINE} PkgConfig::JANSSON)
	target_include_directories(replay_${noun} PRIVATE ${CORE}/include
	    ${CORE}/arch/sim)
	lwp_instrumented_link(replay_${noun})
	if(NOT LWP_FUZZER)
		continue()
	endif()
	set(harness ${HARNESS})
	if(noun STREQUAL text)
		list(TRANSFORM harness REPLACE "^lwp_prog$" lwp_prog_cov)
	endif()
	lwp_target(${name} ${source} $<TARGET_OBJECTS:lwp_kern_sim> ${harness})
	if(LWP_AFL)
		lwp_mutator(${noun} ${source})
	endif()
endforeach()
if(LWP_TESTS)
	add_test(NAME fuzz.canary.fails
	    COMMAND replay_canary
	    ${CORPUS}/seeds/lifecycle/suspend-continue.lwp)
	set_tests_properties(fuzz.canary.fails PROPERTIES WILL_FAIL ON)
endif()
