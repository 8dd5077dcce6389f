# Empty dependencies file for kelp-kills-tests.
# This may be replaced when dependencies are built.
