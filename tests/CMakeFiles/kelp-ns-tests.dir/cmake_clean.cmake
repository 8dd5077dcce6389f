file(REMOVE_RECURSE
  "CMakeFiles/kelp-ns-tests.dir/cmake_pch.hxx.gch"
  "CMakeFiles/kelp-ns-tests.dir/cmake_pch.hxx.gch.d"
  "CMakeFiles/kelp-ns-tests.dir/ns/resolve_race_test.cc.o"
  "CMakeFiles/kelp-ns-tests.dir/ns/resolve_race_test.cc.o.d"
  "CMakeFiles/kelp-ns-tests.dir/ns/resolve_test.cc.o"
  "CMakeFiles/kelp-ns-tests.dir/ns/resolve_test.cc.o.d"
  "kelp-ns-tests"
  "kelp-ns-tests.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/kelp-ns-tests.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
