# Empty dependencies file for bench-true.
# This may be replaced when dependencies are built.
