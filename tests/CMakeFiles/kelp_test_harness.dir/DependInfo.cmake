
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/work/main/tests/harness/places.cc" "tests/CMakeFiles/kelp_test_harness.dir/harness/places.cc.o" "gcc" "tests/CMakeFiles/kelp_test_harness.dir/harness/places.cc.o.d"
  "/work/main/tests/harness/pty.cc" "tests/CMakeFiles/kelp_test_harness.dir/harness/pty.cc.o" "gcc" "tests/CMakeFiles/kelp_test_harness.dir/harness/pty.cc.o.d"
  "/work/main/tests/harness/require.cc" "tests/CMakeFiles/kelp_test_harness.dir/harness/require.cc.o" "gcc" "tests/CMakeFiles/kelp_test_harness.dir/harness/require.cc.o.d"
  "/work/main/tests/harness/run.cc" "tests/CMakeFiles/kelp_test_harness.dir/harness/run.cc.o" "gcc" "tests/CMakeFiles/kelp_test_harness.dir/harness/run.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
