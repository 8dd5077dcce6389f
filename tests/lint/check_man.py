# SPDX-License-Identifier: Apache-2.0
"""The flags that kelp has and the flags that its manual pages document are the same.

`kelp --print-flags` prints a line VERB<TAB>FLAG for each; man/kelp-VERB.1 (man/kelp.1 for the verb "-")
documents one by a .TP and, on the line after it, \\fB\\-\\-flag\\fR (several with commas between).
"""

import os
import re
import subprocess
import sys

import lint

program = os.environ.get("KELP_PRINT_FLAGS") or os.path.join(os.environ.get("KELP_BUILD_DIR", "build/dev"), "kelp")
done = subprocess.run([program, "--print-flags"], check=False, capture_output=True, text=True)
if done.returncode != 0:
    print(f"{program} --print-flags failed: {done.stderr.strip()}")
    sys.exit(1)
report = lint.Report()
real = {}
for line in done.stdout.splitlines():
    verb, _, flag = line.partition("\t")
    if not re.fullmatch(r"--?[A-Za-z0-9][A-Za-z0-9-]*", flag):
        report.wrong(program, f"--print-flags: not VERB<TAB>FLAG: {line!r}")
        continue
    real.setdefault(verb, set()).add(flag)
if not real:
    report.wrong(program, "--print-flags prints no flag")


def documented(page):
    flags, after_tp = {}, False
    for number, text in lint.lines(page):
        if after_tp:
            plain = re.sub(r"\\f[BIRP]|\\f\[\w*\]", "", text).replace("\\-", "-")
            plain = re.sub(r"^\.[BI]{1,2}R?\s+", "", plain)
            for word in re.split(r",\s*", plain.split("#")[0]):
                found = re.match(r"\s*\"?(--?[A-Za-z0-9][A-Za-z0-9-]*)", word)
                if found:
                    flags[found.group(1)] = number
        after_tp = text.strip().startswith((".TP", ".TQ"))
    return flags


have = set(lint.files(("man/",)))
for verb, flags in sorted(real.items()):
    page = "man/kelp.1" if verb == "-" else f"man/kelp-{verb}.1"
    if page not in have:
        report.wrong(page, f"is missing; kelp {verb} has {len(flags)} flags")
        continue
    written = documented(page)
    for flag in sorted(flags - set(written)):
        report.wrong(page, f"{flag} is not documented")
    for flag, number in sorted(written.items()):
        if flag not in flags:
            report.wrong(f"{page}:{number}", f"{flag} is documented, but kelp {verb} has no such flag")
for page in sorted(have):
    found = re.fullmatch(r"man/kelp-([\w-]+)\.1", page)
    if found and found.group(1) not in real and documented(page):
        report.wrong(page, f"documents flags of {found.group(1)}, which has none")
report.close()
