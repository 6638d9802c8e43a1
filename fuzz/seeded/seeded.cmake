# SPDX-License-Identifier: BSD-2-Clause
#
# A simulator for each seeded defect: the files that its patch touches are
# copied, patched and compiled; everything else is linked as it is.  The
# regression file that the patch names must fail on it, by replay alone, with
# the verdict that the patch names, and pass on the shipped core.

if(NOT LWP_SEEDED)
	return()
endif()

foreach(patch ${PATCHES})
	file(STRINGS ${patch} lines REGEX "^(# [a-z]+: |[+][+][+] b/)")
	seeded_key(id id ${lines})
	seeded_key(regress regress ${lines})
	seeded_key(verdict verdict ${lines})
	string(TOLOWER ${id} lower)

	# The patched tree: no more than what the patch touches; headers are
	# those of the core.
	set(tree ${CMAKE_CURRENT_BINARY_DIR}/seeded/${id})
	set(touched "")
	foreach(line ${lines})
		if(line MATCHES "^\\+\\+\\+ b/core/kern/([a-z_0-9]+\\.c)")
			list(APPEND touched ${CMAKE_MATCH_1})
		endif()
	endforeach()
	set(outputs "")
	set(originals "")
	foreach(file ${touched})
		list(APPEND outputs ${tree}/core/kern/${file})
		list(APPEND originals ${CORE}/kern/${file})
	endforeach()
	add_custom_command(OUTPUT ${outputs}
	    COMMAND ${CMAKE_COMMAND} -E rm -rf ${tree}
	    COMMAND ${CMAKE_COMMAND} -E make_directory ${tree}/core/kern
	    COMMAND ${CMAKE_COMMAND} -E copy ${originals} ${tree}/core/kern
	    COMMAND patch -s -p1 -d ${tree} -i ${patch}
	    DEPENDS ${patch} ${originals}
	    COMMENT "Planting ${id}")

	add_library(lwp_kern_${id} OBJECT ${outputs})
	target_link_libraries(lwp_kern_${id} PRIVATE lwp_flags)
	target_include_directories(lwp_kern_${id} PRIVATE ${CORE}/include
	    ${CORE}/arch/sim/include ${CORE}/kern ${CORE}/lock)
	# Some hundred of them: without debug information they link fast.
	target_compile_options(lwp_kern_${id} PRIVATE -g0)
	# The patched objects first, the shipped ones as an archive after
	# them: the linker takes from it only what is missing.
	lwp_sim(lwpsim_${id} $<TARGET_OBJECTS:lwp_kern_${id}>)
	target_link_libraries(lwpsim_${id} PRIVATE lwp_kern_archive)
	target_link_options(lwpsim_${id} PRIVATE LINKER:--strip-debug)
	set_target_properties(lwpsim_${id} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
	    ${CMAKE_CURRENT_BINARY_DIR}/seeded)
	if(LWP_AFL)
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

	add_test(NAME seeded.${lower}.is_caught_by_replay
	    COMMAND lwpsim_${id} replay --expect "${verdict}"
	    ${CMAKE_SOURCE_DIR}/${regress})
	add_test(NAME seeded.${lower}.is_not_in_the_shipped_core
	    COMMAND lwpsim replay ${CMAKE_SOURCE_DIR}/${regress})
	set_tests_properties(seeded.${lower}.is_caught_by_replay
	    seeded.${lower}.is_not_in_the_shipped_core PROPERTIES LABELS quick)
endforeach()
add_library(lwp_kern_archive STATIC $<TARGET_OBJECTS:lwp_kern_sim>)
