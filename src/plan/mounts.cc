// SPDX-License-Identifier: Apache-2.0
// Lowers what a Spec mounts to steps of the child: one function a kind of mount.
#include "plan/mounts.h"

#include <linux/mount.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "plan/grounds.h"

namespace kelp::plan {
namespace {

constexpr std::uint64_t kNoSetuidNoDevices = MS_NOSUID | MS_NODEV;
constexpr std::uint64_t kNothingRuns = kNoSetuidNoDevices | MS_NOEXEC;

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
    parents_ = mount.parents;
    if (spec_.lock_mounts) ground_ = grounds_.ground_of(mount);
    const std::size_t before = steps_.so_far().size();
    Status lowered = std::visit([this](const auto& what) { return lower(what); }, mount.what);
    if (spec_.lock_mounts && steps_.so_far().size() > before) grounds_.add(mount, ground_);
    return lowered;
  }

 private:
  void add(Action what) { steps_.add(std::move(what), origin_, parents_, ground_); }

  Masks masks_of_proc() const { return masks_ ? proc_of_real_root() : Masks{}; }
  Masks masks_of_sysfs() const { return masks_ ? sysfs_of_real_root() : Masks{}; }

  bool is_new(Namespace kind) const { return spec_.new_namespaces.has(kind); }

  // Where the mounts make the root, one on "/" takes its place.
  bool is_new_root(const std::string& to) const {
    const auto* empty = std::get_if<EmptyRoot>(&spec_.root.what);
    return empty != nullptr && empty->is_made_by_mounts && is_root_path(to);
  }

  Status lower(const Bind& bind) {
    Result<std::optional<BindMount>> step = bind_step(bind, facts_, origin_, steps_);
    if (!step) return step.error();
    if (!*step) return {};
    if (!is_new_root(bind.to)) {
      add(*std::move(*step));
      return {};
    }
    add(BindRoot{.source = (*step)->source,
                 .nosuid = !bind.setuid,
                 .nodev = !bind.devices,
                 .read_only = !bind.writable,
                 .is_sealed = !bind.writable});
    return {};
  }

  Status lower(const Tmpfs& tmpfs) {
    std::uint64_t flags = kNoSetuidNoDevices;
    if (!tmpfs.writable) flags |= MS_RDONLY;
    if (!tmpfs.executable) flags |= MS_NOEXEC;
    if (is_new_root(tmpfs.to)) {
      add(TmpfsRoot{.options = tmpfs_options(spec_, tmpfs.bytes, tmpfs.mode)});
      return {};
    }
    add(NewFilesystem{.type = "tmpfs",
                      .options = tmpfs_options(spec_, tmpfs.bytes, tmpfs.mode),
                      .flags = flags,
                      .to = tmpfs.to});
    return {};
  }

