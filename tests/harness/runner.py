# SPDX-License-Identifier: Apache-2.0
"""Runs the tests: every case in a process of its own, as every identity, out of a stage that all may read.

What a case is: a GoogleTest case of build/PRESET/tests/kelp-SUITE-tests; for `dialect` also a row of
tests/dialect/rows.txt; for `lint` a program of tests/lint; for `readme` an sh block of README.md. The last line
is the summary.
"""

import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dialect  # noqa: E402
import engines  # noqa: E402
import groups  # noqa: E402
import identities  # noqa: E402
import kernels  # noqa: E402
import names  # noqa: E402
import tree  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PER_IDENTITY = ("ns", "e2e", "dialect", "faults", "kills")
ON_REQUEST = ("vm",)  # not part of a plain run: minutes of emulation
SUITES = ("unit", *PER_IDENTITY, "engines", "readme", "lint", *ON_REQUEST)
VM_SUITES = ("limits", "absent", "ladder", "engines", "old-kernel")
TIMEOUT = 120  # seconds a case
SANITIZED_TIMES = 4  # as long, or longer, takes a start under a sanitizer
SKIP_STATUS = 77  # of a lint or a script
RUNNING = {}  # process id of each case that runs: the case

Result = collections.namedtuple("Result", "case state text seconds")  # state: pass, fail, skip, apart


class Case:
    """One thing that passes or fails. As: an Identity, or None for the caller."""

    patience = 1
    lacks = kernels.Lacks(kernels.read_list_of(ROOT))

    def __init__(self, suite, name, argv, who, cwd=None, env=None, timeout=TIMEOUT, is_script=False):
        self.suite, self.name, self.argv, self.who = suite, name, argv, who
        self.cwd, self.env, self.timeout = cwd, env or {}, timeout * self.patience
        self.is_script = is_script  # judged by its exit status alone

    def title(self):
        return f"{self.suite} {self.name}" + (f" (as {self.who.name})" if self.who else "")


def run_case(case, common_env):
    started = time.monotonic()
    env = {**common_env, **case.env}
    argv, environ = case.argv, {**os.environ, **env}
    if case.who:
        argv, environ = case.who.command(case.argv, env), None
    # A file, not a pipe: a process that the case leaves behind must not keep us waiting.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(argv, env=environ, cwd=case.cwd or "/", stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        RUNNING[process.pid] = case
        try:
            status = process.wait(case.timeout)
        except subprocess.TimeoutExpired:
            status = None
            end_group(case, process.pid)
            process.wait()
        has_left_processes = status is not None and groups.lives_on(process.pid)
        if has_left_processes:
            end_group(case, process.pid)
        del RUNNING[process.pid]
        output.seek(0)
        text = output.read().decode("utf-8", "backslashreplace")
    seconds = time.monotonic() - started
    if status is None:
        return Result(case, "fail", f"{text}\nran longer than {case.timeout} s", seconds)
    if has_left_processes:
        return Result(case, "fail", f"{text}\nleft processes behind, which were ended", seconds)
    return Result(case, *case.lacks.judge(case.name, *judge(case, status, text)), seconds)


def end_group(case, group):
    try:
        os.killpg(group, signal.SIGKILL)
    except PermissionError:
        case.who.kill(group)
    except ProcessLookupError:
        pass


def judge(case, status, text):
    """(state, what to show) of a finished case."""
    if case.is_script:
        if status == SKIP_STATUS and case.suite != "readme":
            return "skip", text.strip()
        return ("pass", text) if status == 0 else ("fail", f"{text}\nexit status {status}")
    if status != 0:
        return "fail", f"{text}\nexit status {status}"
    apart = re.search(r"^not for this identity: .*$", text, re.M)
    if apart:
        return "apart", apart.group()
    if "[  SKIPPED ]" in text:
        reason = re.search(r": Skipped\n(.*?)\n?\[  SKIPPED \]", text, re.S)
        return "skip", (reason.group(1).strip() if reason else "") or "no reason given"
    if "[  PASSED  ] 1 test" not in text:
        return "fail", f"{text}\nthe program ran no such test"
    return "pass", text


