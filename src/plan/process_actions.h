// SPDX-License-Identifier: Apache-2.0
// What the child does from the pivot to the exec: namespaces, terminal, rights, fences, the command. The
// order is the Plan's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/mount_actions.h"
#include "spec/ids.h"
#include "spec/namespaces.h"
#include "spec/process.h"
#include "spec/seccomp.h"

namespace kelp::plan {

// ---- leaving the old root, and what the namespaces hold
struct Pivot {
  bool share_afterwards = false;  // --propagation=shared, for namespaces made inside
  bool unbindable_afterwards = false;
  bool root_alone = false;  // both of the root's mount, not of those in it
  bool operator==(const Pivot&) const = default;
};
// Where there is no mount namespace: the directory becomes the root by chroot(2), which holds only together
// with what follows (no CAP_SYS_CHROOT, no descriptor of a directory outside, Landlock, the filters).
struct EnterChroot {
  SourceIndex source = 0;
  bool operator==(const EnterChroot&) const = default;
};
// Where there is no other root either: the machine's own, of which Landlock then leaves these.
struct StayInRoot {
  struct Shown {
    SourceIndex source = 0;
    std::string path;
    bool is_writable = false;
    bool operator==(const Shown&) const = default;
  };
  std::vector<Shown> shown;
  bool operator==(const StayInRoot&) const = default;
};
// Where the process was born in a container: its root is the container's already.
struct TakeRoot {
  bool operator==(const TakeRoot&) const = default;
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
// Keeps the way to the process's own files in the host's /proc over the pivot, for the id maps of a user
// namespace that is entered later.
struct KeepOwnProc {
  // In a new network namespace that an inner user namespace has no right over: CAP_NET_BIND_SERVICE would not
  // count there, so that every port is anybody's (ip_unprivileged_port_start).
  bool frees_ports = false;
  bool operator==(const KeepOwnProc&) const = default;
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
// A user namespace below this one with the same ids, and a copy of all mounts in a mount namespace of that.
// In such a copy the kernel locks them together (mount_namespaces(7)): none comes off another, neither by
// umount nor when the namespace ends while a descriptor lives on.
struct LockMounts {
  bool is_single = false;  // one user and one group, which the process itself may map
  IdMap users;
  IdMap groups;
  bool forbids_cgroup_namespaces = false;  // see ForbidCgroupNamespaces
  bool operator==(const LockMounts&) const = default;
};
// kelp-exec, which makes the last execve where the container may write to kelp's own file. Before the
// command's own limits, which are not meant for it.
struct MakeLauncher {
  bool operator==(const MakeLauncher&) const = default;
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
  std::string devpts;                     // where it is mounted inside
  std::optional<TerminalSize> size = {};  // none: the caller's
  bool is_console = false;                // it is /dev/console, too
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
struct SetScheduling {
  // Which of them failed is told by the report's index.
  enum Part : std::uint32_t { kOom, kIo, kScheduler, kInitialCpus, kFinalCpus, kMemory, kPersonality };
  Scheduling what;
  bool operator==(const SetScheduling&) const = default;
};
// For the execve.
struct SetLabels {
  Labels what;
  bool operator==(const SetLabels&) const = default;
};
// Looks the user up in the root's own files; HOME and USER follow from it.
struct TakeUser {
  User user;
  bool keep_ids = false;                       // uid and gid as they are
  bool set_groups = false;                     // the groups of the user; false: as they are
  std::optional<std::vector<Id>> groups = {};  // these and no others
  // This user namespace has given setgroups up for ever, or it is not known whether it has
  // (user_namespaces(7)); where it has, they stay as they are, and the parent hears of it.
  bool groups_may_be_denied = false;
  Origin groups_origin = {};
  bool home_from_passwd = false;
  bool name_from_passwd = false;  // USER, too
  std::string home_fallback;      // HOME where passwd does not tell
  bool operator==(const TakeUser&) const = default;
};
// All capability sets, the securebits and no_new_privs, by the uid that the command has now.
struct LimitPrivileges {
  CapabilityMask root = 0;      // bounding set; also what uid 0 starts with
  CapabilityMask any_user = 0;  // ambient for any other uid
  bool new_privileges = false;
  bool lock_root = true;  // without new privileges uid 0 means nothing to another user, and stays so
  // Held besides, by uid 0, until the execve, which gives it what the bounding set has: for the supervisor.
  CapabilityMask until_exec = 0;
  // Without CAP_SETPCAP the bounding set and the securebits stay; under no_new_privs nothing is gained by
  // them.
  bool keeps_bounds = false;
  std::optional<CapabilitySets> sets = {};  // instead of all that
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
  std::vector<FilterProgram> programs;  // one that notifies makes the time kHere
  FilterTime time = FilterTime::kWithExec;
  std::vector<std::string> names;  // for --explain, one a program
  bool operator==(const InstallFilters&) const = default;
};
// A process of kelp's own inside, which the calls of the first filter wait for: it keeps what is pretended of
// files (src/owners). Under all that the command is under so far, and a filter of its own, not the command's.
struct StartSupervisor {
  FilterProgram notifying;  // installed for the command, before all others
  FilterProgram own;
  CapabilityMask rights = 0;  // all that it holds
  bool operator==(const StartSupervisor&) const = default;
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
  int start_fd = -1;             // kelp-exec waits on this socket for the word to begin (sys/start_message.h)
  std::vector<Hook> hooks = {};  // it runs them then: the state document comes with the word
  bool operator==(const Execute&) const = default;
};

}  // namespace kelp::plan
