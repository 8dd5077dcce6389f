# SPDX-License-Identifier: Apache-2.0
"""Gives a row of rows.txt to the real bubblewrap and to kelp, and tells where they differ.

usage: compare.py [--list | ROW... | --all | --part N/M] [--subject PROGRAM | --self] [--show] [--installed]
--installed takes the machine's own bubblewrap, which may be as old as 0.8, for all that it can do.
Exit status: 0 equal, or differing as the row says; 1 not; 77 the reference is missing. The runner of the tests
sets KELP_BINARY; beside its folder are reference/ (fetch_reference) and as-bwrap/bwrap (kelp by that name).
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "harness")]
import groups  # noqa: E402
import kept  # noqa: E402
import normal  # noqa: E402
import scene as scenes  # noqa: E402
import table  # noqa: E402

NEWEST, OLDEST = (0, 11), (0, 8)
STAGE = os.path.dirname(os.path.dirname(os.path.abspath(os.environ.get("KELP_BINARY", "/nowhere/bin/kelp"))))
SKIP, WAIT_SECONDS = 77, 20
RUNS = {"PATH": "/bin:/usr/bin", "HOME": "/home/x", "LANG": "C", "KEEP": "kept"}


def reference():
    """The words that start the reference, or None."""
    folder = os.path.join(STAGE, "reference")
    if os.path.exists(os.path.join(folder, "bwrap")):
        return [os.path.join(folder, "loader"), "--library-path", os.path.join(folder, "lib"), "--argv0", "bwrap",
                os.path.join(folder, "bwrap")]
    program = installed()
    return program if program and version_of(program) >= NEWEST else None


def installed():
    path = shutil.which("bwrap", path="/usr/bin:/usr/local/bin")
    return [path] if path else None


def version_of(program):
    said = subprocess.run([*program, "--version"], check=False, capture_output=True, text=True).stdout
    return tuple(int(number) for number in re.findall(r"\d+", said)[:2])


def start(program, row, scene, descriptors):
    def arrange():
        for name in ("HUP", "INT", "QUIT", "TERM", "CHLD", "USR1"):
            signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN if name in row.ignored else signal.SIG_DFL)
        for number, fd in moved.items():
            os.dup2(fd, number)

    # The numbers that the row wants may be in use by those that are still to be moved.
    moved = {number: os.dup(fd) for number, fd in descriptors.given.items()}
    for number in os.listdir("/proc/self/fd"):
        # What the caller of this program left open is none of the row's; the listing itself is gone by now.
        if int(number) > 2 and os.path.exists(f"/proc/self/fd/{number}"):
            os.set_inheritable(int(number), False)
    try:
        return subprocess.Popen(
            [*program, *row.arguments(scene)], cwd=scene, env={**RUNS, **row.environment}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=False, preexec_fn=arrange, text=True,
            errors="backslashreplace", start_new_session=True)
    finally:
        for fd in moved.values():
            os.close(fd)


def finish(process, row):
    """(stdout, stderr); sends the row's signal when the survey is done, and ends what takes too long."""
    if not row.signal:
        try:
            return process.communicate(row.stdin, timeout=WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return out, err + f"\n(ran longer than {WAIT_SECONDS} s)"
    out = ""
    while "end of survey" not in out:
        line = process.stdout.readline()
        if not line:
            break
        out += line
    process.send_signal(getattr(signal, "SIG" + row.signal))
    rest, err = process.communicate(timeout=WAIT_SECONDS)
    return out + rest, err


def asks_for_pids(row):
    return bool({"--unshare-pid", "--unshare-all", "--pidns"} & set(row.words))


def run(program, row, folder):
    """{field: text} of one program."""
    scene = scenes.make(folder, STAGE)
    descriptors = scenes.Descriptors(row, scene)
    try:
        process = start(program, row, scene, descriptors)
        descriptors.close_ours()
        out, err = finish(process, row)
        result = normal.fields(out, folder, descriptors.namespaces, asks_for_pids(row))
        result["left"] = "processes" if groups.lives_on(process.pid) else ""
        if result["left"]:
            os.killpg(process.pid, signal.SIGKILL)
        result["exit"] = str(process.returncode)
        result["stderr"] = normal.places(err, folder)
        for number, text in descriptors.texts().items():
            result[f"fd{number}"] = normal.status_text(text, out, folder)
        result["host"] = normal.places(scenes.listing(scene), folder)
        return result
    finally:
        descriptors.close()


def differences(row, wanted, got):
    """Lines that say what is wrong; none where the row is as it should be."""
    wrong, apart = [], set(row.apart)
    has_started = ["argument" in result for result in (wanted, got)]
    if has_started[0] != has_started[1]:
        # Not every one of its lines, too.
        if "survey" not in apart:
            wrong.append(f"survey: only {'bwrap' if has_started[0] else 'kelp'} started it")
        apart.add("survey")
    if "survey" in apart:
        apart |= set(normal.GROUPS)
    for field in sorted(set(wanted) | set(got) | set(row.kept)):
        if field in apart and field not in row.kept:
            continue
        left, right = kept.alike(field, wanted.get(field, "(nothing)"), got.get(field, "(nothing)"))
        if field in row.kept:
            pattern, reason = row.kept[field]
            if left == right:
                wrong.append(f"{field}: no longer differs, though the row keeps it ({reason})")
            elif not re.fullmatch(pattern, right, re.S):
                wrong += [f"{field}: differs, but not as the row says", f"  bwrap: {left}", f"  kelp:  {right}"]
        elif left != right:
            wrong += _contrast(field, left, right)
    for words in row.same:
        for name, result in (("bwrap", wanted), ("kelp", got)):
            if not any(words in f"{field} {line}" for field, text in result.items() for line in text.splitlines()):
                wrong.append(f"{name} does not show '{words}', which this row is for")
    return wrong


def _contrast(field, left, right):
    left, right = left.splitlines() or [""], right.splitlines() or [""]
    lines = [f"{field}:"]
    lines += [f"  bwrap: {line}" for line in left if line not in right]
    lines += [f"  kelp:  {line}" for line in right if line not in left]
    if len(lines) == 1:
        lines += [f"  bwrap: {left}", f"  kelp:  {right}"]
    return lines


def lacks(row, version, wanted):
    """Whether a bubblewrap as old as that cannot show what the row is about."""
    return version < row.since or version < NEWEST and "Unknown option" in wanted["stderr"]


def compare(row, wanted_program, subject, is_shown, version=NEWEST):
    folder = scenes.folder()
    try:
        wanted = run(wanted_program, row, folder)
        got = run(subject, row, folder)
    finally:
        scenes.remove(os.path.join(folder, "scene"))
        os.rmdir(folder)
    if is_shown:
        for field, text in sorted(wanted.items()):
            print(f"{row.name} {field}:\n    " + text.replace("\n", "\n    "))
    if lacks(row, version, wanted):
        print(f"{row.name}: not of bubblewrap {'.'.join(map(str, version))}")
        return True
    wrong = differences(row, wanted, got)
    if wrong:
        print(f"{row.name}: {' '.join(row.words)}", *wrong, sep="\n  ")
    return not wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--part", help="N/M: the Nth of M parts of all")
    parser.add_argument("--installed", action="store_true", help="compare with the installed bubblewrap, from 0.8 on")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--self", action="store_true", help="compare the reference with itself")
    parser.add_argument("--subject", help="compare the reference with this program")
    parser.add_argument("--show", action="store_true", help="print what the reference does")
    options = parser.parse_args()
    rows = table.read()
    if options.list:
        print("\n".join(rows))
        return 0
    program = installed() if options.installed else reference()
    version = version_of(program) if options.installed and program else NEWEST
    if program is None or version < OLDEST:
        print("there is no bubblewrap to compare with (tests/dialect/fetch_reference; --installed: 0.8 or later)")
        return SKIP
    subject = program if options.self else [options.subject or os.path.join(STAGE, "as-bwrap", "bwrap")]
    chosen = list(rows) if options.all else options.rows
    if options.part:
        part, parts = (int(number) for number in options.part.split("/"))
        chosen = list(rows)[part - 1::parts]
    for row in rows.values() if options.self else ():
        row.kept.clear()
    failed = [name for name in chosen if not compare(rows[name], program, subject, options.show, version)]
    if options.all or options.part:
        print(f"{len(chosen) - len(failed)} of {len(chosen)} rows agree")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
