# Empty dependencies file for kelp-payload-shocker.
# This may be replaced when dependencies are built.
