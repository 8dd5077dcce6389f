# Empty dependencies file for kelp-payload-ipc.
# This may be replaced when dependencies are built.
