# SPDX-License-Identifier: Apache-2.0
"""What a row finds on the machine: a small tree of files, made afresh for each program, and descriptors."""

import contextlib
import os
import platform
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time


def make(folder, stage):
    """A directory "scene" in folder; what of a former run is there goes first."""
    scene = os.path.join(folder, "scene")
    remove(scene)
    os.mkdir(scene, 0o755)

    def file(name, text="", mode=0o644):
        path = os.path.join(scene, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, mode)

    def link(name, target):
        os.symlink(target, os.path.join(scene, name))

    for name in ("rw", "upper", "work", "outside", "hostile/real", "hostile/bin", "hostile/proc", "closed"):
        os.makedirs(os.path.join(scene, name))
    os.mkdir(os.path.join(scene, "sticky"))
    os.chmod(os.path.join(scene, "sticky"), 0o1777)
    file("tree/file", "of the tree\n")
    file("tree/dir/inner", "deep\n", 0o600)
    file("tree/odd name", "odd\n")
    file("tree/run.sh", "#!/bin/sh\necho ran\n", 0o755)
    link("tree/link", "file")
    link("tree/dangling", "nowhere")
    link("tree-link", "tree")
    file("lower1/one", "1\n")
    file("lower1/both", "first\n")
    file("lower2/two", "2\n")
    file("lower2/both", "second\n")
    file("outside/secret", "not for the sandbox\n")
    link("hostile/absolute", scene + "/outside")
    link("hostile/upwards", "../outside")
    link("hostile/inside", "real")
    link("hostile/file-link", "/outside/secret")
    file("hostile/file", "hostile\n")
    file("lock", "")
    file("plain", "no program\n")
    file("bin/no-loader", "#!/nowhere/loader\n", 0o755)
    file("bin/no-magic", "exit 9\n", 0o755)
    file("bin/not-executable", "#!/bin/sh\n", 0o644)
    shutil.copy(os.path.join(stage, "bin", "kelp-payload-survey"), os.path.join(scene, "bin", "survey"))
    shutil.copy("/bin/busybox", os.path.join(scene, "bin", "busybox"))
    for name in ("sh", "cat", "sleep", "true", "echo", "env"):
        link("bin/" + name, "busybox")
    os.chmod(os.path.join(scene, "closed"), 0)
    return scene


def remove(scene):
    for name in ("closed", "work/work"):
        if os.path.isdir(os.path.join(scene, name)):
            os.chmod(os.path.join(scene, name), 0o755)
    shutil.rmtree(scene, ignore_errors=True)
    if os.path.lexists(scene):
        raise OSError(f"cannot remove {scene}")


def listing(scene):
    """What the host sees afterwards: a line an entry, but not what the test put into bin."""
    lines = []
    for folder, folders, files in os.walk(scene):
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            line = f"{os.path.relpath(path, scene)} {info.st_mode:06o} {info.st_uid}:{info.st_gid}"
            if os.path.islink(path):
                line += " -> " + os.readlink(path)
            elif os.path.isfile(path) and info.st_size < 1000 and os.access(path, os.R_OK):
                with open(path, encoding="utf-8", errors="backslashreplace") as text:
                    line += " = " + repr(text.read())
            lines.append(line)
    return "\n".join(sorted(lines))


