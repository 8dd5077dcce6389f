# Empty custom commands generated dependencies file for suite-e2e.
# This may be replaced when dependencies are built.
