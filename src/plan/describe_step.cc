// SPDX-License-Identifier: Apache-2.0
// A step of the child in words; see describe.h. One function a kind of step.
#include "plan/describe_step.h"

#include <linux/mount.h>
#include <sys/mount.h>

#include <algorithm>

#include "base/counted.h"
#include "base/text.h"

namespace kelp::plan {
namespace {

// A bit of a set of mount options, and its word.
struct OptionName {
  std::uint64_t bit;
  const char* name;
};

std::string options_text(std::uint64_t bits, std::initializer_list<OptionName> names) {
  std::string out;
  for (const OptionName& option : names) {
    if ((bits & option.bit) != 0) out += cat(", ", option.name);
  }
  return out;
}

std::string attributes_text(std::uint64_t attributes) {
  return options_text(attributes, {{MOUNT_ATTR_RDONLY, "read-only"},
                                   {MOUNT_ATTR_NOSUID, "nosuid"},
                                   {MOUNT_ATTR_NODEV, "nodev"},
                                   {MOUNT_ATTR_NOEXEC, "noexec"}});
}

std::string flags_text(std::uint64_t flags) {
  return options_text(
      flags, {{MS_RDONLY, "read-only"}, {MS_NOSUID, "nosuid"}, {MS_NODEV, "nodev"}, {MS_NOEXEC, "noexec"}});
}

std::string octal(std::uint32_t mode) {
  std::string out;
  for (unsigned shift = 12; shift > 0; shift -= 3)
    out += static_cast<char>('0' + ((mode >> (shift - 3)) & 7U));
  return out;
}

std::string name_of(const std::variant<Id, std::string>& who) {
  return std::holds_alternative<Id>(who) ? std::to_string(std::get<Id>(who)) : std::get<std::string>(who);
}

std::string masks_text(const Masks& masks) {
  std::string out;
  if (!masks.hidden.empty()) out += cat("; hidden in it: ", join(masks.hidden, " "));
  if (!masks.read_only.empty()) out += cat("; read-only in it: ", join(masks.read_only, " "));
  return out;
}

class Describer {
 public:
  explicit Describer(std::span<const Source> sources) : sources_(sources) {}

