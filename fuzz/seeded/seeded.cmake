# SPDX-License-Identifier: BSD-2-Clause
#
# A simulator for each seeded defect: the files that its patch touches are
# copied, patched and compiled (plant.cmake); everything else is linked as it
# is.  The regression file that the patch names must fail on it, by replay alone,
# with the verdict that the patch names, and pass on the shipped core.
#
# A patch with "# grain: memory" is of preset simmem, all others are not: it sits
# between two plain accesses.  There it must also be found by drawn schedules of
# its regression program, and must not be at the grain of synchronisation.
#
# "detector: PRESET" in the head of a patch: only what that preset is made of
# sees the defect, so it is planted there and nowhere else.

if(NOT LWP_SEEDED)
	return()
endif()

foreach(patch ${PATCHES})
	file(STRINGS ${patch} lines REGEX "^# [a-z]+: ")
	seeded_key(grain grain ${lines})
	if(grain STREQUAL "memory")
		set(memory ON)
	else()
		set(memory OFF)
	endif()
	if((memory AND NOT LWP_MEMORY_GRAIN) OR
	    (LWP_MEMORY_GRAIN AND NOT memory))
		continue()
	endif()
	seeded_key(id id ${lines})
	seeded_key(regress regress ${lines})
	seeded_key(verdict verdict ${lines})
	string(TOLOWER ${id} lower)

	seeded_key(detector detector ${lines})
	if(NOT LWP_DETECTOR OR detector STREQUAL "${LWP_DETECTOR}")
		add_test(NAME seeded.${lower}.is_not_in_the_shipped_core
		    COMMAND lwpsim replay ${CMAKE_SOURCE_DIR}/${regress})
		set_tests_properties(seeded.${lower}.is_not_in_the_shipped_core
		    PROPERTIES LABELS quick)
	endif()
	if(NOT "${detector}" STREQUAL "${LWP_DETECTOR}")
		continue()
	endif()
	seeded_plant(lwp_kern_${id} ${patch} sim)
	# The patched objects first, the shipped ones as an archive after
	# them: the linker takes from it only what is missing.
	lwp_sim(lwpsim_${id} $<TARGET_OBJECTS:lwp_kern_${id}>)
	target_link_libraries(lwpsim_${id} PRIVATE lwp_kern_archive)
	target_link_options(lwpsim_${id} PRIVATE LINKER:--strip-debug)
	set_target_properties(lwpsim_${id} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
	    ${CMAKE_CURRENT_BINARY_DIR}/seeded)
	if(LWP_AFL OR LWP_RACES)
		# The same core under the engine, for its test.
		lwp_instrument(lwp_kern_${id})
		lwp_target(fuzz_lifecycle_${id} targets/fuzz_lifecycle.c
		    $<TARGET_OBJECTS:lwp_kern_${id}> ${HARNESS})
		target_link_libraries(fuzz_lifecycle_${id} PRIVATE
		    lwp_kern_archive)
		set_target_properties(fuzz_lifecycle_${id} PROPERTIES
		    RUNTIME_OUTPUT_DIRECTORY
		    ${CMAKE_CURRENT_BINARY_DIR}/seeded)
	endif()

	list(APPEND RACES_PLANTED lwpsim_${id})
	add_test(NAME seeded.${lower}.is_caught_by_replay
	    COMMAND lwpsim_${id} replay --expect "${verdict}"
	    ${CMAKE_SOURCE_DIR}/${regress})
	set_tests_properties(seeded.${lower}.is_caught_by_replay PROPERTIES
	    LABELS quick)
	if(memory)
		add_test(NAME seeded.${lower}.is_found_at_memory_grain_only
		    COMMAND sh ${FUZZ}/tests/grain.sh $<TARGET_FILE:lwpsim_${id}>
		    "${verdict}" ${CMAKE_SOURCE_DIR}/${regress})
	endif()
endforeach()
add_custom_target(lwpsim_planted DEPENDS ${RACES_PLANTED})
add_library(lwp_kern_archive STATIC $<TARGET_OBJECTS:lwp_kern_sim>)
