file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-breakout.dir/payloads/breakout.c.o"
  "CMakeFiles/kelp-payload-breakout.dir/payloads/breakout.c.o.d"
  "kelp-payload-breakout"
  "kelp-payload-breakout.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-breakout.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
