# Empty compiler generated dependencies file for kelp-payload-whoami.
# This may be replaced when dependencies are built.
