# SPDX-License-Identifier: Apache-2.0
"""Which cases are meant: `--filter 'Terminal.*,Mounts.Share*'`."""

import fnmatch


def fits(name, patterns):
    """True where one of the globs, with commas between them, is that of the name."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split(","))
