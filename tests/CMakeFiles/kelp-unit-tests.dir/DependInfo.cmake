
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx.cxx" "tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx.gch" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx.gch.d"
  "/work/main/tests/harness/harness_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/harness/harness_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/harness/harness_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/harness/harness_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/harness/harness_test.cc.o.d"
  "/work/main/tests/unit/accounts_files_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/accounts_files_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/accounts_files_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/accounts_files_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/accounts_files_test.cc.o.d"
  "/work/main/tests/unit/cli_flags_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_flags_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_flags_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_flags_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_flags_test.cc.o.d"
  "/work/main/tests/unit/cli_run_process_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_process_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_process_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_process_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_process_test.cc.o.d"
  "/work/main/tests/unit/cli_run_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_run_test.cc.o.d"
  "/work/main/tests/unit/cli_values_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_values_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_values_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_values_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/cli_values_test.cc.o.d"
  "/work/main/tests/unit/elf_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/elf_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/elf_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/elf_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/elf_test.cc.o.d"
  "/work/main/tests/unit/host_causes_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_causes_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_causes_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_causes_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_causes_test.cc.o.d"
  "/work/main/tests/unit/host_probe_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_probe_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_probe_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_probe_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_probe_test.cc.o.d"
  "/work/main/tests/unit/host_readers_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_readers_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_readers_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_readers_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_readers_test.cc.o.d"
  "/work/main/tests/unit/host_subids_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_subids_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_subids_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_subids_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/host_subids_test.cc.o.d"
  "/work/main/tests/unit/library_search_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/library_search_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/library_search_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/library_search_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/library_search_test.cc.o.d"
  "/work/main/tests/unit/plan_command_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_command_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_command_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_command_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_command_test.cc.o.d"
  "/work/main/tests/unit/plan_ids_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_ids_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_ids_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_ids_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_ids_test.cc.o.d"
  "/work/main/tests/unit/plan_mounts_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_mounts_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_mounts_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_mounts_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/plan_mounts_test.cc.o.d"
  "/work/main/tests/unit/rootfs_gather_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/rootfs_gather_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/rootfs_gather_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/rootfs_gather_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/rootfs_gather_test.cc.o.d"
  "/work/main/tests/unit/spec_check_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/spec_check_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/spec_check_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/spec_check_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/spec_check_test.cc.o.d"
  "/work/main/tests/unit/text_values_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/text_values_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/text_values_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/text_values_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/text_values_test.cc.o.d"
  "/work/main/tests/unit/verbs_doctor_test.cc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/verbs_doctor_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/verbs_doctor_test.cc.o.d"
  "/work/main/tests/CMakeFiles/kelp-unit-tests.dir/cmake_pch.hxx" "tests/CMakeFiles/kelp-unit-tests.dir/unit/verbs_doctor_test.cc.o" "gcc" "tests/CMakeFiles/kelp-unit-tests.dir/unit/verbs_doctor_test.cc.o.d"
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
