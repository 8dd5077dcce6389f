# Empty custom commands generated dependencies file for suite-faults.
# This may be replaced when dependencies are built.
