# SPDX-License-Identifier: Apache-2.0
"""`./dev test --kernels`: the suites under other kernels, each in one virtual machine, and under this one.

What a kernel has not is in tests/vm/kernels.txt: a case that fails there for just that reason is counted apart,
with the reason; one that is listed and passes is a failure, so that the list stays true.
"""

import os
import re
import subprocess

import tree

MACHINES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie"}  # kernel: the release of Debian that has it
LIST = "tests/vm/kernels.txt"


def running():
    """This kernel, as the list names it: 6.12."""
    return ".".join(os.uname().release.split(".")[:2])


def read_list(text):
    """{(kernel, case): (what a failure of it shows, why)}"""
    reasons, rows = {}, {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("reason "):
            name, shown, why = (part.strip() for part in line[len("reason "):].split("|"))
            reasons[name] = (shown, why)
        else:
            kernel, name, *cases = line.split()
            rows.update({(kernel, case): reasons[name] for case in cases})
    return rows


def read_list_of(root):
    return read_list(tree.read(root, LIST))


class Lacks:
    """What this kernel is known not to have."""

    def __init__(self, rows):
        self._rows = rows

    def judge(self, name, state, text):
        """(state, text) of a finished case, with what is known of this kernel."""
        row = self._rows.get((running(), name))
        if row is None or state not in ("pass", "fail"):
            return state, text
        shown, why = row
        if state == "pass":
            return "fail", f"{LIST} says that Linux {running()} has not what it takes ({why}), and it passes"
        return ("apart", f"not for this kernel: {why}") if shown in text else ("fail", text)


def run(root, stage, options, tally):
    """Runs the suites in the machines of the wanted kernels; true where this machine's kernel is to be tried, too."""
    options.suites, options.identity = options.suites or ["e2e"], options.identity or ["user"]
    arguments, wanted = [*options.suites, "--filter", options.filter], options.kernel
    for name in options.identity:
        arguments += ["--as", name]
    if options.verbose:
        arguments.append("--verbose")
    for kernel, suite in MACHINES.items():
        if wanted and kernel not in wanted:
            continue
        print(f"Linux {kernel}, of Debian's {suite}:", flush=True)
        argv = [os.path.join(root, "tests", "vm", "run"), "kernel", stage, suite, *arguments]
        summary = ""
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", errors="backslashreplace") as machine:
            for line in machine.stdout:
                print(f"{kernel} | {line.rstrip()}", flush=True)
                if line.startswith("failed: "):
                    tally.failed.append(f"Linux {kernel}: {line[len('failed: '):].strip()}")
                found = re.match(r"(\d+) passed, (\d+) failed, (\d+) skipped$", line)
                if found:
                    summary = found
        if not summary:
            tally.failed.append(f"Linux {kernel}: the machine ended with status {machine.returncode}")
            continue
        tally.passed += int(summary.group(1))
        if machine.returncode != 0 and summary.group(2) == "0":
            tally.failed.append(f"Linux {kernel}: {summary.group()}, status {machine.returncode}")
        if summary.group(3) != "0":
            tally.skip(f"Linux {kernel}, where {summary.group(3)} were skipped", f"Linux {kernel}")
    return running() in wanted or (not wanted and running() not in MACHINES)
