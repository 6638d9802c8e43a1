# SPDX-License-Identifier: BSD-2-Clause
#
# The core as a library for outside programs, one for each machine: headers,
# archives, pkg-config (lwp-sim, lwp-host) and find_package(lwp).

include(GNUInstallDirs)

set(LIBS_sim "")
set(LIBS_host "-lurcu-qsbr -lurcu-common -lhwloc -pthread")
if(LWP_FCONTEXT)
	string(APPEND LIBS_sim " -lboost_context")
	string(APPEND LIBS_host " -lboost_context")
endif()

if(LWP_SANITIZE MATCHES "address")
	# See fiber.c.
	string(APPEND LIBS_sim " -Wl,--wrap=__asan_handle_no_return")
	string(APPEND LIBS_host " -Wl,--wrap=__asan_handle_no_return")
endif()

# What <lwp/config.h> makes of NDEBUG; told to outside programs.
string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
set(LWP_CHECKED 1)
if("${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}" MATCHES "-DNDEBUG")
	set(LWP_CHECKED 0)
endif()

# The layout of kmutex_t depends on it.
list(JOIN LWP_CHOICE ";" LWP_CHOICE_CMAKE)
set(LWP_CHOICE_FLAGS "")
foreach(choice ${LWP_CHOICE})
	string(APPEND LWP_CHOICE_FLAGS " -D${choice}")
endforeach()

# lwp_package(machine objects...)
function(lwp_package machine)
	foreach(object ${ARGN})
		list(APPEND objects $<TARGET_OBJECTS:${object}>)
	endforeach()
	add_library(lwp_${machine} STATIC ${objects})
	install(TARGETS lwp_${machine} ARCHIVE)
	set(LIBS "${LIBS_${machine}}")
	configure_file(package/lwp.pc.in lwp-${machine}.pc @ONLY)
	install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lwp-${machine}.pc
	    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

install(DIRECTORY include/lwp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
if(LWP_SIM)
	lwp_package(sim lwp_kern_sim lwp_arch_sim lwp_fiber)
	install(FILES arch/sim/sim.h arch/sim/sim_name.h arch/sim/sim_op.def
	    arch/sim/sim_field.def
	    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lwp)
endif()
if(LWP_HOST)
	lwp_package(host lwp_kern_host lwp_arch_host lwp_fiber)
endif()
set(where ${CMAKE_INSTALL_LIBDIR}/cmake/lwp)
string(REGEX REPLACE "[^/]+" ".." UP ${where})
configure_file(package/lwpConfig.cmake.in lwpConfig.cmake @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lwpConfig.cmake DESTINATION ${where})

if(LWP_SIM AND LWP_HOST AND NOT LWP_SANITIZE AND NOT LWP_FUZZER)
	add_test(NAME core.package.outside_programs_build_against_it
	    COMMAND sh ${CORE}/package/outside.sh ${CMAKE_COMMAND}
	    ${CMAKE_BINARY_DIR} ${CORE}/tests/example
	    ${CMAKE_INSTALL_LIBDIR} ${CMAKE_C_COMPILER} ${LWP_CHECKED})
	set_tests_properties(core.package.outside_programs_build_against_it
	    PROPERTIES LABELS quick TIMEOUT 120)
endif()
