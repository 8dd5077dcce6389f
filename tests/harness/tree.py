# SPDX-License-Identifier: Apache-2.0
"""The files of the source tree: what git tracks or would track; without git, all but build/ and caches."""

import os
import shutil
import subprocess


def files(root):
    """Paths of the tree's files, relative to root, sorted."""
    try:
        done = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, stdin=subprocess.DEVNULL)
        names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, below, here in os.walk(root):
            below[:] = [name for name in below if name not in ("build", ".git", ".cache", "__pycache__")]
            names += [os.path.relpath(os.path.join(folder, name), root) for name in here]
    # A tracked file may be deleted in the work tree, and a link may lead nowhere.
    return sorted(name for name in set(names) if os.path.isfile(os.path.join(root, name)))


def read(root, name):
    """The text of one file, with undecodable bytes kept."""
    with open(os.path.join(root, name), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def is_program(path):
    return os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.X_OK)


def link_or_copy(source, name):
    try:
        os.link(source, name)
    except OSError:
        shutil.copy(source, name)
