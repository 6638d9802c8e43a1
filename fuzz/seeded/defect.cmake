# SPDX-License-Identifier: BSD-2-Clause
#
# The heads of the patches as a table, defect.def, for "lwpsim list defects".

function(seeded_key var key)
	list(FILTER ARGN INCLUDE REGEX "^# ${key}: ")
	if(NOT ARGN)
		set(${var} "" PARENT_SCOPE)
		return()
	endif()
	list(GET ARGN 0 line)
	string(REGEX REPLACE "^# ${key}: +" "" line "${line}")
	set(${var} "${line}" PARENT_SCOPE)
endfunction()

file(GLOB PATCHES CONFIGURE_DEPENDS seeded/*.patch)
set(rows "")
foreach(patch ${PATCHES})
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch})
	file(STRINGS ${patch} lines REGEX "^# [a-z]+: ")
	set(row "")
	foreach(key id class oracle regress verdict wrong)
		seeded_key(value ${key} ${lines})
		string(REPLACE "\\" "\\\\" value "${value}")
		string(REPLACE "\"" "\\\"" value "${value}")
		string(APPEND row ", \"${value}\"")
	endforeach()
	string(SUBSTRING "${row}" 2 -1 row)
	string(APPEND rows "DEFECT(${row})\n")
endforeach()
file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/seeded/defect.def
    CONTENT "${rows}")
