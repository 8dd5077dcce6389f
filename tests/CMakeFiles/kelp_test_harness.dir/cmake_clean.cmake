file(REMOVE_RECURSE
  "CMakeFiles/kelp_test_harness.dir/harness/places.cc.o"
  "CMakeFiles/kelp_test_harness.dir/harness/places.cc.o.d"
  "CMakeFiles/kelp_test_harness.dir/harness/pty.cc.o"
  "CMakeFiles/kelp_test_harness.dir/harness/pty.cc.o.d"
  "CMakeFiles/kelp_test_harness.dir/harness/require.cc.o"
  "CMakeFiles/kelp_test_harness.dir/harness/require.cc.o.d"
  "CMakeFiles/kelp_test_harness.dir/harness/run.cc.o"
  "CMakeFiles/kelp_test_harness.dir/harness/run.cc.o.d"
  "libkelp_test_harness.a"
  "libkelp_test_harness.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/kelp_test_harness.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
