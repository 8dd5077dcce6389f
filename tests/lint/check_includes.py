# SPDX-License-Identifier: Apache-2.0
"""Folders include only what tests/lint/includes.txt lets them."""

import lint

report = lint.Report()
allowed = {}
for _, row in lint.table("tests/lint/includes.txt"):
    folder, _, others = row.partition(":")
    allowed[folder] = set(others.split())


def folder_of(name):
    parts = name.split("/")
    if parts[0] == "helpers":
        return "helpers"
    return "main" if len(parts) == 2 else parts[1]


for name in lint.files(("src/", "helpers/"), lint.CXX):
    here = folder_of(name)
    if here not in allowed:
        report.wrong(name, f"the folder {here} is not in tests/lint/includes.txt")
        continue
    for number, header in lint.includes(name):
        there = header.split("/")[0] if "/" in header else None
        if there is None:
            if here != "helpers":
                report.wrong(f"{name}:{number}", f'write the folder: #include "{here}/{header}"')
        elif there != here and there not in allowed[here] and header not in allowed[here] and here != "helpers":
            report.wrong(f"{name}:{number}", f"{here} may not include {header}")
        elif here == "helpers" and there in allowed and there not in allowed[here]:
            report.wrong(f"{name}:{number}", f"{here} may not include {header}")
report.close()
