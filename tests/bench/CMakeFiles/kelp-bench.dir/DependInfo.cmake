
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/work/main/tests/bench/command.cc" "tests/bench/CMakeFiles/kelp-bench.dir/command.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/command.cc.o.d"
  "/work/main/tests/bench/interrupt.cc" "tests/bench/CMakeFiles/kelp-bench.dir/interrupt.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/interrupt.cc.o.d"
  "/work/main/tests/bench/json.cc" "tests/bench/CMakeFiles/kelp-bench.dir/json.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/json.cc.o.d"
  "/work/main/tests/bench/linear.cc" "tests/bench/CMakeFiles/kelp-bench.dir/linear.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/linear.cc.o.d"
  "/work/main/tests/bench/lines.cc" "tests/bench/CMakeFiles/kelp-bench.dir/lines.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/lines.cc.o.d"
  "/work/main/tests/bench/main.cc" "tests/bench/CMakeFiles/kelp-bench.dir/main.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/main.cc.o.d"
  "/work/main/tests/bench/markdown.cc" "tests/bench/CMakeFiles/kelp-bench.dir/markdown.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/markdown.cc.o.d"
  "/work/main/tests/bench/memory.cc" "tests/bench/CMakeFiles/kelp-bench.dir/memory.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/memory.cc.o.d"
  "/work/main/tests/bench/options.cc" "tests/bench/CMakeFiles/kelp-bench.dir/options.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/options.cc.o.d"
  "/work/main/tests/bench/process.cc" "tests/bench/CMakeFiles/kelp-bench.dir/process.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/process.cc.o.d"
  "/work/main/tests/bench/profile.cc" "tests/bench/CMakeFiles/kelp-bench.dir/profile.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/profile.cc.o.d"
  "/work/main/tests/bench/report.cc" "tests/bench/CMakeFiles/kelp-bench.dir/report.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/report.cc.o.d"
  "/work/main/tests/bench/rounds.cc" "tests/bench/CMakeFiles/kelp-bench.dir/rounds.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/rounds.cc.o.d"
  "/work/main/tests/bench/rows.cc" "tests/bench/CMakeFiles/kelp-bench.dir/rows.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/rows.cc.o.d"
  "/work/main/tests/bench/scene.cc" "tests/bench/CMakeFiles/kelp-bench.dir/scene.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/scene.cc.o.d"
  "/work/main/tests/bench/statistics.cc" "tests/bench/CMakeFiles/kelp-bench.dir/statistics.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/statistics.cc.o.d"
  "/work/main/tests/bench/verdicts.cc" "tests/bench/CMakeFiles/kelp-bench.dir/verdicts.cc.o" "gcc" "tests/bench/CMakeFiles/kelp-bench.dir/verdicts.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
