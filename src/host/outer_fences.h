// SPDX-License-Identifier: Apache-2.0
// Fences set from outside that no file in /proc shows, found out by system calls that change nothing. Only
// after a mount has failed. Runs in: parent.
#pragma once

namespace kelp::host {

// Whether a seccomp filter refuses mount(2).
bool mount_is_filtered();

// Whether this process is in a Landlock domain and mounts fail although neither a filter nor a lack of rights
// forbids them. False where that cannot be shown (a filter that refuses the system calls of Landlock).
bool landlock_forbids_mounts();

}  // namespace kelp::host
