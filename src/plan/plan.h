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

#include "plan/ground.h"
#include "plan/mount_actions.h"
#include "plan/network.h"
#include "plan/policy.h"
#include "plan/process_actions.h"
#include "spec/foreign.h"
#include "spec/hooks.h"
#include "spec/ids.h"
#include "spec/ladder.h"
#include "spec/managed_cgroup.h"
#include "spec/mounts.h"
#include "spec/namespaces.h"
#include "spec/process.h"
#include "spec/seccomp.h"

namespace kelp::plan {

using Action =
    std::variant<OpenSources, TakeIds, SetPropagation, MakeScratch, BindRoot, TmpfsRoot, OverlayRoot,
                 SealRoot, BindMount, MountPlainly, MakeNode, ProtectPath, SetSysctls, AskParent, RunHooks,
                 NewFilesystem, NewProc, MakeDirectory, MakeSymlink, BindContent, WriteFile, MountOverlay,
                 SealMount, SetMode, Cover, Pivot, EnterChroot, StayInRoot, TakeRoot, SetNames, LoopbackUp,
                 EnterTimeNamespace, EnterCgroupNamespace, ForbidCgroupNamespaces, KeepOwnProc,
                 LimitUserNamespaces, EnterInnerNamespace, LockMounts, ProveNoUserNamespaces,
                 JoinUserNamespace, NewKeyring, NewSession, OpenTerminal, StartReaper, MakeLauncher, SetLimit,
                 SetScheduling, SetLabels, TakeUser, LimitPrivileges, EnterDirectory, SetUmask, RestrictSelf,
                 WaitForByte, StartSupervisor, InstallFilters, Execute>;

struct Step {
  Action what;
  Origin origin;
  std::uint32_t parents = 0755;  // mode of the directories that it makes on the way
  std::optional<Ground> ground;  // none: it may land where its path leads
  bool operator==(const Step&) const = default;
};

// How the id maps get into the kernel (user_namespaces(7)).
enum class MapWriter {
  kParent,   // kelp itself: one own id, or rights over its own map
  kHelpers,  // newuidmap and newgidmap
  kOthers,   // somebody else, who says when on ready_fd
  kNobody,   // the user namespace of namespace_fd has its maps already, or there is none of its own
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
// As uid_map and gid_map take it.
std::string text_of(const IdMap& map);

// The layer of a throw-away overlay where tmpfs cannot hold it (before 6.6). The parent makes it and removes
// it; what a killed kelp has left goes first.
struct DiskLayer {
  std::string directory;      // where such layers lie
  SourceIndex source = 0;     // the layer itself, as soon as it has a name
  std::uint32_t mode = 0700;  // of the layer
  IdMaps all_ids;             // the most that the caller can get: a dead layer may be of other ids than ours
  bool operator==(const DiskLayer&) const = default;
};

// Where root emulation keeps what links, FIFOs and sockets cannot carry themselves: a file beside ROOT, or
// beside the directory of a kept overlay. Below an overlay that is thrown away,
// and of a read-only ROOT, it is only read.
struct OwnersFile {
  std::string root;
  bool is_written = true;
  Origin origin;
  bool operator==(const OwnersFile&) const = default;
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
  // Where the kernel has no such file, this instead; empty: there is none.
  std::string else_file = {};
  std::string else_value = {};
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

// The container's cgroup where others manage it (spec/managed_cgroup.h): under the name that they chose, and
// it stays. The processes are on a level inside, as above.
struct ManagedCgroup {
  // A transient unit of systemd's, with the container's process in it.
  struct Unit {
    std::string bus_address;
    std::string slice;  // empty: the manager's default
    std::string name;
    std::vector<UnitProperty> properties;
    bool operator==(const Unit&) const = default;
  };
  std::string mount;      // where the cgroup2 is mounted
  std::string directory;  // to be made, with all that is missing on the way; empty: that of the unit
  std::optional<Unit> unit;
  std::vector<std::string> controllers;
  std::vector<CgroupSetting> settings;
  std::vector<DeviceRule> devices;
  bool may_lack = false;  // nothing is limited: where we may make none the container is in kelp's own
  Origin origin;
  bool operator==(const ManagedCgroup&) const = default;
};

// Who needs an inherited descriptor, for the refusal of one that is not open.
struct DescriptorUse {
  int fd = -1;
  std::string action;  // "read descriptor 9"
  Origin origin;
  bool operator==(const DescriptorUse&) const = default;
};

// What is looked for before something is made in a root where it would stay: a directory that holds no
// system, given by mistake, is left as it was.
struct EarlyLook {
  std::string root;                 // as it was given
  std::string name;                 // of the program
  std::vector<std::string> places;  // paths inside; one of them must exist
  bool operator==(const EarlyLook&) const = default;
};

struct Plan {
  std::uint64_t clone_flags = 0;
  NamespaceSet new_namespaces;
  Origin namespaces_origin;
  IdMaps ids;
  std::vector<Step> child;
  std::optional<DiskLayer> layer;
  std::optional<OwnersFile> owners_file;
  std::optional<ContainerCgroup> cgroup;
  std::optional<ManagedCgroup> managed_cgroup;  // instead of that
  std::optional<NetworkHelper> network;
  std::optional<NetworkToJoin> joined_network;
  std::vector<JoinedNamespace> joined;      // the child is born in them
  std::optional<EnteredContainer> entered;  // or in all of these
  std::optional<int> entered_oom_score;
  bool keeps_proc = false;                  // a child that is born in a container gets the machine's /proc
  std::vector<MovedNetDevice> net_devices;  // by the parent, once the child is there
  Hooks hooks;                              // of the parent, those before and the state around the pid
  bool has_reaper = false;
  // Without namespaces: kelp itself ends what the command leaves behind, and is of the command's user.
  bool is_without_namespaces = false;
  bool stays = false;              // the container outlives kelp
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
  std::vector<DescriptorUse> descriptor_uses;  // of those that a flag has named
  bool root_is_lasting = false;  // what is made in the root stays there: a directory without an overlay
  std::optional<EarlyLook> early_look;   // none: mounts may bring the program, or nothing stays
  bool tells_made_mount_points = false;  // --explain
  Rung rung = Rung::kFull;
  std::string rung_because;  // why not a higher one; empty on the first
  Policy policy;
  std::vector<std::string> warnings;
  std::optional<SeccompListener> listener;  // who gets the descriptor that a notifying filter makes
  bool operator==(const Plan&) const = default;
};

}  // namespace kelp::plan
