file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-descriptors.dir/payloads/descriptors.c.o"
  "CMakeFiles/kelp-payload-descriptors.dir/payloads/descriptors.c.o.d"
  "kelp-payload-descriptors"
  "kelp-payload-descriptors.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-descriptors.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
