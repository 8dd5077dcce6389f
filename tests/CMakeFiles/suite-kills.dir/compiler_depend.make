# Empty custom commands generated dependencies file for suite-kills.
# This may be replaced when dependencies are built.
