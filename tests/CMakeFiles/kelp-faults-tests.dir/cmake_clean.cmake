file(REMOVE_RECURSE
  "CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.gch"
  "CMakeFiles/kelp-faults-tests.dir/cmake_pch.hxx.gch.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/each_call_test.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/each_call_test.cc.o.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/expectations.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/expectations.cc.o.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/linear_test.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/linear_test.cc.o.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/security_step_test.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/security_step_test.cc.o.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/start.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/start.cc.o.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/system_calls.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/system_calls.cc.o.d"
  "CMakeFiles/kelp-faults-tests.dir/faults/tracer.cc.o"
  "CMakeFiles/kelp-faults-tests.dir/faults/tracer.cc.o.d"
  "kelp-faults-tests"
  "kelp-faults-tests.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/kelp-faults-tests.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
