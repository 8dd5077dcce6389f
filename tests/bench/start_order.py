#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/start.ld anew: the functions that a start executes, in the order in which it first does.

    cmake --build --preset release --target kelp-static bench-trace-steps
    python3 tests/bench/start_order.py build/release > start.ld && mv start.ld src/start.ld

To be run as an ordinary user. The statically linked kelp is what it traces, since there the C library's functions are
part of the program too; for the other kelp those lines say nothing.
"""

import bisect
import os
import re
import subprocess
import sys
import tempfile

# Each start in one id: newuidmap gains no privilege under a tracer.
STARTS = [
    "run --network=none --tmpfs /tmp --userns=single {root} /bin/true",
    "bwrap --unshare-all --uid 0 --gid 0 --bind {root} / --proc /proc --dev /dev --tmpfs /dev/shm --mqueue /dev/mqueue"
    " --tmpfs /tmp --die-with-parent --new-session --hostname bench --cap-drop ALL /bin/true",
    "run --userns=single -v /usr:/mnt:ro --read-only {root} /bin/true",
    "run --bare --userns=single --seccomp=none {root} /bin/true",
]
MOST_LETTERS = 110
HEAD = """/* SPDX-License-Identifier: Apache-2.0
   Made by tests/bench/start_order.py: the functions that a start executes, in the order of their first execution.
   Side by side they are on half as many pages, and each page is a fault or a part of one at every start. What
   another compiler names otherwise, or what is no more, matches nothing: the list only ever loses its use. */
SECTIONS
{
  .text.start :
  {"""
TAIL = """  }
}
INSERT BEFORE .text;"""


def sections_of(link_map):
    """(address, size, section, file) of each piece of text that the linker placed."""
    found, name = [], ""
    for line in link_map:
        alone = re.match(r"^ (\.\S+)\s*$", line)
        if alone:  # a long name stands on a line of its own
            name = alone.group(1)
            continue
        placed = re.match(r"^ (\.\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", line)
        if placed:
            section, address, size = placed.group(1) or name, int(placed.group(2), 16), int(placed.group(3), 16)
            if address and size and section.startswith(".text"):
                found.append((address, size, section, placed.group(4)))
        name = ""
    return sorted(found)


def pattern_of(section, file):
    """How a linker script names it: by its function, or by its object where that has all in one section.

    What templates make has names of a thousand letters: their begin, which some brothers share, will do.
    """
    if section != ".text":
        return f"*({section})" if len(section) <= MOST_LETTERS else f"*({section[:MOST_LETTERS]}*)"
    member = re.match(r".*/(lib[^/]*\.a)\((.*)\)$", file)
    return f"*{member.group(1)}:{member.group(2)}(.text)" if member else None


def main():
    build = os.path.abspath(sys.argv[1])
    program = os.path.join(build, "kelp-static")
    with open(program + ".map", encoding="utf-8") as link_map:
        sections = sections_of(link_map)
    begins = [section[0] for section in sections]
    patterns = {}  # a dict keeps the order
    with tempfile.TemporaryDirectory() as place:
        root, steps = os.path.join(place, "root"), os.path.join(place, "steps")
        subprocess.run([program, "rootfs", "make", root, "/bin/true"], check=True, stdout=subprocess.DEVNULL)
        for start in STARTS:
            words = start.format(root=root).split()
            subprocess.run([os.path.join(build, "tests/bench/kelp-bench-trace-steps"), steps, program, *words],
                           check=True)
            with open(steps, encoding="ascii") as addresses:
                for address in (int(line, 16) for line in addresses):
                    at = bisect.bisect_right(begins, address) - 1
                    if at >= 0 and address < begins[at] + sections[at][1]:
                        patterns[pattern_of(*sections[at][2:])] = True
    patterns.pop(None, None)
    print(HEAD)
    for pattern in patterns:
        print("    " + pattern)
    print(TAIL)


if __name__ == "__main__":
    main()
