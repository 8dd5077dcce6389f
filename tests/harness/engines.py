# SPDX-License-Identifier: Apache-2.0
"""`./dev test --engines`: engines that start their containers by kelp-oci, and crun beside it. Each is a program of
tests/engines, in a place of its own (tests/engines/place), which takes root to make."""

import os
import shutil

import names

# Name: (the programs that it takes, who runs it, the command).
ENGINES = {
    "comparison": (("crun",), "user", ["python3", "-B", "check_comparison.py"]),
    "buildah": (("buildah",), "user", ["bash", "check_buildah.sh"]),
    "podman": (("podman",), "user", ["bash", "check_podman.sh"]),
    "slurm": (("slurmctld", "slurmd", "srun", "munged"), "root", ["bash", "check_slurm.sh"]),
}
TIMEOUT = 1200


def missing(programs):
    # slurmd and its kin are where an ordinary user does not look.
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [name for name in programs if not shutil.which(name, path=path)]


def command(stage, name, user, become):
    """The whole command line of an engine's check; `become` is what makes a command root's."""
    folder = os.path.join(stage, "source", "tests", "engines")
    _, who, argv = ENGINES[name]
    program = [*argv[:-1], os.path.join(folder, argv[-1])]
    return [*become, "env", f"KELP_STAGE={stage}", os.path.join(folder, "place"),
            user if who == "user" else "root", *program]


def commands(stage, who, pattern, tally):
    """(name, command line) of each that can be run here."""
    for name, (programs, _, _) in ENGINES.items():
        if not names.fits(name, pattern):
            continue
        if lacking := missing(programs):
            tally.skip(f"not installed: {' '.join(lacking)}", f"engines {name}")
        else:
            yield name, command(stage, name, *who)
