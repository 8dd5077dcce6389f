# SPDX-License-Identifier: Apache-2.0
"""What the checks share. A check is tests/lint/check_NAME.py TREE: prints "FILE:LINE: what is wrong", exits 1
if anything is, 77 if it cannot run here. Lines that begin with "note: " are shown and fail nothing."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))
import tree  # noqa: E402

SKIP_STATUS = 77
CXX = (".cc", ".h", ".c")


class Report:
    """Collects what is wrong."""

    def __init__(self):
        self.count = 0

    def wrong(self, where, what):
        self.count += 1
        print(f"{where}: {what}")

    @staticmethod
    def note(where, what):
        print(f"note: {where}: {what}")

    def close(self):
        sys.exit(1 if self.count else 0)


def skip(reason):
    print(reason)
    sys.exit(SKIP_STATUS)


def root():
    return os.path.abspath(sys.argv[1])


def files(below=("",), suffixes=("",)):
    """The tree's files under these folders, with these endings."""
    return [name for name in tree.files(root()) if name.startswith(tuple(below)) and name.endswith(tuple(suffixes))]


def read(name):
    return tree.read(root(), name)


def lines(name):
    return enumerate(read(name).splitlines(), 1)


def table(name):
    """Rows of a text file without comments and empty lines, as (line number, text)."""
    return [(number, text.strip()) for number, text in lines(name) if text.strip() and not text.startswith("#")]


def includes(name):
    """(line number, header) of each #include "…" of a file."""
    for number, text in lines(name):
        found = re.match(r'\s*#\s*include\s*"([^"]+)"', text)
        if found:
            yield number, found.group(1)
