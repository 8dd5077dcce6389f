#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many bundles by crun and by kelp-oci: the view inside, exit statuses and state documents agree, or differences.txt
says why they do not. A row there that nothing needs is a failure, too."""

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import bundles

HERE = os.path.dirname(os.path.abspath(__file__))
KELP = os.path.join(os.environ["KELP_STAGE"], "bin", "kelp-oci")
RUNTIMES = {"crun": ["crun"], "kelp": [KELP]}
PROBE = r"""#!/bin/sh
section() { echo "== $1"; }
section status; grep -E '^(Uid|Gid|Groups|NoNewPrivs|Seccomp|Cap|SigIgn|SigBlk|SigCgt|NSpid)' /proc/self/status
section mountinfo; cut -d' ' -f4- /proc/self/mountinfo
section limits; cat /proc/self/limits
section environment; tr '\0' '\n' </proc/$$/environ
section self; id; hostname; cat /proc/sys/kernel/domainname; pwd; umask; cat /proc/self/oom_score_adj
echo "pid $$"; readlink /proc/self/fd/0; ls /proc/self/fd | wc -w
section network; cut -d: -f1 /proc/net/dev | tail -n +3; cat /proc/sys/net/ipv4/ip_forward
section ipc; cat /proc/sys/kernel/shmmax /proc/sys/fs/mqueue/msg_max
section devices; ls -ln /dev /dev/pts /dev/shm | sed 's/  */ /g' | cut -d' ' -f1,3-6,10-
section root; ls -lnR /mnt /made /etc /tmp | sed 's/  */ /g' | cut -d' ' -f1,3,4,9-
section tries; mkdir /tmp/new && rmdir /tmp/new; mkdir /etc/new && rmdir /etc/new
cat /etc/passwd; ls /sys/firmware; head -c 1 /proc/kcore; echo >/proc/sys/kernel/hostname; : >/dev/shm/x && rm /dev/shm/x
ls /sys/fs/cgroup | head -3; echo >/dev/null; head -c 3 /dev/zero | od -An -c; test -t 0; echo "tty $?"
"""


def make_root(place):
    root = os.path.join(place, "rootfs")
    for name in ("bin", "proc", "sys", "dev", "etc", "tmp", "mnt"):
        os.makedirs(os.path.join(root, name))
    shutil.copy("/bin/busybox", os.path.join(root, "bin"))
    listed = subprocess.run(["/bin/busybox", "--list"], check=True, capture_output=True, text=True).stdout
    for name in listed.split():
        if name != "busybox":
            os.symlink("busybox", os.path.join(root, "bin", name))
    write(os.path.join(root, "etc", "passwd"), "root:x:0:0::/root:/bin/sh\n")
    write(os.path.join(root, "etc", "group"), "root:x:0:\n")
    write(os.path.join(root, "probe"), PROBE, 0o755)
    os.symlink("/mnt", os.path.join(root, "link"))
    os.makedirs(os.path.join(place, "shared", "inner"))
    write(os.path.join(place, "shared", "file"), "of the host\n")


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def run(argv, cwd):
    """(status, stdout, stderr). Files, not pipes: a container that was created holds them open."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=60, check=False)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return (done.returncode, *texts)


class Bundle:
    """One case, made anew for each runtime."""

    def __init__(self, change, runtime):
        self.runtime, self.id = runtime, f"compared-{os.getpid()}"
        self.place = tempfile.mkdtemp(prefix="bundle.", dir=os.environ["XDG_RUNTIME_DIR"])
        make_root(self.place)
        config = bundles.base(os.getuid(), os.getgid())
        change(config, self.place)
        write(os.path.join(self.place, "config.json"), json.dumps(config, indent=1))
        self.argv = [*RUNTIMES[runtime], "--root", os.path.join(self.place, "state")]

    def call(self, *words):
        status, out, err = run([*self.argv, *words], self.place)
        return status, self.plain(out), err

    def plain(self, text):
        """Without what is another's in each run."""
        text = text.replace(self.place, "PLACE").replace(self.id, "ID").replace(self.runtime, "RUNTIME")
        # A path of the place as mountinfo has it, below the mount that holds it.
        text = text.replace(os.path.basename(self.place), "BUNDLE")
        text = re.sub(r"(master|shared|propagate_from):\d+", r"\1:N", text)
        return re.sub(r"^(NSpid:\t|pid )\d{2,}$", r"\1N", text, flags=re.M)  # of the machine's namespace

    def view(self):
        status, out, err = self.call("run", self.id)
        text = f"exit status {status}\n{out}"
        if status != 0 and not out:
            text += "refused\n" if err.strip() else "silent\n"
        return text, err

    def life(self):
        """State documents of each step."""
        text = ""
        for words in (("create", self.id), ("state", self.id), ("start", self.id), ("start", self.id), ("wait",),
                      ("state", self.id), ("kill", self.id, "KILL"), ("delete", self.id), ("state", self.id)):
            if words == ("wait",):
                self.wait_until_stopped()
                continue
            status, out, _ = self.call(*words)
            text += f"-- {words[0]}: exit status {status}\n"
            if words[0] == "state" and status == 0:
                text += self.state(out)
        return text

    def wait_until_stopped(self):
        for _ in range(100):
            status, out, _ = self.call("state", self.id)
            if status != 0 or json.loads(out)["status"] == "stopped":
                return
            time.sleep(0.05)
        raise TimeoutError(f"{self.id} did not stop")

    def state(self, out):
        document = json.loads(out)
        for name in ("created", "systemd-scope", "owner"):
            document.pop(name, None)
        document["pid"] = min(document["pid"], 1)
        return json.dumps(document, indent=1, sort_keys=True) + "\n"

    def remove(self):
        self.call("delete", "--force", self.id)
        shutil.rmtree(self.place, ignore_errors=True)


def read_differences():
    """[(pattern of the case, pattern of a line, why)]"""
    rows = []
    with open(os.path.join(HERE, "differences.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                rows.append(tuple(part.strip() for part in line.split(" | ")))
    return rows


def unexplained(name, ours, theirs, rows, used):
    """Lines that only one of the two has, and that no row explains."""
    lines = []
    head = 2  # the names of the two
    for line in list(difflib.unified_diff(theirs.splitlines(), ours.splitlines(), lineterm="", n=0))[head:]:
        if line.startswith("@@"):
            continue
        fitting = [row for row in rows if re.fullmatch(row[0], name) and re.fullmatch(row[1], line)]
        used.update(fitting[:1])
        if not fitting:
            lines.append(line)
    return lines


def main():
    rows, used, failed, count = read_differences(), set(), 0, 0
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, change in bundles.CASES:
        if not re.search(wanted, name):
            continue
        views, errors = {}, {}
        for runtime in RUNTIMES:
            bundle = Bundle(change, runtime)
            try:
                views[runtime], errors[runtime] = bundle.view()
                views[runtime] += bundle.life()
            finally:
                bundle.remove()
        count += 1
        lines = unexplained(name, views["kelp"], views["crun"], rows, used)
        if lines:
            failed += 1
            print(f"FAILED {name}", *lines, sep="\n  ", flush=True)
            for runtime, text in errors.items():
                print(f"  {runtime} said: {text.strip()}")
    for row in rows:
        if row not in used and not wanted:
            failed += 1
            print(f"FAILED differences.txt: nothing needs '{' | '.join(row)}'")
    print(f"note: {count} bundles, {count - failed} agree or differ as differences.txt says")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