class Descriptors:
    """Opens what the rows' "fd" lines ask for; gives what was written to the pipes among them."""

    def __init__(self, row, scene):
        self.given = {}  # number in the program: our descriptor
        self.namespaces = {}  # identity of a given namespace: its word in the report
        self._pipes, self._read, self._holders, self._threads = {}, {}, [], []
        for number, kind, argument in row.descriptors:
            opener = getattr(self, "_open_" + kind.replace("-", "_"))
            self.given[number] = opener(number, argument.replace("@s", scene))

    def _open_text(self, _, text):
        fd = os.memfd_create("text")
        os.write(fd, text.encode().decode("unicode_escape").encode("latin-1"))
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def _open_words(self, number, text):
        """Arguments for --args: a NUL after each."""
        return self._open_text(number, "".join(word + "\\x00" for word in text.split()))

    def _open_many(self, number, count):
        return self._open_text(number, "--setenv\\0A\\0b\\0" * (int(count) // 3))

    def _open_pipe(self, number, text):
        """As text, but a pipe, whose end comes only when its writer is closed."""
        reader, writer = os.pipe()
        os.write(writer, text.encode())
        os.close(writer)
        return reader

    def _open_read(self, _, path):
        return os.open(path, os.O_RDONLY)

    def _open_path(self, _, path):
        return os.open(path, os.O_PATH)

    def _open_write(self, _, path):
        return os.open(path, os.O_RDWR)

    def _open_out(self, number, _):
        reader, writer = os.pipe()
        self._pipes[number] = reader
        return writer

    def _open_closed(self, _number, _):
        """A pipe that nobody reads."""
        reader, writer = os.pipe()
        os.close(reader)
        return writer

    def _open_later(self, _number, _):
        reader, writer = os.pipe()

        def write():
            time.sleep(0.3)
            with contextlib.suppress(BrokenPipeError):  # the program has refused the row
                os.write(writer, b"x")
            os.close(writer)
        self._threads.append(threading.Thread(target=write))
        return reader

    def _open_maps(self, _number, told):
        """For --userns-block-fd: writes the id maps of the process that the descriptor "told" tells, one id each."""
        reader, writer = os.pipe()

        def write():
            text = ""
            while "}" not in text:
                piece = os.read(self._pipes[int(told)], 4096).decode()
                if not piece:
                    break
                text += piece
            self._read[int(told)] = text
            found = re.search(r'"child-pid": (\d+)', text)
            for name, line in (("setgroups", "deny"), ("uid_map", f"0 {os.geteuid()} 1"),
                               ("gid_map", f"0 {os.getegid()} 1")) if found else ():
                with open(f"/proc/{found.group(1)}/{name}", "w", encoding="ascii") as file:
                    file.write(line)
            with contextlib.suppress(BrokenPipeError):
                os.write(writer, b"x")
            os.close(writer)
        self._threads.append(threading.Thread(target=write))
        return reader

    def _open_filter(self, _, action):
        """A seccomp program that lets all pass but getpriority, which fails with that errno (or "kill")."""
        number = {"x86_64": 140, "aarch64": 141}[platform.machine()]
        refuse = 0x80000000 if action == "kill" else 0x00050000 | int(action)
        program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, refuse), (0x06, 0, 0, 0x7FFF0000)]
        fd = os.memfd_create("filter")
        os.write(fd, b"".join(struct.pack("=HBBI", *step) for step in program))
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def _hold(self, *words):
        holder = subprocess.Popen([*words, "sleep", "60"], stdin=subprocess.DEVNULL)
        self._holders.append(holder)
        return holder.pid

    def _open_userns(self, _, __):
        """A user namespace with the caller as root in it, and a pid namespace of its own (for "pidns")."""
        return self._namespace(self._hold("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"), "user")

    def _open_userns2(self, _, __):
        """A user namespace below the one that was given last."""
        return self._namespace(self._hold(
            "nsenter", f"--user=/proc/{self._holders[-1].pid}/ns/user", "--preserve-credentials",
            "unshare", "--user", "--map-root-user"), "user", f"/proc/{self._holders[-2].pid}/ns/user")

    def _open_pidns(self, _, __):
        return self._namespace(self._holders[-1].pid, "pid_for_children")

    def _namespace(self, pid, kind, apart_from="/proc/self/ns/user"):
        path = f"/proc/{pid}/ns/{kind}"
        for _ in range(500):
            with open(f"/proc/{pid}/uid_map", encoding="ascii") as ids:
                is_ready = ids.read() and os.readlink(f"/proc/{pid}/ns/user") not in (
                    os.readlink(apart_from), os.readlink("/proc/self/ns/user"))
            if is_ready and (kind == "user" or os.path.exists(path)):
                break
            time.sleep(0.01)
        self.namespaces[os.readlink(path)] = "given"
        return os.open(path, os.O_RDONLY)

    def close_ours(self):
        """After the start: what only the program is to hold. What answers it begins."""
        for fd in self.given.values():
            os.close(fd)
        if self.given:
            for thread in self._threads:
                thread.start()
        self.given = {}

    def texts(self):
        """{number: what was written to that pipe} when the program has ended."""
        for thread in self._threads:
            thread.join()
        texts = {}
        for number, reader in self._pipes.items():
            with os.fdopen(reader, encoding="utf-8", errors="backslashreplace") as text:
                texts[number] = self._read.get(number, "") + text.read()
        self._pipes = {}
        return texts

    def close(self):
        self.close_ours()
        for holder in self._holders:
            holder.kill()
            holder.wait()


def folder():
    return tempfile.mkdtemp(prefix="dialect.")
