// SPDX-License-Identifier: Apache-2.0
// Lowers what a Spec mounts to steps of the child: one function a kind of mount.
#include "spec/mounts.h"

#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

constexpr std::uint64_t kNoSetuidNoDevices = MS_NOSUID | MS_NODEV;
constexpr std::uint64_t kNothingRuns = kNoSetuidNoDevices | MS_NOEXEC;

std::string tmpfs_options(const Spec& spec, std::uint64_t bytes, std::uint32_t mode) {
  std::string octal;
  for (int shift = 9; shift >= 0; shift -= 3)
    octal += static_cast<char>('0' + ((mode >> static_cast<unsigned>(shift)) & 7U));
  if (bytes == 0 && spec.resources.memory)
    bytes = std::max<std::uint64_t>(spec.resources.memory->value / 4, 1);
  // A tmpfs without a size could eat the machine's memory; 25% is of RAM.
  return bytes == 0 ? cat("mode=", octal, ",size=25%") : cat("mode=", octal, ",size=", bytes);
}

// Neither seen nor known to be absent.
bool is_closed(const host::HostFile& file) {
  return file.kind == host::FileKind::kAbsent && file.error != ENOENT && file.error != ENOTDIR;
}

class Lowering {
 public:
  Lowering(const Spec& spec, const host::Facts& facts, const IdMaps& ids, bool masks, Steps& steps,
           Policy& policy)
      : spec_(spec), facts_(facts), ids_(ids), masks_(masks), steps_(steps), policy_(policy) {}

  Status lower(const Mount& mount) {
    origin_ = mount.origin;
    return std::visit([this](const auto& what) { return lower(what); }, mount.what);
  }

 private:
  void add(Action what) { steps_.add(std::move(what), origin_); }

  Masks masks_of_proc() const { return masks_ ? proc_of_real_root() : Masks{}; }
  Masks masks_of_sysfs() const { return masks_ ? sysfs_of_real_root() : Masks{}; }

  bool is_new(Namespace kind) const { return spec_.new_namespaces.has(kind); }

  Status lower(const Bind& bind) {
    const host::HostFile* file = facts_.file(bind.from);
    if (file != nullptr && file->kind == host::FileKind::kAbsent) {
      if (bind.optional && (file->error == ENOENT || file->error == ENOTDIR)) return {};
      if (file->error == ENOENT) {
        return Error(cat("share ", bind.from, " (", origin_.text, ")"), "No such file or directory")
            .with_code(ENOENT);
      }
      if (file->error == ENOTDIR || file->error == ELOOP || file->error == ENAMETOOLONG) {
        return Error(cat("share ", bind.from, " (", origin_.text, ")"),
                     file->error == ENOTDIR ? "Not a directory"
                     : file->error == ELOOP ? "Too many levels of symbolic links"
                                            : "File name too long");
      }
    }
    std::uint64_t attributes = 0;
    if (!bind.writable) attributes |= MOUNT_ATTR_RDONLY;
    if (!bind.devices) attributes |= MOUNT_ATTR_NODEV;
    if (!bind.setuid) attributes |= MOUNT_ATTR_NOSUID;
    if (!bind.executable) attributes |= MOUNT_ATTR_NOEXEC;
    add(BindMount{.source = steps_.source(bind.from, bind.follow, bind.optional),
                  .to = bind.to,
                  .attributes = attributes,
                  .recursive = bind.recursive,
                  .create_anywhere = bind.missing == MissingTarget::kCreate});
    return {};
  }

  Status lower(const Tmpfs& tmpfs) {
    std::uint64_t flags = kNoSetuidNoDevices;
    if (!tmpfs.writable) flags |= MS_RDONLY;
    if (!tmpfs.executable) flags |= MS_NOEXEC;
    add(NewFilesystem{.type = "tmpfs",
                      .options = tmpfs_options(spec_, tmpfs.bytes, tmpfs.mode),
                      .flags = flags,
                      .to = tmpfs.to});
    return {};
  }

