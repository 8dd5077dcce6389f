# SPDX-License-Identifier: Apache-2.0
"""Who runs a test: an ordinary user with subordinate ranges, one without, the first one inside kelp, root.

The users are made where they are missing (which needs root, or sudo that asks nothing) and stay, so that
runs side by side share them: `userdel kelp-test` removes one.
"""

import os
import pwd
import shutil
import subprocess

NAMES = ("user", "noranges", "nested", "root")
_ACCOUNTS = {"user": "kelp-test", "nested": "kelp-test", "noranges": "kelp-test-noranges", "root": "root"}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# useradd lives in an sbin, which an ordinary user's PATH, or that of a plain `su`, need not have.
os.environ["PATH"] = os.environ.get("PATH", "") + ":" + _PATH


class Unavailable(Exception):
    """This machine cannot play that identity; the text says why."""


class Identity:
    """One of NAMES on this machine, with directories of its own below the stage."""

    def __init__(self, name, stage):
        self.name = name
        self._stage = stage
        self._become = _privilege()
        self.account = _account(name, self._become)
        self._is_caller = self.account.pw_uid == os.geteuid()
        self.home = self._make_dir("home")
        self.tmp = self._make_dir("tmp")
        self._run = self._make_dir("run")

    def _make_dir(self, kind):
        path = os.path.join(self._stage, f"{kind}-{self.name}")
        os.mkdir(path, 0o700)
        if not self._is_caller:
            owner = f"{self.account.pw_uid}:{self.account.pw_gid}"
            subprocess.run([*self._become, "chown", owner, path], check=True)
        return path

    def environment(self, extra):
        """The whole environment of a test: nothing of the caller's leaks in."""
        return {
            "PATH": f"{self._stage}/bin:{_PATH}", "HOME": self.home, "TMPDIR": self.tmp,
            "XDG_RUNTIME_DIR": self._run, "USER": self.account.pw_name, "LOGNAME": self.account.pw_name,
            "SHELL": "/bin/sh", "LANG": "C.UTF-8", "KELP_BINARY": f"{self._stage}/bin/kelp",
            "KELP_SOURCE_DIR": f"{self._stage}/source", "KELP_TEST_AS": self.name, **extra}

    def command(self, argv, extra_env):
        """argv as this identity: a list to execute."""
        environment = self.environment(extra_env)
        if self.name == "nested":
            argv = self._inside_kelp(argv, environment)
            environment["HOME"] = self.account.pw_dir
        line = ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), *argv]
        if self._is_caller:
            return line
        return [*self._become, "setpriv", f"--reuid={self.account.pw_uid}", f"--regid={self.account.pw_gid}",
                "--init-groups", "--inh-caps=-all", "--", *line]

    def _inside_kelp(self, argv, environment):
        """argv in a container of the kelp under test: the host's userland, the stage writable, and all of
        the user's ids, so that the kelp inside has ids to give away."""
        options = ["--userns=auto", "-v", f"{self._stage}:{self._stage}", "-w", self.tmp]
        for key, value in environment.items():
            options += ["-e", f"{key}={value}"]
        return [f"{self._stage}/bin/kelp", "run", *options, "host", "--", *argv]

    def name_and_privilege(self):
        """The account's name, and what makes a command root's."""
        return self.account.pw_name, self._become

    def kill(self, group):
        """Ends a process group that may belong to someone else."""
        subprocess.run([*self._become, "kill", "-KILL", "--", f"-{group}"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def remove_tree(path):
    """Removes the stage, with the files of other users in it."""
    become = _privilege()
    subprocess.run([*(become or []), "rm", "-rf", "--one-file-system", path], check=False)
    if os.path.lexists(path):
        # Files of the caller's subordinate ids, and no sudo: only the id map that made them can remove them.
        subprocess.run([os.path.join(path, "bin/kelp"), "unshare", "rm", "-rf", path], check=False)


def _privilege():
    """The words that make a command run as root: none for root, else sudo's, or None when there is no way."""
    if os.geteuid() == 0:
        return []
    try:
        works = subprocess.run(["sudo", "-n", "true"], check=False, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        works = False
    return ["sudo", "-n", "--"] if works else None


def _account(name, become):
    caller = pwd.getpwuid(os.geteuid())
    if caller.pw_uid != 0 and name != "root" and _has_ranges(caller) == (name != "noranges"):
        return caller
    if become is None:
        raise Unavailable(f"to run tests as '{name}' takes root, or a sudo that asks no password")
    if name == "root":
        return pwd.getpwuid(0)
    account = _make_account(_ACCOUNTS[name], become, with_ranges=name != "noranges")
    if _has_ranges(account) != (name != "noranges"):
        raise Unavailable(f"user {account.pw_name}: /etc/subuid and /etc/subgid are not as '{name}' needs them")
    return account


def _has_ranges(account):
    def listed(path):
        try:
            with open(path, encoding="utf-8", errors="replace") as lines:
                return any(line.split(":")[0] in (account.pw_name, str(account.pw_uid)) for line in lines)
        except OSError:
            return False
    return listed("/etc/subuid") and listed("/etc/subgid")


def _make_account(name, become, with_ranges):
    if not shutil.which("useradd"):
        raise Unavailable(f"useradd is missing, to make the user {name}")
    for _ in range(2):
        try:
            account = pwd.getpwnam(name)
            break
        except KeyError:
            # A system account gets no ranges by itself. Another run may be making the same one: look again.
            made = subprocess.run(
                [*become, "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", f"/home/{name}",
                 "--shell", "/bin/sh", "--comment", "runs the tests of kelp", name],
                check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    else:
        raise Unavailable(f"cannot make the user {name}: {made.stderr.strip()}")
    if with_ranges and not _has_ranges(account):
        first = _free_id()
        span = f"{first}-{first + 65535}"
        subprocess.run([*become, "touch", "/etc/subuid", "/etc/subgid"], check=True)
        subprocess.run([*become, "usermod", "--add-subuids", span, "--add-subgids", span, name], check=True)
    return account


def _free_id():
    """The first id above every range that the machine has given away."""
    first = 100000
    for path in ("/etc/subuid", "/etc/subgid"):
        try:
            with open(path, encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    fields = line.strip().split(":")
                    if len(fields) == 3 and fields[1].isdigit() and fields[2].isdigit():
                        first = max(first, int(fields[1]) + int(fields[2]))
        except OSError:
            pass
    return first
