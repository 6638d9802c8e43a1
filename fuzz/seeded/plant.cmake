# SPDX-License-Identifier: BSD-2-Clause
#
# Seeded defects: the patches, the keys in their heads, and how one is planted.

file(GLOB PATCHES CONFIGURE_DEPENDS ${FUZZ}/seeded/*.patch)

# seeded_key(var key lines...): the value of "# key: value"; empty if there is
# none.
function(seeded_key var key)
	list(FILTER ARGN INCLUDE REGEX "^# ${key}: ")
	set(line "")
	if(ARGN)
		list(GET ARGN 0 line)
	endif()
	string(REGEX REPLACE "^# ${key}: +" "" line "${line}")
	set(${var} "${line}" PARENT_SCOPE)
endfunction()

# seeded_plant(name patch machine): the objects of the patched files, compiled
# for a machine.  Headers are those of the core.
function(seeded_plant name patch machine)
	set(tree ${CMAKE_CURRENT_BINARY_DIR}/seeded/${name})
	file(STRINGS ${patch} lines REGEX "^[+][+][+] b/")
	set(outputs "")
	set(originals "")
	foreach(line ${lines})
		if(line MATCHES "^\\+\\+\\+ b/core/kern/([a-z_0-9]+\\.c)")
			list(APPEND outputs ${tree}/core/kern/${CMAKE_MATCH_1})
			list(APPEND originals ${CORE}/kern/${CMAKE_MATCH_1})
		endif()
	endforeach()
	add_custom_command(OUTPUT ${outputs}
	    COMMAND ${CMAKE_COMMAND} -E rm -rf ${tree}
	    COMMAND ${CMAKE_COMMAND} -E make_directory ${tree}/core/kern
	    COMMAND ${CMAKE_COMMAND} -E copy ${originals} ${tree}/core/kern
	    COMMAND patch -s -p1 -d ${tree} -i ${patch}
	    DEPENDS ${patch} ${originals}
	    COMMENT "Planting ${name}")

	add_library(${name} OBJECT ${outputs})
	target_link_libraries(${name} PRIVATE lwp_flags)
	target_include_directories(${name} PRIVATE ${CORE}/include
	    ${CORE}/arch/${machine}/include ${CORE}/kern ${CORE}/lock)
	if(machine STREQUAL sim)
		lwp_grain(${name})
		set_target_properties(${name} PROPERTIES LWP_JUDGED ON)
		# Some hundred: without debug information they link fast.
		target_compile_options(${name} PRIVATE -g0)
	endif()
endfunction()
