# Empty compiler generated dependencies file for kelp-payload-keyring.
# This may be replaced when dependencies are built.
