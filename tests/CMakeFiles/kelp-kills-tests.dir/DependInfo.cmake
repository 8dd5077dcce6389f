
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/work/main/tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.cxx" "tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/kills/inside_killed_test.cc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/inside_killed_test.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/inside_killed_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-kills-tests.dir/kills/inside_killed_test.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/inside_killed_test.cc.o.d"
  "/work/main/tests/kills/kelp_killed_test.cc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/kelp_killed_test.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/kelp_killed_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-kills-tests.dir/kills/kelp_killed_test.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/kelp_killed_test.cc.o.d"
  "/work/main/tests/kills/terminal_test.cc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/terminal_test.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/terminal_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-kills-tests.dir/kills/terminal_test.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/terminal_test.cc.o.d"
  "/work/main/tests/kills/victim.cc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/victim.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/victim.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-kills-tests.dir/kills/victim.cc.o" "gcc" "tests/CMakeFiles/kelp-kills-tests.dir/kills/victim.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/work/main/tests/CMakeFiles/kelp_test_harness.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_base.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_sys.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_spec.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_cli.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_host.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_plan.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_child.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_launch.dir/DependInfo.cmake"
  "/work/main/CMakeFiles/kelp_verbs.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
