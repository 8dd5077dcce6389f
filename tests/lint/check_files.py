# SPDX-License-Identifier: Apache-2.0
"""Every source file opens with its licence and says what lives in it, stays short, and every folder of src/
has a README."""

import os

import lint

FAIL_LINES, NOTE_LINES = 400, 300
COMMENTS = {".cc": "//", ".h": "//", ".c": "//", ".py": "#", ".sh": "#", ".cmake": "#"}

report = lint.Report()
for name in lint.files():
    ending = os.path.splitext(name)[1]
    mark = COMMENTS.get(ending)
    if os.path.basename(name) in ("dev", "run", "CMakeLists.txt", "make"):
        mark = "#"
    if mark is None:
        continue
    text = lint.read(name).splitlines()
    if text and text[0].startswith("#!"):
        text = text[1:]
    if not text or text[0] != f"{mark} SPDX-License-Identifier: Apache-2.0":
        report.wrong(f"{name}:1", f"the first line is to be '{mark} SPDX-License-Identifier: Apache-2.0'")
    elif len(text) < 2 or not text[1].startswith((mark + " ", '"""')):
        report.wrong(f"{name}:2", "after the licence a comment says what lives here")
    if name.startswith(("src/", "helpers/", "tests/")):
        if len(text) > FAIL_LINES:
            report.wrong(name, f"{len(text)} lines, more than {FAIL_LINES}: look for the second noun in it")
        elif len(text) > NOTE_LINES:
            report.note(name, f"{len(text)} lines")

have = set(lint.files(("src/",)))
for folder in sorted({os.path.dirname(name) for name in have if name.endswith(lint.CXX)}):
    if f"{folder}/README.md" not in have:
        report.wrong(folder, "has no README.md: the question it answers, and a change that belongs there")
report.close()
