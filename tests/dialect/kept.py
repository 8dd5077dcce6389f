# SPDX-License-Identifier: Apache-2.0
"""Differences that are kept in every row, each with its reason; those of single rows are in rows.txt.

A line of kelp's that bubblewrap does not have is turned by these into the line that bubblewrap would have: what else
differs in it is still seen. All of them are in man/kelp-bwrap.1.
"""

import re

LINES = [
    # field, what kelp's line is, what it counts as (None: nothing), why
    ("stderr", r"(<6>)?hint: .*", None, "where the cause is known, kelp tells it in a line of its own"),
    ("securebits", r"\d+", "0", "root of the sandbox gets no rights by being root, nor by a file"),
    ("mount", r"(/ /\S* \S+),noexec(\S* - proc .*)", r"\1\2", "nothing in procfs is to be executed"),
    ("mount", r"(/ /\S* rw),nosuid,nodev,noexec(\S* - mqueue .*)", r"\1\2", "nor in a message queue"),
    ("mount", r"(/ / \S+ - tmpfs tmpfs \w+),size=\d+k,mode=755(.*)", r"\1\2", "a root of kelp's own has a limit"),
    ("mount", r"(/ /\S* \S+ - tmpfs tmpfs \w+),size=\d+k(,mode=755,.*)", r"\1\2", "and so has a /dev of its own"),
    ("mount", r"(/\w+ /\S+) ro,nosuid,noexec(\S* - devtmpfs .*)", r"\1 rw,nosuid\2", "nodes of /dev stay as they are"),
    ("mount", r"(/ /\S*) ro,(\S* - overlay overlay ro,.*)", r"\1 rw,\2", "a read-only overlay is read-only twice"),
    ("file", r"(/\S*dev/pts 040755) \d+:\d+", r"\1 N:N", "devpts is made in the sandbox's own user namespace"),
]
# The same for lines of bubblewrap's that kelp does not have.
REFERENCE_LINES = [
    ("descriptor", r"\d+ flags 0 type 100000 (user|pid):\[N\]", None, "a namespace that was entered is used up"),
    ("file", r"(/\S*dev/pts 040755) \d+:\d+", r"\1 N:N", "see above"),
]


def alike(field, wanted, got):
    """Both texts, with the differences that are kept taken out."""
    left, right = wanted.splitlines(), got.splitlines()
    return (_turned(REFERENCE_LINES, field, left, right), _turned(LINES, field, right, left))


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
