# SPDX-License-Identifier: BSD-2-Clause
#
# LWP_CHOICE: what <lwp/config.h> is to be told of LWP_SPIN and LWP_PROTOCOL, if
# they are not the default.

set(LWP_CHOICE "")
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../include/lwp/spin.def spins
    REGEX "^SPIN\\(")
string(REGEX REPLACE "SPIN\\(([a-z]+),[^;]*" "\\1" spins "${spins}")
if(NOT LWP_SPIN STREQUAL fas)
	if(NOT LWP_SPIN IN_LIST spins)
		message(FATAL_ERROR "LWP_SPIN=${LWP_SPIN}: fas, or one of ${spins}")
	endif()
	# spin_node.h says why.
	if(LWP_MEMORY_GRAIN)
		message(FATAL_ERROR "LWP_SPIN=${LWP_SPIN}: not with "
		    "LWP_MEMORY_GRAIN, where only fas is safe")
	endif()
	list(APPEND LWP_CHOICE LWP_SPIN=${LWP_SPIN} LWP_SPIN_LOCK)
endif()

set(pauses_retry 0)
set(pauses_poll 1)
set(pauses_backoff 16)
if(NOT DEFINED pauses_${LWP_PROTOCOL})
	message(FATAL_ERROR
	    "LWP_PROTOCOL=${LWP_PROTOCOL}: one of retry, poll, backoff")
endif()
if(NOT LWP_PROTOCOL STREQUAL backoff)
	list(APPEND LWP_CHOICE LWP_PROTOCOL_PAUSES=${pauses_${LWP_PROTOCOL}})
endif()
