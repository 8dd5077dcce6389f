# SPDX-License-Identifier: Apache-2.0
"""Programs of others that call bwrap, with kelp in its place: flatpak, a thumbnailer, the sandbox-runtime.

usage: clients.py CLIENT kelp|bubblewrap
The second is the positive control: the same checks with the real program. What stands in PATH as bwrap writes
down that it was called, then becomes the one that is meant. Exit status: 0 well, 1 not, 77 the client is missing.
"""

import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare  # noqa: E402

SECONDS = 60
FLATPAK_ARCH = {"x86_64": "x86_64", "aarch64": "aarch64"}.get(platform.machine(), platform.machine())


class Missing(Exception):
    """The client is not on this machine; the text says what is."""


class Place:
    """A directory of the client's own, the bwrap that it finds, and what was wrong."""

    def __init__(self, folder, program):
        self.folder, self.wrong = folder, []
        self._log = self.path("calls")
        self.bwrap = self.path("bin/bwrap")
        words = " ".join(f"'{word}'" for word in program)
        # Its own log: some clients start bwrap with an empty environment. A memory file is read by a path of its
        # own, so that the program still finds it at its beginning.
        self.file("bin/bwrap", f"""#!/bin/bash
{{ [[ $1 == --args ]] && tr '\\0' ' ' </proc/self/fd/$2
  printf '%q ' "$@"; echo; }} >>'{self._log}'
exec {words} "$@"
""", 0o755)
        self.environment = {
            "PATH": self.path("bin") + ":/usr/bin:/bin", "HOME": folder, "TMPDIR": self.directory("tmp"),
            "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": self.directory("run"), "XDG_DATA_HOME": self.directory("data"),
            "XDG_CACHE_HOME": self.directory("cache"), "FLATPAK_BWRAP": self.bwrap,
            "FLATPAK_USER_DIR": self.path("flatpak"), "FLATPAK_SYSTEM_DIR": self.directory("system")}

    def path(self, name):
        return os.path.join(self.folder, name)

    def directory(self, name):
        os.makedirs(self.path(name), 0o700, exist_ok=True)
        return self.path(name)

    def file(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(self.path(name), mode)
        return self.path(name)

    def start(self, argv, **more):
        return subprocess.Popen(argv, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)

    def run(self, *argv, status=0):
        """Output of a command that has to end with that status."""
        process = self.start(argv)
        try:
            out = process.communicate(timeout=SECONDS)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            out = process.communicate()[0] + f"(ran longer than {SECONDS} s)"
        if process.returncode != status:
            self.wrong.append(f"{' '.join(argv)}\n  ended with {process.returncode}, not {status}:\n{out}")
        return out

    def expect(self, is_so, what, text=""):
        if not is_so:
            self.wrong.append(f"not so: {what}\n{text}")

    def calls(self):
        if not os.path.exists(self._log):
            return ""
        with open(self._log, encoding="utf-8", errors="replace") as log:
            return log.read()


def need(*programs):
    for program in programs:
        if not shutil.which(program, path="/usr/bin:/bin"):
            raise Missing(f"{program} is not installed")


def sandbox_runtime(place):
    """The npm package, which runs a command with a writable project and no network."""
    need("node", "socat", "rg")
    package = os.path.join(compare.STAGE, "clients", "node_modules", "@anthropic-ai", "sandbox-runtime")
    if not os.path.isdir(package):
        raise Missing("the npm package was not fetched (tests/dialect/fetch_clients)")
    place.file("project/kept", "k\n")
    place.file("secret/text", "hidden words\n")
    settings = place.file("settings.json", f"""{{
  "network": {{"allowedDomains": [], "deniedDomains": []}},
  "filesystem": {{"denyRead": ["{place.path('secret')}"], "allowWrite": ["{place.path('project')}"],
                  "denyWrite": ["{place.path('project/kept')}"]}}}}""")
    script = ("cat secret/text; echo new > project/made; echo more >> project/kept; echo outside > outside; "
              "echo interfaces: $(tail -n +3 /proc/net/dev | cut -d: -f1); echo pid $$; exit 3")
    out = place.run("node", os.path.join(package, "dist", "cli.js"), "--settings", settings, "-c", script, status=3)
    place.expect("hidden words" not in out, "the secret is hidden", out)
    place.expect(os.path.exists(place.path("project/made")), "the project can be written", out)
    place.expect(out.count("Read-only file system") == 2, "what is denied and what is outside is read-only", out)
    place.expect(re.search(r"^interfaces: lo$", out, re.M), "there is no network but loopback", out)
    place.expect(re.search(r"^pid \d{1,2}$", out, re.M), "process ids are the sandbox's own", out)
    place.expect("--unshare-net" in place.calls(), "bwrap was called for it", place.calls())


def thumbnailer(place):
    """gnome-desktop's factory, which runs the thumbnailers of the desktop in bwrap."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    need("gdk-pixbuf-thumbnailer")
    # The system's own Python: the library's bindings are for no other.
    if subprocess.run(["/usr/bin/python3", "-c", "import gi; gi.require_version('GnomeDesktop', '4.0')"],
                      check=False, capture_output=True).returncode:
        raise Missing("gir1.2-gnomedesktop-4.0 and python3-gi are not installed")
    rows = (b"\0" + bytes((10, 20, 30)) * 8) * 8
    image = place.file("image.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
                       + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    script = ("import gi, sys; gi.require_version('GnomeDesktop', '4.0'); from gi.repository import GnomeDesktop as G; "
              "made = G.DesktopThumbnailFactory.new(G.DesktopThumbnailSize.NORMAL)"
              ".generate_thumbnail('file://' + sys.argv[1], 'image/png', None); print(made.get_width(), 'wide')")
    out = place.run("/usr/bin/python3", "-B", "-c", script, image)
    place.expect("128 wide" in out, "a thumbnail was made", out)
    place.expect("gdk-pixbuf-thumbnailer" in place.calls() and "--seccomp" in place.calls(),
                 "bwrap was called for it", place.calls())


def flatpak(place):
    """A runtime of busybox and an application made in it by `flatpak build`, then installed and run."""
    need("flatpak", "dbus-daemon", "busybox")
    name, runtime = "org.example.App", "org.example.Platform"
    for folder in ("runtime/files", "runtime/usr/bin", "runtime/usr/lib", "runtime/usr/etc"):
        os.makedirs(place.path(folder))
    shutil.copy("/bin/busybox", place.path("runtime/usr/bin/busybox"))
    for program in ("sh", "ls", "id", "cat", "mkdir", "chmod", "sleep", "touch"):
        os.symlink("busybox", place.path("runtime/usr/bin/" + program))
    reference = f"{runtime}/{FLATPAK_ARCH}/master"
    place.file("runtime/metadata", f"[Runtime]\nname={runtime}\nruntime={reference}\nsdk={reference}\n")
    with system_bus(place):
        user = ("flatpak", "--user")
        place.run("flatpak", "build-export", "--runtime", "repo", "runtime", "master")
        place.run(*user, "remote-add", "--no-gpg-verify", "here", "repo")
        place.run(*user, "install", "-y", "--noninteractive", "here", f"{runtime}//master")
        place.run("flatpak", "build-init", "app", name, runtime, runtime, "master")
        place.run("flatpak", "build", "app", "sh", "-c",
                  "mkdir -p /app/bin && printf '#!/bin/sh\\necho hello from the application; ls /app; "
                  "cat /.flatpak-info; touch /usr/x\\n' > /app/bin/hello && chmod 755 /app/bin/hello")
        place.expect(os.path.exists(place.path("app/files/bin/hello")), "flatpak build made a file")
        place.run("flatpak", "build", "app", "sh", "-c", "exit 7", status=7)
        place.run("flatpak", "build-finish", "app", "--command=hello")
        place.run("flatpak", "build-export", "repo", "app", "master")
        place.run(*user, "install", "-y", "--noninteractive", "here", f"{name}//master")
        out = place.run(*user, "run", name, status=1)
        place.expect("hello from the application" in out and f"name={name}" in out, "the application ran", out)
        place.expect("/usr/x: Read-only file system" in out, "the runtime is read-only", out)
        place.run(*user, "run", "--command=sh", name, "-c", "exit 9", status=9)
        kill_running(place, name)
    place.expect("--info-fd" in place.calls() and "--seccomp" in place.calls(), "bwrap was called for it", place.calls())


def kill_running(place, name):
    """flatpak knows its instances by what --info-fd told."""
    running = place.start(["flatpak", "--user", "run", "--command=sleep", name, "77"])
    child = ""
    for _ in range(100):
        child = place.run("flatpak", "ps", "--columns=child-pid").strip()
        if child.isdigit():
            break
        time.sleep(0.1)
    place.expect(child.isdigit() and os.path.exists(f"/proc/{child}"), "flatpak ps knows the child", child)
    place.run("flatpak", "kill", name)
    try:
        place.expect(running.wait(10) != 0, "flatpak kill ends the application")
    except subprocess.TimeoutExpired:
        place.wrong.append("flatpak kill does not end the application")
        running.kill()
        running.wait()
    running.stdout.close()


class system_bus:
    """flatpak asks the system bus about parental controls; an empty bus knows of none."""

    def __init__(self, place):
        self._place = place

    def __enter__(self):
        address = self._place.path("bus")
        self._daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--nosyslog",
                                         f"--address=unix:path={address}"], stdin=subprocess.DEVNULL)
        for _ in range(200):
            if os.path.exists(address):
                break
            time.sleep(0.05)
        self._place.environment["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={address}"

    def __exit__(self, *_):
        self._daemon.terminate()
        self._daemon.wait()


CLIENTS = {"flatpak": flatpak, "sandbox-runtime": sandbox_runtime, "thumbnailer": thumbnailer}


def main():
    client, who = sys.argv[1:]
    program = [os.path.join(compare.STAGE, "as-bwrap", "bwrap")]
    if who == "bubblewrap":
        installed = shutil.which("bwrap", path="/usr/bin:/usr/local/bin")
        program = compare.reference() or ([installed] if installed else None)
    if program is None:
        print("bubblewrap is not installed")
        return compare.SKIP
    # A short path: the address of a socket has at most 108 bytes.
    folder = tempfile.mkdtemp(prefix="client.")
    try:
        place = Place(folder, program)
        CLIENTS[client](place)
        calls = place.calls()
    except Missing as what:
        print(what)
        return compare.SKIP
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    print(*place.wrong, *(["bwrap was called with:\n" + calls] if place.wrong else []), sep="\n")
    return 1 if place.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
