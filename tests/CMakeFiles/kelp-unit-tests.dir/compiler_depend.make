# Empty compiler generated dependencies file for kelp-unit-tests.
# This may be replaced when dependencies are built.