  Status lower(const Proc& proc) {
    if (proc.mode == ProcMode::kHost || !is_new(Namespace::kPid)) {
      // A proc of a shared pid namespace may not be mounted anew; it is the outer one in any case.
      add(BindMount{.source = steps_.source("/proc"),
                    .to = proc.to,
                    .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                    .masks = masks_of_proc()});
      return {};
    }
    std::vector<ProcMode> modes = {proc.mode};
    if (proc.mode == ProcMode::kAuto) modes = {ProcMode::kNew, ProcMode::kPids};
    add(NewProc{.to = proc.to, .modes = std::move(modes), .masks = masks_of_proc()});
    return {};
  }

  Status lower(const Sysfs& sysfs) {
    constexpr std::uint64_t kAttributes =
        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    const SourceIndex host = steps_.source("/sys", true, true);
    if (is_new(Namespace::kNetwork)) {
      // Refused while parts of the outer /sys are masked; a read-only bind of it shows no more than that.
      add(NewFilesystem{.type = "sysfs",
                        .flags = kNothingRuns | MS_RDONLY,
                        .to = sysfs.to,
                        .otherwise = host,
                        .masks = masks_of_sysfs()});
    } else {
      add(BindMount{.source = host, .to = sysfs.to, .attributes = kAttributes, .masks = masks_of_sysfs()});
    }
    return {};
  }

  // Whether a cgroup2 that nobody insists on is mounted.
  bool may_mount_cgroup() {
    // Without a cgroup namespace of its own the kernel allows no new cgroup2; what /sys shows is read-only.
    if (!is_new(Namespace::kCgroup) || !facts_.may_make_cgroup_namespaces) return false;
    const host::HostFile* place = facts_.file("/sys/fs/cgroup");
    if (place == nullptr || place->kind == host::FileKind::kOther) return false;
    if (place->kind == host::FileKind::kDirectory) return true;
    if (is_closed(*place)) {
      policy_.push_back({.what = "/sys/fs/cgroup shows a cgroup2 of the container's own",
                         .enforcement = Enforcement::kNot,
                         .why = "this machine's may not be looked at"});
    }
    return false;
  }

  Status lower(const Cgroup& cgroup) {
    if (cgroup.optional && !may_mount_cgroup()) return {};
    add(NewFilesystem{.type = "cgroup2", .flags = kNothingRuns | MS_RDONLY, .to = cgroup.to});
    return {};
  }

  Status lower(const Devices& devices) {
    const std::string& dev = devices.to;
    add(NewFilesystem{
        .type = "tmpfs", .options = "mode=0755,size=64k", .flags = MS_NOSUID | MS_NOEXEC, .to = dev});
    struct Node {
      const char* name;
      unsigned major_number;
      unsigned minor_number;
    };
    // Device nodes cannot be made in a user namespace; the host's are bound, after a look at their numbers.
    for (const Node& node : {Node{"null", 1, 3}, Node{"zero", 1, 5}, Node{"full", 1, 7}, Node{"random", 1, 8},
                             Node{"urandom", 1, 9}, Node{"tty", 5, 0}}) {
      add(BindMount{.source = steps_.source(cat("/dev/", node.name)),
                    .to = cat(dev, "/", node.name),
                    // A node is written through a read-only mount all the same; its mode and owner are not.
                    .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                    .recursive = false,
                    .device_number = makedev(node.major_number, node.minor_number)});
    }
    const std::string terminal_group = has_inside(ids_.groups, 5) ? ",gid=5" : "";
    add(NewFilesystem{.type = "devpts",
                      .options = cat("newinstance,ptmxmode=0666,mode=0620", terminal_group),
                      .flags = MS_NOSUID | MS_NOEXEC,
                      .to = cat(dev, "/pts")});
    add(NewFilesystem{.type = "tmpfs",
                      .options = tmpfs_options(spec_, devices.shm_bytes, 01777),
                      .flags = kNoSetuidNoDevices,
                      .to = cat(dev, "/shm")});
    if (is_new(Namespace::kIpc)) {
      add(NewFilesystem{.type = "mqueue", .flags = kNothingRuns, .to = cat(dev, "/mqueue")});
    } else {
      add(BindMount{.source = steps_.source("/dev/mqueue", true, true),
                    .to = cat(dev, "/mqueue"),
                    .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC});
    }
    for (const auto& [name, target] : {std::pair{"ptmx", "pts/ptmx"},
                                       {"fd", "/proc/self/fd"},
                                       {"stdin", "/proc/self/fd/0"},
                                       {"stdout", "/proc/self/fd/1"},
                                       {"stderr", "/proc/self/fd/2"}}) {
      add(MakeSymlink{.target = target, .to = cat(dev, "/", name)});
    }
    return {};
  }

