# Empty compiler generated dependencies file for kelp-bench.
# This may be replaced when dependencies are built.
