file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-whoami.dir/payloads/whoami.c.o"
  "CMakeFiles/kelp-payload-whoami.dir/payloads/whoami.c.o.d"
  "kelp-payload-whoami"
  "kelp-payload-whoami.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-whoami.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
