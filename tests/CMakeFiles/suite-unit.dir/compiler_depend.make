# Empty custom commands generated dependencies file for suite-unit.
# This may be replaced when dependencies are built.
