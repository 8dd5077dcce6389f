// SPDX-License-Identifier: Apache-2.0
// CheckedSpec + Facts → Plan; see build.h. The parts are in ids.cc, root.cc, mounts.cc and command.cc.
#include "plan/build.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "plan/ladder.h"
#include "plan/steps.h"
#include "spec/joins.h"

namespace kelp::plan {
namespace {

// Which ids set-up itself runs as: root inside where the map has one, else the caller's own. Who keeps its
// own ids keeps them here too: mount points made in ROOT then belong to it, and the command stays who it is.
TakeIds setup_ids(const IdMaps& ids, const Spec& spec, const host::Facts& facts) {
  TakeIds take{.die_with_parent = spec.command.die_with_parent};
  const bool is_own = ids.writer == MapWriter::kNobody && ids.namespace_fd < 0;
  take.drop_groups = !is_own && !ids.deny_setgroups && spec.command.groups != Groups::kKeep;
  const auto become = [&](const auto& wanted) {
    take.user = wanted.user;
    take.group = wanted.group;
    take.keep_rights = wanted.user.has_value();
  };
  if (const auto* foreign = std::get_if<ForeignIds>(&spec.ids.map)) become(*foreign);
  if (const auto* joined = std::get_if<JoinedIds>(&spec.ids.map)) become(*joined);
  if (joins(spec, Namespace::kUser) && !spec.command.keep_own_ids) become(JoinedIds{.user = 0, .group = 0});
  if (spec.command.keep_own_ids) return take;
  if (inside_of(ids.users, facts.caller.uid) != Id{0} && !ids.users.empty()) {
    const bool has_root = has_inside(ids.users, 0);
    if (has_root || !inside_of(ids.users, facts.caller.uid))
      take.user = has_root ? 0 : ids.users.front().inside;
  }
  if (inside_of(ids.groups, facts.caller.gid) != Id{0} && !ids.groups.empty()) {
    const bool has_root = has_inside(ids.groups, 0);
    if (has_root || !inside_of(ids.groups, facts.caller.gid))
      take.group = has_root ? 0 : ids.groups.front().inside;
  }
  return take;
}

void want_source(const std::string& path, host::Needs& needs) {
  needs.files.push_back(path);
  if (std::optional<DescriptorName> name = read_descriptor_name(path))
    needs.links.push_back(std::move(name->link));
}

void want_layers(const OverlayMount& overlay, host::Needs& needs) {
  for (const std::string& lower : overlay.lowers) want_source(lower, needs);
  if (overlay.writes != OverlayMount::Writes::kKept) return;
  want_source(overlay.upper, needs);
  want_source(overlay.work, needs);
}

bool asks_for_ids(const Ids& ids) {
  if (std::holds_alternative<AutoIds>(ids.map) || std::holds_alternative<ExplicitIds>(ids.map)) return true;
  const auto* keep = std::get_if<KeepId>(&ids.map);
  return keep != nullptr && keep->with_ranges;
}

void note_groups(const IdMaps& ids, const Spec& spec, const host::Facts& facts, Plan& plan) {
  const bool has_others = std::any_of(facts.supplementary_groups.begin(), facts.supplementary_groups.end(),
                                      [&](Id group) { return group != facts.caller.gid; });
  if (spec.command.groups != Groups::kOfUser) return;
  PolicyItem item{.what = "none of your supplementary groups stays", .fence = Fence::kGroups};
  if (ids.deny_setgroups && has_others) {
    item.enforcement = Enforcement::kNot;
    item.why = "without a range of ids the kernel forbids setgroups (user_namespaces(7))";
  }
  plan.policy.push_back(std::move(item));
}

// Every descriptor that somebody reads, writes, holds or enters, besides those of the command.
void add_inherited(const Spec& spec, std::vector<int>& fds) {
  for (const Mount& mount : spec.mounts) {
    if (const auto* file = std::get_if<DataFile>(&mount.what)) fds.push_back(file->fd);
    if (const auto* file = std::get_if<WrittenFile>(&mount.what)) fds.push_back(file->fd);
  }
  fds.insert(fds.end(), spec.parent_fds.begin(), spec.parent_fds.end());
  for (const int fd : {spec.report_fd, spec.pid_namespace_fd, spec.user_namespace_after_fd,
                       spec.command.held_fd, spec.command.wait_fd, spec.command.start_fd}) {
    fds.push_back(fd);
  }
  if (spec.entered) fds.push_back(spec.entered->pidfd);
  if (const auto* foreign = std::get_if<ForeignIds>(&spec.ids.map)) fds.push_back(foreign->ready_fd);
  if (const auto* joined = std::get_if<JoinedIds>(&spec.ids.map)) fds.push_back(joined->namespace_fd);
  std::erase_if(fds, [](int fd) { return fd <= 2; });
}

std::vector<DescriptorUse> descriptor_uses(const Spec& spec) {
  std::vector<DescriptorUse> uses;
  const auto add = [&](int fd, std::string_view verb, const Origin& origin) {
    if (fd >= 0 && !origin.text.empty())
      uses.push_back({.fd = fd, .action = cat(verb, " descriptor ", fd), .origin = origin});
  };
  add(spec.report_fd, "report to", spec.origins.report);
  for (const Mount& mount : spec.mounts) {
    if (const auto* file = std::get_if<DataFile>(&mount.what)) add(file->fd, "read", mount.origin);
    if (const auto* file = std::get_if<WrittenFile>(&mount.what)) add(file->fd, "read", mount.origin);
  }
  for (const int fd : spec.command.preserved_fds) add(fd, "pass on", spec.origins.preserved_fds);
  return uses;
}

// The rungs that are made of namespaces.
bool has_namespaces(Rung rung) { return rung <= Rung::kOuterProc; }

Result<IdMaps> ids_of(const Descent& descent, const host::Facts& facts) {
  if (joins(descent.spec, Namespace::kUser)) {
    return IdMaps{.users = {},
                  .groups = {},
                  .writer = MapWriter::kNobody,
                  .deny_setgroups = false,
                  .why = "an existing user namespace is entered"};
  }
  if (has_namespaces(descent.rung)) return plan_ids(descent.spec, facts);
  return IdMaps{.users = {},
                .groups = {},
                .writer = MapWriter::kNobody,
                .deny_setgroups = !facts.ladder->may_set_groups,
                .why = "there is no user namespace"};
}

// On stderr, whatever else is asked for: nobody is to believe in a fence that is not there.
void tell_rung(Descent& descent, Plan& plan) {
  plan.rung = descent.rung;
  plan.rung_because = std::move(descent.because);
  plan.policy = std::move(descent.policy);
  if (plan.rung == Rung::kFull) return;
  plan.warnings.push_back(
      cat("the container stands on the rung ", rung_title(plan.rung), ", ", plan.rung_because));
}

}  // namespace

host::Needs needs(const CheckedSpec& spec) {
  host::Needs needs;
  if (spec->entered) {
    needs.home = std::holds_alternative<HostRoot>(spec->root.what);
    needs.landlock = wants_landlock(*spec);
    return needs;
  }
  needs.ids = asks_for_ids(spec->ids) && !joins(*spec, Namespace::kUser);
  needs.groups = true;
  const Root& root = spec->root;
  const auto want = [&](std::string path) { needs.files.push_back(std::move(path)); };
  if (const auto* directory = std::get_if<DirectoryRoot>(&root.what)) want_source(directory->path, needs);
  if (std::holds_alternative<HostRoot>(root.what)) {
    needs.home = true;
    for (const std::string& path : userland_paths()) want(path);
    for (const std::string& path : userland_links()) needs.links.push_back(path);
  }
  if (root.overlay) {
    needs.overlay_upper = !root.overlay->kept.has_value();
    if (root.overlay->kept) {
      want_source(*root.overlay->kept, needs);
      needs.layer = *root.overlay->kept;
    }
    for (const std::string& lower : root.overlay->lowers) want_source(lower, needs);
  }
  if (spec->mask_real_root) want("/proc");  // its owner is the machine's root
  needs.cgroups = spec->resources.wants_cgroup() || wants_cgroup(spec->managed_cgroup);
  if (spec->resources.parent.starts_with('/')) needs.cgroup_parent = spec->resources.parent;
  needs.network = spec->network.has_helper();
  needs.landlock = wants_landlock(*spec);
  for (const Requirement& required : spec->required) needs.landlock |= required.landlock_abi > 0;
  needs.cgroup_namespaces = spec->new_namespaces.has(Namespace::kCgroup);
  for (const Mount& mount : spec->mounts) {
    if (const auto* bind = std::get_if<Bind>(&mount.what)) {
      if (bind->from_fd >= 0) needs.links.push_back(descriptor_path(bind->from_fd));
      if (bind->from_fd < 0) want_source(bind->from, needs);
      if (bind->is_device) needs.devices.push_back(bind->from);
    }
    if (const auto* overlay = std::get_if<OverlayMount>(&mount.what)) want_layers(*overlay, needs);
    if (std::holds_alternative<Cgroup>(mount.what)) want("/sys/fs/cgroup");
    if (const auto* network = std::get_if<NetworkFile>(&mount.what)) needs.links.push_back(network->path);
  }
  need_for_ladder(*spec, needs);
  return needs;
}

namespace {

// What only the parent needs: descriptors, and when which process ends.
void add_parents_half(const Spec& spec, Plan& plan) {
  add_inherited(spec, plan.inherited_fds);
  plan.descriptor_uses = descriptor_uses(spec);
  std::sort(plan.inherited_fds.begin(), plan.inherited_fds.end());
  plan.inherited_fds.erase(std::unique(plan.inherited_fds.begin(), plan.inherited_fds.end()),
                           plan.inherited_fds.end());
  plan.parent_fds = spec.parent_fds;
  plan.pid_namespace_fd = spec.pid_namespace_fd;
  plan.ends_with_command = spec.command.lifetime == Lifetime::kAll;
  plan.dies_with_caller = spec.command.die_with_caller;
  plan.stays = spec.stays;
  plan.joined = spec.joined_namespaces;
  plan.net_devices = spec.net_devices;
  plan.hooks = spec.hooks;
  plan.timeout_ms = spec.command.timeout_ms;
  plan.timeout_origin = spec.origins.timeout;
  plan.report_fd = spec.report_fd;
}

// Which namespaces are the container's own.
Status plan_namespaces(const Spec& spec, const host::Facts& facts, Plan& plan) {
  plan.namespaces_origin = spec.origins.namespaces;
  plan.new_namespaces = spec.new_namespaces;
  if (spec.new_namespaces.has(Namespace::kCgroup) && !facts.may_make_cgroup_namespaces) {
    plan.new_namespaces.remove(Namespace::kCgroup);
  }
  for (const JoinedNamespace& joined : spec.joined_namespaces) {
    if (joined.kind == Namespace::kMount) {
      return Error(cat("join the mount namespace ", joined.path),
                   "a container that is made has its mounts in one of its own")
          .after(joined.origin.text);
    }
    plan.new_namespaces.remove(joined.kind);
  }
  return {};
}

std::uint64_t clone_flags_of(const Plan& plan) {
  std::uint64_t flags = 0;
  for (const NamespaceInfo& info : all_namespaces()) {
    // A process cannot be cloned into a new time namespace: the child unshares it (time_namespaces(7)).
    if (info.kind == Namespace::kCgroup && (plan.cgroup || plan.managed_cgroup)) continue;
    if (info.kind != Namespace::kTime && plan.new_namespaces.has(info.kind)) flags |= info.clone_flag;
  }
  return flags;
}

// What comes before anything is mounted.
void add_beginning(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan, Steps& steps) {
  // Before the change of ids: the offsets are written by a file in /proc that belongs to the machine's root
  // where the set-up is hidden.
  if (spec.new_namespaces.has(Namespace::kTime)) {
    steps.add(EnterTimeNamespace{.offsets = spec.time_offsets.value_or(TimeOffsets{})}, spec.origins.clocks);
  }
  steps.add(setup_ids(ids, spec, facts));
  Scheduling scheduling = spec.command.scheduling;
  // In namespaces of others it is set before they are entered: who owns them must never be able to look in.
  if (!spec.joined_namespaces.empty())
    plan.entered_oom_score = std::exchange(scheduling.oom_score_adj, std::nullopt);
  if (scheduling != Scheduling{.oom_origin = scheduling.oom_origin}) steps.add(SetScheduling{scheduling});
  if ((plan.cgroup || plan.managed_cgroup) && plan.new_namespaces.has(Namespace::kCgroup)) {
    steps.add(EnterCgroupNamespace{}, spec.origins.namespaces);
  }
}

Result<Plan> build_on(Descent descent, const host::Facts& facts) {
  Plan plan;
  tell_rung(descent, plan);
  Result<IdMaps> ids = ids_of(descent, facts);
  if (!ids) return ids.error();
  const Spec* const spec = &descent.spec;
  if (Status s = plan_namespaces(*spec, facts, plan); !s) return s.error();
  if (Status s = plan_network(*spec, facts, *ids, plan); !s) return s.error();
  if (Status s = plan_limits(*spec, facts, plan); !s) return s.error();
  if (Status s = plan_managed_cgroup(*spec, facts, plan); !s) return s.error();
  const bool has_mounts = has_namespaces(plan.rung);
  plan.is_without_namespaces = !has_mounts;
  plan.root_is_lasting =
      has_mounts && std::holds_alternative<DirectoryRoot>(spec->root.what) && !spec->root.overlay;
  if (plan.root_is_lasting) plan.early_look = early_look(*spec);
  if (ids->writer == MapWriter::kNobody) plan.new_namespaces.remove(Namespace::kUser);
  plan.clone_flags = clone_flags_of(plan);

  Steps steps(facts);
  add_beginning(*spec, facts, *ids, plan, steps);
  if (Status s =
          has_mounts ? plan_mounts(*spec, facts, *ids, steps, plan) : plan_files(descent, facts, steps);
      !s)
    return s.error();
  if (Status s = plan_command(*spec, facts, *ids, steps, plan); !s) return s.error();
  plan.child = std::move(steps).finish();
  if (Status s = check_filters(plan); !s) return s.error();
  warn_of_small_limits(plan);
  warn_of_closed_devices(*spec, facts, *ids, plan);
  add_parents_half(*spec, plan);
  note_groups(*ids, *spec, facts, plan);
  if (spec->command.new_privileges && facts.ids && facts.ids->no_new_privs) {
    plan.policy.push_back({.what = "--new-privileges",
                           .enforcement = Enforcement::kNot,
                           .why = "no_new_privs is set around kelp, so setuid programs gain nothing"});
  }
  if (facts.ids) {
    plan.warnings.insert(plan.warnings.begin(), facts.ids->warnings.begin(), facts.ids->warnings.end());
  }
  plan.ids = std::move(*ids);
  note_fences(*spec, plan.child, plan);
  if (Status s = check_required(spec->required, spec->waived, plan.policy, facts.landlock_abi); !s)
    return s.error();
  return plan;
}

// One more process in a container that runs already: it is born there.
Result<Plan> build_entered(const Spec& spec, const host::Facts& facts) {
  // Its rules are made of the mounts, which are not known here.
  if (spec.landlock.files)
    return Error("enter the container", cat("Landlock rules for files (", spec.landlock.origin.text,
                                            ") are of what it was started with only"));
  if (spec.fake_root.mode == FakeRootMode::kConsistent)
    return Error("enter the container", cat("what emulates root there (", spec.fake_root.origin.text,
                                            ") serves what it was started with only"));
  Plan plan;
  plan.entered = spec.entered;
  plan.namespaces_origin = spec.origins.namespaces;
  plan.new_namespaces.remove(Namespace::kUser);
  plan.new_namespaces.remove(Namespace::kMount);
  plan.ids = {.users = {},
              .groups = {},
              .writer = MapWriter::kNobody,
              .deny_setgroups = false,
              .why = "those of the container"};
  Steps steps(facts);
  steps.add(TakeIds{.die_with_parent = spec.command.die_with_parent});
  steps.add(TakeRoot{});
  Scheduling scheduling = spec.command.scheduling;
  plan.entered_oom_score = std::exchange(scheduling.oom_score_adj, std::nullopt);
  if (scheduling != Scheduling{.oom_origin = scheduling.oom_origin}) steps.add(SetScheduling{scheduling});
  const Labels& labels = spec.command.labels;
  plan.keeps_proc = !labels.apparmor.empty() || !labels.selinux.empty();
  if (Status s = plan_command(spec, facts, plan.ids, steps, plan); !s) return s.error();
  plan.child = std::move(steps).finish();
  if (Status s = check_filters(plan); !s) return s.error();
  add_parents_half(spec, plan);
  return plan;
}

}  // namespace

Result<Plan> build(const CheckedSpec& checked, const host::Facts& facts) {
  if (checked->entered) return build_entered(*checked, facts);
  if (!facts.ladder) return build_on({.spec = *checked}, facts);
  Result<Descent> descent = descend(*checked, facts);
  if (!descent) return descent.error();
  return build_on(*std::move(descent), facts);
}

}  // namespace kelp::plan
