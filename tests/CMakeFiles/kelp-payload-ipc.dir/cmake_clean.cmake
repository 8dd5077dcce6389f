file(REMOVE_RECURSE
  "CMakeFiles/kelp-payload-ipc.dir/payloads/ipc.c.o"
  "CMakeFiles/kelp-payload-ipc.dir/payloads/ipc.c.o.d"
  "kelp-payload-ipc"
  "kelp-payload-ipc.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/kelp-payload-ipc.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
