# Empty dependencies file for kelp-payload-descriptors.
# This may be replaced when dependencies are built.
