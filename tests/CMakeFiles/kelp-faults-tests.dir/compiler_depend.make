# Empty compiler generated dependencies file for kelp-faults-tests.
# This may be replaced when dependencies are built.
