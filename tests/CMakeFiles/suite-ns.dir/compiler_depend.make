# Empty custom commands generated dependencies file for suite-ns.
# This may be replaced when dependencies are built.
