
# Per-language clean rules from dependency scanning.
foreach(lang )
  include(CMakeFiles/suite-ns.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
