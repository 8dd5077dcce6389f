# Empty custom commands generated dependencies file for suite-dialect.
# This may be replaced when dependencies are built.
