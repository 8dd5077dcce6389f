// SPDX-License-Identifier: Apache-2.0
// Where the upper layer of a throw-away overlay can lie. In a user namespace it keeps its marks in `user.*`
// extended attributes; on a file system without them the mount succeeds, and the first `rm -r` then fails
// with EIO. Runs in: parent.
#pragma once

#include <string>

#include "base/result.h"

namespace kelp::host {

// Since 6.6. Tried on a file of the kernel's own tmpfs, which is the same code and needs no mount; where a
// filter refuses that, nobody knows. An error: a shortage, which says nothing about the kernel.
Result<bool> tmpfs_takes_user_xattrs();

struct Scratch {
  std::string directory;  // absolute, need not exist yet; empty: none
  std::string refusal;    // why there is none
};

// $XDG_DATA_HOME/kelp/layers, else $HOME/.local/share/kelp/layers: one place for each user, so that the next
// start finds what a killed one has left. Nothing is made.
Scratch find_scratch_directory();

}  // namespace kelp::host
