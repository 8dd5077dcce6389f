# SPDX-License-Identifier: Apache-2.0
"""Whether a process group, which is what a case started and all that it left, is still there."""

import os
import time


def lives_on(group):
    """True if a process group still has a member after two seconds: the kernel ends a pid namespace later
    than its first process."""
    for _ in range(200):
        if not has_members(group):
            return False
        time.sleep(0.01)
    return True


def has_members(group):
    """Zombies do not count: where PID 1 is no init, nobody reaps an orphan."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                state, _, its_group = stat.read().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(its_group) == group and state not in "ZX":
            return True
    return False
