# SPDX-License-Identifier: Apache-2.0
"""clang-tidy finds nothing in src/ and helpers/.

It takes seconds a file, so a file found clean is remembered by a hash of all that the answer depends on: the
file, every header of the tree that it reaches, how it is compiled, the settings and the version. The memory is
shared by all clones of a user: $XDG_CACHE_HOME/kelp-lint (or ~/.cache/kelp-lint).
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import lint

PROGRAM = "clang-tidy-19"
# The compile commands are GCC's, and its warnings are the build's business.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-error"]
if not shutil.which(PROGRAM):
    lint.skip(f"{PROGRAM} is not installed")
build = os.environ.get("KELP_BUILD_DIR", os.path.join(lint.root(), "build/dev"))
database = os.path.join(build, "compile_commands.json")
if not os.path.exists(database):
    lint.skip(f"{database} is missing: configure the dev preset")
base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "/tmp"), ".cache")
memory = os.path.join(base, "kelp-lint")
os.makedirs(memory, exist_ok=True)
version = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True).stdout
settings = lint.read(".clang-tidy")


def closure(name, seen):
    """The files of the tree that this one is made of."""
    if name in seen:
        return seen
    seen.add(name)
    for _, header in lint.includes(name):
        for near in (f"src/{header}", os.path.normpath(os.path.join(os.path.dirname(name), header)), header):
            if os.path.isfile(os.path.join(lint.root(), near)):
                closure(near, seen)
                break
    return seen


def key_of(name, command):
    content = hashlib.sha256()
    # The build directory's place does not matter to the answer.
    command = command.replace(lint.root(), "")
    for part in (version, settings, *EXTRA, command, *(lint.read(near) for near in sorted(closure(name, set())))):
        content.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return os.path.join(memory, content.hexdigest())


def examine(job):
    name, key = job
    done = subprocess.run([PROGRAM, "--quiet", "-p", build, *EXTRA, name],
                          cwd=lint.root(), check=False, capture_output=True, text=True)
    if done.returncode == 0:
        open(key, "w", encoding="ascii").close()
        return ""
    return "".join(line for line in done.stdout.splitlines(True)
                   if not re.match(r"\d+ warnings? (generated|treated)", line)) or done.stderr


jobs = []
for entry in json.load(open(database, encoding="utf-8")):
    path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), lint.root())
    if path.startswith(("src/", "helpers/")) and os.path.isfile(os.path.join(lint.root(), path)):
        jobs.append((path, key_of(path, entry.get("command") or shlex.join(entry["arguments"]))))
todo = sorted({job for job in jobs if not os.path.exists(job[1])})
if not jobs:
    print("compile_commands.json names no file of src/")
    sys.exit(1)
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    complaints = [text for text in pool.map(examine, todo) if text]
print("".join(complaints), end="")
sys.exit(1 if complaints else 0)
