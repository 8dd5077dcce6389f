# Empty compiler generated dependencies file for bench-alloc-counter.
# This may be replaced when dependencies are built.
