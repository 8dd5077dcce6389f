// SPDX-License-Identifier: Apache-2.0
// What the child does to its mounts, from the first source to the last cover. The order is the Plan's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/foreign.h"
#include "spec/hooks.h"
#include "spec/ids.h"
#include "spec/mounts.h"

namespace kelp::plan {

// A file or directory of the host that the child opens before anything changes.
struct Source {
  std::string path;
  bool follow = true;
  bool optional = false;     // absent: the steps that use it do nothing
  std::uint64_t device = 0;  // what the parent saw, which must be what the child gets; inode 0: not looked at
  std::uint64_t inode = 0;
  bool operator==(const Source&) const = default;
};
using SourceIndex = std::size_t;

// ---- set-up of rights and of the mount namespace
struct OpenSources {
  std::vector<Source> sources;
  bool operator==(const OpenSources&) const = default;
};
// Takes the ids that set-up runs as. From here on PDEATHSIG holds (a change of ids would clear it).
struct TakeIds {
  std::optional<Id> user;  // none: already so
  std::optional<Id> group;
  bool drop_groups = false;
  bool keep_rights = false;  // over a change away from user 0
  bool die_with_parent = false;
  bool operator==(const TakeIds&) const = default;
};
struct SetPropagation {
  bool slave = false;   // mounts of the host still arrive
  bool shared = false;  // and those of the container leave: without a user namespace of its own
  bool operator==(const SetPropagation&) const = default;
};
// A tmpfs that only kelp sees: content of files, empty objects, the layer of a throw-away overlay.
struct MakeScratch {
  bool is_executable = false;  // what lies in it can be a program
  bool operator==(const MakeScratch&) const = default;
};

// ---- the new root
struct BindRoot {
  SourceIndex source = 0;
  bool nosuid = true;
  bool nodev = true;
  // All of it but the topmost mount, which SealRoot closes when mount points are made.
  bool read_only = false;
  bool is_sealed = false;  // that too, and at once
  bool operator==(const BindRoot&) const = default;
};
struct TmpfsRoot {
  std::string options = "mode=0755,size=25%";
  bool operator==(const TmpfsRoot&) const = default;
};
struct OverlayRoot {
  std::vector<SourceIndex> lowers;   // the lowest first
  std::optional<SourceIndex> layer;  // the directory with upper and work; none: in the scratch tmpfs
  bool is_kept = false;              // the layer outlives the container
  bool nosuid = true;
  bool operator==(const OverlayRoot&) const = default;
};
// The topmost mount of the root becomes read-only.
struct SealRoot {
  bool operator==(const SealRoot&) const = default;
};

// ---- mounts inside the new root, in order
// Parts of a proc or sysfs that the machine's own root must not reach, as paths below its top. They are found
// from the mount itself: a path from the root could be renamed by somebody who shares it (CVE-2023-27561).
struct Masks {
  std::vector<std::string> hidden;
  std::vector<std::string> read_only;
  bool empty() const { return hidden.empty() && read_only.empty(); }
  bool operator==(const Masks&) const = default;
};
struct BindMount {
  SourceIndex source = 0;
  std::string to;
  std::uint64_t attributes = 0;  // MOUNT_ATTR_* to set, recursively
  bool recursive = true;
  bool create_anywhere = false;                // :create
  bool follow_dangling = false;                // the root's own link may point to nowhere yet
  std::optional<std::uint64_t> device_number;  // it must be this character device
  bool is_device = false;                      // it must be a device node, whichever
  Masks masks;
  bool operator==(const BindMount&) const = default;
};
struct NewFilesystem {
  std::string type;
  std::string options;
  std::uint64_t flags = 0;  // MS_*
  std::string to;
  std::optional<SourceIndex> otherwise;  // bound read-only where the kernel refuses the new one (EPERM)
  Masks masks;
  bool operator==(const NewFilesystem&) const = default;
};
struct NewProc {
  std::string to;
  std::vector<ProcMode> modes;  // tried in order
  Masks masks;
  bool operator==(const NewProc&) const = default;
};
struct MakeDirectory {
  std::string to;
  std::uint32_t mode = 0755;
  bool operator==(const MakeDirectory&) const = default;
};
struct MakeSymlink {
  std::string target;
  std::string to;
  bool operator==(const MakeSymlink&) const = default;
};
// A file of kelp's own in the scratch tmpfs, bound on `to`: the content of `copy_of`, then that of `fd`, then
// `content`.
struct BindContent {
  std::string to;
  std::string content;
  int fd = -1;
  std::optional<SourceIndex> copy_of;
  std::uint32_t mode = 0644;
  bool writable = false;
  bool follow_dangling = false;
  bool operator==(const BindContent&) const = default;
};
// A file in the root itself, made or overwritten with what `fd` yields, or with `content` where there is
// none.
struct WriteFile {
  std::string to;
  int fd = -1;
  std::string content = {};
  std::uint32_t mode = 0666;
  bool operator==(const WriteFile&) const = default;
};
// An overlay on `to`, which may be "/". Without `upper` its layer is in the scratch tmpfs, unless nothing can
// be written.
struct MountOverlay {
  std::string to;
  std::vector<SourceIndex> lowers;  // the lowest first
  std::optional<SourceIndex> upper;
  std::optional<SourceIndex> work;
  bool read_only = false;
  bool operator==(const MountOverlay&) const = default;
};
// The topmost mount at a path, which must be one, becomes read-only.
struct SealMount {
  std::string path;
  bool operator==(const SealMount&) const = default;
};
struct SetMode {
  std::string path;
  std::uint32_t mode = 0755;
  bool operator==(const SetMode&) const = default;
};
// As the Spec has it.
struct MountPlainly {
  PlainMount what;
  std::optional<SourceIndex> source;          // of a bind; none: a new file system
  std::optional<SourceIndex> otherwise;       // bound where the kernel refuses the new one (EPERM, EBUSY)
  std::uint64_t otherwise_set = 0;            // MOUNT_ATTR_* that such a bind has besides
  std::optional<std::string> data_otherwise;  // where the kernel does not take `what.data` (EINVAL)
  bool operator==(const MountPlainly&) const = default;
};
struct MakeNode {
  DeviceNode what;
  std::optional<SourceIndex> source;  // the machine's node, bound where the kernel lets us make none
  bool may_make = false;              // it is worth a try: there is no new user namespace
  bool operator==(const MakeNode&) const = default;
};
// What is there becomes read-only, with all mounts below it.
struct ProtectPath {
  std::string path;
  bool operator==(const ProtectPath&) const = default;
};
// By the machine's proc, while it can be seen: a process reads and writes there what its namespaces have.
struct SetSysctls {
  std::vector<Sysctl> values;
  bool operator==(const SetSysctls&) const = default;
};
// kelp has something to do while all is mounted and the machine's files can still be seen: its hooks.
struct AskParent {
  bool operator==(const AskParent&) const = default;
};
// The same time, in the container's namespaces. The state document is put together around our number inside.
struct RunHooks {
  std::vector<Hook> hooks;
  std::string state_before_pid;
  std::string state_after_pid;
  bool operator==(const RunHooks&) const = default;
};
// The socket of who is to answer system calls, on the machine (config-linux.md, "listenerPath").
struct ConnectAgent {
  std::string path;
  bool operator==(const ConnectAgent&) const = default;
};
// An empty read-only object of kelp's own over what is there.
struct Cover {
  std::string path;
  bool operator==(const Cover&) const = default;
};

}  // namespace kelp::plan
