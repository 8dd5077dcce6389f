file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-keyring.dir/payloads/keyring.c.o"
  "CMakeFiles/kelp-payload-keyring.dir/payloads/keyring.c.o.d"
  "kelp-payload-keyring"
  "kelp-payload-keyring.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-keyring.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
