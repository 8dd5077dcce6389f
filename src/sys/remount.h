// SPDX-License-Identifier: Apache-2.0
// The attributes of a tree of mounts where mount_setattr(2) is not there (before 5.12, or filtered away
// around us): one remount a mount, each proven to be the one that the kernel's list means. Runs in: child.
#pragma once

#include "sys/mounts.h"

namespace kelp::sys {

// As set_mount_attributes(). Every mount keeps what it has and is not asked for, since what is locked to a
// user namespace must be named again (EPERM). It ends when the list shows the attributes on all, and fails
// where a mount cannot be reached: below a directory that may not be searched, or hidden by a mount further
// up. Time grows with the square of the number of mounts, as each call reads the whole list.
Status remount_tree(int mount_fd, const MountAttributes& attributes);
Status remount_this(int mount_fd, const MountAttributes& attributes);

}  // namespace kelp::sys
