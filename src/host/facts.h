// SPDX-License-Identifier: Apache-2.0
// Facts: what this machine is and allows, as a plain value. plan::needs() names what will be read,
// host::probe() fills exactly that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace kelp::host {

// A range of ids as /etc/subuid lists them, or as /proc/self/uid_map shows (inside = first).
struct SubordinateRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool operator==(const SubordinateRange&) const = default;
};

// What kind of object a path of the host is; symbolic links are followed for `kind`, told apart by
// link_target.
enum class FileKind { kAbsent, kDirectory, kOther };
struct HostFile {
  FileKind kind = FileKind::kAbsent;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t owner = 0;  // uid as the caller's user namespace shows it
  std::uint32_t group = 0;
  std::uint32_t mode = 0;  // permissions
  bool has_acl = false;    // only where Needs::devices names it: others than the mode says may have rights
  std::string
      link_target;  // of the path itself where Needs::links names it and it is a symbolic link; else empty
  std::string real_path;    // without any link, where Needs::real_paths names it; empty: not known
  bool is_deleted = false;  // link_target is the name that it had, and " (deleted)"
  int error = 0;            // errno, where it could not be looked at (kind is then kAbsent)
  bool operator==(const HostFile&) const = default;
};

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

// The caller, always read: these are cheap.
struct Caller {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool operator==(const Caller&) const = default;
};

// Read only where the id map asks for it.
struct IdFacts {
  bool may_set_ids = false;  // CAP_SETUID and CAP_SETGID over its own user namespace
  bool may_set_file_capabilities =
      false;                        // CAP_SETFCAP: without it a map that holds our uid 0 is refused (5.12)
  bool may_set_groups = true;       // of who may set ids: no namespace around us has given setgroups(2) up
  bool is_first_namespace = false;  // /proc/self/uid_map is the identity of all ids
  bool no_new_privs = false;        // newuidmap cannot gain its rights
  std::vector<SubordinateRange> own_users;  // what /proc/self/uid_map maps, as ids of our namespace
  std::vector<SubordinateRange> own_groups;
  std::string user_name;  // empty: not known
  // From /etc/subuid or libsubid, in the order of the file. They overlap neither each other nor the caller's
  // own id, and lie within own_users: a map made of them can only be refused by the helper.
  std::vector<SubordinateRange> user_ranges;
  std::vector<SubordinateRange> group_ranges;
  std::string newuidmap;  // path, empty: not installed
  std::string newgidmap;
  std::vector<std::string> warnings;  // malformed lines that were skipped
  bool operator==(const IdFacts&) const = default;
};

// A cgroup v2 as this caller finds it.
struct CgroupPlace {
  std::string directory;  // empty: outside of what is mounted here
  bool exists = false;
  bool is_writable = false;   // cgroups can be made in it, and processes put there
  bool is_delegated = false;  // marked so by systemd, which then leaves it alone
  bool holds_others = false;  // processes besides kelp itself: then no controller can be enabled in it
  bool is_top = false;        // the machine's root cgroup, for which that rule does not hold
  std::vector<std::string> controllers;  // that it has
  std::vector<std::string> enabled;      // that cgroups in it have
  bool operator==(const CgroupPlace&) const = default;
};

// The systemd that makes a scope for this caller.
struct ServiceManager {
  std::string bus_address;               // of D-Bus; empty: none
  bool is_system = false;                // the machine's own, for root
  std::vector<std::string> controllers;  // that it can pass on; empty: not known
  bool operator==(const ServiceManager&) const = default;
};

// Read only where limits are asked for.
struct CgroupFacts {
  std::string mount;    // where a cgroup2 is mounted; empty: nowhere
  bool has_v1 = false;  // the controllers belong to cgroup v1
  CgroupPlace own;
  std::optional<CgroupPlace> parent;  // Needs::cgroup_parent
  bool may_enter_parent = false;      // from our own cgroup (cgroups(7), "delegation containment")
  ServiceManager manager;
  // Why there is no place but one that is named, and what mends it; empty: there is one.
  std::string none_because;
  std::string mend;
  bool operator==(const CgroupFacts&) const = default;
};

// What a start could have here, tried for real. Only for who may go down the ladder (spec/ladder.h).
struct LadderFacts {
  bool has_namespaces = false;      // user, mount, pid, ipc, uts and cgroup, and mounts in them
  bool has_own_proc = false;        // one that shows the container's processes only
  bool may_chroot = false;          // as root, with CAP_SYS_CHROOT
  bool may_set_groups = false;      // CAP_SETGID
  bool may_limit_bounds = false;    // CAP_SETPCAP: the bounding set and the securebits
  bool may_kill = false;            // CAP_KILL: a command that has become another user, too
  std::string missing = {};         // of full strength: "user namespaces cannot be made here"; empty: nothing
  std::string why = {}, mend = {};  // as host::Cause has them; empty: not established
  bool operator==(const LadderFacts&) const = default;
};

// Read only where a program connects the container's network.
struct NetworkFacts {
  std::string pasta;  // path, empty: not installed
  std::string slirp4netns;
  std::string resolv_conf;          // what /etc/resolv.conf holds; empty: nothing that can be read
  std::string systemd_resolv_conf;  // systemd's list of the servers that its own stub asks
  int tunnel_error = 0;             // errno, where /dev/net/tun may not be opened
  bool operator==(const NetworkFacts&) const = default;
};

struct Facts {
  Caller caller;
  std::optional<IdFacts> ids;
  std::optional<CgroupFacts> cgroups;
  std::optional<LadderFacts> ladder;
  std::optional<NetworkFacts> network;
  std::vector<std::uint32_t> supplementary_groups;
  std::unordered_map<std::string, HostFile> files;  // by the path that needs() named
  std::string home;                                 // the caller's home directory; empty: none
  bool standard_streams_are_one_terminal = false;
  bool may_make_cgroup_namespaces = true;  // no: a container around us forbids more of them
  std::optional<int> landlock_abi;         // none: this kernel has no Landlock, or it is switched off
  bool tmpfs_takes_user_xattrs = false;    // a throw-away overlay can have its upper on tmpfs (6.6)
  std::string scratch_directory;   // where throw-away uppers lie where tmpfs cannot hold them; empty: nowhere
  std::string no_scratch_because;  // why nowhere
  // A kept layer and every directory that it lies in, the nearest first, within its file system.
  std::vector<FileIdentity> around_layer;
  std::uint64_t self_device = 0;  // kelp's own program file
  std::uint64_t self_inode = 0;
  std::uint32_t self_owner = 0;
  std::uint32_t self_mode = 0;  // permissions
  bool operator==(const Facts&) const = default;

  // Null where the path was not named in Needs.
  const HostFile* file(const std::string& path) const {
    const auto found = files.find(path);
    return found == files.end() ? nullptr : &found->second;
  }
};

// What probe() is to find out.
struct Needs {
  bool ids = false;
  bool groups = false;
  bool cgroup_namespaces = false;
  bool cgroups = false;       // where one can be made
  std::string cgroup_parent;  // and whether in this one
  bool landlock = false;
  bool ladder = false;
  bool network = false;
  bool overlay_upper = false;  // the ids too, where it must lie on disk: who can remove what is left of one
  bool home = false;
  std::string layer;                 // a kept layer, of which the directories around it matter; empty: none
  std::vector<std::string> files;    // paths of the host to look at
  std::vector<std::string> links;    // the same, and where they link to (two more system calls each)
  std::vector<std::string> devices;  // of these files, whether they have an access list
  std::vector<std::string> real_paths;  // the same, and what they are really called
  bool operator==(const Needs&) const = default;
};

}  // namespace kelp::host
