file(REMOVE_RECURSE
  "CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.gch"
  "CMakeFiles/kelp-kills-tests.dir/cmake_pch.hxx.gch.d"
  "CMakeFiles/kelp-kills-tests.dir/kills/inside_killed_test.cc.o"
  "CMakeFiles/kelp-kills-tests.dir/kills/inside_killed_test.cc.o.d"
  "CMakeFiles/kelp-kills-tests.dir/kills/kelp_killed_test.cc.o"
  "CMakeFiles/kelp-kills-tests.dir/kills/kelp_killed_test.cc.o.d"
  "CMakeFiles/kelp-kills-tests.dir/kills/terminal_test.cc.o"
  "CMakeFiles/kelp-kills-tests.dir/kills/terminal_test.cc.o.d"
  "CMakeFiles/kelp-kills-tests.dir/kills/victim.cc.o"
  "CMakeFiles/kelp-kills-tests.dir/kills/victim.cc.o.d"
  "kelp-kills-tests"
  "kelp-kills-tests.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/kelp-kills-tests.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
