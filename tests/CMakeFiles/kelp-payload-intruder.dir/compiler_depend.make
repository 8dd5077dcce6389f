# Empty compiler generated dependencies file for kelp-payload-intruder.
# This may be replaced when dependencies are built.