def gtest_cases(stage, suite, who, pattern):
    program = os.path.join(stage, "bin", f"kelp-{suite}-tests")
    if not os.path.exists(program):
        return
    listed = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True).stdout
    group = ""
    for line in listed.splitlines():
        if not line.startswith(" "):
            group = line.split("#")[0].strip()
            if not group.endswith("."):
                group = ""  # "Running main() from …"
            continue
        name = group + line.split("#")[0].strip()
        if names.fits(name, pattern):
            argv = [program, f"--gtest_filter={name}", "--gtest_also_run_disabled_tests"]
            yield Case(suite, name, argv, who)


def lint_cases(build, pattern):
    folder = os.path.join(ROOT, "tests", "lint")
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith("check_") and names.fits(name, pattern):
            yield Case("lint", name, [sys.executable, "-B", path, ROOT], None, cwd=ROOT,
                       env={"KELP_BUILD_DIR": build}, timeout=3600, is_script=True)


def vm_cases(stage, pattern):
    """Each boots a machine, which takes a minute where it is emulated."""
    for name in VM_SUITES:
        if names.fits(name, pattern):
            yield Case("vm", name, [os.path.join(ROOT, "tests", "vm", "run"), name, stage], None, timeout=3600,
                       is_script=True)


def readme_cases(stage, who, pattern):
    """The sh blocks of README.md; (cases, what is not run)."""
    cases, left_out = [], []
    path = os.path.join(ROOT, "README.md")
    if not os.path.exists(path):
        return cases, left_out
    text = tree.read(ROOT, "README.md")
    block = re.compile(r"(?:<!--\s*not run:\s*(?P<why>(?:(?!-->).)*?)\s*-->\s*\n)?^```sh\n(?P<code>.*?)^```\s*$", re.S | re.M)
    for found in block.finditer(text):
        name = f"README.md:{text.count(chr(10), 0, found.start('code')) + 1}"
        if not names.fits(name, pattern):
            continue
        if found.group("why"):
            left_out.append(f"{name} is not run: {found.group('why')}")
            continue
        script = 'cd "$(mktemp -d)"; export HOME=$PWD\n' + found.group("code")
        cases.append(Case("readme", name, ["bash", "-euo", "pipefail", "-c", script], who, is_script=True))
    return cases, left_out


def furnish_packages(stage, builds):
    """Puts into the stage what tests/e2e/fetch_debian has fetched. It is large: a second name of it will do."""
    if os.path.isdir(fetched := os.path.join(builds, "packages")):
        shutil.copytree(fetched, os.path.join(stage, "packages"), copy_function=tree.link_or_copy)


def make_stage(build, has_dialect):
    """A directory that every user may read: the programs, and the sources for tests that read them."""
    stage = tempfile.mkdtemp(prefix="kelp-test.", dir="/tmp")
    os.chmod(stage, 0o755)
    os.mkdir(os.path.join(stage, "bin"), 0o755)
    for folder in (build, os.path.join(build, "tests"), os.path.join(build, "tests", "bench")):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if re.fullmatch(r"kelp(-[\w-]+)?", name) and tree.is_program(path):
                shutil.copy(path, os.path.join(stage, "bin", name))
    os.symlink("kelp", os.path.join(stage, "bin", "kelp-oci"))
    if os.path.isdir(os.path.join(build, "libexec")):
        shutil.copytree(os.path.join(build, "libexec"), os.path.join(stage, "libexec"))
    profiles = os.path.join(ROOT, "packaging", "profiles")
    if os.path.isdir(profiles):
        shutil.copytree(profiles, os.path.join(stage, "share", "kelp", "profiles"))
    if has_dialect:
        dialect.furnish(stage, os.path.dirname(build))
    furnish_packages(stage, os.path.dirname(build))
    for name in tree.files(ROOT):
        target = os.path.join(stage, "source", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), target)
    subprocess.run(["chmod", "-R", "a+rX,go-w", stage], check=True)
    return stage


