# SPDX-License-Identifier: BSD-2-Clause
#
# lwp_tests(room objects...): one executable for each t_*.c of the calling
# room's tests, one CTest case for each Test(suite, claim) in it, named
# room.noun.claim after the suite room_noun.

find_library(CRITERION criterion)

function(lwp_test_cases exe source suffix)
	file(STRINGS ${source} cases REGEX "^Test\\(")
	foreach(case ${cases})
		string(REGEX MATCH "^Test\\(([a-z0-9]+)_([a-z0-9_]+), *([A-Za-z0-9_]+)"
		    ok "${case}")
		if(NOT ok)
			message(FATAL_ERROR "${source}: a test is named "
			    "Test(room_noun, claim) on one line: ${case}")
		endif()
		set(name
		    ${CMAKE_MATCH_1}.${CMAKE_MATCH_2}${suffix}.${CMAKE_MATCH_3})
		add_test(NAME ${name} COMMAND ${exe} --filter
		    ${CMAKE_MATCH_1}_${CMAKE_MATCH_2}/${CMAKE_MATCH_3}
		    --jobs 1)
		set_tests_properties(${name} PROPERTIES LABELS quick TIMEOUT 300)
		if(LWP_COVER)
			set_tests_properties(${name} PROPERTIES ENVIRONMENT
			    LLVM_PROFILE_FILE=${CMAKE_BINARY_DIR}/profile/test/${name}/%1m.profraw)
		endif()
	endforeach()
endfunction()

function(lwp_tests room)
	if(NOT LWP_TESTS)
		return()
	endif()
	file(GLOB sources CONFIGURE_DEPENDS tests/t_*.c)
	list(FILTER sources EXCLUDE REGEX /t_host)
	file(GLOB helpers CONFIGURE_DEPENDS tests/h_*.c)
	list(FILTER helpers EXCLUDE REGEX /h_host)
	foreach(source ${sources})
		get_filename_component(noun ${source} NAME_WE)
		set(exe ${room}_${noun})
		set_property(DIRECTORY APPEND PROPERTY
		    CMAKE_CONFIGURE_DEPENDS ${source})
		add_executable(${exe} ${source} ${helpers})
		target_link_libraries(${exe} PRIVATE lwp_flags ${ARGN}
		    ${CRITERION})
		target_include_directories(${exe} PRIVATE tests
		    ${CORE}/include ${CORE}/arch/sim)
		lwp_test_cases(${exe} ${source} "")
	endforeach()
endfunction()

# lwp_host_tests(objects...): on the host machine, the t_host*.c of core/tests,
# and all others that name nothing of the simulator, and whose head does not say
# that they need the simulator; these are called
# core.noun_host.claim.  They peek at the core from outside, like a debugger,
# so ThreadSanitizer looks at the core and not at them.
function(lwp_host_tests)
	if(NOT LWP_TESTS)
		return()
	endif()
	file(GLOB sources CONFIGURE_DEPENDS tests/t_*.c)
	foreach(source ${sources})
		file(STRINGS ${source} sim REGEX
		    "sim_|SIM_|needs? the simulator")
		get_filename_component(noun ${source} NAME_WE)
		set(suffix _host)
		if(noun MATCHES "^t_host")
			set(suffix "")
		elseif(sim)
			continue()
		endif()
		set(exe core_host_${noun})
		set_property(DIRECTORY APPEND PROPERTY
		    CMAKE_CONFIGURE_DEPENDS ${source})
		add_executable(${exe} ${source} tests/h_host.c)
		target_compile_definitions(${exe} PRIVATE H_HOST)
		target_link_libraries(${exe} PRIVATE lwp_flags ${ARGN}
		    ${CRITERION})
		target_include_directories(${exe} PRIVATE tests
		    ${CORE}/include)
		lwp_test_cases(${exe} ${source} "${suffix}")
		if(LWP_SANITIZE MATCHES "thread")
			set_source_files_properties(${source} tests/h_host.c
			    PROPERTIES COMPILE_OPTIONS
			    "-fno-sanitize=thread;-DH_TSAN")
			target_sources(${exe} PRIVATE tests/tsan_criterion.c)
			target_link_options(${exe} PRIVATE -rdynamic)
		endif()
	endforeach()
endfunction()
