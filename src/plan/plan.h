// SPDX-License-Identifier: Apache-2.0
// Plan: the ordered steps for parent and child, all paths and flags final. Plain values: --explain prints
// them, tests compare them, and the child carries them out without deciding anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plan/policy.h"
#include "spec/ids.h"
#include "spec/mounts.h"
#include "spec/namespaces.h"
#include "spec/process.h"
#include "spec/seccomp.h"

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
  bool slave = false;  // mounts of the host still arrive
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
// A file in the root itself, made or overwritten with what `fd` yields.
struct WriteFile {
  std::string to;
  int fd = -1;
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
// An empty read-only object of kelp's own over what is there.
struct Cover {
  std::string path;
  bool operator==(const Cover&) const = default;
};

// ---- leaving the old root, and what the namespaces hold
struct Pivot {
  bool share_afterwards = false;  // --propagation=shared, for namespaces made inside
  bool operator==(const Pivot&) const = default;
};
struct SetNames {
  std::string hostname;
  std::string domainname;
  bool operator==(const SetNames&) const = default;
};
struct LoopbackUp {
  bool operator==(const LoopbackUp&) const = default;
};
struct EnterTimeNamespace {
  TimeOffsets offsets;
  bool operator==(const EnterTimeNamespace&) const = default;
};
// Where the parent has made a cgroup for the container: a clone would root the namespace in kelp's own
// (copy_cgroup_ns() looks at the caller).
struct EnterCgroupNamespace {
  bool operator==(const EnterCgroupNamespace&) const = default;
};
// A cgroup namespace made inside would get a writable cgroup2 or cgroup v1 of the machine's (the kernel's
// mount_too_revealing() looks at proc and sysfs only).
struct ForbidCgroupNamespaces {
  bool operator==(const ForbidCgroupNamespaces&) const = default;
};
// At most one more user namespace below this one: EnterInnerNamespace takes it. The host's /proc is needed,
// so before the pivot.
struct LimitUserNamespaces {
  bool operator==(const LimitUserNamespaces&) const = default;
};
// The user namespace that was left, with the same one id; from in there the limit cannot be raised again.
struct EnterInnerNamespace {
  bool operator==(const EnterInnerNamespace&) const = default;
};
// Fails where a user namespace can be made.
struct ProveNoUserNamespaces {
  bool operator==(const ProveNoUserNamespaces&) const = default;
};
// A user namespace that exists already.
struct JoinUserNamespace {
  int fd = -1;
  bool operator==(const JoinUserNamespace&) const = default;
};
struct NewKeyring {
  // A filter leaves the command no way to any key: where the caller's quota of keys is used up, none is made.
  bool is_closed = false;
  bool operator==(const NewKeyring&) const = default;
};

// ---- the command's process
struct NewSession {
  bool operator==(const NewSession&) const = default;
};
// A pty from the container's own devpts; its master goes to the parent, its slave becomes 0, 1 and 2.
struct OpenTerminal {
  std::string devpts;  // where it is mounted inside
  bool operator==(const OpenTerminal&) const = default;
};
// PID 1 stays here and reaps; the steps that follow run in its child.
struct StartReaper {
  // It becomes the embedded init, which the owner of the user namespace may enter by /proc.
  bool is_enterable = false;
  bool until_empty = false;  // it stays until no process is left, not only for the command
  std::vector<std::string> lock_files;
  int held_fd = -1;
  bool operator==(const StartReaper&) const = default;
};
struct SetLimit {
  ResourceLimit limit;
  bool operator==(const SetLimit&) const = default;
};
// Looks the user up in the root's own files; HOME and USER follow from it.
struct TakeUser {
  User user;
  bool keep_ids = false;    // uid and gid as they are
  bool set_groups = false;  // the groups of the user; false: as they are
  bool home_from_passwd = false;
  std::string home_fallback;  // HOME where passwd does not tell
  bool operator==(const TakeUser&) const = default;
};
// All capability sets, the securebits and no_new_privs, by the uid that the command has now.
struct LimitPrivileges {
  CapabilityMask root = 0;      // bounding set; also what uid 0 starts with
  CapabilityMask any_user = 0;  // ambient for any other uid
  bool new_privileges = false;
  bool lock_root = true;  // without new privileges uid 0 means nothing to another user, and stays so
  bool operator==(const LimitPrivileges&) const = default;
};
struct EnterDirectory {
  std::string path;
  std::vector<std::string> before = {};  // tried first; an error there is none
  bool tell = false;                     // PWD says where we are
  bool operator==(const EnterDirectory&) const = default;
};
struct SetUmask {
  std::optional<std::uint32_t> umask;  // none: the caller's
  bool operator==(const SetUmask&) const = default;
};
// What a Landlock domain allows (landlock(7)); all other rights of its sets are refused. Numbers are the
// kernel's.
struct FileRule {
  std::string path;
  std::uint64_t rights = 0;  // LANDLOCK_ACCESS_FS_*
  bool operator==(const FileRule&) const = default;
};
struct PortRule {
  std::uint16_t port = 0;
  std::uint64_t rights = 0;  // LANDLOCK_ACCESS_NET_*
  bool operator==(const PortRule&) const = default;
};
// After no_new_privs, without which only CAP_SYS_ADMIN may; and before seccomp, whose filter need not allow
// it.
struct RestrictSelf {
  std::uint64_t files = 0;   // LANDLOCK_ACCESS_FS_* that are refused without a rule
  std::uint64_t ports = 0;   // LANDLOCK_ACCESS_NET_*
  std::uint64_t scopes = 0;  // LANDLOCK_SCOPE_*
  std::vector<FileRule> allowed_files;
  std::uint64_t rights_of_plain_files = 0;  // the kernel takes no others for what is no directory
  std::vector<PortRule> allowed_ports;
  bool operator==(const RestrictSelf&) const = default;
};
// The filters of system calls, in order, each also counting for the installing of the next.
enum class FilterTime {
  kWithExec,  // right before the execve: they need to allow nothing else that kelp calls
  kHere,      // before the right to do so goes (CAP_SYS_ADMIN): without no_new_privs it is needed
};
struct InstallFilters {
  std::vector<FilterProgram> programs;
  FilterTime time = FilterTime::kWithExec;
  std::vector<std::string> names;  // for --explain, one a program
  bool operator==(const InstallFilters&) const = default;
};
// Until the descriptor yields a byte, or ends.
struct WaitForByte {
  int fd = -1;
  bool operator==(const WaitForByte&) const = default;
};
struct Execute {
  std::vector<std::string> argv;  // empty: `shell` if it exists inside, else /bin/sh
  std::string shell;
  std::optional<std::string> argv0;
  std::vector<std::string> environment;
  std::vector<int> preserved_fds;  // sorted
  bool plain_scripts = false;      // what has no known format is a script for /bin/sh
  std::uint64_t own_device = 0;    // kelp's own program, which is never executed from a writable place
  std::uint64_t own_inode = 0;
  bool operator==(const Execute&) const = default;
};

using Action =
    std::variant<OpenSources, TakeIds, SetPropagation, MakeScratch, BindRoot, TmpfsRoot, OverlayRoot,
                 SealRoot, BindMount, NewFilesystem, NewProc, MakeDirectory, MakeSymlink, BindContent,
                 WriteFile, MountOverlay, SealMount, SetMode, Cover, Pivot, SetNames, LoopbackUp,
                 EnterTimeNamespace, EnterCgroupNamespace, ForbidCgroupNamespaces, LimitUserNamespaces,
                 EnterInnerNamespace, ProveNoUserNamespaces, JoinUserNamespace, NewKeyring, NewSession,
                 OpenTerminal, StartReaper, SetLimit, TakeUser, LimitPrivileges, EnterDirectory, SetUmask,
                 RestrictSelf, WaitForByte, InstallFilters, Execute>;

struct Step {
  Action what;
  Origin origin;
  std::uint32_t parents = 0755;  // mode of the directories that it makes on the way
  bool operator==(const Step&) const = default;
};

// How the id maps get into the kernel (user_namespaces(7)).
enum class MapWriter {
  kParent,   // kelp itself: one own id, or rights over its own map
  kHelpers,  // newuidmap and newgidmap
  kOthers,   // somebody else, who says when on ready_fd
  kNobody,   // the user namespace of namespace_fd has its maps already
};
struct IdMaps {
  IdMap users;
  IdMap groups;
  MapWriter writer = MapWriter::kParent;
  bool deny_setgroups = true;  // the kernel wants it before an unprivileged gid_map
  std::string newuidmap;
  std::string newgidmap;
  int ready_fd = -1;
  int namespace_fd = -1;
  std::string why;  // one sentence for --explain
  Origin origin;
  bool operator==(const IdMaps&) const = default;
};

// The layer of a throw-away overlay where tmpfs cannot hold it (before 6.6). The parent makes it and removes
// it; what a killed kelp has left goes first.
struct DiskLayer {
  std::string directory;      // where such layers lie
  SourceIndex source = 0;     // the layer itself, as soon as it has a name
  std::uint32_t mode = 0700;  // of the layer
  IdMaps all_ids;             // the most that the caller can get: a dead layer may be of other ids than ours
  bool operator==(const DiskLayer&) const = default;
};

// A transient scope that systemd makes for kelp, with all controllers that it has to give.
struct Scope {
  std::string bus_address;
  std::string slice;  // empty: the manager's default
  bool operator==(const Scope&) const = default;
};
struct CgroupSetting {
  std::string file;  // "memory.max"
  std::string value;
  bool optional = false;      // a kernel without the file has nothing to limit there
  bool shows_inside = false;  // programs read it to learn what they may use
  Origin origin;
  bool operator==(const CgroupSetting&) const = default;
};
// The container's cgroup v2. The parent makes it, proves that its settings are in force, and removes it. It
// has a level inside that holds the processes and is all that a cgroup namespace shows: who is inside may own
// its files, and must not reach those that limit it.
struct ContainerCgroup {
  std::string parent;  // the directory that it is made in; empty: in the scope
  std::optional<Scope> scope;
  bool moves_kelp = false;  // kelp is the only process in `parent`, and in the way of its controllers
  std::vector<std::string> controllers;
  std::vector<CgroupSetting> settings;
  Origin origin;
  bool operator==(const ContainerCgroup&) const = default;
};

struct Plan {
  std::uint64_t clone_flags = 0;
  NamespaceSet new_namespaces;
  Origin namespaces_origin;
  IdMaps ids;
  std::vector<Step> child;
  std::optional<DiskLayer> layer;
  std::optional<ContainerCgroup> cgroup;
  bool has_reaper = false;
  bool ends_with_command = false;  // kelp itself; what else runs inside may go on
  bool dies_with_caller = false;
  bool makes_anywhere = false;  // missing mount points, also below what is shared
  int pid_namespace_fd = -1;    // the child's, or the parent of its own
  std::vector<int> parent_fds;  // inherited descriptors that the child closes at once, sorted
  bool has_terminal = false;    // the relay runs in the parent
  std::optional<std::uint64_t> timeout_ms;
  Origin timeout_origin;
  int report_fd = -1;
  std::vector<int> inherited_fds;  // every descriptor above 2 that the container's start needs, sorted
  bool root_is_lasting = false;    // what is made in the root stays there: a directory without an overlay
  bool tells_made_mount_points = false;  // --explain
  Policy policy;
  std::vector<std::string> warnings;
  bool operator==(const Plan&) const = default;
};

}  // namespace kelp::plan