  std::string operator()(const OpenSources& step) const {
    return cat("open ", counted(step.sources.size(), "source"), " of the host");
  }
  std::string operator()(const TakeIds& step) const {
    std::vector<std::string> parts;
    if (step.drop_groups) parts.emplace_back("drop the caller's groups");
    if (step.group) parts.push_back(cat("become group ", *step.group, " of the container"));
    if (step.user) parts.push_back(cat("become user ", *step.user, " of the container"));
    if (step.die_with_parent) parts.emplace_back("die when kelp dies");
    return parts.empty() ? "keep the ids as mapped" : join(parts, "; ");
  }
  std::string operator()(const SetPropagation& step) const {
    if (step.shared) return "share mounts with the machine (shared)";
    return step.slave ? "let mounts of the host arrive, and none leave (slave)"
                      : "cut mount propagation (private)";
  }
  std::string operator()(const MakeScratch&) const {
    return "make a tmpfs of kelp's own that the container cannot reach";
  }
  std::string operator()(const BindRoot& step) const {
    return cat("root: the directory ", path(step.source), step.nodev ? ", nodev" : "",
               step.nosuid ? ", nosuid" : "", step.read_only ? ", read-only" : "");
  }
  std::string operator()(const TmpfsRoot&) const { return "root: an empty tmpfs, nosuid, nodev"; }
  std::string operator()(const OverlayRoot& step) const {
    std::string out = "root: an overlay on ";
    for (const SourceIndex lower : step.lowers)
      out += cat(lower == step.lowers.front() ? "" : " and ", path(lower));
    if (step.layer && step.is_kept) return cat(out, ", changes kept in ", path(*step.layer));
    return cat(out, step.layer ? cat(", changes in a directory below ", path(*step.layer), ",") : ", changes",
               " thrown away at the end");
  }
  std::string operator()(const SealRoot&) const { return "make the root read-only"; }
  std::string operator()(const BindMount& step) const {
    return cat("bind ", step.is_device ? "the device " : "", path(step.source), " on ", step.to,
               attributes_text(step.attributes), masks_text(step.masks));
  }
  std::string operator()(const MountPlainly& step) const {
    const PlainMount& what = step.what;
    std::string out = step.source ? cat("bind ", path(*step.source), " on ", what.to)
                                  : cat("mount a new ", what.type, " on ", what.to);
    out += attributes_text(what.attributes.set | what.recursive_attributes.set);
    if (!what.data.empty()) out += cat(" (", what.data, ")");
    if (what.copy_up) out += ", with a copy of what is there";
    if (step.otherwise) out += cat("; where that is refused, bind ", path(*step.otherwise));
    return out;
  }
  std::string operator()(const MakeNode& step) const {
    const DeviceNode& what = step.what;
    if (what.type == 'p') return cat("make the FIFO ", what.path, " ", octal(what.mode));
    return cat(step.may_make ? "make the device " : "bind the machine's device ", what.path, " (",
               std::string(1, what.type), " ", what.major, ":", what.minor, ")");
  }
  std::string operator()(const SetSysctls& step) const {
    std::string out = "set the sysctls";
    for (const Sysctl& one : step.values) out += cat(" ", one.name, "=", one.value);
    return out;
  }
  std::string operator()(const AskParent&) const { return "wait while kelp runs the runtime's hooks"; }
  std::string operator()(const RunHooks& step) const {
    return cat("run ", counted(step.hooks.size(), "hook"), " of the container");
  }
  std::string operator()(const ProtectPath& step) const { return cat("make ", step.path, " read-only"); }
  std::string operator()(const NewFilesystem& step) const {
    return cat(
        "mount a new ", step.type, " on ", step.to, flags_text(step.flags),
        step.options.empty() ? "" : cat(" (", step.options, ")"),
        step.otherwise ? cat("; where that is refused, bind ", path(*step.otherwise), " read-only") : "",
        masks_text(step.masks));
  }
  std::string operator()(const NewProc& step) const {
    return cat("mount a new proc on ", step.to, step.modes.size() > 1 ? ", else one with subset=pid" : "",
               masks_text(step.masks));
  }
  std::string operator()(const MakeDirectory& step) const {
    return cat("make the directory ", step.to, " ", octal(step.mode));
  }
  std::string operator()(const MakeSymlink& step) const { return cat("link ", step.to, " to ", step.target); }
  std::string operator()(const BindContent& step) const {
    return cat("put a file of kelp's own on ", step.to, step.writable ? "" : ", read-only");
  }
  std::string operator()(const WriteFile& step) const {
    return cat("write the file ", step.to, " ", octal(step.mode),
               step.fd >= 0 ? cat(" from descriptor ", step.fd) : ", of kelp's own");
  }
  std::string operator()(const MountOverlay& step) const {
    std::string out = cat("mount an overlay on ", step.to, " of");
    for (const SourceIndex lower : step.lowers) out += cat(" ", path(lower));
    if (step.upper) return cat(out, ", changes kept in ", path(*step.upper));
    return cat(out, step.read_only ? ", read-only" : ", changes thrown away at the end");
  }
  std::string operator()(const SealMount& step) const {
    return cat("make the mount on ", step.path, " read-only");
  }
  std::string operator()(const SetMode& step) const {
    return cat("set the permissions of ", step.path, " to ", octal(step.mode));
  }
  std::string operator()(const Cover& step) const { return cat("hide ", step.path); }
  std::string operator()(const Pivot& step) const {
    return cat("pivot into the root, detach the old one, become non-dumpable",
               step.share_afterwards ? "; share mounts with what is inside" : "",
               step.unbindable_afterwards ? "; let none be bound (unbindable)" : "");
  }
  std::string operator()(const EnterChroot& step) const {
    return cat("root: the directory ", path(step.source), ", by chroot");
  }
  std::string operator()(const StayInRoot& step) const {
    std::string out = "root: stay in the machine's own, and show of it";
    for (const StayInRoot::Shown& shown : step.shown) out += cat(" ", shown.path);
    return out;
  }
  std::string operator()(const TakeRoot&) const { return "root: that of the container; become non-dumpable"; }
  std::string operator()(const SetNames& step) const {
    return cat("set the hostname ", step.hostname,
               step.domainname.empty() ? "" : cat(" and the domain name ", step.domainname));
  }
  std::string operator()(const LoopbackUp&) const { return "bring up the loopback device"; }
  std::string operator()(const EnterTimeNamespace& step) const {
    const auto nanoseconds = [](std::uint32_t count) {
      return count == 0 ? std::string() : cat(" and ", count, " ns");
    };
    const TimeOffsets& offsets = step.offsets;
    return cat("enter a new time namespace: monotonic ", offsets.monotonic_s, " s",
               nanoseconds(offsets.monotonic_ns), ", boottime ", offsets.boottime_s, " s",
               nanoseconds(offsets.boottime_ns));
  }
  std::string operator()(const EnterCgroupNamespace&) const {
    return "make a cgroup namespace in its own cgroup";
  }
  std::string operator()(const ForbidCgroupNamespaces&) const {
    return "forbid cgroup namespaces inside, through which root would reach the machine's cgroups";
  }
  std::string operator()(const KeepOwnProc& step) const {
    return cat("keep a way to its own id maps",
               step.frees_ports ? ", and free all ports of its network" : "");
  }
  std::string operator()(const LockMounts&) const {
    return "lock all mounts: go on in a user namespace below with the same ids, and in a copy of them";
  }
  std::string operator()(const LimitUserNamespaces&) const {
    return "let one more user namespace be made, and no other";
  }
  std::string operator()(const EnterInnerNamespace&) const {
    return "enter that last user namespace, from where the limit cannot be raised";
  }
  std::string operator()(const ProveNoUserNamespaces&) const {
    return "prove that no user namespace can be made";
  }
  std::string operator()(const JoinUserNamespace& step) const {
    return cat("enter the user namespace of descriptor ", step.fd);
  }
  std::string operator()(const NewKeyring& step) const {
    return cat("join a new session keyring",
               step.is_closed
                   ? ", or none where the quota of keys is used up: the filter leaves no way to keys"
                   : "");
  }
  std::string operator()(const NewSession&) const { return "start a new session"; }
  std::string operator()(const OpenTerminal& step) const {
    return cat("open a terminal of ", step.devpts, step.is_console ? ", which is /dev/console" : "");
  }
  std::string operator()(const StartReaper& step) const {
    if (step.is_enterable)
      return "make the embedded init PID 1, which you may enter from outside; go on in a child";
    std::string out = "stay as PID 1 and reap";
    if (step.until_empty) out += " until no process is left";
    if (!step.lock_files.empty()) out += cat(", with locks on ", join(step.lock_files, " "));
    if (step.held_fd >= 0) out += cat(", holding descriptor ", step.held_fd);
    return out + "; go on in a child";
  }
  std::string operator()(const MakeLauncher&) const {
    return "make kelp-exec, a program in memory: kelp's own file is within reach";
  }
  std::string operator()(const SetLimit& step) const {
    return cat("set the limit ", limit_name(step.limit.resource));
  }
  std::string operator()(const SetScheduling&) const { return "tell the schedulers what is asked for"; }
  std::string operator()(const SetLabels& step) const {
    const Labels& what = step.what;
    return cat("with the execve", what.apparmor.empty() ? "" : cat(", the AppArmor profile ", what.apparmor),
               what.selinux.empty() ? "" : cat(", the SELinux label ", what.selinux));
  }
  std::string operator()(const TakeUser& step) const {
    if (step.keep_ids) return "stay the caller's own user and group";
    return cat("become user ", name_of(step.user.user),
               step.user.group ? cat(", group ", name_of(*step.user.group)) : "",
               step.set_groups ? ", with the groups that the root's files give" : "",
               step.groups ? cat(", with ", counted(step.groups->size(), "other group")) : "");
  }
  std::string operator()(const LimitPrivileges& step) const {
    if (step.sets) {
      return cat("capabilities: bounding ", capability_names(step.sets->bounding), "; effective ",
                 capability_names(step.sets->effective), "; ambient ", capability_names(step.sets->ambient),
                 step.new_privileges ? "" : "; no_new_privs");
    }
    return cat("capabilities of root: ", capability_names(step.root),
               "; of other users: ", capability_names(step.any_user),
               step.new_privileges ? "" : "; no_new_privs");
  }
  std::string operator()(const EnterDirectory& step) const {
    std::string out = "enter ";
    for (const std::string& path : step.before) out += cat(path, ", else ");
    return out + step.path;
  }
  std::string operator()(const WaitForByte& step) const {
    return cat("wait until descriptor ", step.fd, " yields something or ends");
  }
  std::string operator()(const SetUmask& step) const {
    return step.umask ? cat("umask ", octal(*step.umask)) : "keep the caller's umask";
  }
  std::string operator()(const StartSupervisor& step) const {
    return cat("start the supervisor of root emulation, which keeps what is pretended of files (",
               counted(step.notifying.code.size(), "instruction"), ")");
  }
  std::string operator()(const InstallFilters& step) const {
    std::string out = "filter system calls:";
    for (std::size_t i = 0; i < step.programs.size(); ++i) {
      out += cat(i == 0 ? " " : ", then ", i < step.names.size() ? step.names[i] : "a program", " (",
                 counted(step.programs[i].code.size(), "instruction"), ")");
    }
    const bool notifies = std::ranges::any_of(step.programs, &FilterProgram::notifies);
    if (notifies) return cat(out, ", and pass its listener on");
    return cat(out, step.time == FilterTime::kHere ? ", already now, while there is a right to" : "");
  }
  std::string operator()(const RestrictSelf& step) const {
    std::string out = "enter a Landlock domain";
    if (step.scopes != 0) out += ", closed to sockets or signals";
    if (step.ports != 0) out += cat(", with ", counted(step.allowed_ports.size(), "TCP port"));
    if (step.files != 0) out += ", with the files";
    for (const FileRule& rule : step.allowed_files) {
      out += cat(" ", rule.path, rule.rights == step.files ? "" : " (read, execute)");
    }
    return out;
  }
  std::string operator()(const Execute& step) const {
    std::string out = step.argv.empty() ? "execute $SHELL, else /bin/sh" : "execute";
    for (const std::string& argument : step.argv) out += cat(" ", shell_quoted(argument));
    if (step.start_fd >= 0) out += cat(", when descriptor ", step.start_fd, " says so");
    return out;
  }

 private:
  std::string path(SourceIndex index) const { return index < sources_.size() ? sources_[index].path : "?"; }
  std::span<const Source> sources_;
};

}  // namespace

std::string step_text(const Action& what, std::span<const Source> sources) {
  return std::visit(Describer(sources), what);
}

}  // namespace kelp::plan
