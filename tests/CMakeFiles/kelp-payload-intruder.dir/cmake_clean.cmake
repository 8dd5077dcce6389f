file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-intruder.dir/payloads/intruder.c.o"
  "CMakeFiles/kelp-payload-intruder.dir/payloads/intruder.c.o.d"
  "kelp-payload-intruder"
  "kelp-payload-intruder.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-intruder.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
