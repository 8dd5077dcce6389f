file(REMOVE_RECURSE
  "libkelp_test_harness.a"
)