class Tally:
    """Counts results and says what there is to say about each."""

    def __init__(self, is_ci, is_verbose):
        self.is_ci, self.is_verbose = is_ci, is_verbose
        self.passed, self.failed, self.skipped = 0, [], collections.defaultdict(list)
        self.apart = collections.Counter()
        self.tried, self.left_out = set(), {}  # cases; left out: the reason

    def add(self, result):
        state, title = result.state, result.case.title()
        case = (result.case.suite, result.case.name)
        if state == "apart":
            self.left_out[case] = result.text
        else:
            self.tried.add(case)
        if state == "skip" and self.is_ci:
            state = "fail"
            result = result._replace(text=f"skipped, which --ci does not allow: {result.text}")
        if state == "pass":
            self.passed += 1
            notes = [line for line in result.text.splitlines() if line.startswith("note: ")]
            if self.is_verbose or notes:
                print(f"ok    {title} ({result.seconds:.1f} s)", *notes, sep="\n      ")
        elif state == "apart":
            self.apart[result.text] += 1
        elif state == "skip":
            self.skipped[result.text].append(title)
        else:
            self.failed.append(title)
            print(f"FAILED {title} ({result.seconds:.1f} s)\n{result.text.rstrip()}\n", flush=True)

    def skip(self, reason, title):
        if self.is_ci:
            self.failed.append(f"{title}: {reason}")
            print(f"FAILED {title}: skipped, which --ci does not allow: {reason}\n", flush=True)
        else:
            self.skipped[reason].append(title)

    def skip_what_nobody_tried(self):
        """A case that fits none of the identities is one that is not seen to hold."""
        for case in sorted(self.left_out.keys() - self.tried):
            self.skip(f"fits no identity: {self.left_out[case]}", " ".join(case))

    def close(self):
        """Prints the end of the report and returns the exit status."""
        for reason, count in sorted(self.apart.items()):
            print(f"{count} {reason}")
        for reason, titles in self.skipped.items():
            shown = ", ".join(titles[:4]) + (", …" if len(titles) > 4 else "")
            print(f"skipped {len(titles)}: {reason}\n      {shown}")
        for title in self.failed:
            print(f"failed: {title}")
        skipped = sum(map(len, self.skipped.values()))
        if not self.passed and not self.failed:
            print("nothing ran, which counts as a failure")
        print(f"{self.passed} passed, {len(self.failed)} failed, {skipped} skipped", flush=True)
        return 1 if self.failed or not self.passed else 0


