# SPDX-License-Identifier: Apache-2.0
"""Differences that are kept in every row, each with its reason; those of single rows are in rows.txt.

A line of kelp's that bubblewrap does not have is turned by these into the line that bubblewrap would have: what else
differs in it is still seen. All of them are in man/kelp-bwrap.1.
"""

import os
import re

LINES = [
    # field, what kelp's line is, what it counts as (None: nothing), why
    ("stderr", r"(<6>)?hint: .*", None, "where the cause is known, kelp tells it in a line of its own"),
    ("mount", r"(/ /\S* \S+),noexec(\S* - proc .*)", r"\1\2", "nothing in procfs is to be executed"),
    ("mount", r"(/ /\S* rw),nosuid,nodev,noexec(\S* - mqueue .*)", r"\1\2", "nor in a message queue"),
    ("mount", r"(/ / \S+ - tmpfs tmpfs \w+),size=\d+k,mode=755(.*)", r"\1\2", "a root of kelp's own has a limit"),
    ("mount", r"(/ /\S* \S+ - tmpfs tmpfs \w+),size=\d+k(,mode=755.*)", r"\1\2", "and so has a /dev of its own"),
    ("mount", r"(/\w+ /\S+) ro,nosuid,noexec(\S* - devtmpfs .*)", r"\1 rw,nosuid\2", "nodes of /dev stay as they are"),
    ("mount", r"(/ /\S*) ro,(\S* - overlay overlay ro,.*)", r"\1 rw,\2", "a read-only overlay is read-only twice"),
    ("capabilities", r"(effective (\w+) permitted \2) inheritable 0+", r"\1 inheritable \2",
     "root of the sandbox has its capabilities by being root, and no file gets them by being inheritable"),
    ("status", r"(Cap(?:Inh|Amb):)\t0+", r"\1 N", "the same"),
    ("file", r"(/\S*dev/pts 040755) \d+:\d+", r"\1 N:N", "devpts is made in the sandbox's own user namespace"),
]
# The same for lines of bubblewrap's that kelp does not have.
REFERENCE_LINES = [
    ("descriptor", r"\d+ flags 0 type 100000 (user|pid):\[N\]", None, "a namespace that was entered is used up"),
    ("file", r"(/\S*dev/pts 040755) \d+:\d+", r"\1 N:N", "see above"),
    ("status", r"(Cap(?:Inh|Amb):)\t\w+", r"\1 N", "see above"),
]
# As root: bubblewrap makes it no user namespace unless asked, kelp does, and guards what real root could reach in /proc.
ROOT_LINES = [
    ("namespace", "user new", "user shared", "root gets a user namespace of its own"),
    ("max_user_namespaces", r"\d+", "N", "whose limits are its own"),
    ("mount", r"(/ /\S*dev/pts \S+ - devpts devpts rw),gid=5(,.*)", r"\1\2", "terminals belong to the group tty"),
    ("mount", r"/\S* /\S*proc2?/\S+ ro,\S* - (proc|tmpfs) .*", None, "the dangerous parts of procfs are hidden"),
]
ROOT_REFERENCE_LINES = [
    ("max_user_namespaces", r"\d+", "N", "see above"),
    ("mount", r"/\S* /\S*proc2?/\S+ ro,\S* - proc .*", None, "bubblewrap makes some of them read-only"),
]


def alike(field, wanted, got):
    """Both texts, with the differences that are kept taken out."""
    left, right = wanted.splitlines(), got.splitlines()
    is_root = os.geteuid() == 0
    if field == "bounding" and len(wanted) == len(got) and all(a >= b for a, b in zip(wanted, got)):
        return "", ""  # what kelp drops cannot come back: its bounding set may be smaller, never larger
    return (_turned(REFERENCE_LINES + (ROOT_REFERENCE_LINES if is_root else []), field, left, right),
            _turned(LINES + (ROOT_LINES if is_root else []), field, right, left))


def _turned(rules, field, lines, others):
    result = []
    for line in lines:
        if line not in others:
            for its_field, pattern, instead, _ in rules:
                if line is not None and its_field == field and re.fullmatch(pattern, line):
                    line = None if instead is None else re.sub(pattern, instead, line)
        if line is not None:
            result.append(line)
    return "\n".join(result)
