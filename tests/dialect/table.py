# SPDX-License-Identifier: Apache-2.0
"""Reads rows.txt: the command lines of bubblewrap that both programs are given, one a row."""

import os
import re
import shlex

HERE = os.path.dirname(os.path.abspath(__file__))
IDENTITIES = ("user", "noranges", "nested", "root")
# What rows would repeat: a root that holds the survey and a /proc, and the survey itself.
MACROS = {"@min": ["--ro-bind", "@s/bin", "/bin", "--proc", "/proc"], "@see": ["/bin/survey"]}


class BadTable(Exception):
    """rows.txt does not say what it means."""


class Row:
    """One command line, what it is given, and where kelp may differ from the reference."""

    def __init__(self, name, words):
        self.name, self.words = name, words
        self.descriptors = []  # (number, kind, argument)
        self.environment = {}
        self.stdin = ""
        self.signal = None  # sent when the survey has ended its output
        self.ignored = ()  # signals that the program's caller ignores
        self.identities = ("user", "root")
        self.kept = {}  # field: (pattern that kelp's field matches as a whole, reason)
        self.apart = {}  # field: reason why it is not compared
        self.since = (0, 0)  # the version of bubblewrap that does what the row shows
        self.same = []  # words that have to be in both stdouts: proof that the row shows what it is for

    def arguments(self, scene):
        return [word.replace("@s", scene) for word in self.words]


def read(path=os.path.join(HERE, "rows.txt")):
    """{name: Row} in the order of the file."""
    rows, row = {}, None
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            text = line.rstrip("\n")
            if not text.strip() or text.startswith("#"):
                continue
            try:
                if text.startswith(" "):
                    if row is None:
                        raise BadTable("an attribute before the first row")
                    _read_attribute(row, text.strip())
                    continue
                row = _read_row(text)
                if row.name in rows:
                    raise BadTable(f"a second row {row.name}")
                rows[row.name] = row
            except (BadTable, ValueError) as why:
                raise BadTable(f"{path}:{number}: {why}") from why
    return rows


def _read_row(text):
    name, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise BadTable("not NAME: ARGUMENTS")
    words = []
    for word in shlex.split(rest):
        words += MACROS.get(word, [word])
    return Row(name, words)


def _read_attribute(row, text):
    key, _, rest = text.partition(" ")
    if key == "fd":
        found = re.fullmatch(r"([6-9]\d) ([\w-]+)(?: (.*))?", rest)
        # Below 60 the harness has descriptors of its own between fork and exec.
        if not found:
            raise BadTable("not: fd NUMBER KIND [ARGUMENT], with a number from 60 to 99")
        row.descriptors.append((int(found.group(1)), found.group(2), found.group(3) or ""))
    elif key == "env":
        name, _, value = rest.partition("=")
        row.environment[name] = value
    elif key == "stdin":
        row.stdin = rest
    elif key == "signal":
        row.signal = rest
    elif key == "ignored":
        row.ignored = tuple(rest.split())
    elif key == "as":
        row.identities = tuple(rest.split())
        if not set(row.identities) <= set(IDENTITIES):
            raise BadTable(f"no such identity among {rest}")
    elif key == "shows":
        row.same.append(rest)
    elif key == "kept":
        found = re.fullmatch(r'(\S+) "(.*)": (\S.*)', rest)
        if not found:
            raise BadTable('not: kept FIELD "PATTERN": REASON')
        row.kept[found.group(1)] = (found.group(2), found.group(3))
    elif key == "since":
        found = re.fullmatch(r"(\d+)\.(\d+): \S.*", rest)
        if not found:
            raise BadTable("not: since VERSION: WHAT IT DID BEFORE")
        row.since = (int(found.group(1)), int(found.group(2)))
    elif key == "apart":
        field, _, reason = rest.partition(": ")
        if not reason:
            raise BadTable("not: apart FIELD: REASON")
        row.apart[field] = reason
    else:
        raise BadTable(f"no such attribute: {key}")
