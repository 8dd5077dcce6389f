# Empty custom commands generated dependencies file for suite-readme.
# This may be replaced when dependencies are built.