  Status lower(const DataFile& file) {
    add(BindContent{
        .to = file.to, .content = file.content, .fd = file.fd, .mode = file.mode, .writable = file.writable});
    return {};
  }

  Status lower(const NetworkFile& file) {
    if (file.content) {
      add(BindContent{.to = file.path, .content = *file.content + file.appended, .follow_dangling = true});
      return {};
    }
    const host::HostFile* on_host = facts_.file(file.path);
    const bool is_there = on_host != nullptr && on_host->kind == host::FileKind::kOther;
    if (on_host != nullptr && is_closed(*on_host)) {
      policy_.push_back({.what = cat(file.path, " is this machine's"),
                         .enforcement = Enforcement::kNot,
                         .why = "it may not be looked at"});
    }
    if (!file.appended.empty()) {
      BindContent content{.to = file.path, .content = file.appended, .follow_dangling = true};
      if (is_there) content.copy_of = steps_.source(file.path, true, true);
      add(std::move(content));
      return {};
    }
    // With ROOT `host` a plain file is there already, in the read-only /etc.
    const bool is_shown =
        std::holds_alternative<HostRoot>(spec_.root.what) && is_there && on_host->link_target.empty();
    if (!is_there || is_shown) return {};
    add(BindMount{.source = steps_.source(file.path, true, true),
                  .to = file.path,
                  .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                  .recursive = false,
                  .follow_dangling = true});
    return {};
  }

  Status lower(const Directory& directory) {
    add(MakeDirectory{.to = directory.to, .mode = directory.mode});
    return {};
  }

  Status lower(const Symlink& link) {
    add(MakeSymlink{.target = link.target, .to = link.to});
    return {};
  }

  Status lower(const Hide& hide) {
    add(Cover{.path = hide.path});
    return {};
  }

  const Spec& spec_;
  const host::Facts& facts_;
  const IdMaps& ids_;
  const bool masks_;
  Steps& steps_;
  Policy& policy_;
  Origin origin_;
};

bool needs_scratch(const Spec& spec, const host::Facts& facts, bool masks) {
  if (masks) return true;
  if (spec.root.overlay && !spec.root.overlay->kept && facts.tmpfs_takes_user_xattrs) return true;
  for (const Mount& mount : spec.mounts) {
    if (std::holds_alternative<DataFile>(mount.what) || std::holds_alternative<Hide>(mount.what)) return true;
    const auto* network = std::get_if<NetworkFile>(&mount.what);
    if (network != nullptr && (network->content || !network->appended.empty())) return true;
  }
  return false;
}

}  // namespace

Status plan_mounts(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan) {
  steps.add(SetPropagation{.slave = spec.propagation != MountPropagation::kPrivate});
  const bool masks = spec.mask_real_root && holds_real_root(ids, facts);
  note_mount_rights(spec, masks, plan);
  if (masks && facts.may_make_cgroup_namespaces) steps.add(ForbidCgroupNamespaces{});
  if (needs_scratch(spec, facts, masks)) steps.add(MakeScratch{});
  if (Status s = plan_root(spec, facts, ids, steps, plan); !s) return s;

  Lowering lowering(spec, facts, ids, masks, steps, plan.policy);
  std::vector<Error> problems;
  for (const Mount& mount : spec.mounts) {
    if (Status s = lowering.lower(mount); !s) problems.push_back(std::move(s.error()));
  }
  if (!problems.empty()) return Error::all_of(std::move(problems));
  if (spec.root.read_only) steps.add(SealRoot{});
  steps.add(Pivot{.share_afterwards = spec.propagation == MountPropagation::kShared});
  return {};
}

}  // namespace kelp::plan
