// SPDX-License-Identifier: Apache-2.0
// Mounting by descriptors: libmount for what it does, single system calls for what it lacks.
// Sources and targets are descriptors that the caller resolved; no path that a container can change is read.
// Runs in: child.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

enum class Propagation { kPrivate, kSlave, kShared, kUnbindable };
enum class Recursion { kThisMount, kWholeTree };

// Sets the propagation of the mount tree at "/" (mount_namespaces(7)).
Status set_propagation_of_root(Propagation propagation);
// Of the one mount at "/".
Status set_propagation_of_root_alone(Propagation propagation);

// mount --bind / --rbind. Both are O_PATH descriptors; target_path is only for the message.
Status bind_mount(int source_fd, int target_fd, Recursion recursion);
// As bind_mount, onto "/" itself: covers the root directory, so that no existing path changes its meaning
// while the new root is being built. open_cover() gives what is on top.
Status bind_mount_over_root(int source_fd);

struct Filesystem {
  const char* type = "";
  std::string options;           // of the file system itself, comma separated
  unsigned long flags = 0;       // MS_NOSUID …
  const char* source = nullptr;  // as mount(2) takes it; null: the type
};
Status mount_filesystem(const Filesystem& what, int target_fd);
Status mount_filesystem_over_root(const Filesystem& what);

// A copy of the mount tree that begins at fd, or of that one mount, attached nowhere (open_tree(2),
// since 5.2): it does not change with what is mounted later. Of one mount: EINVAL where mounts lie below fd
// that a less privileged namespace may not look behind.
Result<UniqueFd> clone_tree(int fd, Recursion recursion = Recursion::kWholeTree);
// Attaches it, to a descriptor or over "/"; the tree's descriptor then stands for the mount.
Status attach_tree(int tree_fd, int target_fd);
Status attach_tree_over_root(int tree_fd);

// The topmost mount that covers "/". A plain "/" leads to the mount beneath (the process's root); `/..` is
// looked up like any other component and so crosses onto the cover.
Result<UniqueFd> open_cover();

// Which mount and which file a descriptor stands for.
struct MountIdentity {
  std::uint64_t mount_id = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const MountIdentity&) const = default;
};
Result<MountIdentity> identify(int fd);

// The id of the mount that each mount of this namespace lies on, by its own id (as in MountIdentity).
Result<std::unordered_map<std::uint64_t, std::uint64_t>> parents_of_mounts();

// MOUNT_ATTR_* bits to set and clear by one mount_setattr(2) (since 5.12). The kernel keeps locked bits
// (read-only, nosuid … of the outer mount namespace) and answers EPERM to an attempt to clear one. Where the
// call is not there (ENOSYS) each mount is remounted (sys/remount.h), access times then being refused.
struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  bool operator==(const MountAttributes&) const = default;
};
Status set_mount_attributes(int mount_fd, const MountAttributes& attributes, Recursion recursion);

// How mounts of others arrive at this mount, and leave: MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE.
Status set_mount_propagation(int mount_fd, unsigned long type, Recursion recursion);

// Makes new_root_fd the root of this mount namespace and detaches the old one, with no directory made for
// it: pivot_root(".", ".") stacks the old root on the new one, then all that is stacked there is lazily
// unmounted, and that nothing is left is proven.
Status pivot_into(int new_root_fd);

}  // namespace kelp::sys