  Status lower(const Proc& proc) {
    const bool is_others = !is_new(Namespace::kPid) && spec_.pid_namespace_fd < 0;
    if (proc.mode == ProcMode::kHost || is_others) {
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
    const DevicesInside inside{.has_own_queues = is_new(Namespace::kIpc),
                               .has_terminal_group = has_inside(ids_.groups, 5)};
    for (Action& step : device_steps(devices, spec_, inside, steps_)) add(std::move(step));
    std::optional<WriteFile> apt = apt_settings(spec_, ids_);
    if (apt && apt->to.starts_with(cat(devices.to, "/"))) add(*std::move(apt));
    return {};
  }

  Status lower(const Mqueue& queue) {
    add(NewFilesystem{.type = "mqueue", .flags = kNothingRuns, .to = queue.to});
    return {};
  }

  Status lower(const WrittenFile& file) {
    add(WriteFile{.to = file.to, .fd = file.fd, .mode = file.mode});
    return {};
  }

  Status lower(const OverlayMount& overlay) {
    Result<MountOverlay> step = overlay_step(overlay, facts_, origin_, steps_);
    if (!step) return step.error();
    if (is_new_root(overlay.to)) step->to = "/";
    add(std::move(*step));
    return {};
  }

  Status lower(const Seal& seal) {
    add(SealMount{.path = seal.path});
    return {};
  }

  Status lower(const Chmod& chmod) {
    add(SetMode{.path = chmod.path, .mode = chmod.mode});
    return {};
  }

  Status lower(const DataFile& file) {
    add(BindContent{
        .to = file.to, .content = file.content, .fd = file.fd, .mode = file.mode, .writable = file.writable});
    return {};
  }

  Status lower(const NetworkFile& file) {
    if (const auto content = content_of(file, spec_, facts_)) {
      add(BindContent{.to = file.path, .content = *content + file.appended, .follow_dangling = true});
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

  Status lower(const Protect& protect) {
    add(ProtectPath{.path = protect.path});
    return {};
  }

  Status lower(const PlainMount& mount) {
    add(plain_mount_step(mount, spec_, ids_, steps_));
    return {};
  }

  Status lower(const DeviceNode& node) {
    add(node_step(node, ids_, steps_));
    return {};
  }

  const Spec& spec_;
  const host::Facts& facts_;
  const IdMaps& ids_;
  const bool masks_;
  Steps& steps_;
  Policy& policy_;
  Origin origin_;
  std::uint32_t parents_ = 0755;
  std::optional<Ground> ground_;
  Grounds grounds_;
};

}  // namespace

namespace {

// What a foreign configuration has done while the machine's files can still be seen.
void add_foreign(const Spec& spec, Steps& steps) {
  for (const Sysctl& one : spec.sysctls) steps.add(SetSysctls{.values = {one}}, one.origin);
  const Hooks& hooks = spec.hooks;
  if (!hooks.prestart.empty() || !hooks.create_runtime.empty()) steps.add(AskParent{});
  add_hooks(hooks.create_container, hooks, steps);
}

}  // namespace

Status plan_mounts(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan) {
  // With all rights of the machine's root there is no outer namespace that they are slaves of.
  const bool is_ours = std::holds_alternative<OwnIds>(spec.ids.map);
  const bool is_shared = spec.propagation == MountPropagation::kShared;
  steps.add(SetPropagation{.slave = spec.propagation == MountPropagation::kSlave || (is_shared && !is_ours),
                           .shared = is_shared && is_ours});
  const bool masks = spec.mask_real_root && holds_real_root(ids, facts);
  note_mount_rights(spec, facts, ids, plan);
  if (masks && facts.may_make_cgroup_namespaces) steps.add(ForbidCgroupNamespaces{});
  const auto* empty = std::get_if<EmptyRoot>(&spec.root.what);
  // What an engine mounts is all said by the engine, also below what is shared.
  const bool is_said_plainly = std::ranges::any_of(
      spec.mounts, [](const Mount& mount) { return std::holds_alternative<PlainMount>(mount.what); });
  plan.makes_anywhere = is_said_plainly || (empty != nullptr && empty->is_made_by_mounts);
  if (needs_scratch(spec, facts, masks)) steps.add(MakeScratch{.is_executable = has_programs(spec)});
  if (Status s = plan_root(spec, facts, ids, steps, plan); !s) return s;

  Lowering lowering(spec, facts, ids, masks, steps, plan.policy);
  std::vector<Error> problems;
  for (const Mount& mount : spec.mounts) {
    if (Status s = lowering.lower(mount); !s) problems.push_back(std::move(s.error()));
  }
  if (!problems.empty()) return Error::all_of(std::move(problems));
  if (spec.root.read_only) steps.add(SealRoot{});
  const bool locks = locks_mounts(spec, facts, ids);
  const bool forbids = spec.command.inner_namespaces == InnerNamespaces::kForbidden;
  const bool has_labels = !spec.command.labels.apparmor.empty() || !spec.command.labels.selinux.empty();
  if (locks || forbids || has_labels)
    steps.add(KeepOwnProc{.frees_ports = locks && spec.new_namespaces.has(Namespace::kNetwork)});
  if (forbids) steps.add(LimitUserNamespaces{});
  add_foreign(spec, steps);
  steps.add(Pivot{.share_afterwards = is_shared,
                  .unbindable_afterwards = spec.propagation == MountPropagation::kUnbindable,
                  .root_alone = spec.shares_root_alone});
  return {};
}

}  // namespace kelp::plan
