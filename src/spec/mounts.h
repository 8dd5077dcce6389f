// SPDX-License-Identifier: Apache-2.0
// What can be mounted in a container. Paths `to` are absolute paths as the container sees them; `from` are
// paths of the host (relative ones: to kelp's working directory).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/ids.h"
#include "spec/origin.h"

namespace kelp {

// What a mount point that does not exist means.
enum class MissingTarget {
  kDefault,  // made in the root itself and in kelp's own layers; never below something shared by a bind
  kCreate,   // made wherever it lies
};

// A file or directory of the host, with all mounts below it.
struct Bind {
  std::string from;
  std::string to;
  bool writable = true;    // false: read-only, recursively
  bool devices = false;    // device nodes in it can be used (MOUNT_ATTR_NODEV off)
  bool is_device = false;  // it must be a device node, which is written through a read-only mount too
  bool setuid = false;     // setuid and file capabilities in it count (MOUNT_ATTR_NOSUID off)
  bool executable = true;
  bool follow = true;     // false: a symbolic link as `from` is refused
  bool optional = false;  // an absent `from` is skipped
  bool recursive = true;  // submounts too
  MissingTarget missing = MissingTarget::kDefault;
  int from_fd = -1;  // >= 0: what this inherited descriptor leads to; `from` is then empty
  bool operator==(const Bind&) const = default;
};

// The size that the kernel gives a tmpfs by itself: half of RAM.
inline constexpr std::uint64_t kKernelsSize = UINT64_MAX;

struct Tmpfs {
  std::string to;
  std::uint64_t bytes = 0;  // 0: a quarter of RAM
  std::uint32_t mode = 0755;
  bool writable = true;
  bool executable = true;
  bool operator==(const Tmpfs&) const = default;
};

enum class ProcMode {
  kAuto,  // new, else pids, else refused with the way out
  kNew,   // a proc of the new pid namespace
  kPids,  // the same with subset=pid
  kHost,  // the outer proc, bound
};
struct Proc {
  std::string to;
  ProcMode mode = ProcMode::kAuto;
  bool operator==(const Proc&) const = default;
};

// /sys, read-only: a new one where the network namespace is new, else the host's, bound.
struct Sysfs {
  std::string to;
  bool operator==(const Sysfs&) const = default;
};

// A read-only cgroup2 of the new cgroup namespace.
struct Cgroup {
  std::string to;
  bool optional = false;  // left out, and told, where this machine or the namespaces do not allow it
  bool operator==(const Cgroup&) const = default;
};

// A small /dev of kelp's own: null zero full random urandom tty, fd stdin stdout stderr, pts with its own
// ptmx, shm, mqueue.
struct Devices {
  std::string to;
  std::uint64_t shm_bytes = 0;  // as Tmpfs::bytes
  bool has_own_shm = true;      // false: shm is a directory in the tmpfs of /dev, which then has its size
  bool has_mqueue = true;
  bool operator==(const Devices&) const = default;
};

// POSIX message queues (mq_overview(7)).
struct Mqueue {
  std::string to;
  bool operator==(const Mqueue&) const = default;
};

// A file of kelp's own with the given content, bound on `to`.
struct DataFile {
  std::string to;
  std::string content = {};
  int fd = -1;  // >= 0: the content is what this inherited descriptor yields instead
  std::uint32_t mode = 0644;
  bool writable = false;
  bool executable = false;
  bool operator==(const DataFile&) const = default;
};

// A file in the root itself, made or overwritten with what the inherited descriptor yields.
struct WrittenFile {
  std::string to;
  int fd = -1;
  std::uint32_t mode = 0666;
  bool operator==(const WrittenFile&) const = default;
};

// An overlay of directories of the host (the lowest first).
struct OverlayMount {
  enum class Writes {
    kKept,       // in `upper`, with `work` beside it
    kDiscarded,  // in a layer of kelp's own that ends with the container
    kRefused,    // nothing can be written
  };
  std::string to;
  std::vector<std::string> lowers = {};
  Writes writes = Writes::kDiscarded;
  std::string upper = {};
  std::string work = {};
  bool operator==(const OverlayMount&) const = default;
};

// The topmost mount at `path` becomes read-only; those below it stay as they are.
struct Seal {
  std::string path;
  bool operator==(const Seal&) const = default;
};

// The permissions of what is at `path`.
struct Chmod {
  std::string path;
  std::uint32_t mode = 0755;
  bool operator==(const Chmod&) const = default;
};

// A file that says how to reach the network, read-only, mounted on what the root's own link leads to. By
// itself it is the host's file of the same path, bound; absent on the host: skipped.
struct NetworkFile {
  std::string path;                         // "/etc/resolv.conf", "/etc/hosts"
  std::optional<std::string> content = {};  // instead of the host's own; then nothing of the host is read
  std::string appended = {};                // lines added below either
  bool operator==(const NetworkFile&) const = default;
};

// An empty directory, made where it is missing.
struct Directory {
  std::string to;
  std::uint32_t mode = 0755;
  bool operator==(const Directory&) const = default;
};

struct Symlink {
  std::string target;  // the text of the link
  std::string to;      // where the link is
  bool operator==(const Symlink&) const = default;
};

// What lies at `path` cannot be seen: a file becomes an empty read-only file, a directory an empty read-only
// directory. Absent is fine.
struct Hide {
  std::string path;
  bool operator==(const Hide&) const = default;
};

// What is at `path` becomes read-only, with all mounts below it. Absent is fine.
struct Protect {
  std::string path;
  bool operator==(const Protect&) const = default;
};

// Attributes of a mount (mount_setattr(2)): MOUNT_ATTR_*. The first pair is about the mount alone, the second
// about all below it too, and comes after.
struct AttributeChange {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  bool operator==(const AttributeChange&) const = default;
};

// How mounts of others arrive there, and leave: MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE.
struct PropagationChange {
  std::uint64_t type = 0;
  bool recursive = false;
  bool operator==(const PropagationChange&) const = default;
};

// The ids of the files seen through a mount (mount_setattr(2), MOUNT_ATTR_IDMAP).
struct MountIdMap {
  std::vector<IdRange> users;  // both empty: those of the container
  std::vector<IdRange> groups;
  bool recursive = false;
  bool operator==(const MountIdMap&) const = default;
};

// A mount as mount(2) and mount_setattr(2) take it: kelp chooses nothing.
struct PlainMount {
  std::string type;    // of the file system; "bind": what is at `source`
  std::string source;  // of a bind a path of the host
  std::string to;
  std::string data = {};  // options of the file system itself
  // Of a new file system as a whole, wherever it is mounted: MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME,
  // MS_MANDLOCK, MS_I_VERSION, MS_POSIXACL, MS_SILENT.
  std::uint64_t flags = 0;
  bool recursive = true;  // of a bind: submounts too
  AttributeChange attributes = {};
  AttributeChange recursive_attributes = {};
  std::vector<PropagationChange> propagation = {};  // in order
  std::optional<MountIdMap> id_map = {};
  bool copy_up = false;  // what lay at `to` is copied into the new file system first
  bool operator==(const PlainMount&) const = default;
};

// A device node or FIFO (mknod(2)); where the kernel does not let us make one, the machine's own node of that
// number at the same path, bound.
struct DeviceNode {
  char type = 'c';  // c, b or p; u is c
  std::string path;
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t mode = 0666;
  std::uint32_t user = 0;  // inside
  std::uint32_t group = 0;
  bool optional = false;  // one that every container has: left out where the machine has none
  bool operator==(const DeviceNode&) const = default;
};

using MountKind =
    std::variant<Bind, Tmpfs, Proc, Sysfs, Cgroup, Devices, Mqueue, DataFile, WrittenFile, OverlayMount,
                 NetworkFile, Directory, Symlink, Seal, Chmod, Hide, Protect, PlainMount, DeviceNode>;

struct Mount {
  MountKind what;
  std::uint32_t parents = 0755;  // mode of directories that are made on the way to it
  Origin origin = {};
  bool operator==(const Mount&) const = default;
};

// The path inside the container that a mount is about.
const std::string& destination_of(const Mount& mount);

// Whether it is "/", in whatever spelling. One with `..` is none: check() refuses those.
bool is_root_path(std::string_view path);

}  // namespace kelp
