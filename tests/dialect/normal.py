# SPDX-License-Identifier: Apache-2.0
"""Makes two runs comparable: what differs from one start to the next becomes a word that says what it is.

Each normalisation hides a difference, so each says why nobody can mean it.
"""

import os
import re

GROUPS = ("argument", "descriptor", "names", "directory", "umask", "ids", "processes", "getpriority", "limit",
          "capabilities", "bounding", "no_new_privs", "keepcaps", "securebits", "dumpable", "death-signal", "status",
          "namespace", "uid_map", "gid_map", "setgroups", "cgroup", "oom", "max_user_namespaces", "mount",
          "interface", "environment", "lock", "write", "file")


def own_namespaces():
    kinds = ("user", "mnt", "pid", "ipc", "uts", "net", "cgroup", "time")
    return {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in kinds}


def places(text, folder):
    """The scene's path is another in each case; mountinfo shows it from its own file system's top on."""
    return re.sub(rf"[^\s\"',=:]*/{re.escape(os.path.basename(folder))}/scene", "@s", text)


def fields(out, folder, known, asks_for_pids):
    """{group: text} of a survey; lines of stdout that are none are "output". known: {link: word}. asks_for_pids
    says whether the process ids mean something where there is no /proc to tell."""
    groups, foreign, is_survey = {}, [], False
    own = own_namespaces()
    lines = places(out, folder).splitlines()
    links = [line.split()[2] for line in lines if line.startswith("namespace pid ")]
    has_new_pids = any(link != own["pid"] and (link != "-" or asks_for_pids) for link in links)
    for line in lines:
        word, _, rest = line.partition(" ")
        if line == "end of survey":
            is_survey = False
        elif is_survey or line.startswith("argument "):
            is_survey = True
            groups.setdefault(word, []).append(rest)
        else:
            foreign.append(line)
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ValueError(f"not lines of a survey: {sorted(unknown)}")
    result = {"output": "\n".join(foreign)}
    for group, texts in groups.items():
        result[group] = "\n".join(_normal(group, texts, own, known, has_new_pids))
    return result


def _normal(group, texts, own, known, has_new_pids):
    if group == "namespace":
        return [_namespace(text, own, known) for text in texts]
    if group == "mount":
        return mounts(texts)
    if group == "descriptor":
        # Pipes, sockets and anonymous files have numbers; which of them is meant, the descriptor's number says.
        return [re.sub(r"\[\d+\]|:\d+", "[N]", text) for text in texts]
    if group in ("uid_map", "gid_map"):
        # What an id is outside, the owners of files show: bubblewrap maps it through a namespace in between when it
        # needs root for a moment, and the map then names the id there.
        return [" ".join(words[0:1] + words[2:]) for words in map(str.split, texts)]
    if group == "processes":
        return ["inside " + texts[0]] if has_new_pids else ["shared"]
    if group == "status":
        # Of a shared pid namespace the numbers say nothing. The bounding set is a group of its own.
        texts = [text for text in texts if not text.startswith("CapBnd:")]
        return [text if has_new_pids else re.sub(r"^(NS\w+:).*", r"\1 shared", text) for text in texts]
    if group == "environment":
        # The order of the environment has no meaning.
        return sorted(texts)
    if group == "interface":
        return [text.split(":")[0].strip() for text in texts if ":" in text]
    if group == "file":
        # A symbolic link of /proc differs by nature; terminals are numbered by the machine.
        return [re.sub(r"^(/dev/pts/)\d+ .*", r"\1N", text) for text in texts]
    return texts


def _namespace(text, own, known):
    kind, link = text.split()
    if link == "-":
        return text
    return f"{kind} {'shared' if link == own[kind] else known.get(link, 'new')}"


def mounts(texts):
    """Lines of mountinfo by place; of those on one place the order is kept, it says which one is seen."""
    points, rows = {}, []
    if any(text.startswith("absent: ") for text in texts):
        return texts
    for text in texts:
        words = text.split()
        points[words[0]] = words[4]
    parents = [text.split()[1:5:3] for text in texts]
    covered = {parent for parent, point in parents if points.get(parent) == point}
    for text in texts:
        before, _, after = text.partition(" - ")
        number, parent, _, root, point, options, *peers = before.split()
        kind, source, super_options = after.split(" ", 2)
        # The numbers of peer groups are the machine's.
        peers = [re.sub(r":\d+", "", peer) for peer in peers]
        if kind == "tmpfs":
            # bubblewrap builds its root in a directory of a tmpfs, and keeps data files beside it under chance
            # names, kelp in one of their own; inside, only mountinfo can tell.
            root = re.sub(r"^/(newroot)(?=/|$)", "", root) or "/"
            if re.match(r"/(bindfile\w+|file-\d+)(//deleted)?$", root):
                root, super_options = "/DATA", "-"
        if kind == "overlay":
            # Names of descriptors and directories that were there for the mount only. Which directory lies on
            # which, the files show.
            super_options = re.sub(r"(upperdir|workdir)=[^,]*", r"\1=-", super_options)
            super_options = re.sub(r"/proc/self/fd/\d+", "-", super_options)
        if number in covered:
            # Nobody can reach it. bubblewrap sets the flags of the uppermost one only.
            options = "-"
        rows.append((point, " ".join([root, point, options, *peers, "-", kind, source, super_options,
                                      "in", points.get(parent, "-")])))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def status_text(text, out, folder):
    """JSON of --info-fd and --json-status-fd: its very bytes, but for numbers that are ids."""
    def number(found):
        kind, value = found.group(2), found.group(3)
        if kind.endswith("-namespace"):
            short = kind[:-len("-namespace")]
            is_inside = f"namespace {short} {short}:[{value}]" in out
            return found.group(1) + ("INSIDE" if is_inside else "OTHER")
        return found.group(1) + ("PID" if int(value) > 1 else value)
    return places(re.sub(r'("([\w-]*(?:-namespace|-pid))": )(\d+)', number, text), folder)
