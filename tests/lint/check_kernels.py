# SPDX-License-Identifier: Apache-2.0
"""tests/vm/kernels.txt excuses what exists, on a kernel that is tried, for a reason that it gives; and what is
excused is that failure alone."""

import re

import lint

import kernels

report = lint.Report()
tests = set()
for name in lint.files(("tests/",), (".cc",)):
    found = re.findall(r"^\s*TEST(?:_F|_P)?\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)", lint.read(name), re.M)
    tests.update(f"{suite}.{case}" for suite, case in found)
try:
    rows = kernels.read_list(lint.read(kernels.LIST))
except (KeyError, ValueError) as why:
    rows = {}
    report.wrong(kernels.LIST, f"cannot be read: {why!r}")
for kernel, case in rows:
    if kernel not in kernels.MACHINES:
        report.wrong(kernels.LIST, f"no machine has Linux {kernel}")
    if case not in tests:
        report.wrong(kernels.LIST, f"there is no test {case}")

here = kernels.Lacks(rows={(kernels.running(), "A.b"): ("no such call", "the call is new")})
for case, state, text, wanted in (("A.b", "fail", "x: no such call", "apart"), ("A.b", "fail", "x", "fail"),
                                  ("A.b", "pass", "", "fail"), ("A.b", "skip", "no such call", "skip"),
                                  ("A.c", "fail", "no such call", "fail"), ("A.c", "pass", "", "pass")):
    if here.judge(case, state, text)[0] != wanted:
        report.wrong("tests/harness/kernels.py", f"{case}, {state} with '{text}', is not judged as {wanted}")
report.close()
