file(REMOVE_RECURSE
  "CMakeFiles/bench-alloc-counter.dir/alloc_counter.c.o"
  "CMakeFiles/bench-alloc-counter.dir/alloc_counter.c.o.d"
  "kelp-bench-alloc-counter"
  "kelp-bench-alloc-counter.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/bench-alloc-counter.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
