
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx.cxx" "tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/e2e/bad_input_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_input_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_input_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_input_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_input_test.cc.o.d"
  "/work/main/tests/e2e/bad_paths_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_paths_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_paths_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_paths_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/bad_paths_test.cc.o.d"
  "/work/main/tests/e2e/doctor_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/doctor_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/doctor_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/doctor_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/doctor_test.cc.o.d"
  "/work/main/tests/e2e/environment_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/environment_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/environment_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/environment_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/environment_test.cc.o.d"
  "/work/main/tests/e2e/escape_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/escape_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/escape_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/escape_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/escape_test.cc.o.d"
  "/work/main/tests/e2e/exhausted_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exhausted_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exhausted_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exhausted_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exhausted_test.cc.o.d"
  "/work/main/tests/e2e/exit_status_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exit_status_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exit_status_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exit_status_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/exit_status_test.cc.o.d"
  "/work/main/tests/e2e/explain_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/explain_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/explain_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/explain_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/explain_test.cc.o.d"
  "/work/main/tests/e2e/hide_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/hide_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/hide_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/hide_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/hide_test.cc.o.d"
  "/work/main/tests/e2e/identity_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/identity_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/identity_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/identity_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/identity_test.cc.o.d"
  "/work/main/tests/e2e/limits_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/limits_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/limits_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/limits_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/limits_test.cc.o.d"
  "/work/main/tests/e2e/mounts_made_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_made_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_made_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_made_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_made_test.cc.o.d"
  "/work/main/tests/e2e/mounts_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/mounts_test.cc.o.d"
  "/work/main/tests/e2e/nested_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/nested_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/nested_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/nested_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/nested_test.cc.o.d"
  "/work/main/tests/e2e/overlay_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/overlay_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/overlay_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/overlay_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/overlay_test.cc.o.d"
  "/work/main/tests/e2e/own_program_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/own_program_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/own_program_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/own_program_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/own_program_test.cc.o.d"
  "/work/main/tests/e2e/privileges_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/privileges_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/privileges_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/privileges_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/privileges_test.cc.o.d"
  "/work/main/tests/e2e/proc_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/proc_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/proc_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/proc_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/proc_test.cc.o.d"
  "/work/main/tests/e2e/process_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/process_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/process_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/process_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/process_test.cc.o.d"
  "/work/main/tests/e2e/propagation_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/propagation_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/propagation_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/propagation_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/propagation_test.cc.o.d"
  "/work/main/tests/e2e/report_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/report_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/report_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/report_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/report_test.cc.o.d"
  "/work/main/tests/e2e/root_hostile_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_hostile_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_hostile_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_hostile_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_hostile_test.cc.o.d"
  "/work/main/tests/e2e/root_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/root_test.cc.o.d"
  "/work/main/tests/e2e/rootfs_safety_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_safety_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_safety_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_safety_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_safety_test.cc.o.d"
  "/work/main/tests/e2e/rootfs_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/rootfs_test.cc.o.d"
  "/work/main/tests/e2e/signals_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/signals_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/signals_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/signals_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/signals_test.cc.o.d"
  "/work/main/tests/e2e/terminal_bytes_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_bytes_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_bytes_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_bytes_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_bytes_test.cc.o.d"
  "/work/main/tests/e2e/terminal_jobs_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_jobs_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_jobs_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_jobs_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_jobs_test.cc.o.d"
  "/work/main/tests/e2e/terminal_test.cc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-e2e-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_test.cc.o" "gcc" "tests/CMakeFiles/kelp-e2e-tests.dir/e2e/terminal_test.cc.o.d"
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
