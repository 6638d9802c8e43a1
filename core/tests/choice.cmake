# SPDX-License-Identifier: BSD-2-Clause
#
# choice.cmake without a build: cmake -D LWP_SPIN=... -P choice.cmake.

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/../lock/choice.cmake)
message("${LWP_CHOICE}")
