# Empty custom commands generated dependencies file for suite-lint.
# This may be replaced when dependencies are built.
