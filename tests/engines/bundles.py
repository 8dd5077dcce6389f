# SPDX-License-Identifier: Apache-2.0
"""The bundles that check_comparison.py has two runtimes start: a name, and what is changed in the base."""

import copy

KINDS = ("pid", "ipc", "uts", "mount", "cgroup", "network", "user")
CAPS = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]


def mount(destination, kind, source=None, options=()):
    return {"destination": destination, "type": kind, "source": source or kind, "options": list(options)}


def base(uid, gid):
    """What `spec --rootless` of the field's runtimes says, near enough."""
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": ["/probe"],
            "env": ["PATH=/bin", "TERM=xterm"],
            "cwd": "/",
            "capabilities": {kind: CAPS for kind in ("bounding", "effective", "permitted", "ambient")},
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
            "noNewPrivileges": True,
        },
        "root": {"path": "rootfs", "readonly": True},
        "hostname": "bundle",
        "mounts": [
            mount("/proc", "proc"),
            mount("/dev", "tmpfs", options=["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/dev/pts", "devpts", options=["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
            mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            mount("/dev/mqueue", "mqueue", options=["nosuid", "noexec", "nodev"]),
            mount("/sys", "sysfs", options=["nosuid", "noexec", "nodev", "ro"]),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in KINDS],
            "uidMappings": [{"containerID": 0, "hostID": uid, "size": 1}],
            "gidMappings": [{"containerID": 0, "hostID": gid, "size": 1}],
            "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware", "/none"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/none"],
        },
    }


def changed(name, **values):
    """A case that sets values by path: process__cwd="/tmp" is process.cwd."""
    def change(config, _place):
        for path, value in values.items():
            *way, last = path.split("__")
            part = config
            for step in way:
                part = part.setdefault(step, {})
            if value is None:
                part.pop(last, None)
            else:
                part[last] = copy.deepcopy(value)
    return name, change


def mounted(name, *more):
    """A case with mounts besides; {place} in a source is the bundle's directory."""
    def change(config, place):
        for one in more:
            one = copy.deepcopy(one)
            one["source"] = one["source"].format(place=place)
            config["mounts"].append(one)
    return name, change


def without_namespace(kind):
    def change(config, _place):
        config["linux"]["namespaces"] = [one for one in config["linux"]["namespaces"] if one["type"] != kind]
        if kind == "uts":
            del config["hostname"]
        if kind == "pid":
            config["mounts"][0] = mount("/proc", "bind", "/proc", ["rbind"])
        if kind == "network":
            config["mounts"][5] = mount("/sys", "bind", "/sys", ["rbind", "ro", "nosuid", "nodev", "noexec"])
        if kind == "ipc":
            config["mounts"] = [one for one in config["mounts"] if one["type"] != "mqueue"]
    return f"without a {kind} namespace", change


def without_mount(destination):
    def change(config, _place):
        config["mounts"] = [one for one in config["mounts"] if not one["destination"].startswith(destination)]
    return f"without {destination}", change


def sh(script):
    return ["/bin/sh", "-c", script]


def rlimit(kind, soft, hard):
    return {"type": kind, "soft": soft, "hard": hard}


def seccomp(default, *syscalls, **more):
    return {"defaultAction": default, "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
            "syscalls": list(syscalls), **more}


def refused(names, action="SCMP_ACT_ERRNO", **more):
    return {"names": names, "action": action, **more}


BIND = ("bind", "{place}/shared")
CASES = [
    ("as it is", lambda config, place: None),
    changed("a writable root", root__readonly=False),
    changed("another working directory", process__cwd="/tmp"),
    changed("a working directory that is missing", process__cwd="/made/here", root__readonly=False),
    changed("an umask", process__user={"uid": 0, "gid": 0, "umask": 0o27}),
    changed("no environment", process__env=[]),
    changed("a strange environment", process__env=["PATH=/bin", "A=b c", "A=later", "EMPTY=", "U=ü"]),
    changed("a home of its own", process__env=["PATH=/bin", "HOME=/elsewhere"]),
    changed("no capabilities", process__capabilities={}),
    changed("no capabilities at all", process__capabilities=None),
    changed("bounding only", process__capabilities={"bounding": CAPS}),
    changed("without ambient", process__capabilities={k: CAPS for k in ("bounding", "effective", "permitted")}),
    changed("inheritable too", process__capabilities={
        k: CAPS for k in ("bounding", "effective", "permitted", "inheritable", "ambient")}),
    changed("many capabilities", process__capabilities={k: [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SYS_CHROOT", "CAP_SYS_ADMIN", "CAP_NET_RAW"]
        for k in ("bounding", "effective", "permitted")}),
    changed("new privileges", process__noNewPrivileges=False),
    changed("no limits", process__rlimits=None),
    changed("many limits", process__rlimits=[
        rlimit("RLIMIT_NOFILE", 100, 200), rlimit("RLIMIT_CORE", 0, 0), rlimit("RLIMIT_STACK", 1 << 20, 1 << 22),
        rlimit("RLIMIT_FSIZE", 1 << 20, 1 << 20), rlimit("RLIMIT_CPU", 50, 60), rlimit("RLIMIT_AS", 1 << 30, 1 << 30)]),
    changed("an oom score", process__oomScoreAdj=500),
    changed("an io priority", process__ioPriority={"class": "IOPRIO_CLASS_BE", "priority": 6}),
    changed("a scheduler", process__scheduler={"policy": "SCHED_BATCH", "nice": 5}),
    changed("a personality", linux__personality={"domain": "LINUX"}),
    changed("status 7", process__args=sh("exit 7")),
    changed("status 255", process__args=sh("exit 255")),
    changed("a TERM that is handled", process__args=sh("trap 'exit 5' TERM; kill -TERM $$; exit 6")),
    changed("a TERM that PID 1 does not handle", process__args=sh("kill -TERM $$; exit 6")),
    changed("ended by a trap of the processor", process__args=sh("exec sh -c 'kill -SEGV $$; exit 6'")),
    changed("no such program", process__args=["/no/such/program"]),
    changed("no such program in PATH", process__args=["nosuch"]),
    changed("a program without the right", process__args=["/etc/passwd"]),
    changed("a directory as program", process__args=["/tmp"]),
    changed("a program by PATH", process__args=["sh", "-c", "exec /probe"]),
    changed("a program by PATH of two", process__env=["PATH=/none:/bin"], process__args=["sh", "-c", "/probe"]),
    changed("another host name", hostname="other.example"),
    changed("a domain name", domainname="example.org"),
    changed("no host name", hostname=None),
    changed("masked paths", linux__maskedPaths=["/proc/kcore", "/etc/passwd", "/tmp", "/sys/kernel"]),
    changed("no masked paths", linux__maskedPaths=None, linux__readonlyPaths=None),
    changed("read-only paths", linux__readonlyPaths=["/proc/sys", "/etc", "/dev/shm"]),
    changed("a sysctl of the network", linux__sysctl={"net.ipv4.ip_forward": "1"}),
    changed("a sysctl of ipc", linux__sysctl={"kernel.shmmax": "65536", "fs.mqueue.msg_max": "20"}),
    changed("propagation private", linux__rootfsPropagation="private"),
    changed("propagation slave", linux__rootfsPropagation="slave"),
    changed("propagation shared", linux__rootfsPropagation="shared"),
    changed("propagation unbindable", linux__rootfsPropagation="unbindable"),
    changed("annotations", annotations={"org.example.a": "b", "empty": ""}),
    changed("a filter that refuses", linux__seccomp=seccomp("SCMP_ACT_ALLOW", refused(["mkdir", "mkdirat"]))),
    changed("a filter with another errno", linux__seccomp=seccomp(
        "SCMP_ACT_ALLOW", refused(["mkdir", "mkdirat"], errnoRet=38))),
    changed("a filter that kills", linux__seccomp=seccomp("SCMP_ACT_ALLOW", refused(["mkdir"], "SCMP_ACT_KILL_PROCESS")),
            process__args=sh("mkdir /tmp/x")),
    changed("a filter with conditions", linux__seccomp=seccomp("SCMP_ACT_ALLOW", refused(
        ["socket"], args=[{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]))),
    changed("a filter that allows by name", linux__seccomp=seccomp("SCMP_ACT_ALLOW", defaultErrnoRet=1)),
    changed("devices", linux__devices=[
        {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 0o666, "uid": 0, "gid": 0}]),
    mounted("a bind", mount("/mnt", *BIND, ["bind"])),
    mounted("a recursive bind", mount("/mnt", *BIND, ["rbind"])),
    mounted("a bind, read-only", mount("/mnt", *BIND, ["bind", "ro"])),
    mounted("a bind, recursively read-only", mount("/mnt", *BIND, ["rbind", "rro"])),
    mounted("a bind with many options", mount("/mnt", *BIND, ["rbind", "nosuid", "nodev", "noexec", "noatime"])),
    mounted("a bind of a file", mount("/etc/passwd", "bind", "{place}/shared/file", ["bind", "ro"])),
    mounted("a bind without a type", {"destination": "/mnt", "source": "{place}/shared", "options": ["bind"]}),
    mounted("a private bind", mount("/mnt", *BIND, ["rbind", "rprivate"])),
    mounted("a slave bind", mount("/mnt", *BIND, ["rbind", "rslave"])),
    mounted("a shared bind", mount("/mnt", *BIND, ["rbind", "rshared"])),
    mounted("an unbindable bind", mount("/mnt", *BIND, ["bind", "unbindable"])),
    mounted("a bind below a bind", mount("/mnt", *BIND, ["bind"]), mount("/mnt/inner", *BIND, ["bind"])),
    mounted("a bind through a link", mount("/link", *BIND, ["bind"])),
    mounted("a source that is missing", mount("/mnt", "bind", "{place}/none", ["bind"])),
    mounted("a tmpfs", mount("/mnt", "tmpfs", options=["size=1m", "mode=1777", "noexec"])),
    mounted("a tmpfs with what was there", mount("/etc", "tmpfs", options=["tmpcopyup"])),
    mounted("a tmpfs, read-only", mount("/mnt", "tmpfs", options=["ro", "nosuid"])),
    mounted("a tmpfs without access times", mount("/mnt", "tmpfs", options=["noatime", "nodiratime"])),
    mounted("a cgroup", mount("/sys/fs/cgroup", "cgroup", options=["nosuid", "noexec", "nodev", "relatime", "ro"])),
    mounted("an unknown file system", mount("/mnt", "nosuchfs")),
    mounted("an unknown option", mount("/mnt", "tmpfs", options=["nosuchoption"])),
    without_namespace("network"),
    without_namespace("ipc"),
    without_namespace("uts"),
    without_namespace("cgroup"),
    without_namespace("pid"),
    without_namespace("user"),
    without_mount("/dev"),
    without_mount("/dev/pts"),
    without_mount("/dev/shm"),
    without_mount("/sys"),
    without_mount("/proc"),
    changed("another version", ociVersion="1.2.1"),
    changed("a version that does not exist", ociVersion="7.0.0"),
    changed("no arguments", process__args=[]),
    changed("no process", process=None),
    changed("no root", root=None),
    changed("a root that is missing", root={"path": "nosuch"}),
    changed("a relative working directory", process__cwd="tmp"),
    changed("an unknown namespace", linux__namespaces=[{"type": "nosuch"}]),
    changed("an unknown limit", process__rlimits=[rlimit("RLIMIT_NOSUCH", 1, 1)]),
    changed("an unknown capability", process__capabilities={"bounding": ["CAP_NOSUCH"]}),
    changed("an unknown property", nosuch={"a": 1}),
]
