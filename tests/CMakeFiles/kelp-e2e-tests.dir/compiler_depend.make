# Empty compiler generated dependencies file for kelp-e2e-tests.
# This may be replaced when dependencies are built.
