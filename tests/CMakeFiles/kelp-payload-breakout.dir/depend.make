# Empty dependencies file for kelp-payload-breakout.
# This may be replaced when dependencies are built.
