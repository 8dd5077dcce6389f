# SPDX-License-Identifier: Apache-2.0
"""shellcheck finds nothing in the shell scripts of the tree."""

import re
import shutil
import subprocess
import sys

import lint

if not shutil.which("shellcheck"):
    lint.skip("shellcheck is not installed")
scripts = [name for name in lint.files()
           if re.match(r"#!.*\b(ba|da)?sh\b", lint.read(name)[:80].split("\n")[0])]
if scripts:
    sys.exit(subprocess.run(["shellcheck", *scripts], cwd=lint.root(), check=False).returncode)
