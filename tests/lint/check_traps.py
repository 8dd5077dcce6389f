# SPDX-License-Identifier: Apache-2.0
"""tests/TRAPS.txt answers every number of tests/lint/traps.txt by a test that exists, or says why not."""

import re

import lint

report = lint.Report()
wanted = []
for _, row in lint.table("tests/lint/traps.txt"):
    letter, first, last = re.fullmatch(r"([A-Z])(\d+)-(\d+)", row).groups()
    wanted += [f"{letter}{number}" for number in range(int(first), int(last) + 1)]

tests = set()
for name in lint.files(("tests/",), (".cc",)):
    for suite, case in re.findall(r"^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST)\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)", lint.read(name), re.M):
        tests.add(f"{suite}.{case}")

answered, planned = set(), []
for number, row in lint.table("tests/TRAPS.txt"):
    where = f"tests/TRAPS.txt:{number}"
    key, _, answer = row.partition(" ")
    answer = answer.strip()
    if key not in wanted:
        report.wrong(where, f"there is no number {key}")
        continue
    answered.add(key)
    for excuse in ("does not apply:", "issue:"):
        if answer.startswith(excuse):
            if len(answer.removeprefix(excuse).split()) < 2:
                report.wrong(where, f"{key}: a reason is missing")
            break
    else:
        if not answer:
            report.wrong(where, f"{key} has no answer")
        for test in answer.split():
            if test not in tests:
                report.wrong(where, f"{key}: there is no test {test}")
    if answer.startswith("issue:"):
        planned.append(key)
if planned:
    report.note("tests/TRAPS.txt", f"planned, not tested yet: {' '.join(planned)}")
for key in wanted:
    if key not in answered:
        report.wrong("tests/TRAPS.txt", f"{key} is not answered")
report.close()
