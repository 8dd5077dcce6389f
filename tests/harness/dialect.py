# SPDX-License-Identifier: Apache-2.0
"""The dialect suite's cases that are no GoogleTest: the rows of tests/dialect/rows.txt and the real clients.

Both are programs that end with 0, or with 77 and the reason where something that they need is missing.
"""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "dialect"))
import names  # noqa: E402
import table  # noqa: E402


def furnish(stage, builds):
    """Puts into the stage kelp by bubblewrap's name, and the reference and clients where they were fetched."""
    kelp = os.path.join(stage, "bin", "kelp-static")  # what is installed by that name, where it can be built
    if not os.path.exists(kelp):
        kelp = os.path.join(stage, "bin", "kelp")
    if os.path.exists(kelp):
        os.mkdir(os.path.join(stage, "as-bwrap"))
        shutil.copy(kelp, os.path.join(stage, "as-bwrap", "bwrap"))
    for name in ("reference", "clients"):
        if os.path.isdir(os.path.join(builds, name)):
            shutil.copytree(os.path.join(builds, name), os.path.join(stage, name), symlinks=True)


def cases(stage, identity, pattern):
    """(name, argv) of each that this identity plays."""
    folder = os.path.join(stage, "source", "tests", "dialect")
    python = ["/usr/bin/env", "python3", "-B"]
    others = [("Compare.ReferenceAgreesWithItself", ["check_compare.py", "itself"]),
              ("Compare.SeesAWrongProgram", ["check_compare.py", "wrong"])]
    others += [(f"Compare.InstalledBubblewrapAgrees{part}", ["compare.py", "--installed", "--part", f"{part}/4"])
               for part in range(1, 5)]
    for client in ("flatpak", "sandbox-runtime", "thumbnailer"):
        others += [(f"Clients.{client}", ["clients.py", client, "kelp"]),
                   (f"Clients.{client}-with-bubblewrap", ["clients.py", client, "bubblewrap"])]
    for name, (program, *words) in others:
        if identity == "user" and names.fits(name, pattern):
            yield name, [*python, os.path.join(folder, program), *words]
    for name, row in table.read().items():
        if identity in row.identities and names.fits(f"Rows.{name}", pattern):
            yield f"Rows.{name}", [*python, os.path.join(folder, "compare.py"), name]
