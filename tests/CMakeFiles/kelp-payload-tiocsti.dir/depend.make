# Empty dependencies file for kelp-payload-tiocsti.
# This may be replaced when dependencies are built.
