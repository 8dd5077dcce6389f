file(REMOVE_RECURSE
  "CMakeFiles/bench-true.dir/bench_true.c.o"
  "CMakeFiles/bench-true.dir/bench_true.c.o.d"
  "kelp-bench-true"
  "kelp-bench-true.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/bench-true.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
