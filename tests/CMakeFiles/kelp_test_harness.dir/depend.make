# Empty dependencies file for kelp_test_harness.
# This may be replaced when dependencies are built.
