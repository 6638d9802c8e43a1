# SPDX-License-Identifier: BSD-2-Clause
#
# The tests of a build that judges the core for races (LWP_RACES), and a target,
# "races", with what they need.  The planted defects have theirs in
# seeded/seeded.cmake.

add_custom_target(races DEPENDS lwpsim fuzz_lifecycle fuzz_fixed
    ${RACES_PLANTED} fuzz_lifecycle_F2)
add_test(NAME races.corpus.is_clean
    COMMAND lwpsim corpus --runs 20 ${SEEDS} ${CORPUS}/regress)
add_test(NAME races.verdict.does_not_depend_on_earlier_runs
    COMMAND sh ${FUZZ}/tests/races.sh again ${CMAKE_CURRENT_BINARY_DIR})
add_test(NAME races.engine.writes_each_race_once_and_goes_on
    COMMAND sh ${FUZZ}/tests/races.sh engine ${CMAKE_CURRENT_BINARY_DIR})
add_test(NAME races.memory.stays_flat
    COMMAND sh ${FUZZ}/tests/races.sh flat ${CMAKE_CURRENT_BINARY_DIR})
set_tests_properties(races.verdict.does_not_depend_on_earlier_runs
    races.engine.writes_each_race_once_and_goes_on races.memory.stays_flat
    PROPERTIES WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
