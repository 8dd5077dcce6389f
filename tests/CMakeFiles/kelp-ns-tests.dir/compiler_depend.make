# Empty compiler generated dependencies file for kelp-ns-tests.
# This may be replaced when dependencies are built.
