file(REMOVE_RECURSE
  "CMakeFiles/floor.dir/floor.c.o"
  "CMakeFiles/floor.dir/floor.c.o.d"
  "kelp-bench-floor"
  "kelp-bench-floor.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/floor.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
