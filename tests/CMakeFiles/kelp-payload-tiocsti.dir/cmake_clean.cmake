file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-tiocsti.dir/payloads/tiocsti.c.o"
  "CMakeFiles/kelp-payload-tiocsti.dir/payloads/tiocsti.c.o.d"
  "kelp-payload-tiocsti"
  "kelp-payload-tiocsti.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-tiocsti.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
