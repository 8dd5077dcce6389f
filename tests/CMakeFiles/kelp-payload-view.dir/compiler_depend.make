# Empty compiler generated dependencies file for kelp-payload-view.
# This may be replaced when dependencies are built.
