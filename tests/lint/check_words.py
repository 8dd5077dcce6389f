# SPDX-License-Identifier: Apache-2.0
"""No file holds a word of tests/lint/words.txt."""

import re

import lint

OWN = "tests/lint/"  # the list itself, and trees made to be found wrong
report = lint.Report()
forbidden = []
for _, row in lint.table("tests/lint/words.txt"):
    pattern, _, reason = row.partition("\t")
    forbidden.append((re.compile(pattern, re.I), reason))
for name in lint.files():
    if name.startswith(OWN):
        continue
    for number, text in lint.lines(name):
        for pattern, reason in forbidden:
            found = pattern.search(text)
            if found:
                report.wrong(f"{name}:{number}", f"'{found.group()}': {reason}")
report.close()
