file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-view.dir/payloads/view.c.o"
  "CMakeFiles/kelp-payload-view.dir/payloads/view.c.o.d"
  "kelp-payload-view"
  "kelp-payload-view.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-view.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
