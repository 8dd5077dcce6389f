file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-shocker.dir/payloads/shocker.c.o"
  "CMakeFiles/kelp-payload-shocker.dir/payloads/shocker.c.o.d"
  "kelp-payload-shocker"
  "kelp-payload-shocker.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-shocker.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
