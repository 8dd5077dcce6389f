# SPDX-License-Identifier: Apache-2.0
"""Sees the comparison succeed and fail: the reference against itself, and against itself made wrong.

usage: check_compare.py itself|wrong
"""

import os
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare  # noqa: E402
import table  # noqa: E402

# What is put before the row's own words, the row, and the field in which that has to be seen.
WRONG = [("--unshare-uts", "bare", "namespace"), ("--setenv MORE 1", "bare", "environment"),
         ("--tmpfs /more", "bare", "mount"), ("--cap-add CAP_CHOWN", "cap-add", "capabilities"),
         ("--dir /more", "bare", "file"), ("--level-prefix", "unknown-option", "stderr"),
         ("--new-session", "as-pid-1", "processes"), ("--unshare-net", "info-fd", "fd60")]


def main():
    rows, program = table.read(), compare.reference()
    if program is None:
        print("there is no bubblewrap 0.11 or later to compare with")
        return compare.SKIP
    if sys.argv[1] == "itself":
        names = ["bare", "unshare-all", "file", "info-fd", "missing-bind", "exit-status", "chdir-absent"]
        return 0 if all([compare.compare(rows[name], program, program, False) for name in names]) else 1
    blind = 0
    with tempfile.TemporaryDirectory() as folder:
        for words, name, field in WRONG:
            row, path = rows[name], os.path.join(folder, "wrong")
            with open(path, "w", encoding="utf-8") as script:
                script.write(f"#!/bin/sh\nexec {' '.join(program)} {words} \"$@\"\n")
            os.chmod(path, stat.S_IRWXU)
            seen = subprocess.run([sys.executable, "-B", compare.__file__, "--subject", path, name], check=False,
                                  capture_output=True, text=True)
            is_seen = seen.returncode == 1 and f"\n  {field}:" in seen.stdout
            if not is_seen:
                blind += 1
                print(f"'{words}' in row {name} was not seen in {field}:\n{seen.stdout}{seen.stderr}")
    return 1 if blind else 0


if __name__ == "__main__":
    sys.exit(main())