def run_suite(title, cases, jobs, common_env, tally):
    if not cases:
        return
    started, passed, failed = time.monotonic(), tally.passed, len(tally.failed)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(run_case, case, common_env) for case in cases]
        try:
            for future in concurrent.futures.as_completed(waiting):
                tally.add(future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for pid, case in list(RUNNING.items()):
                end_group(case, pid)
            raise
    print(f"{title}: {tally.passed - passed} of {len(cases)} passed, {len(tally.failed) - failed} failed"
          f" ({time.monotonic() - started:.0f} s)", flush=True)


def run_tests(options, stage, tally):
    Case.patience = options.slowness * (SANITIZED_TIMES if options.asan else 1)
    suites = options.suites or [suite for suite in SUITES if suite not in ON_REQUEST and (suite != "lint" or not options.asan)]
    common_env = {"ASAN_OPTIONS": "detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    if options.ci:
        common_env["KELP_TEST_CI"] = "1"
    if options.slowness > 1:
        common_env["KELP_TEST_SLOWNESS"] = str(options.slowness)
    players = {}

    def player(name):
        if name not in players:
            try:
                players[name] = identities.Identity(name, stage)
            except identities.Unavailable as why:
                players[name] = None
                tally.skip(str(why), f"everything as {name}")
        return players[name]

    for suite in (suite for suite in SUITES if suite in suites):
        if suite == "lint":
            run_suite("lint", list(lint_cases(options.build, options.filter)), options.jobs, common_env, tally)
        elif suite == "vm":
            run_suite("vm", list(vm_cases(stage, options.filter)), 1, common_env, tally)
        elif suite == "unit":
            who = player("user")
            run_suite("unit", list(gtest_cases(stage, suite, who, options.filter)), options.jobs, common_env, tally)
        elif suite == "engines":
            who = player("user")
            wanted = engines.commands(stage, who.name_and_privilege(), options.filter, tally) if who else ()
            cases = [Case("engines", name, argv, None, timeout=engines.TIMEOUT, is_script=True) for name, argv in wanted]
            run_suite("engines", cases, options.jobs, common_env, tally)
        elif suite == "readme":
            who = player("user")
            cases, left_out = readme_cases(stage, who, options.filter) if who else ([], [])
            run_suite("readme", cases, options.jobs, common_env, tally)
            print("\n".join(left_out), end="\n" if left_out else "")
    for name in options.identity or identities.NAMES:
        for suite in (suite for suite in PER_IDENTITY if suite in suites):
            cases = list(gtest_cases(stage, suite, None, options.filter))
            if suite == "dialect":
                cases += [Case(suite, title, argv, None, timeout=3 * TIMEOUT, is_script=True)
                          for title, argv in dialect.cases(stage, name, options.filter)]
            who = player(name) if cases else None
            for case in cases if who else ():
                case.who = who
            run_suite(f"{suite} as {name}", cases if who else [], options.jobs, common_env, tally)
    if not options.identity:
        tally.skip_what_nobody_tried()


def run_bench(options, stage):
    who = identities.Identity("user", stage)
    arguments, results = list(options.bench), []
    # The bench runs as a user who may not write here: its files are fetched from the stage.
    for index, (option, value) in enumerate(zip(arguments, arguments[1:]), 1):
        if option in ("--json", "--markdown") and value != "-":
            results.append((os.path.join(who.tmp, str(index)), os.path.join(ROOT, value)))
            arguments[index] = results[-1][0]
    argv = who.command([os.path.join(stage, "bin", "kelp-bench"), *arguments], {})
    # Beside other work the numbers of an ordinary process say little; kelp-bench tells which priority it had.
    if os.geteuid() == 0 and shutil.which("chrt"):
        argv = ["chrt", "--rr", "1", *argv]
    status = subprocess.run(argv, check=False, cwd="/", stdin=subprocess.DEVNULL).returncode
    for made, wanted in results:
        if os.path.exists(made):
            shutil.copyfile(made, wanted)
    return status


def main():
    parser = argparse.ArgumentParser(prog="./dev test")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=" ".join(SUITES))
    parser.add_argument("--as", dest="identity", action="append", choices=identities.NAMES)
    parser.add_argument("--filter", default="*", help="globs over Suite.Name: A.*,B.*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--ci", action="store_true")
    parser.add_argument("--verbose", "-v", action="store_true")
    parser.add_argument("--slowness", type=int, default=1, help="all that is waited for takes so many times as long")
    parser.add_argument("--kernels", action="store_true", help="under other kernels, in virtual machines, and this one")
    parser.add_argument("--kernel", action="append", default=[], help="of those kernels only this one: 5.10")
    parser.add_argument("--engines", action="store_true", help="the same as the suite engines: real ones, and crun")
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument("--stage", help=argparse.SUPPRESS)  # one that was made elsewhere, and stays
    parser.add_argument("--bench", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kernel and not options.kernels:
        parser.error("--kernel takes --kernels")
    if options.engines:
        options.suites.append("engines")
    options.build = os.path.join(ROOT, options.build or "")
    for suite in options.suites:
        if suite not in SUITES:
            parser.error(f"no such suite: {suite} (there are: {' '.join(SUITES)})")

    # Handlers, also where the caller ignores them as it does for a job in the background: no case inherits that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    has_dialect = options.bench is None and (not options.suites or "dialect" in options.suites)
    stage = options.stage or make_stage(options.build, has_dialect)
    try:
        if options.bench is not None:
            return run_bench(options, stage)
        tally = Tally(options.ci, options.verbose)
        if not options.kernels or kernels.run(ROOT, stage, options, tally):
            run_tests(options, stage, tally)
        return tally.close()
    finally:
        if not options.stage:
            identities.remove_tree(stage)


if __name__ == "__main__":
    sys.exit(main())
