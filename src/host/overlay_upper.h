// SPDX-License-Identifier: Apache-2.0
// Where the upper layer of a throw-away overlay can lie. In a user namespace it keeps its marks in `user.*`
// extended attributes; on a file system without them the mount succeeds, and the first `rm -r` then fails
// with EIO. Runs in: parent.
#pragma once

#include <string>

namespace kelp::host {

// Since 6.6. Tried on a file of the kernel's own tmpfs, which is the same code and needs no mount.
bool tmpfs_takes_user_xattrs();

// The first of $TMPDIR, /var/tmp and /tmp whose files we may make and mark; empty: none.
std::string find_scratch_directory();

}  // namespace kelp::host
