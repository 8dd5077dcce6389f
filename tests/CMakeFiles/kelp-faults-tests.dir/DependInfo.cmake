
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.cxx" "tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/faults/each_call_test.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/each_call_test.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/each_call_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/each_call_test.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/each_call_test.cc.o.d"
  "/work/main/tests/faults/expectations.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/expectations.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/expectations.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/expectations.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/expectations.cc.o.d"
  "/work/main/tests/faults/linear_test.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/linear_test.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/linear_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/linear_test.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/linear_test.cc.o.d"
  "/work/main/tests/faults/security_step_test.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/security_step_test.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/security_step_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/security_step_test.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/security_step_test.cc.o.d"
  "/work/main/tests/faults/start.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/start.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/start.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/start.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/start.cc.o.d"
  "/work/main/tests/faults/system_calls.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/system_calls.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/system_calls.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/system_calls.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/system_calls.cc.o.d"
  "/work/main/tests/faults/tracer.cc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/tracer.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/tracer.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-faults-tests.dir/faults/tracer.cc.o" "gcc" "tests/CMakeFiles/kelp-faults-tests.dir/faults/tracer.cc.o.d"
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
