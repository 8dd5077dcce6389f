# SPDX-License-Identifier: Apache-2.0
"""Every C and C++ file is as clang-format leaves it."""

import shutil
import subprocess
import sys

import lint

PROGRAM = "clang-format-19"  # another version breaks lines elsewhere
if not shutil.which(PROGRAM):
    lint.skip(f"{PROGRAM} is not installed")
sources = lint.files(suffixes=lint.CXX)
done = subprocess.run([PROGRAM, "--dry-run", "-Werror", "--ferror-limit=1", *sources], cwd=lint.root(), check=False) \
    if sources else None
if done and done.returncode:
    print("`./dev format` mends this", flush=True)
    sys.exit(1)
